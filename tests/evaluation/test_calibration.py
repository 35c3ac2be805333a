"""Fitting recovers a known distortion, chooses the kind that explains it, and keeps the order."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from classifier.calibration import BetaCalibration
from evaluation.calibration import fit_calibration, fit_kind
from evaluation.errors import TooFewRowsError

ROWS = 6_000


def _sigmoid(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return 1 / (1 + np.exp(-values))


def _rows(a: float, b: float, c: float) -> tuple[NDArray[np.float64], list[bool | None], list[str]]:
    """Logits whose true probability is the beta map with these parameters."""
    generator = np.random.default_rng(17)
    logits = generator.normal(0, 3, ROWS)
    q = np.clip(_sigmoid(logits), 1e-6, 1 - 1e-6)
    truth = _sigmoid(a * np.log(q) - b * np.log1p(-q) + c)
    truths: list[bool | None] = (generator.random(ROWS) < truth).tolist()
    return logits, truths, [str(row // 2) for row in range(ROWS)]


def test_an_overconfident_model_gets_its_temperature_back() -> None:
    logits, truths, _ = _rows(0.4, 0.4, 0.0)

    found = fit_kind("temperature", logits, np.array(truths, dtype=np.bool_))

    assert found.a == found.b == pytest.approx(0.4, abs=0.03)
    assert found.c == 0.0


def test_a_shifted_model_gets_its_line_back() -> None:
    logits, truths, groups = _rows(0.7, 0.7, -1.5)

    found = fit_kind("platt", logits, np.array(truths, dtype=np.bool_))

    assert found.a == found.b == pytest.approx(0.7, abs=0.05)
    assert found.c == pytest.approx(-1.5, abs=0.15)
    assert fit_calibration(logits, truths, groups).calibration.kind != "temperature"


def test_an_asymmetric_distortion_is_recognised_as_beta_and_recovered() -> None:
    logits, truths, groups = _rows(0.3, 1.6, 0.5)

    fitted = fit_calibration(logits, truths, groups)

    assert fitted.calibration.kind == "beta"
    assert fitted.calibration.a == pytest.approx(0.3, abs=0.06)
    assert fitted.calibration.b == pytest.approx(1.6, abs=0.15)
    assert fitted.log_losses["beta"] < fitted.log_losses["platt"] < fitted.log_losses["temperature"]
    assert fitted.positives + fitted.negatives == ROWS


def test_calibration_keeps_the_order_of_the_logits() -> None:
    generator = np.random.default_rng(2)
    logits = generator.normal(size=400)
    # Worse than chance: an unbounded fit would turn the order round.
    truths = generator.random(400) < _sigmoid(-logits)

    for kind in ("temperature", "platt", "beta"):
        found = fit_kind(kind, logits, truths)
        assert found.a > 0
        assert found.b > 0


def test_separable_logits_give_finite_parameters() -> None:
    logits = np.concatenate([np.linspace(-4, -2, 50), np.linspace(2, 4, 50)])
    truths = np.arange(100) >= 50

    for kind in ("temperature", "platt", "beta"):
        found = fit_kind(kind, logits, truths)
        assert np.isfinite([found.a, found.b, found.c]).all()
        probabilities = found.apply(logits)
        assert 0.9 < probabilities[50:].min() < 1
        assert 0 < probabilities[:50].max() < 0.1


def test_unknown_rows_change_nothing() -> None:
    logits, truths, groups = _rows(0.4, 0.4, 0.0)
    unknown = np.full(1_000, 5.0)

    with_unknown = fit_calibration(
        np.concatenate([logits, unknown]),
        [*truths, *[None] * len(unknown)],
        [*groups, *["unknown"] * len(unknown)],
    )

    assert with_unknown == fit_calibration(logits, truths, groups)


def test_the_fit_is_what_the_classifier_applies() -> None:
    logits, truths, groups = _rows(0.3, 1.6, 0.5)

    calibration = fit_calibration(logits, truths, groups).calibration

    assert isinstance(calibration, BetaCalibration)
    deciles = np.array_split(np.argsort(logits), 10)
    outcome = np.array(truths, dtype=np.float64)
    for rows in deciles:
        assert calibration.apply(logits[rows]).mean() == pytest.approx(
            outcome[rows].mean(), abs=0.04
        )


@pytest.mark.parametrize("truth", [True, False])
def test_a_class_with_too_few_groups_is_an_error_that_says_so(truth: bool) -> None:
    logits = np.linspace(-1, 1, 100)
    truths = [truth] * 97 + [not truth] * 3

    with pytest.raises(TooFewRowsError, match="at least 5 groups"):
        fit_calibration(logits, truths, [str(row) for row in range(100)])
