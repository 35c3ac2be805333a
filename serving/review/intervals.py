"""Confidence intervals of shares, without a statistics library."""

from __future__ import annotations

import math

_STEPS = 200
_TINY = 1e-300


def clopper_pearson(
    successes: float, trials: float, confidence: float = 0.95
) -> tuple[float, float]:
    """The exact interval of a share (Clopper and Pearson, 1934), its ends in [0, 1].

    `trials` is positive. Fractions stand for an effective sample, as survey statistics use them for
    weighted observations (Korn and Graubard, 1998).
    """
    tail = (1 - confidence) / 2
    failures = trials - successes
    low = 0.0 if successes <= 0 else _beta_quantile(tail, successes, failures + 1)
    high = 1.0 if failures <= 0 else _beta_quantile(1 - tail, successes + 1, failures)
    return low, high


def _beta_quantile(probability: float, a: float, b: float) -> float:
    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        if regularised_beta(middle, a, b) < probability:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def regularised_beta(x: float, a: float, b: float) -> float:
    """I_x(a, b), the distribution function of the beta distribution.

    By its continued fraction (Abramowitz and Stegun, 26.5.8), evaluated as Lentz does.
    """
    if x <= 0 or x >= 1:
        return float(x >= 1)
    if x > (a + 1) / (a + b + 2):  # the fraction converges fast on the other side only
        return 1 - regularised_beta(1 - x, b, a)
    scale = math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b)
    front = math.exp(scale + a * math.log(x) + b * math.log1p(-x)) / a
    c, d = 1.0, 1 / _away_from_zero(1 - (a + b) * x / (a + 1))
    fraction = d
    for m in range(1, _STEPS):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        for term in (even, odd):
            d = 1 / _away_from_zero(1 + term * d)
            c = _away_from_zero(1 + term / c)
            fraction *= d * c
        if abs(d * c - 1) < 1e-15:
            break
    return front * fraction


def _away_from_zero(value: float) -> float:
    return value if abs(value) > _TINY else _TINY
