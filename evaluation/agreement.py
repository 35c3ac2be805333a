"""How far two readers agree.

The statistics are those of a ranking, so that intervals come from the same resamples as any
other: the first reader's labels are the truths, the second's the scores, 1 or 0.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from evaluation.bootstrap import Estimate, estimate
from evaluation.metrics import Floats, Ranking, rank

# Shares are sums of floats: below this they differ by rounding alone.
_LEAST_ROOM = 1e-12


def agreement_of(
    first: Sequence[bool | None], second: Sequence[bool | None], groups: Sequence[str]
) -> dict[str, Estimate]:
    """Share of equal readings and Cohen's kappa, over the rows on which neither was undecided.

    `positives` of the estimates counts the first reader's.
    """
    decided = [None if b is None else a for a, b in zip(first, second, strict=True)]
    scores = np.array([float(bool(reading)) for reading in second])
    statistics = {"readers_agree": observed_agreement, "readers_kappa": kappa}
    return estimate(statistics, rank(scores, decided), groups)


def observed_agreement(ranking: Ranking, weights: Floats | None = None) -> Floats:
    """Share of the rows that both readers label alike."""
    both, first, second = _shares(ranking, weights)
    return 1 - first - second + 2 * both


def kappa(ranking: Ranking, weights: Floats | None = None) -> Floats:
    """Agreement beyond what the readers' own shares give by chance, 1 at most (Cohen 1960).

    NaN where both gave every row the same label: chance alone agrees fully then.
    """
    both, first, second = _shares(ranking, weights)
    observed = 1 - first - second + 2 * both
    expected = first * second + (1 - first) * (1 - second)
    room = np.asarray(1 - expected)
    undefined = np.full(room.shape, np.nan)
    beyond: Floats = np.divide(observed - expected, room, out=undefined, where=room > _LEAST_ROOM)
    return beyond


def _shares(ranking: Ranking, weights: Floats | None) -> tuple[Floats, Floats, Floats]:
    """Weighted shares of rows that both, the first and the second reader call positive."""
    weighting = np.ones(len(ranking.rows)) if weights is None else weights
    total = weighting.sum(axis=-1)
    first = ranking.truths.astype(np.float64)
    second = ranking.scores
    return (
        (weighting * first * second).sum(axis=-1) / total,
        (weighting * first).sum(axis=-1) / total,
        (weighting * second).sum(axis=-1) / total,
    )
