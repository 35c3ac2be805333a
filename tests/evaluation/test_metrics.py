"""Metrics against hand counts and against scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score, roc_curve

from evaluation import metrics
from evaluation.metrics import rank

# Few distinct scores, so that ties are the rule.
ROWS = st.lists(st.tuples(st.integers(0, 6), st.booleans()), min_size=2, max_size=40).filter(
    lambda rows: len({truth for _, truth in rows}) == 2
)


def _arrays(rows: list[tuple[int, bool]]) -> tuple[NDArray[np.float64], list[bool]]:
    return np.array([score / 6 for score, _ in rows]), [truth for _, truth in rows]


@given(ROWS)
def test_average_precision_is_scikit_learns_with_ties_and_weights(
    rows: list[tuple[int, bool]],
) -> None:
    scores, truths = _arrays(rows)
    weights = np.linspace(0.1, 3, len(rows))
    ranking = rank(scores, truths)

    assert metrics.average_precision(ranking) == pytest.approx(
        average_precision_score(truths, scores)
    )
    assert metrics.average_precision(ranking, weights[ranking.rows]) == pytest.approx(
        average_precision_score(truths, scores, sample_weight=weights)
    )


@given(ROWS, st.sampled_from([0.0, 0.01, 0.05, 0.5, 1.0]))
def test_recall_at_a_false_positive_rate_is_the_best_point_of_the_roc_curve(
    rows: list[tuple[int, bool]], limit: float
) -> None:
    scores, truths = _arrays(rows)
    false_rates, recalls, _ = roc_curve(truths, scores, drop_intermediate=False)

    found = metrics.recall_at_false_positive_rate(rank(scores, truths), limit)

    assert found == pytest.approx(recalls[false_rates <= limit + 1e-9].max())


@given(ROWS)
def test_a_weight_counts_as_so_many_copies_of_the_row(rows: list[tuple[int, bool]]) -> None:
    scores, truths = _arrays(rows)
    copies = np.arange(len(rows)) % 3 + 1
    weighted = rank(scores, truths)
    weights = copies[weighted.rows].astype(np.float64)
    repeated = rank(np.repeat(scores, copies), np.repeat(truths, copies).tolist())

    for statistic in (
        metrics.average_precision,
        metrics.log_loss,
        lambda ranking, weights: metrics.recall_at_false_positive_rate(ranking, 0.2, weights),
        lambda ranking, weights: metrics.precision(ranking, 0.5, weights, prevalence=0.01),
        lambda ranking, weights: metrics.recall(ranking, 0.5, weights),
        lambda ranking, weights: metrics.false_positive_rate(ranking, 0.5, weights),
    ):
        np.testing.assert_allclose(statistic(weighted, weights), statistic(repeated, None))


def test_a_matrix_of_weights_gives_each_row_of_it_its_own_answer() -> None:
    ranking = rank(np.array([0.9, 0.8, 0.7, 0.6]), [True, False, True, False])
    weights = np.array([[1.0, 1.0, 1.0, 1.0], [1.0, 0.0, 1.0, 1.0]])

    np.testing.assert_allclose(metrics.average_precision(ranking, weights), [5 / 6, 1.0])
    np.testing.assert_allclose(metrics.precision(ranking, 0.65, weights), [2 / 3, 1.0])


def test_an_unknown_truth_is_left_out_and_never_counted_as_negative() -> None:
    scores = np.array([0.95, 0.9, 0.8, 0.1, 0.05])
    with_unknown = rank(scores, [None, True, None, True, False])
    without = rank(scores[[1, 3, 4]], [True, True, False])

    assert with_unknown.rows.tolist() == [1, 3, 4]
    assert metrics.average_precision(with_unknown) == 1.0
    assert metrics.precision(with_unknown, 0.5) == 1.0
    assert metrics.false_positive_rate(with_unknown, 0.5) == 0.0
    assert metrics.log_loss(with_unknown) == metrics.log_loss(without)
    assert metrics.expected_calibration_error(with_unknown) == (
        metrics.expected_calibration_error(without)
    )


@pytest.mark.parametrize(
    ("truths", "has_recall", "has_false_positive_rate"),
    [([True, True], True, False), ([False, False], False, True), ([None, None], False, False)],
)
def test_a_metric_without_its_class_is_undefined(
    truths: list[bool | None], has_recall: bool, has_false_positive_rate: bool
) -> None:
    ranking = rank(np.array([0.9, 0.2]), truths)

    assert np.isnan(metrics.average_precision(ranking))
    assert np.isnan(metrics.recall_at_false_positive_rate(ranking, 0.05))
    assert bool(np.isnan(metrics.recall(ranking, 0.5))) is not has_recall
    assert bool(np.isnan(metrics.false_positive_rate(ranking, 0.5))) is not has_false_positive_rate


def test_precision_at_a_prevalence_follows_from_recall_and_false_positive_rate() -> None:
    scores = np.array([0.9, 0.8, 0.7, 0.6, 0.2, 0.1])
    ranking = rank(scores, [True, False, True, True, False, False])

    # Two of three positives and one of three negatives are flagged.
    expected = 0.048 * (2 / 3) / (0.048 * (2 / 3) + 0.952 * (1 / 3))
    assert metrics.precision(ranking, 0.65, prevalence=0.048) == pytest.approx(expected)
    assert metrics.precision(ranking, 0.65) == pytest.approx(2 / 3)


def test_average_precision_at_its_own_prevalence_changes_nothing() -> None:
    generator = np.random.default_rng(3)
    truths = (generator.random(500) < 0.3).tolist()
    ranking = rank(generator.random(500) + 0.3 * np.array(truths), truths)

    own = metrics.average_precision(ranking, prevalence=float(np.mean(truths)))
    rare = metrics.average_precision(ranking, prevalence=0.01)

    assert own == pytest.approx(float(metrics.average_precision(ranking)))
    assert rare < own


def test_calibration_error_is_the_mean_gap_of_equal_bins() -> None:
    scores = np.array([0.9] * 10 + [0.2] * 10)
    truths = [True] * 8 + [False] * 2 + [True] * 1 + [False] * 9

    found = metrics.expected_calibration_error(rank(scores, truths), bins=2)

    assert found == pytest.approx((10 * 0.1 + 10 * 0.1) / 20)


def test_calibration_error_does_not_depend_on_the_order_of_tied_rows() -> None:
    scores = np.full(20, 0.5)
    truths = [True] * 10 + [False] * 10

    assert metrics.expected_calibration_error(rank(scores, truths)) == pytest.approx(0.0)


def test_log_loss_is_finite_for_a_confident_mistake() -> None:
    assert metrics.log_loss(rank(np.array([1.0]), [False])) == pytest.approx(-np.log(1e-6))


def test_a_threshold_at_a_rate_never_exceeds_it() -> None:
    scores = np.array([0.9, 0.8, 0.8, 0.1])
    ranking = rank(scores, [True, False, True, False])

    assert metrics.threshold_at_false_positive_rate(ranking, 0.5) == 0.8
    assert metrics.threshold_at_false_positive_rate(ranking, 0.4) == 0.9
    assert metrics.threshold_at_false_positive_rate(rank(np.array([0.9]), [False]), 0.5) == np.inf
