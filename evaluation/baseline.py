"""What a careful person would try first: TF-IDF and logistic regression, one label at a time.

Every figure of the model stands beside this one's, trained on the same split, so that a reader
sees what the encoder is worth. It doubles as a check of the data: a slice where words alone do
well may have an accidental cue.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import FeatureUnion

from classifier.labels import LABELS, Label
from data.records import Example
from evaluation.errors import TooFewRowsError
from evaluation.metrics import Floats, Truths, average_precision, rank

INVERSE_PENALTIES = (16.0, 1.0, 4.0, 64.0)
"""The values of C to choose from; the first one where there is nothing to choose by."""

LABELLED_SOURCES = ("corpus", "emscad")
"""Sources made for the labels; the others are public benign posts, a hundred to one."""


@dataclass(frozen=True, slots=True)
class Baseline:
    """Fitted features, and for each label a fitted regression and its C."""

    features: FeatureUnion
    regressions: Mapping[Label, LogisticRegression]
    inverse_penalties: Mapping[Label, float]

    def probabilities(self, texts: Sequence[str]) -> Floats:
        """Uncalibrated probabilities, [n, labels]: good for ranking, not for thresholds."""
        matrix = self.features.transform(texts)
        return np.column_stack([_scores(self.regressions[label], matrix) for label in LABELS])


def fit_baseline(
    train: Sequence[Example],
    validation: Sequence[Example] = (),
    *,
    inverse_penalties: Sequence[float] = INVERSE_PENALTIES,
    seed: int = 0,
) -> Baseline:
    """Fit on the rows of known label, with C chosen by average precision on validation.

    Both splits are cut by `with_sampled_benign`. Raises TooFewRowsError when a label has no
    positive or no negative to learn from.
    """
    rows = with_sampled_benign(train, seed)
    held_out = with_sampled_benign(validation, seed)
    features = FeatureUnion(
        [("words", _vectoriser("word", (1, 2))), ("characters", _vectoriser("char_wb", (2, 5)))]
    )
    matrix = features.fit_transform([example.text for example in rows])
    held_out_matrix = features.transform([example.text for example in held_out] or [""])
    regressions: dict[Label, LogisticRegression] = {}
    chosen: dict[Label, float] = {}
    for label in LABELS:
        truths = [example.labels[label] for example in rows]
        held_out_truths = [example.labels[label] for example in held_out]
        best = -1.0
        for inverse_penalty in inverse_penalties if held_out else inverse_penalties[:1]:
            regression = _fit(label, matrix, truths, inverse_penalty)
            scores = _scores(regression, held_out_matrix)
            quality = np.nan_to_num(average_precision(rank(scores, held_out_truths)))
            if quality > best:
                best = float(quality)
                regressions[label], chosen[label] = regression, inverse_penalty
    return Baseline(features, MappingProxyType(regressions), MappingProxyType(chosen))


def with_sampled_benign(examples: Sequence[Example], seed: int) -> list[Example]:
    """All rows of the labelled sources and every positive, with as many other rows at most.

    Unsampled, the public benign posts would drown them. The sample depends on the seed and on
    the rows alone; rows keep their order.
    """
    is_labelled = [
        example.source in LABELLED_SOURCES or any(example.labels.values()) for example in examples
    ]
    benign = [row for row, labelled in enumerate(is_labelled) if not labelled]
    limit = min(len(benign), sum(is_labelled))
    sampled = set(np.random.default_rng(seed).permutation(benign)[:limit].tolist())
    return [example for row, example in enumerate(examples) if is_labelled[row] or row in sampled]


def _vectoriser(analyser: str, lengths: tuple[int, int]) -> TfidfVectorizer:
    return TfidfVectorizer(
        analyzer=analyser, ngram_range=lengths, sublinear_tf=True, min_df=2, dtype=np.float32
    )


def _fit(
    label: Label, matrix: csr_matrix, truths: Truths, inverse_penalty: float
) -> LogisticRegression:
    known = np.array([row for row, truth in enumerate(truths) if truth is not None], dtype=np.intp)
    targets = np.array([truths[row] is True for row in known], dtype=np.bool_)
    if targets.all() or not targets.any():
        raise TooFewRowsError(
            f"the baseline needs positives and negatives of {label.value} in the train split and "
            f"found {targets.sum()} and {(~targets).sum()}; build it from more data"
        )
    regression = LogisticRegression(
        C=inverse_penalty, class_weight="balanced", solver="liblinear", random_state=0
    )
    return regression.fit(matrix[known], targets)


def _scores(regression: LogisticRegression, matrix: csr_matrix) -> Floats:
    probabilities: Floats = regression.predict_proba(matrix)[:, 1]
    return probabilities
