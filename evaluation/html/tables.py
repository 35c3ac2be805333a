"""Figures as tables of the page: the overall ones open, the slices folded."""

from __future__ import annotations

from collections.abc import Sequence

from evaluation.figures import Figure
from evaluation.html.markup import Child, Markup, folded, join, table
from evaluation.report import plain
from evaluation.suites.suite import SuiteReport


def overall_table(suite: SuiteReport) -> Markup:
    """Every figure over all rows, beside the best baseline."""
    figures = [figure for figure in suite.figures if figure.dimension == "overall"]
    beside = any(figure.baselines for figure in figures)
    headings = ["metric", "label", "model", *(["best baseline", "lead"] if beside else [])]
    rows = [
        [
            metric_name(figure.metric),
            figure.label,
            plain(figure.model, figure.metric),
            *([_best(figure), _lead(figure)] if beside else []),
            f"{figure.model.n:,}",
            f"{figure.model.positives:,}",
        ]
        for figure in figures
    ]
    return table("Over all rows", [*headings, "rows", "positives"], rows, words=2)


def sliced_tables(suite: SuiteReport) -> Markup:
    """A folded table for each dimension that has two slices or more."""
    tables: list[Markup] = []
    for dimension in dict.fromkeys(figure.dimension for figure in suite.figures):
        figures = [figure for figure in suite.figures if figure.dimension == dimension]
        slices = {figure.slice for figure in figures}
        if dimension != "overall" and len(slices) > 1:
            tables.append(
                folded(f"By {dimension} ({len(slices)})", sliced_table(dimension, figures))
            )
    return join(tables)


def sliced_table(dimension: str, figures: Sequence[Figure]) -> Markup:
    """A row for each slice and label, a column for each metric that has a value anywhere."""
    metrics = [
        metric
        for metric in dict.fromkeys(figure.metric for figure in figures)
        if any(figure.metric == metric and figure.model.value is not None for figure in figures)
    ]
    headings = [dimension, "label", "rows", "positives"]
    for metric in metrics:
        headings.append(metric_name(metric))
        if _has_baseline(figures, metric):
            headings.append("best baseline")
    found = {(figure.slice, figure.label, figure.metric): figure for figure in figures}
    rows: list[list[Child]] = []
    for name, label in dict.fromkeys((figure.slice, figure.label) for figure in figures):
        of_slice = [
            found[name, label, metric] for metric in metrics if (name, label, metric) in found
        ]
        if not of_slice or all(figure.model.value is None for figure in of_slice):
            continue
        cells: list[Child] = [
            name,
            label,
            f"{of_slice[0].model.n:,}",
            f"{of_slice[0].model.positives:,}",
        ]
        for metric in metrics:
            figure = found.get((name, label, metric))
            cells.append("–" if figure is None else plain(figure.model, metric))
            if _has_baseline(figures, metric):
                cells.append("–" if figure is None else _best(figure, with_interval=False))
        rows.append(cells)
    return table(f"By {dimension}", headings, rows, words=2)


def metric_name(metric: str) -> str:
    return metric.replace("_", " ").replace("per 10000", "per 10,000")


def _has_baseline(figures: Sequence[Figure], metric: str) -> bool:
    return any(figure.baselines for figure in figures if figure.metric == metric)


def _best(figure: Figure, *, with_interval: bool = True) -> str:
    name = figure.best_baseline
    if name is None:
        return "–"
    estimate = figure.baselines[name].estimate
    return f"{name} {plain(estimate, figure.metric, with_interval=with_interval)}"


def _lead(figure: Figure) -> str:
    name = figure.best_baseline
    lead = None if name is None else figure.baselines[name].lead
    return "–" if lead is None else f"{lead.value:+.3f}, p {lead.p:.3f}"
