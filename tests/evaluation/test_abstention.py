"""Leaving the least sure to a person lowers the risk of the rest."""

from __future__ import annotations

import numpy as np
import pytest

from evaluation import abstention
from evaluation.metrics import rank

# Surest first: right, right, wrong, right.
_RANKING = rank(np.array([0.99, 0.05, 0.8, 0.4]), [True, False, False, False])


def test_the_curve_runs_from_the_surest_row_to_all() -> None:
    coverage, risk = abstention.coverage_risk(_RANKING)

    assert coverage.tolist() == [0.25, 0.5, 0.75, 1.0]
    assert risk.tolist() == pytest.approx([0, 0, 1 / 3, 1 / 4])


def test_the_area_is_the_mean_risk_over_coverages() -> None:
    assert float(abstention.area(_RANKING)) == pytest.approx((0 + 0 + 1 / 3 + 1 / 4) / 4)


def test_the_risk_at_a_coverage_is_that_of_the_first_cut_that_decides_enough() -> None:
    assert float(abstention.risk_at(0.5)(_RANKING, None)) == 0
    assert float(abstention.risk_at(0.6)(_RANKING, None)) == pytest.approx(1 / 3)


def test_rows_of_equal_confidence_are_decided_together() -> None:
    tied = rank(np.array([0.9, 0.1, 0.9]), [True, True, False])

    coverage, risk = abstention.coverage_risk(tied)

    assert coverage.tolist() == [1.0]
    assert risk.tolist() == pytest.approx([2 / 3])


def test_weights_count_rows_and_come_in_batches() -> None:
    in_score_order = np.array([[1.0, 0.0, 1.0, 1.0], [1.0, 2.0, 1.0, 1.0]])

    areas = abstention.area(_RANKING, in_score_order)

    assert areas.shape == (2,)
    assert areas[0] == 0  # the wrong row, second by score, is not drawn
    assert areas[1] > float(abstention.area(_RANKING))


def test_no_rows_have_no_risk() -> None:
    nothing = rank(np.array([0.5]), [None])

    assert np.isnan(abstention.area(nothing))
    assert np.isnan(abstention.risk_at(0.8)(nothing, None))
