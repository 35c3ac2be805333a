"""What a model should reach, and a verdict for each suite on whether it does.

The aims were set before the model was trained. A figure meets its aim by its value; where the
whole interval does, the verdict says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from evaluation.figures import Figure
from evaluation.suites.suite import SuiteReport

P_AGAINST_BASELINES = 0.01

_PROTECTIVE = ("neg_demand", "neg_story", "neg_warning", "neg_legal_service", "neg_news")


class Standing(StrEnum):
    """How the figures of an aim stand to it."""

    SURE = "met, interval and all"
    MET = "met"
    MISSED = "missed"
    UNMEASURED = "not measured"


@dataclass(frozen=True, slots=True)
class Aim:
    """A bar for every figure of a metric in a dimension of a suite.

    `side` is the end that is held against `bar`; `label` None means each label, `slices` empty
    means all.
    """

    suite: str
    metric: str
    bar: float
    at_most: bool = False
    label: str | None = None
    dimension: str = "overall"
    slices: tuple[str, ...] = ()
    side: Literal["value", "low", "high"] = "value"

    def concerns(self, figure: Figure) -> bool:
        return (
            figure.metric == self.metric
            and figure.dimension == self.dimension
            and self.label in (None, figure.label)
            and (not self.slices or figure.slice in self.slices)
            and self._end(figure) is not None
        )

    def is_met(self, figure: Figure, *, surely: bool = False) -> bool:
        """By the end that counts; `surely` asks the worse end of the interval."""
        worse = figure.model.high if self.at_most else figure.model.low
        end = worse if surely else self._end(figure)
        return end is not None and (end <= self.bar if self.at_most else end >= self.bar)

    def distance(self, figure: Figure) -> float:
        """How far the figure is on the right side, below 0 where it misses."""
        end = self._end(figure) or 0.0
        return self.bar - end if self.at_most else end - self.bar

    @property
    def told(self) -> str:
        """The aim in words: `average precision at least 0.985`."""
        where = "" if self.dimension == "overall" else f", every {self.dimension}"
        if self.slices:
            where = f", {' '.join(self.slices)}"
        end = {"value": "", "low": " (lower bound)", "high": " (upper bound)"}[self.side]
        bar = f"{'at most' if self.at_most else 'at least'} {self.bar:g}"
        label = "" if self.label in (None, "any") else f"{self.label} "
        return f"{label}{self.metric.replace('_', ' ')}{end} {bar}{where}"

    def _end(self, figure: Figure) -> float | None:
        model = figure.model
        return {"value": model.value, "low": model.low, "high": model.high}[self.side]


@dataclass(frozen=True, slots=True)
class Verdict:
    """An aim, how it stands, and the figure that decides: the one furthest on the wrong side."""

    aim: Aim
    standing: Standing
    worst: Figure | None
    missing: int
    among: int


AIMS = (
    Aim("corpus-test", "average_precision", 0.985),
    Aim("corpus-test", "recall_at_2%_false_positives", 0.95),
    Aim(
        "corpus-test",
        "review_false_positive_rate",
        0.03,
        at_most=True,
        dimension="slice",
        slices=_PROTECTIVE,
    ),
    Aim("emscad-test", "average_precision", 0.95),
    Aim("emscad-test", "average_precision_at_4.8%", 0.75),
    Aim("emscad-test", "recall_at_1%_false_positives", 0.70),
    Aim("benign", "review_per_10000", 5, at_most=True, label="any"),
    Aim("benign", "review_per_10000", 10, at_most=True, label="any", side="high"),
    Aim(
        *("benign", "review_per_10000", 20),
        at_most=True,
        label="any",
        dimension="language",
        side="low",
    ),
    Aim("functional", "accuracy", 0.90, label="any"),
    Aim("functional", "lowest_capability_accuracy", 0.75, label="any"),
    Aim("contrast", "groups_right", 0.80, label="any"),
    Aim("evasion", "recall_kept", 0.95, label="any", dimension="attack"),
    Aim("search", "recall_kept", 0.75, label="any"),
    Aim("calibration", "debiased_calibration_error", 0.03, at_most=True),
    Aim("calibration", "families_within_band", 1.0),
    Aim("oof", "average_precision", 0.93, dimension="language"),
    Aim("oof", "average_precision", 0.96, dimension="family"),
)

LED = {
    "corpus-test": "average_precision",
    "functional": "accuracy",
    "evasion": "recall_kept",
}
"""By suite, the overall figure in which the model should lead every baseline."""


def verdicts(report: SuiteReport, aims: Iterable[Aim] = AIMS) -> list[Verdict]:
    """One for each aim of the suite, in their order; none where the suite is absent."""
    if report.absent is not None:
        return []
    return [_verdict(aim, report.figures) for aim in aims if aim.suite == report.suite]


def behind(report: SuiteReport) -> list[str] | None:
    """The baselines that the model is not shown to lead with p below P_AGAINST_BASELINES.

    Those that could not be measured are among them. None where no lead was measured at all.
    """
    figures = [
        figure
        for figure in report.figures
        if figure.dimension == "overall" and figure.metric == LED.get(report.suite)
    ]
    leads = [(name, beside.lead) for figure in figures for name, beside in figure.baselines.items()]
    if all(lead is None for _, lead in leads):
        return None
    not_led = {
        name
        for name, lead in leads
        if lead is None or lead.value <= 0 or lead.p >= P_AGAINST_BASELINES
    }
    return sorted(not_led | set(report.unmeasured))


def _verdict(aim: Aim, figures: Sequence[Figure]) -> Verdict:
    concerned = [figure for figure in figures if aim.concerns(figure)]
    if not concerned:
        return Verdict(aim, Standing.UNMEASURED, None, 0, 0)
    worst = min(concerned, key=aim.distance)
    missing = sum(not aim.is_met(figure) for figure in concerned)
    if missing:
        standing = Standing.MISSED
    elif all(aim.is_met(figure, surely=True) for figure in concerned):
        standing = Standing.SURE
    else:
        standing = Standing.MET
    return Verdict(aim, standing, worst, missing, len(concerned))
