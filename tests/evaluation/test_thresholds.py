"""What the two thresholds promise, and when a promise is not made."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from evaluation import metrics
from evaluation.errors import TooFewRowsError
from evaluation.metrics import rank
from evaluation.thresholds import RouteTargets, choose_thresholds

TARGETS = RouteTargets()


def _calibration_split(
    positives: int, negatives: int
) -> tuple[NDArray[np.float64], list[bool | None]]:
    generator = np.random.default_rng(11)
    scores = np.concatenate([generator.beta(6, 1.5, positives), generator.beta(1, 12, negatives)])
    truths: list[bool | None] = [True] * positives
    return scores, truths + [False] * negatives


def alone(scores: NDArray[np.float64]) -> list[str]:
    """Every row in a group of its own."""
    return [str(row) for row in range(len(scores))]


def test_review_is_the_highest_threshold_that_guarantees_enough_recall() -> None:
    scores, truths = _calibration_split(300, 4_000)
    ranking = rank(scores, truths)

    chosen = choose_thresholds(scores, truths, alone(scores))

    assert chosen.review == chosen.guarantee.threshold
    assert metrics.recall(ranking, chosen.review) >= TARGETS.review_recall
    higher = ranking.scores[ranking.truths & (ranking.scores > chosen.review)].min()
    missed = 300 * (1 - metrics.recall(ranking, higher))
    assert (missed + 1) / 301 > 1 - TARGETS.review_recall


def test_without_enough_groups_review_takes_in_every_positive_and_promises_nothing() -> None:
    scores, truths = _calibration_split(20, 4_000)

    chosen = choose_thresholds(scores, truths, alone(scores))

    assert chosen.guarantee.threshold is None
    assert chosen.review == scores[:20].min()


def test_priority_is_the_lowest_threshold_precise_enough_at_one_per_cent() -> None:
    scores, truths = _calibration_split(300, 4_000)
    ranking = rank(scores, truths)

    chosen = choose_thresholds(scores, truths, alone(scores))

    def precision(threshold: float) -> float:
        return float(metrics.precision(ranking, threshold, prevalence=0.01))

    assert chosen.priority is not None
    assert chosen.priority_reached
    assert chosen.priority >= chosen.review
    assert precision(chosen.priority) >= 0.95
    lower = ranking.scores[(ranking.scores < chosen.priority) & (ranking.scores >= chosen.review)]
    assert all(precision(threshold) < 0.95 for threshold in lower)
    assert (chosen.positives, chosen.negatives) == (300, 4_000)
    flagged = scores >= chosen.priority
    assert chosen.priority_true_positives == flagged[:300].sum()
    assert chosen.priority_false_positives == flagged[300:].sum()


def test_priority_is_never_below_review_for_a_label_that_separates_perfectly() -> None:
    scores = np.concatenate([np.linspace(0.6, 0.9, 50), np.linspace(0.0, 0.3, 4_000)])

    chosen = choose_thresholds(scores, [True] * 50 + [False] * 4_000, alone(scores))

    assert chosen.priority == chosen.review
    assert chosen.priority_false_positives == 0


def test_too_few_negatives_show_no_precision_so_nothing_is_hurried() -> None:
    scores, truths = _calibration_split(300, 500)

    chosen = choose_thresholds(scores, truths, alone(scores))

    assert not chosen.priority_reached
    assert chosen.priority is None
    assert chosen.priority_true_positives == chosen.priority_false_positives == 0


def test_a_model_that_cannot_be_precise_hurries_nothing() -> None:
    scores = np.tile([0.9, 0.8], 4_000)

    chosen = choose_thresholds(scores, [False, True] * 4_000, alone(scores))

    assert not chosen.priority_reached
    assert chosen.priority is None


def test_unknown_rows_support_nothing() -> None:
    scores, truths = _calibration_split(300, 4_000)
    unknown = np.full(500, 0.99)

    more = np.concatenate([scores, unknown])
    with_unknown = choose_thresholds(more, [*truths, *[None] * 500], alone(more))

    assert with_unknown == choose_thresholds(scores, truths, alone(scores))


@pytest.mark.parametrize("truths", [[True, True], [False, False], [None, None]])
def test_a_split_of_one_class_is_an_error_that_says_so(truths: list[bool | None]) -> None:
    with pytest.raises(TooFewRowsError, match="positives and negatives"):
        choose_thresholds(np.array([0.2, 0.9]), truths, ["a", "b"])


def test_the_review_threshold_survives_tied_scores() -> None:
    scores = np.array([0.7] * 99 + [0.2] + [0.7] * 10)

    chosen = choose_thresholds(scores, [True] * 100 + [False] * 10, alone(scores))

    assert chosen.review == 0.7
