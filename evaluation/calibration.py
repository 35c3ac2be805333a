"""Fits the calibration of one label: temperature, Platt or beta, whichever predicts best unseen.

All three are one formula, which `classifier.calibration` applies:

    p = sigmoid(a * ln(q) - b * ln(1 - q) + c)        with q = sigmoid(logit)

Beta leaves a, b and c free (Kull, Silva Filho and Flach 2017); Platt has a = b, a line in the
logit; temperature has a = b = 1/T and c = 0.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from classifier.calibration import BetaCalibration
from evaluation.errors import TooFewRowsError
from evaluation.metrics import Floats, Truths, log_loss, rank

FOLDS = 5

# A slope of 0 would make ties of different logits.
_FLATTEST = 1e-3

# Maps the free parameters of each kind to (a, b, c), simplest first.
_SHAPES: Mapping[str, Floats] = MappingProxyType(
    {
        "temperature": np.array([[1.0, 1.0, 0.0]]),
        "platt": np.array([[1.0, 1.0, 0.0], [0.0, 0.0, 1.0]]),
        "beta": np.eye(3),
    }
)


@dataclass(frozen=True, slots=True)
class FittedCalibration:
    """The chosen calibration, the cross-validated log loss of every kind, and its support."""

    calibration: BetaCalibration
    log_losses: Mapping[str, float]
    positives: int
    negatives: int


def fit_calibration(
    logits: NDArray[np.floating[Any]], truths: Truths, groups: Sequence[str], *, seed: int = 0
) -> FittedCalibration:
    """Choose the kind by log loss over folds of whole groups, then fit it on all known rows.

    Equal losses go to the simpler kind. Raises TooFewRowsError when a class has fewer groups
    than there are folds.
    """
    known = np.array([row for row, truth in enumerate(truths) if truth is not None], dtype=np.intp)
    values = np.asarray(logits, dtype=np.float64)[known]
    positive = np.array([truths[row] is True for row in known], dtype=np.bool_)
    folds = _folds([groups[row] for row in known], positive, seed)
    losses = {kind: _cross_validated_loss(kind, values, positive, folds) for kind in _SHAPES}
    best = min(losses, key=lambda kind: losses[kind])
    return FittedCalibration(
        calibration=fit_kind(best, values, positive),
        log_losses=MappingProxyType(losses),
        positives=int(positive.sum()),
        negatives=int((~positive).sum()),
    )


def fit_kind(kind: str, logits: Floats, truths: NDArray[np.bool_]) -> BetaCalibration:
    """Fit one kind by maximum likelihood, with a and b kept from turning the order round.

    The targets are Platt's (1999): (N+ + 1) / (N+ + 2) and 1 / (N- + 2). They keep the fit finite
    where the logits separate the classes, and vanish as rows grow.
    """
    shape = _SHAPES[kind]
    features = _features(logits)
    positives, negatives = int(truths.sum()), int((~truths).sum())
    targets = np.where(truths, (positives + 1) / (positives + 2), 1 / (negatives + 2))

    def loss(free: Floats) -> tuple[float, Floats]:
        margins = features @ (free @ shape)
        gradient = features.T @ (_sigmoid(margins) - targets) / len(targets)
        return float(np.mean(np.logaddexp(0, margins) - targets * margins)), shape @ gradient

    slopes = shape[:, 0] + shape[:, 1] > 0
    found = minimize(
        loss,
        x0=slopes.astype(np.float64),
        jac=True,
        method="L-BFGS-B",
        bounds=[(_FLATTEST, None) if slope else (None, None) for slope in slopes],
    )
    a, b, c = (float(parameter) for parameter in found.x @ shape)
    return BetaCalibration(kind=kind, a=a, b=b, c=c)


def _cross_validated_loss(
    kind: str, logits: Floats, truths: NDArray[np.bool_], folds: NDArray[np.intp]
) -> float:
    probabilities = np.empty_like(logits)
    for fold in range(FOLDS):
        held_out = folds == fold
        calibration = fit_kind(kind, logits[~held_out], truths[~held_out])
        probabilities[held_out] = calibration.apply(logits[held_out])
    return float(log_loss(rank(probabilities, truths.tolist())))


def _folds(groups: Sequence[str], truths: NDArray[np.bool_], seed: int) -> NDArray[np.intp]:
    names, members = np.unique(groups, return_inverse=True)
    for value, noun in ((True, "positive"), (False, "negative")):
        found = len(np.unique(members[truths == value]))
        if found < FOLDS:
            raise TooFewRowsError(
                f"calibration needs {noun} rows from at least {FOLDS} groups and found {found}; "
                "build the calibration split from more data"
            )
    shuffled = np.random.default_rng(seed).permutation(len(names))
    return (shuffled % FOLDS)[members]


def _features(logits: Floats) -> Floats:
    """The columns ln(q), -ln(1 - q) and 1, with q clipped as the formula's user clips it."""
    q = np.clip(_sigmoid(logits), 1e-6, 1 - 1e-6)
    return np.column_stack([np.log(q), -np.log1p(-q), np.ones_like(q)])


def _sigmoid(values: Floats) -> Floats:
    return np.exp(-np.logaddexp(0, -values))
