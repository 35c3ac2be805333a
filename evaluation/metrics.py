"""Metrics of one label, from scores that are sorted once.

`rank` drops the rows whose truth is unknown and sorts the rest; every metric then takes weights
of shape [..., rows] in that order and answers with shape [...]. A bootstrap is therefore one call
with a matrix of weights. A metric is NaN where it has no meaning: recall without a positive, say.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]
Truths: TypeAlias = Sequence[bool | None]

# Rates are compared with a limit after division; a count that meets it exactly must pass.
_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class Ranking:
    """Rows of known truth, best score first.

    `rows` [n] are positions in the input; `tie_ends` [k] is the last position of each run of equal
    scores, the only places where a threshold can cut.
    """

    rows: NDArray[np.intp]
    scores: Floats
    truths: NDArray[np.bool_]
    tie_ends: NDArray[np.intp]

    @property
    def positives(self) -> int:
        return int(self.truths.sum())


@dataclass(frozen=True, slots=True)
class _Flagged:
    """Weight of what each threshold flags, by truth, [..., thresholds], and totals, [..., 1]."""

    true: Floats
    false: Floats
    positives: Floats
    negatives: Floats


def rank(scores: NDArray[np.floating[Any]], truths: Truths) -> Ranking:
    """Sort the rows whose truth is known by descending score; equal scores keep their order."""
    known = np.array([row for row, truth in enumerate(truths) if truth is not None], dtype=np.intp)
    kept = np.asarray(scores, dtype=np.float64)[known]
    order = np.argsort(-kept, kind="stable")
    descending = kept[order]
    rows = known[order]
    last_of_run = np.ones(len(descending), dtype=np.bool_)
    last_of_run[:-1] = descending[:-1] != descending[1:]
    return Ranking(
        rows=rows,
        scores=descending,
        truths=np.array([truths[row] is True for row in rows], dtype=np.bool_),
        tie_ends=np.flatnonzero(last_of_run),
    )


def average_precision(
    ranking: Ranking, weights: Floats | None = None, *, prevalence: float | None = None
) -> Floats:
    """Sum over thresholds of precision times the gain in recall, as scikit-learn defines it.

    With `prevalence` the two classes are weighted to that share of positives. NaN unless both
    classes are there: ranking one class against nothing would read as perfect.
    """
    flagged = _flagged(ranking, _weights(ranking, weights, prevalence))
    gain = np.diff(flagged.true, axis=-1, prepend=0.0)
    total = (gain * _ratio(flagged.true, flagged.true + flagged.false, 0.0)).sum(axis=-1)
    defined = (flagged.negatives > 0)[..., 0]
    return np.where(defined, _ratio(total, flagged.positives[..., 0]), np.nan)


def recall_at_false_positive_rate(
    ranking: Ranking, limit: float, weights: Floats | None = None
) -> Floats:
    """The best recall of any threshold whose false positive rate is at most `limit`.

    No interpolation between thresholds: the rate can be had by a real cut.
    """
    flagged = _flagged(ranking, _weights(ranking, weights))
    allowed = flagged.false <= limit * flagged.negatives + _ROUNDING
    # Neither count ever falls along the ranking, so the largest allowed one is the last.
    best = np.where(allowed, flagged.true, 0.0).max(axis=-1, initial=0.0)
    defined = (flagged.negatives > 0)[..., 0]
    return np.where(defined, _ratio(best, flagged.positives[..., 0]), np.nan)


def threshold_at_false_positive_rate(ranking: Ranking, limit: float) -> float:
    """The lowest threshold whose false positive rate is at most `limit`; infinite if none is."""
    flagged = _flagged(ranking, _weights(ranking))
    allowed = np.flatnonzero(flagged.false <= limit * flagged.negatives + _ROUNDING)
    return float(ranking.scores[ranking.tie_ends[allowed[-1]]]) if len(allowed) else float("inf")


def matched_threshold(theirs: Ranking, ours: Ranking, threshold: float) -> float:
    """The lowest threshold at which they raise no more false alarms than we do at ours.

    Both rank the same rows. Infinite where none of these is negative: nothing can be matched then.
    """
    return threshold_at_false_positive_rate(theirs, float(false_positive_rate(ours, threshold)))


def recall(ranking: Ranking, threshold: float, weights: Floats | None = None) -> Floats:
    """Share of the positives at or above the threshold."""
    flagged = _flagged_at(ranking, threshold, _weights(ranking, weights))
    return _ratio(flagged.true, flagged.positives)[..., 0]


def false_positive_rate(
    ranking: Ranking, threshold: float, weights: Floats | None = None
) -> Floats:
    """Share of the negatives at or above the threshold."""
    flagged = _flagged_at(ranking, threshold, _weights(ranking, weights))
    return _ratio(flagged.false, flagged.negatives)[..., 0]


def precision(
    ranking: Ranking,
    threshold: float,
    weights: Floats | None = None,
    *,
    prevalence: float | None = None,
) -> Floats:
    """Share of positives among what is at or above the threshold. NaN where nothing is flagged.

    With `prevalence` the two classes are weighted to that share of positives.
    """
    flagged = _flagged_at(ranking, threshold, _weights(ranking, weights, prevalence))
    return _ratio(flagged.true, flagged.true + flagged.false)[..., 0]


def expected_calibration_error(
    ranking: Ranking, weights: Floats | None = None, *, bins: int = 15
) -> Floats:
    """Mean gap between probability and observed share, over bins of equal mass.

    Equal scores share a bin. The bins are those of the unweighted rows, so that resamples differ
    in their rows and not in their grid. Biased upwards on few rows (Nixon et al. 2019).
    """
    weighting = _weights(ranking, weights)
    if not len(ranking.rows):
        return np.full(weighting.shape[:-1], np.nan)
    starts = np.concatenate(([0], ranking.tie_ends[:-1] + 1))
    lengths = np.diff(np.append(starts, len(ranking.rows)))
    bin_of_row = np.repeat(starts * bins // len(ranking.rows), lengths)
    first_of_bin = np.unique(bin_of_row, return_index=True)[1]
    gaps = np.add.reduceat(weighting * (ranking.scores - ranking.truths), first_of_bin, axis=-1)
    return _ratio(np.abs(gaps).sum(axis=-1), weighting.sum(axis=-1))


def log_loss(ranking: Ranking, weights: Floats | None = None) -> Floats:
    """Mean negative log likelihood in nats; probabilities are clipped to [1e-6, 1 - 1e-6]."""
    weighting = _weights(ranking, weights)
    clipped = np.clip(ranking.scores, 1e-6, 1 - 1e-6)
    losses = -np.log(np.where(ranking.truths, clipped, 1 - clipped))
    return _ratio((weighting * losses).sum(axis=-1), weighting.sum(axis=-1))


def _weights(
    ranking: Ranking, weights: Floats | None = None, prevalence: float | None = None
) -> Floats:
    weighting = np.ones(len(ranking.rows)) if weights is None else weights
    if prevalence is None:
        return weighting
    positive = np.where(ranking.truths, weighting, 0.0)
    negative = np.where(ranking.truths, 0.0, weighting)
    scaled_positive = _ratio(positive, positive.sum(axis=-1, keepdims=True))
    scaled_negative = _ratio(negative, negative.sum(axis=-1, keepdims=True))
    return prevalence * scaled_positive + (1 - prevalence) * scaled_negative


def _flagged(ranking: Ranking, weights: Floats) -> _Flagged:
    true = np.where(ranking.truths, weights, 0.0)
    false = np.where(ranking.truths, 0.0, weights)
    return _Flagged(
        true=np.cumsum(true, axis=-1)[..., ranking.tie_ends],
        false=np.cumsum(false, axis=-1)[..., ranking.tie_ends],
        positives=true.sum(axis=-1, keepdims=True),
        negatives=false.sum(axis=-1, keepdims=True),
    )


def _flagged_at(ranking: Ranking, threshold: float, weights: Floats) -> _Flagged:
    """What one threshold flags; the last axis has length 1."""
    true = np.where(ranking.truths, weights, 0.0)
    false = np.where(ranking.truths, 0.0, weights)
    count = int(np.searchsorted(-ranking.scores, -threshold, side="right"))
    return _Flagged(
        true=true[..., :count].sum(axis=-1, keepdims=True),
        false=false[..., :count].sum(axis=-1, keepdims=True),
        positives=true.sum(axis=-1, keepdims=True),
        negatives=false.sum(axis=-1, keepdims=True),
    )


def _ratio(numerator: Floats, denominator: Floats | float, undefined: float = np.nan) -> Floats:
    """Divide, with `undefined` where the denominator is not positive."""
    numerator, denominator = np.broadcast_arrays(numerator, denominator)
    result = np.full(numerator.shape, undefined)
    np.divide(numerator, denominator, out=result, where=denominator > 0)
    return result
