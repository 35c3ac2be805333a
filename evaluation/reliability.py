"""Whether a probability of 0.3 comes true three times in ten, and how sure the rows make us of it.

The plain calibration error is above 0 for a perfect model too, and the more so the fewer the rows.
Two remedies: the error is debiased, and beside it stands what a perfect model shows at that size,
by drawing labels from the scores themselves. The draws treat rows as independent.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evaluation.bootstrap import LEVEL, Estimate, Resampled, Statistic, resample, summarise
from evaluation.metrics import Floats, Ranking

ROWS_PER_BIN = 20
MOST_BINS = 15

DRAWS = 1_000
"""Perfect models that the band is read from."""

_ITERATIONS = 40


@dataclass(frozen=True, slots=True)
class Curve:
    """A reliability curve: mean score and observed share of positives by bin, [bins].

    `low` and `high` bound the share that a perfect model shows in 95 of 100 draws; `rows` counts.
    """

    scores: Floats
    shares: Floats
    low: Floats
    high: Floats
    rows: Floats


def bins_for(rows: int) -> int:
    """Bins of at least ROWS_PER_BIN rows, MOST_BINS at most and 2 at least."""
    return min(MOST_BINS, max(2, rows // ROWS_PER_BIN))


def reliability_curve(ranking: Ranking, *, seed: int = 0) -> Curve:
    """Over bins of equal mass, in ascending order of score."""
    starts = _bin_starts(ranking, bins_for(len(ranking.rows)))
    counts = np.diff(np.append(starts, len(ranking.rows))).astype(np.float64)
    drawn = np.add.reduceat(_perfect_labels(ranking, seed), starts, axis=-1) / counts
    tails = [(1 - LEVEL) / 2, (1 + LEVEL) / 2]
    low, high = np.quantile(drawn, tails, axis=0)[:, ::-1]
    return Curve(
        scores=(np.add.reduceat(ranking.scores, starts) / counts)[::-1],
        shares=(np.add.reduceat(ranking.truths.astype(np.float64), starts) / counts)[::-1],
        low=low,
        high=high,
        rows=counts[::-1],
    )


def debiased_calibration_error(ranking: Ranking, groups: Sequence[str]) -> Estimate:
    """Root mean square gap between score and observed share over bins, less its expected noise.

    The debiasing is that of Kumar, Liang and Ma (2019); the noise is the variance of a bin's
    residuals, since scores differ within a bin. It is 0 where the squared gap is below its noise.

    A resample of groups is noisier than the sample by as much again, so its squared errors are
    moved to have the sample's as their mean before the interval is read.
    """
    found = resample({"squared": _squared_error(ranking)}, ranking, groups)["squared"]
    n, positives = len(ranking.rows), ranking.positives
    if np.isnan(found.value):
        return summarise(found, n, positives)
    centred = found.draws - (found.draws.mean() if len(found.draws) else 0.0) + found.value
    return summarise(Resampled(_root(found.value), _roots(centred)), n, positives)


def perfect_model_error(ranking: Ranking, *, seed: int = 0) -> float:
    """The debiased error that a perfect model of these scores exceeds in one of 20 draws.

    NaN without rows.
    """
    if not len(ranking.rows):
        return float("nan")
    starts = _bin_starts(ranking, bins_for(len(ranking.rows)))
    residuals = ranking.scores - _perfect_labels(ranking, seed)
    squared = _debiased_square(residuals, np.ones(len(ranking.rows)), starts)
    return float(np.quantile(_roots(squared), LEVEL))


def calibration_slope(ranking: Ranking, weights: Floats | None = None) -> Floats:
    """The slope of the truth on the logit of the score (Cox 1958): below 1 is overconfident.

    NaN where one class is missing or the scores separate the classes.
    """
    return _recalibrate(ranking, weights)[..., 0]


def calibration_intercept(ranking: Ranking, weights: Floats | None = None) -> Floats:
    """The intercept that goes with the slope: above 0, scores are too low where they are 0.5."""
    return _recalibrate(ranking, weights)[..., 1]


def _squared_error(ranking: Ranking) -> Statistic:
    starts = _bin_starts(ranking, bins_for(len(ranking.rows)))

    def squared(ranking: Ranking, weights: Floats | None) -> Floats:
        weighting = np.ones(len(ranking.rows)) if weights is None else weights
        if not len(ranking.rows):
            return np.asarray(np.nan)
        return _debiased_square(ranking.scores - ranking.truths, weighting, starts)

    return squared


def _debiased_square(residuals: Floats, weights: Floats, starts: NDArray[np.intp]) -> Floats:
    """Mean over bins of the squared mean residual less its variance; [..., rows] to [...]."""

    def total(values: Floats) -> Floats:
        return np.asarray(np.add.reduceat(values, starts, axis=-1), dtype=np.float64)

    rows = total(np.broadcast_to(weights, np.broadcast_shapes(weights.shape, residuals.shape)))
    safe = np.maximum(rows, 1.0)
    gap = total(weights * residuals) / safe
    spread = total(weights * residuals**2) / safe - gap**2
    noise = np.where(rows > 1, spread / np.maximum(rows - 1, 1.0), gap**2)
    return np.asarray((rows * (gap**2 - noise)).sum(axis=-1) / rows.sum(axis=-1))


def _bin_starts(ranking: Ranking, bins: int) -> NDArray[np.intp]:
    """Where bins of equal mass begin; equal scores share a bin."""
    if not len(ranking.rows):
        return np.empty(0, dtype=np.intp)
    starts = np.concatenate(([0], ranking.tie_ends[:-1] + 1))
    bin_of_start = starts * bins // len(ranking.rows)
    return np.asarray(starts[np.unique(bin_of_start, return_index=True)[1]])


def _perfect_labels(ranking: Ranking, seed: int) -> Floats:
    """Labels drawn from the scores, [DRAWS, rows]."""
    generator = np.random.default_rng(seed)
    drawn = generator.random((DRAWS, len(ranking.rows))) < ranking.scores
    return drawn.astype(np.float64)


def _recalibrate(ranking: Ranking, weights: Floats | None) -> Floats:
    """Slope and intercept by Newton's method, [..., 2]; all weightings at once."""
    weighting = np.atleast_2d(np.ones(len(ranking.rows)) if weights is None else weights)
    if not len(ranking.rows):
        return np.full(2, np.nan)
    clipped = np.clip(ranking.scores, 1e-6, 1 - 1e-6)
    logits = np.log(clipped / (1 - clipped))
    found = np.tile([1.0, 0.0], (len(weighting), 1))
    for _ in range(_ITERATIONS):
        margins = found[:, :1] * logits + found[:, 1:]
        chances = np.exp(-np.logaddexp(0, -margins))
        residuals = weighting * (ranking.truths - chances)
        mass = weighting * chances * (1 - chances)
        gradient = np.stack([residuals @ logits, residuals.sum(axis=-1)], axis=-1)
        across = mass @ logits
        # A little on the diagonal keeps a saturated fit from dividing by 0.
        a, d = mass @ logits**2 + 1e-9, mass.sum(axis=-1) + 1e-9
        determinant = a * d - across**2
        step = np.stack(
            [
                d * gradient[:, 0] - across * gradient[:, 1],
                a * gradient[:, 1] - across * gradient[:, 0],
            ],
            axis=-1,
        )
        found = found + np.clip(step / np.maximum(determinant, 1e-12)[:, None], -1, 1)
        if np.abs(step).max(initial=0.0) < 1e-9:
            break
    found = np.where(_overlap(ranking, weighting)[:, None], found, np.nan)
    return found[0] if weights is None or weights.ndim == 1 else found


def _overlap(ranking: Ranking, weights: Floats) -> NDArray[np.bool_]:
    """Whether some negative scores above a positive and the reverse: else no fit is finite."""
    drawn = weights > 0
    positive, negative = drawn & ranking.truths, drawn & ~ranking.truths

    def highest(rows: NDArray[np.bool_]) -> Floats:
        return np.asarray(np.where(rows, ranking.scores, -np.inf).max(axis=-1))

    def lowest(rows: NDArray[np.bool_]) -> Floats:
        return np.asarray(np.where(rows, ranking.scores, np.inf).min(axis=-1))

    return np.asarray(
        (highest(negative) > lowest(positive)) & (highest(positive) > lowest(negative))
    )


def _root(value: float) -> float:
    return float(np.sqrt(max(value, 0.0)))


def _roots(values: Floats) -> Floats:
    return np.asarray(np.sqrt(np.maximum(values, 0.0)))
