"""Where a model is known to fail, in plain words, from its worst slices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from evaluation.figures import Figure
from evaluation.suites.suite import SuiteReport

FEWEST_ROWS = 20
"""A slice of fewer says too little to be called a weakness."""

MOST = 5
"""Of each kind, the worst first."""


@dataclass(frozen=True, slots=True)
class Weakness:
    """A kind of failure: slices whose figure is on the wrong side of `bar`.

    `sentence` is filled with `label`, `slice` and `shown`; `failing` tells the rest to 1.
    """

    suite: str
    dimension: str
    metric: str
    bar: float
    sentence: str
    at_most: bool = False
    per: float = 1.0

    def matches(self, figure: Figure) -> bool:
        value = figure.model.value
        return (
            (figure.dimension, figure.metric) == (self.dimension, self.metric)
            and value is not None
            and figure.model.n >= FEWEST_ROWS
            and (value > self.bar if self.at_most else value < self.bar)
        )

    def told(self, figure: Figure) -> str:
        model = figure.model
        value = model.value or 0.0
        told = self.sentence.format(
            label=_LABELS.get(figure.label, figure.label.replace("_", " ")),
            slice=figure.slice,
            percent=f"{100 * value:.0f} %",
            rest=f"{100 * (1 - value):.0f} %",
            value=f"{value:.3f}",
            count=f"{value:.0f}",
        )
        return f"{told} ({model.n:,} rows{_interval(model.low, model.high, self.per)})."


_LABELS = {
    "smuggling_service": "smuggling services",
    "fake_job": "fake jobs",
    "any": "either label",
}

WEAKNESSES = (
    Weakness(
        *("corpus-test", "slice", "review_recall", 0.9),
        "It misses {rest} of the {label} in `{slice}`",
    ),
    Weakness(
        *("corpus-test", "slice", "review_false_positive_rate", 0.05),
        "Of the texts in `{slice}` that are no {label}, it flags {percent} as such",
        at_most=True,
    ),
    Weakness(
        *("corpus-test", "language", "average_precision", 0.9),
        "It ranks {label} badly in `{slice}`: average precision {value}",
    ),
    Weakness(
        *("functional", "slice", "accuracy", 0.75),
        "It decides {rest} of the functional cases `{slice}` wrong",
    ),
    Weakness(
        *("evasion", "attack", "recall_kept", 0.95),
        "The disguise `{slice}` hides {rest} of what it finds of {label}",
    ),
    Weakness(
        *("search", "overall", "recall_kept", 0.75),
        "A search of 50 queries hides {rest} of what it finds of {label}",
    ),
    Weakness(
        *("long", "position", "recall_kept", 0.95),
        "Adverts of {label} at the {slice} of a long innocent text are lost in {rest} of cases",
    ),
    Weakness(
        *("benign", "language", "review_per_10000", 20),
        "It flags {count} of 10,000 ordinary public posts in `{slice}`",
        at_most=True,
        per=10_000,
    ),
    Weakness(
        *("calibration", "family", "debiased_calibration_error", 0.05),
        "Its probabilities of {label} are off by {value} in languages of the family `{slice}`",
        at_most=True,
    ),
)


def known_failures(suites: Sequence[SuiteReport]) -> list[str]:
    """A sentence for each of the worst slices, in the order of WEAKNESSES."""
    told: list[str] = []
    for weakness in WEAKNESSES:
        figures = [
            figure
            for suite in suites
            if suite.suite == weakness.suite
            for figure in suite.figures
            if weakness.matches(figure)
        ]
        figures.sort(key=_value, reverse=weakness.at_most)
        told += [weakness.told(figure) for figure in figures[:MOST]]
    return told


def _value(figure: Figure) -> float:
    return figure.model.value or 0.0


def _interval(low: float | None, high: float | None, per: float) -> str:
    if low is None or high is None:
        return ""
    digits = 0 if per > 1 else 3
    return f", interval {low:.{digits}f} to {high:.{digits}f}"
