"""What a careful person would try first: TF-IDF and logistic regression, one label at a time.

Trained on the same split as the model, it shows what the encoder is worth. It doubles as a check
of the data: a slice where words alone do well may have an accidental cue.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.pipeline import FeatureUnion

from classifier.labels import Label
from data.records import Example
from evaluation.baselines.baseline import with_sampled_benign
from evaluation.baselines.regression import INVERSE_PENALTIES, Regressions, fit_regressions
from evaluation.metrics import Floats


@dataclass(frozen=True, slots=True)
class TfidfBaseline:
    """Fitted features of words and of characters, and the regressions over them."""

    features: FeatureUnion
    regressions: Regressions

    @property
    def inverse_penalties(self) -> Mapping[Label, float]:
        return self.regressions.inverse_penalties

    def probabilities(self, texts: Sequence[str]) -> Floats:
        """Uncalibrated probabilities, [n, labels]."""
        return self.regressions.probabilities(self.features.transform(texts))


def fit_tfidf(
    train: Sequence[Example],
    validation: Sequence[Example] = (),
    *,
    inverse_penalties: Sequence[float] = INVERSE_PENALTIES,
    seed: int = 0,
) -> TfidfBaseline:
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
    regressions = fit_regressions(matrix, rows, held_out_matrix, held_out, inverse_penalties)
    return TfidfBaseline(features, regressions)


def _vectoriser(analyser: str, lengths: tuple[int, int]) -> TfidfVectorizer:
    return TfidfVectorizer(
        analyzer=analyser, ngram_range=lengths, sublinear_tf=True, min_df=2, dtype=np.float32
    )
