"""One logistic regression a label, over whatever features a baseline has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TypeAlias

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from classifier.labels import LABELS, Label
from data.records import Example
from evaluation.errors import TooFewRowsError
from evaluation.metrics import Floats, Truths, average_precision, rank

INVERSE_PENALTIES = (16.0, 1.0, 4.0, 64.0)
"""The values of C to choose from; the first one where there is nothing to choose by."""

Features: TypeAlias = csr_matrix | Floats


@dataclass(frozen=True, slots=True)
class Regressions:
    """For each label a fitted regression and its C."""

    by_label: Mapping[Label, LogisticRegression]
    inverse_penalties: Mapping[Label, float]

    def probabilities(self, features: Features) -> Floats:
        """Uncalibrated, [n, labels]."""
        return np.column_stack([_scores(self.by_label[label], features) for label in LABELS])


def fit_regressions(
    features: Features,
    rows: Sequence[Example],
    held_out_features: Features,
    held_out: Sequence[Example],
    inverse_penalties: Sequence[float] = INVERSE_PENALTIES,
) -> Regressions:
    """Fit on the rows of known label, with C chosen by average precision on those held out.

    Raises TooFewRowsError when a label has no positive or no negative to learn from.
    """
    regressions: dict[Label, LogisticRegression] = {}
    chosen: dict[Label, float] = {}
    for label in LABELS:
        truths = [example.labels[label] for example in rows]
        held_out_truths = [example.labels[label] for example in held_out]
        best = -1.0
        for inverse_penalty in inverse_penalties if held_out else inverse_penalties[:1]:
            regression = _fit(label, features, truths, inverse_penalty)
            quality = 0.0
            if held_out:
                scores = _scores(regression, held_out_features)
                quality = float(np.nan_to_num(average_precision(rank(scores, held_out_truths))))
            if quality > best:
                best = quality
                regressions[label], chosen[label] = regression, inverse_penalty
    return Regressions(MappingProxyType(regressions), MappingProxyType(chosen))


def _fit(
    label: Label, features: Features, truths: Truths, inverse_penalty: float
) -> LogisticRegression:
    known = np.array([row for row, truth in enumerate(truths) if truth is not None], dtype=np.intp)
    targets = np.array([truths[row] is True for row in known], dtype=np.bool_)
    if targets.all() or not targets.any():
        raise TooFewRowsError(
            f"a baseline needs positives and negatives of {label.value} in the train split and "
            f"found {targets.sum()} and {(~targets).sum()}; build it from more data"
        )
    regression = LogisticRegression(
        C=inverse_penalty, class_weight="balanced", solver="liblinear", random_state=0
    )
    return regression.fit(features[known], targets)


def _scores(regression: LogisticRegression, features: Features) -> Floats:
    probabilities: Floats = regression.predict_proba(features)[:, 1]
    return probabilities
