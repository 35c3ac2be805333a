"""How wrong a model is on what it is surest of: the coverage-risk curve.

A decision is the likelier side of a calibrated probability, and its confidence that side's
probability. Those it is least sure of could be left to a person (El-Yaniv and Wiener 2010).
"""

from __future__ import annotations

import numpy as np

from evaluation.bootstrap import Statistic
from evaluation.metrics import Floats, Ranking

COVERAGE = 0.8
"""Share of the rows, surest first, whose risk is told."""


def coverage_risk(ranking: Ranking, weights: Floats | None = None) -> tuple[Floats, Floats]:
    """Share decided and share wrong among them, each [..., cuts], surest first.

    Rows of equal confidence are decided together.
    """
    confidence = np.maximum(ranking.scores, 1 - ranking.scores)
    wrong = (ranking.scores >= 0.5) != ranking.truths
    order = np.argsort(-confidence, kind="stable")
    weighting = (np.ones(len(order)) if weights is None else weights)[..., order]
    ends = np.flatnonzero(np.append(np.diff(confidence[order]) != 0, True)[: len(order)])
    decided = np.cumsum(weighting, axis=-1)[..., ends]
    mistakes = np.cumsum(weighting * wrong[order], axis=-1)[..., ends]
    risk = np.divide(mistakes, decided, out=np.zeros_like(mistakes), where=decided > 0)
    return decided / weighting.sum(axis=-1, keepdims=True), risk


def area(ranking: Ranking, weights: Floats | None = None) -> Floats:
    """Mean risk over all coverages; NaN without rows."""
    if not len(ranking.rows):
        return np.asarray(np.nan)
    coverage, risk = coverage_risk(ranking, weights)
    return np.asarray((np.diff(coverage, axis=-1, prepend=0.0) * risk).sum(axis=-1))


def risk_at(share: float) -> Statistic:
    """The risk at the first cut that decides this share of the rows."""

    def risk(ranking: Ranking, weights: Floats | None = None) -> Floats:
        if not len(ranking.rows):
            return np.asarray(np.nan)
        coverage, risks = coverage_risk(ranking, weights)
        first = np.argmax(coverage >= share - 1e-9, axis=-1)
        return np.asarray(np.take_along_axis(risks, first[..., None], axis=-1)[..., 0])

    return risk
