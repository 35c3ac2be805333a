from __future__ import annotations

import numpy as np
import pytest

from evaluation.guarantee import control_risk


def names(count: int) -> list[str]:
    return [f"g{n}" for n in range(count)]


def test_the_threshold_is_the_highest_that_keeps_the_bound() -> None:
    """99 groups of one positive: two may be missed, since (2 + 1) / 100 is the risk, not three."""
    scores = np.arange(1, 100) / 100
    found = control_risk(scores, [True] * 99, names(99), risk=0.03)
    assert found.threshold == 0.03
    assert found.missed == pytest.approx(2 / 99)
    assert found.groups == 99


def test_too_few_groups_promise_nothing() -> None:
    assert control_risk(np.ones(32), [True] * 32, names(32), risk=0.03).threshold is None
    assert control_risk(np.ones(33), [True] * 33, names(33), risk=0.03).threshold == 1.0
    assert control_risk(np.ones(3), [False, None, False], names(3), risk=0.5).threshold is None


def test_a_group_counts_once_however_many_rows_it_has() -> None:
    """A campaign of 500 low rows is one loss of 1 among 100, as a single low row would be."""
    scores = np.concatenate([np.full(500, 0.1), np.full(99, 0.9)])
    groups = ["campaign"] * 500 + names(99)
    found = control_risk(scores, [True] * 599, groups, risk=0.03)
    assert found.threshold == 0.9
    assert found.missed == pytest.approx(1 / 100)


def test_negatives_and_unknown_rows_have_no_part() -> None:
    scores, truths, groups = np.arange(1, 100) / 100, [True] * 99, names(99)
    more = np.concatenate([scores, np.full(50, 0.001)])
    found = control_risk(more, [*truths, *[False, None] * 25], [*groups, *["x"] * 50], risk=0.03)
    assert found == control_risk(scores, truths, groups, risk=0.03)


def test_the_expected_loss_on_a_fresh_group_is_at_most_the_risk() -> None:
    """Over 400 calibration sets of 120 groups of one to four rows that share an offset."""
    rng = np.random.default_rng(7)

    def draw(count: int) -> tuple[np.ndarray, list[str]]:
        sizes = rng.integers(1, 5, count)
        groups = np.repeat(np.arange(count), sizes)
        offsets = rng.normal(0, 1, count)[groups]
        return offsets + rng.normal(0, 0.5, len(groups)), [str(group) for group in groups]

    losses = []
    for _ in range(400):
        scores, groups = draw(120)
        found = control_risk(scores, [True] * len(scores), groups, risk=0.05)
        assert found.threshold is not None
        fresh, _ = draw(1)
        losses.append(float((fresh < found.threshold).mean()))
    assert np.mean(losses) <= 0.05 + 2 * np.std(losses) / 20
