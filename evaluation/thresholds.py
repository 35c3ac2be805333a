"""Chooses a label's two thresholds on the calibration split, and says what supports them.

`review` comes with a guarantee (`evaluation.guarantee`): on posts like the calibration split's, at
most 3 % of a label's positives are expected under it. A post with both labels, or with one of
them, is missed only where every label it carries is, so that the bound holds for violating posts
as a whole.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evaluation.errors import TooFewRowsError
from evaluation.guarantee import Guarantee, control_risk
from evaluation.metrics import Truths, precision, rank


@dataclass(frozen=True, slots=True)
class RouteTargets:
    """What each threshold promises. Rates in [0, 1].

    `priority_prevalence` is the share of positives among posts that the precision is stated for;
    the calibration split's own share is an accident of how it was made.
    """

    review_recall: float = 0.97
    priority_precision: float = 0.95
    priority_prevalence: float = 0.01

    @property
    def priority_false_positive_rate(self) -> float:
        """The most negatives that may be flagged at full recall: the bar's own resolution."""
        odds = self.priority_prevalence / (1 - self.priority_prevalence)
        return odds * (1 - self.priority_precision) / self.priority_precision


@dataclass(frozen=True, slots=True)
class ChosenThresholds:
    """The thresholds of one label and the counts behind them.

    `review` is that of `guarantee`; where that has none, the lowest score of a positive.
    `priority` is None where no threshold meets the bar or the negatives are too few to show it.
    The true and false positives are those at the priority threshold.
    """

    review: float
    guarantee: Guarantee
    priority: float | None
    positives: int
    negatives: int
    priority_true_positives: int
    priority_false_positives: int

    @property
    def priority_reached(self) -> bool:
        return self.priority is not None

    def to_dict(self) -> dict[str, Any]:
        return {
            "review": self.review,
            "guarantee": asdict(self.guarantee),
            "priority": self.priority,
            "priority_reached": self.priority_reached,
            "positives": self.positives,
            "negatives": self.negatives,
            "priority_true_positives": self.priority_true_positives,
            "priority_false_positives": self.priority_false_positives,
        }


def choose_thresholds(
    probabilities: NDArray[np.floating[Any]],
    truths: Truths,
    groups: Sequence[str],
    targets: RouteTargets | None = None,
) -> ChosenThresholds:
    """The highest threshold that guarantees enough recall, the lowest above it precise enough.

    The precision bar counts as shown only if a single flagged negative would not by itself weigh
    more than the bar allows: with fewer negatives, a perfect precision on them says nothing.
    Raises TooFewRowsError without a positive or without a negative.
    """
    targets = targets or RouteTargets()
    ranking = rank(probabilities, truths)
    positives = ranking.positives
    negatives = len(ranking.rows) - positives
    if not positives or not negatives:
        raise TooFewRowsError(
            f"thresholds need positives and negatives in the calibration split and found "
            f"{positives} and {negatives}; build it from more data"
        )
    scores = np.asarray(probabilities, np.float64)
    guarantee = control_risk(scores, truths, groups, 1 - targets.review_recall)
    lowest = float(ranking.scores[ranking.truths][-1])
    review = lowest if guarantee.threshold is None else guarantee.threshold
    priority: float | None = None
    if negatives * targets.priority_false_positive_rate >= 1:
        # Lowest first, so that the search stops at the answer.
        for threshold in np.unique(ranking.scores[ranking.scores >= review]):
            share = precision(ranking, threshold, prevalence=targets.priority_prevalence)
            if share >= targets.priority_precision:
                priority = float(threshold)
                break
    flagged = ranking.scores >= (float("inf") if priority is None else priority)
    return ChosenThresholds(
        review=review,
        guarantee=guarantee,
        priority=priority,
        positives=positives,
        negatives=negatives,
        priority_true_positives=int((flagged & ranking.truths).sum()),
        priority_false_positives=int((flagged & ~ranking.truths).sum()),
    )
