"""Intervals of rates near 0, of which a bootstrap knows too little.

Where nothing was flagged every resample is 0 as well, and the percentile interval [0, 0] would
claim a certainty that no number of rows gives.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.stats import beta

from evaluation.bootstrap import LEVEL, Estimate, estimate_ratio


def estimate_rare(flagged: NDArray[np.bool_], groups: Sequence[str], *, per: int = 1) -> Estimate:
    """How many rows are flagged, per `per` rows, with the wider of two intervals at each end.

    One resamples groups. The other is exact for a binomial (Clopper and Pearson 1934) of as many
    independent rows as there are groups, after Korn and Graubard (1998): rows of a group are
    taken to say the same thing. The rows are negatives, so that `positives` is 0.
    """
    found = estimate_ratio(flagged.astype(np.float64), np.ones(len(flagged)), groups)
    if found.value is None:
        return replace(found, positives=0)
    independent = len(set(groups))
    low, high = exact_interval(found.value * independent, independent)
    return Estimate(
        value=per * found.value,
        low=per * min(low, found.value if found.low is None else found.low),
        high=per * max(high, found.value if found.high is None else found.high),
        n=found.n,
        positives=0,
    )


def exact_interval(events: float, n: int) -> tuple[float, float]:
    """Clopper and Pearson's interval of a rate; `events`, 0 to `n`, need not be whole."""
    tail = (1 - LEVEL) / 2
    low = 0.0 if events <= 0 else float(beta.ppf(tail, events, n - events + 1))
    high = 1.0 if events >= n else float(beta.ppf(1 - tail, events + 1, n - events))
    return low, high
