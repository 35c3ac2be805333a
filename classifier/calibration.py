"""Applies stored calibration: logits to probabilities, in numpy.

One formula serves three kinds. With q = sigmoid(logit), p = sigmoid(a ln q - b ln(1 - q) + c):
beta calibration (Kull, Silva Filho and Flach, 2017) in general, temperature scaling for a = b =
1/T and c = 0, Platt scaling for a = b.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Q_MIN = 1e-6
"""q is kept this far from 0 and 1, so that its logarithms stay finite."""


@dataclass(frozen=True, slots=True)
class BetaCalibration:
    """`kind` is `none`, `temperature`, `platt` or `beta`; `a` and `b` are positive."""

    kind: str
    a: float
    b: float
    c: float

    def apply(self, logits: npt.NDArray[np.floating]) -> npt.NDArray[np.float64]:
        """Probabilities in (0, 1), of the shape of `logits`."""
        q = np.clip(sigmoid(logits), Q_MIN, 1 - Q_MIN)
        return sigmoid(self.a * np.log(q) - self.b * np.log1p(-q) + self.c)


UNCALIBRATED = BetaCalibration("none", 1.0, 1.0, 0.0)


def sigmoid(values: npt.NDArray[np.floating]) -> npt.NDArray[np.float64]:
    """Stable for large values of either sign."""
    half = np.tanh(np.asarray(values, np.float64) / 2)
    return np.asarray(0.5 * (1 + half), np.float64)
