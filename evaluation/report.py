"""The report of an evaluation, as JSON for machines and as tables for people."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from evaluation.bootstrap import Estimate
from evaluation.figures import Figure
from evaluation.suites.suite import SuiteReport

SHOWN_DIMENSIONS = (
    "overall",
    "language",
    "family",
    "slice",
    "evasion",
    "source",
    "collection",
    "attack",
    "training",
    "position",
    "members",
    "identity",
)
"""Dimensions that get a table; the JSON has all."""


@dataclass(frozen=True, slots=True)
class Report:
    """What was measured on what. `model` and `policy` are None where no model was loaded.

    `thresholds` gives each label's review and priority thresholds, by name; `data` is the hash
    of the data build.
    """

    model: str | None
    policy: str | None
    thresholds: Mapping[str, Mapping[str, float | None]]
    data: str
    suites: Sequence[SuiteReport]

    def to_dict(self) -> dict[str, Any]:
        return {
            "model": self.model,
            "policy": self.policy,
            "thresholds": {label: dict(cuts) for label, cuts in self.thresholds.items()},
            "data": self.data,
            "suites": [suite.to_dict() for suite in self.suites],
        }


def write_json(path: Path, value: Mapping[str, Any]) -> None:
    """Write under another name and rename, so that a reader never meets half a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.part")
    part.write_text(json.dumps(value, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    part.replace(path)


def print_report(report: Report, console: Console) -> None:
    model = "no model" if report.model is None else f"model {report.model}, policy {report.policy}"
    console.print(f"Measured: {model}, data {report.data[:12]}")
    for suite in report.suites:
        console.print()
        if suite.absent is not None:
            console.print(f"[bold]{suite.suite}[/bold]: absent, {suite.absent}")
            continue
        console.print(f"[bold]{suite.suite}[/bold]: {suite.rows:,} rows in {suite.groups:,} groups")
        for name, reason in suite.unmeasured.items():
            console.print(f"  {name}: not measured, {reason}")
        for dimension in SHOWN_DIMENSIONS:
            _print_dimension(suite, dimension, console)


def _print_dimension(suite: SuiteReport, dimension: str, console: Console) -> None:
    figures = [figure for figure in suite.figures if figure.dimension == dimension]
    # A single slice says what the overall table has said.
    if dimension != "overall" and len({figure.slice for figure in figures}) < 2:
        return
    tabulate = _overall if dimension == "overall" else _sliced
    for label in dict.fromkeys(figure.label for figure in figures):
        console.print(tabulate(label, [figure for figure in figures if figure.label == label]))


def _overall(label: str, figures: Sequence[Figure]) -> Table:
    """One row per metric."""
    with_baseline = _has_baseline(figures)
    table = Table("metric", title=label, title_justify="left", box=None)
    beside = ["best baseline", "lead"] if with_baseline else []
    for heading in ("model", *beside, "rows", "positives"):
        table.add_column(heading, justify="right")
    for figure in figures:
        table.add_row(
            figure.metric.replace("_", " "),
            shown(figure.model, figure.metric),
            *([_best(figure), _lead(figure)] if with_baseline else []),
            f"{figure.model.n:,}",
            f"{figure.model.positives:,}",
        )
    return table


def _sliced(label: str, figures: Sequence[Figure]) -> Table:
    """One row per slice, a column per metric and, where it was measured, one for the baseline."""
    metrics = list(dict.fromkeys(figure.metric for figure in figures))
    with_baseline = _has_baseline(figures)
    table = Table(figures[0].dimension, title=label, title_justify="left", box=None)
    table.add_column("rows", justify="right")
    table.add_column("positives", justify="right")
    for metric in metrics:
        table.add_column(metric.replace("_", " "), justify="right")
        if with_baseline:
            table.add_column("best baseline", justify="right")
    for name in dict.fromkeys(figure.slice for figure in figures):
        of_slice = {figure.metric: figure for figure in figures if figure.slice == name}
        first = of_slice[next(metric for metric in metrics if metric in of_slice)].model
        cells: list[str] = []
        for metric in metrics:
            figure = of_slice.get(metric)
            cells.append("-" if figure is None else shown(figure.model, metric))
            if with_baseline:
                cells.append("-" if figure is None else _best(figure, with_interval=False))
        table.add_row(name, f"{first.n:,}", f"{first.positives:,}", *cells)
    return table


def _has_baseline(figures: Sequence[Figure]) -> bool:
    return any(figure.baselines for figure in figures)


def _best(figure: Figure, *, with_interval: bool = True) -> str:
    """The baseline that does best, by name: `tfidf 0.812 [0.790, 0.833]`."""
    name = figure.best_baseline
    if name is None:
        return "-"
    estimate = figure.baselines[name].estimate
    return f"{name} {shown(estimate, figure.metric, with_interval=with_interval)}"


def _lead(figure: Figure) -> str:
    """How far the model is ahead of it on the same resamples: `+0.140, p 0.002`."""
    name = figure.best_baseline
    lead = None if name is None else figure.baselines[name].lead
    return "-" if lead is None else f"{lead.value:+.3f}, p {lead.p:.3f}"


def shown(estimate: Estimate | None, metric: str, *, with_interval: bool = True) -> str:
    """An estimate for rich, which reads square brackets as markup unless they are escaped."""
    return plain(estimate, metric, with_interval=with_interval).replace("[", r"\[")


def plain(estimate: Estimate | None, metric: str, *, with_interval: bool = True) -> str:
    """An estimate as a reader wants it: `0.961 [0.947, 0.972]`, or a dash."""
    if estimate is None or estimate.value is None:
        return "-"
    digits = 1 if metric.endswith("_per_10000") else 3
    value = f"{estimate.value:.{digits}f}"
    if not with_interval or estimate.low is None or estimate.high is None:
        return value
    return f"{value} [{estimate.low:.{digits}f}, {estimate.high:.{digits}f}]"
