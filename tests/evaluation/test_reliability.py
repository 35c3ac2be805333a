"""A perfect model is not called wrong for having few rows; an overconfident one is found out."""

from __future__ import annotations

import numpy as np
import pytest

from evaluation import metrics, reliability
from evaluation.metrics import Floats, Ranking, rank
from evaluation.reliability import bins_for

ROWS = 600


def _perfect(seed: int, rows: int = ROWS) -> tuple[Floats, list[bool]]:
    generator = np.random.default_rng(seed)
    scores = generator.beta(0.4, 0.8, rows)
    truths: list[bool] = (generator.random(rows) < scores).tolist()
    return scores, truths


def _ranking(seed: int, rows: int = ROWS) -> Ranking:
    return rank(*_perfect(seed, rows))


def _groups(rows: int = ROWS) -> list[str]:
    return [str(row // 2) for row in range(rows)]


def _overconfident(seed: int) -> Ranking:
    scores, truths = _perfect(seed)
    logits = 2 * np.log(scores / (1 - scores))
    return rank(1 / (1 + np.exp(-logits)), truths)


def test_the_debiased_square_is_0_on_average_for_a_perfect_model_and_the_plain_error_is_not() -> (
    None
):
    debiased, plain = [], []
    for seed in range(60):
        ranking = _ranking(seed, 100)
        squared = reliability._squared_error(ranking)
        debiased.append(float(squared(ranking, None)))
        plain.append(float(metrics.expected_calibration_error(ranking, bins=bins_for(100))))

    standard_error = np.std(debiased) / np.sqrt(len(debiased))
    assert abs(np.mean(debiased)) < 3 * standard_error
    assert min(plain) > 0
    assert np.mean(plain) > 0.04


def test_a_perfect_model_stays_within_its_band_19_times_in_20() -> None:
    within = []
    for seed in range(40):
        ranking = _ranking(seed, 200)
        found = reliability.debiased_calibration_error(ranking, _groups(200)).value
        assert found is not None
        within.append(found <= reliability.perfect_model_error(ranking))

    assert sum(within) >= 35


def test_an_overconfident_model_is_outside_the_band_and_its_interval_above_0() -> None:
    ranking = _overconfident(3)

    found = reliability.debiased_calibration_error(ranking, _groups())

    assert found.value is not None
    assert found.low is not None
    assert found.high is not None
    assert found.value > reliability.perfect_model_error(ranking)
    assert 0 < found.low < found.value < found.high
    assert (found.n, found.positives) == (ROWS, ranking.positives)


def test_the_band_narrows_as_rows_grow() -> None:
    limits = [reliability.perfect_model_error(_ranking(1, rows)) for rows in (60, 600, 3_000)]

    assert limits == sorted(limits, reverse=True)


def test_the_slope_says_how_far_logits_are_stretched() -> None:
    ranking, stretched = _ranking(5, 4_000), _overconfident(5)

    assert float(reliability.calibration_slope(ranking)) == pytest.approx(1, abs=0.1)
    assert float(reliability.calibration_intercept(ranking)) == pytest.approx(0, abs=0.15)
    honest = float(reliability.calibration_slope(_ranking(5)))
    assert float(reliability.calibration_slope(stretched)) == pytest.approx(honest / 2, abs=0.01)


def test_a_weight_of_2_is_a_row_twice() -> None:
    scores, truths = _perfect(7, 80)
    once = rank(scores, truths)
    twice = rank(np.repeat(scores, 2), np.repeat(truths, 2).tolist())

    weighted = reliability.calibration_slope(once, np.full((3, 80), 2.0))

    assert weighted.shape == (3,)
    assert weighted[0] == pytest.approx(float(reliability.calibration_slope(twice)), abs=1e-6)


def test_separable_or_one_sided_rows_have_no_slope() -> None:
    separable = rank(np.array([0.9, 0.8, 0.2, 0.1]), [True, True, False, False])
    one_sided = rank(np.array([0.9, 0.8]), [True, True])

    assert np.isnan(reliability.calibration_slope(separable))
    assert np.isnan(reliability.calibration_slope(one_sided))


def test_without_rows_there_is_no_error_and_no_band() -> None:
    nothing = rank(np.array([0.5]), [None])

    assert reliability.debiased_calibration_error(nothing, ["a"]).value is None
    assert np.isnan(reliability.perfect_model_error(nothing))


def test_the_curve_of_a_perfect_model_lies_in_its_band_and_counts_every_row() -> None:
    curve = reliability.reliability_curve(_ranking(11))

    assert curve.rows.sum() == ROWS
    assert (np.diff(curve.scores) > 0).all()
    inside = (curve.low <= curve.shares) & (curve.shares <= curve.high)
    assert inside.mean() > 0.8
    assert (curve.low <= curve.scores + 0.1).all()
