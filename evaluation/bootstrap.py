"""Percentile intervals by resampling groups.

Rows of one group share theme, author or campaign, so they are not independent: drawing rows would
claim more evidence than there is. Whole groups are drawn with replacement instead.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from evaluation.metrics import Floats, Ranking

Statistic: TypeAlias = Callable[[Ranking, Floats | None], Floats]

RESAMPLES = 1_000
LEVEL = 0.95

# Weights held at once, so that memory stays flat whatever the suite's size.
_CELLS = 1_000_000


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure with its interval and what supports it.

    `value` is None where the figure has no meaning on these rows; `low` and `high` are None where
    fewer than two groups leave nothing to resample. `n` counts the rows of known truth.
    """

    value: float | None
    low: float | None
    high: float | None
    n: int
    positives: int

    def to_dict(self) -> dict[str, Any]:
        return {
            "value": _rounded(self.value),
            "low": _rounded(self.low),
            "high": _rounded(self.high),
            "n": self.n,
            "positives": self.positives,
        }


def estimate(
    statistics: Mapping[str, Statistic],
    ranking: Ranking,
    groups: Sequence[str],
    *,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> dict[str, Estimate]:
    """Every statistic of a ranking with its interval; all share the same resamples.

    `groups` names the group of every input row, unknown truths included. Resamples in which a
    statistic has no meaning are left out of its interval.
    """
    if not len(ranking.rows):
        return dict.fromkeys(statistics, Estimate(None, None, None, n=0, positives=0))
    draws: dict[str, list[Floats]] = {name: [] for name in statistics}
    names, members = np.unique([groups[row] for row in ranking.rows], return_inverse=True)
    if len(names) > 1:
        for weights in _resampled_weights(len(names), members, resamples, seed):
            for name, statistic in statistics.items():
                draws[name].append(statistic(ranking, weights))
    return {
        name: _summarise(float(statistic(ranking, None)), draws[name], ranking)
        for name, statistic in statistics.items()
    }


def estimate_ratio(
    numerators: Floats,
    denominators: Floats,
    groups: Sequence[str],
    *,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> Estimate:
    """The ratio of two sums over rows; with denominators of 1, a mean.

    Without a value where the denominators do not add up to more than 0. Every row counts as a
    positive: the rows were chosen for being so.
    """
    names, members = np.unique(groups, return_inverse=True)
    above = np.bincount(members, weights=numerators)
    below = np.bincount(members, weights=denominators)
    n = len(groups)
    if not below.sum() > 0:
        return Estimate(None, None, None, n=n, positives=n)
    draws = np.empty(0)
    if len(names) > 1:
        counts = _group_counts(len(names), resamples, seed)
        sums = counts @ below
        draws = np.divide(counts @ above, sums, out=np.full(resamples, np.nan), where=sums > 0)
    low, high = _interval(draws) or (None, None)
    return Estimate(float(above.sum() / below.sum()), low, high, n=n, positives=n)


def _interval(draws: Floats) -> tuple[float, float] | None:
    """The percentile interval of draws; undefined ones are left out, None if all are."""
    defined = draws[~np.isnan(draws)]
    if not len(defined):
        return None
    low, high = np.quantile(defined, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return float(low), float(high)


def _group_counts(groups: int, resamples: int, seed: int) -> Floats:
    """How often each group is drawn in each resample: [resamples, groups]."""
    generator = np.random.default_rng(seed)
    return generator.multinomial(groups, np.full(groups, 1 / groups), resamples).astype(np.float64)


def _resampled_weights(
    groups: int, members: NDArray[np.intp], resamples: int, seed: int
) -> Iterator[Floats]:
    counts = _group_counts(groups, resamples, seed)
    step = max(1, _CELLS // len(members))
    for start in range(0, resamples, step):
        yield counts[start : start + step][:, members]


def _summarise(value: float, draws: Sequence[Floats], ranking: Ranking) -> Estimate:
    bounds = _interval(np.concatenate(draws)) if draws and not np.isnan(value) else None
    low, high = bounds or (None, None)
    return Estimate(
        value=None if np.isnan(value) else value,
        low=low,
        high=high,
        n=len(ranking.rows),
        positives=ranking.positives,
    )


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
