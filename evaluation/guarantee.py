"""A threshold with a guarantee: of violating posts like the calibration set's, few are missed.

Conformal risk control (Angelopoulos, Bates, Fisch, Lei and Schuster 2024): with n exchangeable
units whose loss is at most 1 and never falls as the threshold rises, the highest threshold with

    (sum of the units' losses + 1) / (n + 1) <= risk

has an expected loss of at most `risk` on the next unit. Rows of a group depend on each other, so
a unit is a group, and its loss the share of its positives that are missed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evaluation.metrics import Floats, Truths


@dataclass(frozen=True, slots=True)
class Guarantee:
    """`threshold` is None where there are too few groups to promise the risk at all.

    `groups` have positives; `missed` is the mean share of them under the threshold.
    """

    risk: float
    threshold: float | None
    groups: int
    missed: float | None


def control_risk(scores: Floats, truths: Truths, groups: Sequence[str], risk: float) -> Guarantee:
    """The highest of the positives' scores that, as a threshold, keeps the expected loss.

    Rows without a positive truth have no part in it.
    """
    positive = np.array([row for row, truth in enumerate(truths) if truth], np.intp)
    names, members = np.unique([groups[row] for row in positive], return_inverse=True)
    if not len(names):
        return Guarantee(risk, None, 0, None)
    found = np.asarray(scores, np.float64)[positive]
    weights = (1 / np.bincount(members))[members]
    candidates, losses = _losses(found, weights)
    kept = np.flatnonzero((losses + 1) / (len(names) + 1) <= risk + 1e-12)
    if not len(kept):
        return Guarantee(risk, None, len(names), None)
    last = kept[-1]
    return Guarantee(risk, float(candidates[last]), len(names), float(losses[last] / len(names)))


def _losses(scores: Floats, weights: Floats) -> tuple[Floats, Floats]:
    """Each distinct score ascending, and the groups' losses added up at it as a threshold."""
    order = np.argsort(scores, kind="stable")
    ascending = scores[order]
    below: NDArray[np.float64] = np.concatenate(([0.0], np.cumsum(weights[order])))
    candidates, first = np.unique(ascending, return_index=True)
    return candidates, below[first]
