"""How far two readers agree.

Kappa is a statistic of a ranking, so that its interval comes from the same resamples as any other:
the first reader's labels are the truths, the second's the scores, 1 or 0. Readers of one schooling
seldom differ, so that the share of equal readings is given the interval of a rare rate.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from evaluation.bootstrap import Estimate, estimate
from evaluation.metrics import Floats, Ranking, rank
from evaluation.rare import estimate_rare

# Shares are sums of floats: below this they differ by rounding alone.
_LEAST_ROOM = 1e-12


def agreement_of(
    first: Sequence[bool | None], second: Sequence[bool | None], groups: Sequence[str]
) -> dict[str, Estimate]:
    """Share of equal readings and Cohen's kappa, over the rows on which neither was undecided.

    `positives` of the estimates counts the first reader's.
    """
    decided = [None if b is None else a for a, b in zip(first, second, strict=True)]
    ranking = rank(np.array([float(bool(reading)) for reading in second]), decided)
    unlike = estimate_rare(ranking.scores != ranking.truths, [groups[row] for row in ranking.rows])
    agree = Estimate(
        value=_rest(unlike.value),
        low=_rest(unlike.high),
        high=_rest(unlike.low),
        n=unlike.n,
        positives=ranking.positives,
    )
    return {"readers_agree": agree, **estimate({"readers_kappa": kappa}, ranking, groups)}


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


def _rest(share: float | None) -> float | None:
    return None if share is None else 1 - share


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
