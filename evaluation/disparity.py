"""How far apart the false positive rates of languages lie, and how far chance alone sets them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evaluation.bootstrap import LEVEL, RESAMPLES, Estimate, estimate
from evaluation.metrics import Floats, Ranking, rank
from evaluation.slices import LANGUAGE_ROWS


@dataclass(frozen=True, slots=True)
class Gap:
    """Largest minus smallest rate of the strata.

    `by_chance` is what equal rates would show on as many rows, as mean and band: the largest of
    many noisy rates lies above the smallest whatever the model does. Rows count as independent
    there, so it is rather too small.
    """

    found: Estimate
    by_chance: Estimate


def false_positive_gap(
    flagged: NDArray[np.bool_], strata: Sequence[str], groups: Sequence[str]
) -> Gap:
    """The gap over negatives, [n]; strata with fewer than LANGUAGE_ROWS of them are left out.

    Without a value where fewer than two strata are left.
    """
    sizes = Counter(strata)
    rows = [row for row, stratum in enumerate(strata) if sizes[stratum] >= LANGUAGE_ROWS]
    names = sorted({strata[row] for row in rows})
    if len(names) < 2:
        nothing = Estimate(None, None, None, n=len(rows), positives=0)
        return Gap(nothing, nothing)
    members = np.array([names.index(strata[row]) for row in rows])
    alarms = flagged[rows].astype(np.float64)

    def gap(ranking: Ranking, weights: Floats | None) -> Floats:
        weighting = np.ones(len(ranking.rows)) if weights is None else weights
        within = [members[ranking.rows] == place for place in range(len(names))]
        rates = [_rate(weighting[..., rows_of], ranking.scores[rows_of]) for rows_of in within]
        spread: Floats = np.ptp(np.stack(rates), axis=0)
        return spread

    ranking = rank(alarms, [False] * len(rows))
    found = estimate({"gap": gap}, ranking, [groups[row] for row in rows])["gap"]
    return Gap(found, _by_chance(float(alarms.mean()), [sizes[name] for name in names]))


def _rate(weights: Floats, alarms: Floats) -> Floats:
    """NaN in a resample that drew none of the stratum's groups."""
    totals = weights.sum(axis=-1)
    rates = np.full(totals.shape, np.nan)
    np.divide(weights @ alarms, totals, out=rates, where=totals > 0)
    return rates


def _by_chance(rate: float, sizes: Sequence[int]) -> Estimate:
    generator = np.random.default_rng(0)
    rates = generator.binomial(sizes, rate, (RESAMPLES, len(sizes))) / np.array(sizes)
    gaps = np.ptp(rates, axis=1)
    low, high = np.quantile(gaps, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Estimate(float(gaps.mean()), float(low), float(high), n=sum(sizes), positives=0)


def figures_of(gaps: Mapping[str, Gap]) -> dict[str, Estimate]:
    """The estimates of gaps under the names that they are reported by."""
    return {
        f"{name}_false_positive_gap{ending}": found
        for name, gap in gaps.items()
        for ending, found in (("", gap.found), ("_by_chance", gap.by_chance))
    }
