"""What a comparison of two models found, its verdict in one line, and a table of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from rich.console import Console
from rich.table import Table

from evaluation.bootstrap import Difference

SIGNIFICANCE = 0.05
"""Of the decisive figures together."""


class Verdict(StrEnum):
    """What the decisive figures say of the second model."""

    BETTER = "better"
    WORSE = "worse"
    MIXED = "mixed"
    UNDECIDED = "undecided"


@dataclass(frozen=True, slots=True)
class Compared:
    """One figure of both. `lead` is the second's less the first's, so that more is better for
    rates of what is right; `corrected` is its p among the decisive ones, None for the others.
    """

    suite: str
    label: str
    metric: str
    first: float
    second: float
    lead: Difference
    rows: int
    decisive: bool
    corrected: float | None = None

    def to_dict(self) -> dict[str, Any]:
        return {
            "suite": self.suite,
            "label": self.label,
            "metric": self.metric,
            "first": round(self.first, 4),
            "second": round(self.second, 4),
            "lead": self.lead.to_dict(),
            "rows": self.rows,
            "decisive": self.decisive,
            "corrected_p": None if self.corrected is None else round(self.corrected, 5),
        }


@dataclass(frozen=True, slots=True)
class Comparison:
    """Every figure, and the suites that could not be compared on, with the reason."""

    first: str
    second: str
    figures: tuple[Compared, ...]
    absent: Mapping[str, str]

    @property
    def sure(self) -> list[Compared]:
        """The decisive figures whose corrected p is below SIGNIFICANCE."""
        return [f for f in self.figures if f.corrected is not None and f.corrected < SIGNIFICANCE]

    @property
    def verdict(self) -> Verdict:
        better = any(figure.lead.value > 0 for figure in self.sure)
        worse = any(figure.lead.value < 0 for figure in self.sure)
        if better and worse:
            return Verdict.MIXED
        if better:
            return Verdict.BETTER
        return Verdict.WORSE if worse else Verdict.UNDECIDED

    @property
    def sentence(self) -> str:
        """The verdict in one line, with the figures that carry it."""
        told = "; ".join(
            f"{figure.suite} {figure.label} {figure.metric.replace('_', ' ')} "
            f"{figure.first:.3f} to {figure.second:.3f} (p {figure.corrected:.3f})"
            for figure in self.sure
        )
        decisive = sum(figure.decisive for figure in self.figures)
        if self.verdict is Verdict.UNDECIDED:
            return (
                f"Undecided: no difference between {self.first} and {self.second} is shown on "
                f"{decisive} decisive figures"
            )
        if self.verdict is Verdict.MIXED:
            return f"Mixed: {self.second} is better in some and worse in others: {told}"
        return f"{self.second} is {self.verdict.value} than {self.first}: {told}"

    def to_dict(self) -> dict[str, Any]:
        return {
            "first": self.first,
            "second": self.second,
            "verdict": self.verdict.value,
            "sentence": self.sentence,
            "figures": [figure.to_dict() for figure in self.figures],
            "absent": dict(self.absent),
        }


def corrected(figures: Sequence[Compared]) -> list[Compared]:
    """The same with the decisive p values corrected by Holm's step-down."""
    order = sorted(
        (place for place, figure in enumerate(figures) if figure.decisive),
        key=lambda place: figures[place].lead.p,
    )
    corrected = list(figures)
    least = 0.0
    for step, place in enumerate(order):
        least = max(least, min(1.0, figures[place].lead.p * (len(order) - step)))
        corrected[place] = replace(figures[place], corrected=least)
    return corrected


def print_comparison(comparison: Comparison, console: Console) -> None:
    table = Table("suite", "label", "metric", box=None)
    for heading in (comparison.first, comparison.second, "lead", "p", "corrected", "rows"):
        table.add_column(heading, justify="right")
    for figure in comparison.figures:
        lead = figure.lead
        table.add_row(
            figure.suite,
            figure.label,
            figure.metric.replace("_", " "),
            f"{figure.first:.3f}",
            f"{figure.second:.3f}",
            rf"{lead.value:+.3f} \[{lead.low:+.3f}, {lead.high:+.3f}]",
            f"{lead.p:.4f}",
            "-" if figure.corrected is None else f"{figure.corrected:.4f}",
            f"{figure.rows:,}",
        )
    console.print(table)
    for suite, reason in comparison.absent.items():
        console.print(f"{suite}: not compared, {reason}")
    console.print(comparison.sentence, soft_wrap=True)
