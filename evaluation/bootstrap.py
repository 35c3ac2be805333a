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

# Sums of floats: below this they differ by rounding alone.
_LEAST_WIDTH = 1e-12

# Weights held at once, so that memory stays flat whatever the suite's size.
_CELLS = 1_000_000


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure with its interval and what supports it.

    `value` is None where the figure has no meaning on these rows; `low` and `high` are None where
    fewer than two groups leave nothing to resample, or where resamples do not differ: a slice that
    is all right is so in each of them, and [1, 1] would claim a certainty that few rows do not
    give. `n` counts the rows of known truth.
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


@dataclass(frozen=True, slots=True)
class Resampled:
    """A figure and what it is in each resample, [resamples]; NaN where it has no meaning."""

    value: float
    draws: Floats


@dataclass(frozen=True, slots=True)
class Difference:
    """One figure less another on the same rows and resamples.

    `p` is two-sided: twice the share of resamples on the other side of 0, counting 0 itself and
    one more, so that it is never 0.
    """

    value: float
    low: float
    high: float
    p: float

    def to_dict(self) -> dict[str, float]:
        return {
            "value": round(self.value, 4),
            "low": round(self.low, 4),
            "high": round(self.high, 4),
            "p": round(self.p, 5),
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
    found = resample(statistics, ranking, groups, resamples=resamples, seed=seed)
    n, positives = len(ranking.rows), ranking.positives
    return {name: summarise(figure, n, positives) for name, figure in found.items()}


def resample(
    statistics: Mapping[str, Statistic],
    ranking: Ranking,
    groups: Sequence[str],
    *,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> dict[str, Resampled]:
    """Every statistic in every resample.

    Rankings of the same rows by different scores get the same resamples, so that their figures
    can be told apart pair by pair.
    """
    if not len(ranking.rows):
        return dict.fromkeys(statistics, Resampled(np.nan, np.empty(0)))
    draws: dict[str, list[Floats]] = {name: [np.empty(0)] for name in statistics}
    names, members = np.unique([groups[row] for row in ranking.rows], return_inverse=True)
    if len(names) > 1:
        for weights in _resampled_weights(len(names), members, resamples, seed):
            for name, statistic in statistics.items():
                draws[name].append(statistic(ranking, weights))
    return {
        name: Resampled(float(statistic(ranking, None)), np.concatenate(draws[name]))
        for name, statistic in statistics.items()
    }


def summarise(figure: Resampled, n: int, positives: int) -> Estimate:
    """The figure with its interval and what supports it."""
    if np.isnan(figure.value):
        return Estimate(None, None, None, n, positives)
    bounds = _interval(figure.draws)
    if bounds is None or bounds[1] - bounds[0] < _LEAST_WIDTH:
        return Estimate(figure.value, None, None, n, positives)
    return Estimate(figure.value, *bounds, n, positives)


def difference(ours: Resampled, theirs: Resampled) -> Difference | None:
    """Ours less theirs, None where either has no value or nothing was resampled."""
    if np.isnan(ours.value) or np.isnan(theirs.value):
        return None
    between = ours.draws - theirs.draws
    bounds = _interval(between)
    if bounds is None:
        return None
    defined = between[~np.isnan(between)]
    beyond = min((defined <= 0).sum(), (defined >= 0).sum())
    p = min(1.0, 2 * float(beyond + 1) / (len(defined) + 1))
    return Difference(ours.value - theirs.value, *bounds, p)


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
    found = resample_ratio(numerators, denominators, groups, resamples=resamples, seed=seed)
    return summarise(found, len(groups), len(groups))


def resample_ratio(
    numerators: Floats,
    denominators: Floats,
    groups: Sequence[str],
    *,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> Resampled:
    """The ratio of two sums over rows in every resample; the same groups get the same ones."""
    names, members = np.unique(groups, return_inverse=True)
    above = np.bincount(members, weights=numerators)
    below = np.bincount(members, weights=denominators)
    if not below.sum() > 0:
        return Resampled(np.nan, np.empty(0))
    draws = np.empty(0)
    if len(names) > 1:
        counts = _group_counts(len(names), resamples, seed)
        sums = counts @ below
        draws = np.divide(counts @ above, sums, out=np.full(resamples, np.nan), where=sums > 0)
    return Resampled(float(above.sum() / below.sum()), draws)


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


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
