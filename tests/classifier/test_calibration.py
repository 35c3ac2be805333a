from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier.calibration import UNCALIBRATED, BetaCalibration, sigmoid

logits = st.floats(-50, 50)
slopes = st.floats(0.05, 10)


def test_the_logistic_function_is_stable_at_both_ends() -> None:
    np.testing.assert_allclose(
        sigmoid(np.array([-1000.0, -2.0, 0.0, 2.0, 1000.0])),
        [0, 1 / (1 + math.exp(2)), 0.5, 1 / (1 + math.exp(-2)), 1],
    )


def test_beta_calibration_gives_the_values_worked_out_by_hand() -> None:
    # q = 0.8: 2 ln 0.8 - 0.5 ln 0.2 + 0.1 = -0.4463 + 0.8047 + 0.1 = 0.4584; sigmoid 0.6126
    curve = BetaCalibration("beta", 2.0, 0.5, 0.1)
    (p,) = curve.apply(np.array([math.log(0.8 / 0.2)]))
    assert p == pytest.approx(0.61265, abs=1e-5)


def test_temperature_divides_the_logit() -> None:
    curve = BetaCalibration("temperature", 0.5, 0.5, 0.0)
    np.testing.assert_allclose(curve.apply(np.array([3.0, -1.0])), sigmoid(np.array([1.5, -0.5])))


def test_platt_scales_and_shifts_the_logit() -> None:
    curve = BetaCalibration("platt", 2.0, 2.0, -1.0)
    np.testing.assert_allclose(curve.apply(np.array([3.0, -1.0])), sigmoid(np.array([5.0, -3.0])))


def test_uncalibrated_leaves_the_probability() -> None:
    values = np.linspace(-8, 8, 9)
    np.testing.assert_allclose(UNCALIBRATED.apply(values), sigmoid(values))


@given(logits, logits, slopes, slopes, st.floats(-5, 5))
def test_a_higher_logit_never_gives_a_lower_probability(
    one: float, other: float, a: float, b: float, c: float
) -> None:
    low, high = BetaCalibration("beta", a, b, c).apply(np.sort(np.array([one, other])))
    assert low <= high + 1e-12


@given(st.floats(-1e6, 1e6), slopes, slopes, st.floats(-5, 5))
def test_probabilities_stay_within_0_and_1(logit: float, a: float, b: float, c: float) -> None:
    (p,) = BetaCalibration("beta", a, b, c).apply(np.array([logit]))
    assert 0 <= p <= 1
