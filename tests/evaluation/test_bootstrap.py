"""Intervals come from whole groups, are repeatable, and say when there is nothing to say."""

from __future__ import annotations

import time

import numpy as np

from evaluation import metrics
from evaluation.bootstrap import Estimate, Statistic, estimate
from evaluation.metrics import Ranking, rank

GROUPS, GROUP_ROWS = 60, 8


def _clustered() -> tuple[Ranking, list[str]]:
    """Groups that are wholly right or wholly wrong, as campaigns tend to be."""
    generator = np.random.default_rng(5)
    quality = np.repeat(generator.normal(size=GROUPS), GROUP_ROWS)
    truths = np.arange(GROUPS * GROUP_ROWS) % 2 == 0
    scores = quality * np.where(truths, 1, -1) + 0.5 * truths
    groups = [str(row // GROUP_ROWS) for row in range(len(truths))]
    return rank(scores, truths.tolist()), groups


def _average_precision(ranking: Ranking, groups: list[str], **settings: int) -> Estimate:
    found = estimate({"ap": metrics.average_precision}, ranking, groups, **settings)
    return found["ap"]


def _width(found: Estimate) -> float:
    assert found.low is not None
    assert found.high is not None
    return found.high - found.low


def test_an_interval_by_group_is_wider_than_by_row_on_clustered_data() -> None:
    ranking, groups = _clustered()

    by_group = _average_precision(ranking, groups)
    by_row = _average_precision(ranking, [str(row) for row in range(len(groups))])

    assert by_group.value == by_row.value
    assert _width(by_group) > 1.5 * _width(by_row)


def test_the_same_seed_gives_the_same_interval_and_another_seed_nearly_so() -> None:
    ranking, groups = _clustered()

    assert _average_precision(ranking, groups) == _average_precision(ranking, groups)
    other = _average_precision(ranking, groups, seed=1)
    assert other != _average_precision(ranking, groups)
    assert abs(_width(other) - _width(_average_precision(ranking, groups))) < 0.05


def test_a_slice_of_one_class_has_counts_and_no_value() -> None:
    found = _average_precision(rank(np.array([0.2, 0.4]), [False, False]), ["a", "b"])

    assert found == Estimate(value=None, low=None, high=None, n=2, positives=0)


def test_a_slice_without_a_known_row_has_no_value() -> None:
    found = _average_precision(rank(np.array([0.2]), [None]), ["a"])

    assert found == Estimate(value=None, low=None, high=None, n=0, positives=0)


def test_a_single_group_has_a_value_and_no_interval() -> None:
    found = _average_precision(rank(np.array([0.9, 0.4]), [True, False]), ["a", "a"])

    assert found == Estimate(value=1.0, low=None, high=None, n=2, positives=1)


def test_resamples_that_never_differ_make_no_interval() -> None:
    ranking = rank(np.array([0.9, 0.8, 0.2, 0.1]), [True, True, False, False])

    found = _average_precision(ranking, list("abcd"))

    assert (found.value, found.low, found.high) == (1.0, None, None)


def test_groups_are_those_of_the_known_rows() -> None:
    ranking = rank(np.array([0.1, 0.9, 0.2, 0.8]), [None, True, None, False])

    found = _average_precision(ranking, ["x", "a", "y", "a"])

    assert found.value == 1.0
    assert found.low is None


def test_a_thousand_resamples_of_two_thousand_rows_take_under_two_seconds() -> None:
    generator = np.random.default_rng(0)
    truths = (generator.random(2_000) < 0.3).tolist()
    ranking = rank(generator.random(2_000), truths)
    statistics: dict[str, Statistic] = {
        "ap": metrics.average_precision,
        "calibration": metrics.expected_calibration_error,
    }

    started = time.process_time()
    estimate(statistics, ranking, [str(row // 3) for row in range(2_000)])

    assert time.process_time() - started < 2
