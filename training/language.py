"""Fits the language guesser: a linear softmax over the mean word row of a text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression

from classifier.word_table import WordTable
from data.languages import language_of
from data.records import Example

MOST_TEXTS = 500
"""Texts of a language that are shown; more of a large one would add time, not knowledge."""

FEWEST_TEXTS = 12
"""A language with fewer is not offered as an answer."""

_REGULARISATION = 100.0


@dataclass(frozen=True, slots=True)
class LanguageWeights:
    languages: tuple[str, ...]
    weight: npt.NDArray[np.float16]
    bias: npt.NDArray[np.float16]


def fit_languages(
    examples: Sequence[Example], ids: Sequence[Sequence[int]], table: WordTable, seed: int
) -> LanguageWeights:
    """Learn from `ids`, the token ids of `examples`, the languages that the corpus is written in.

    The public sets lend texts of these languages and name no others: their 200 varieties would
    cost the corpus's languages more than the names are worth.
    """
    own = Counter(language_of(e.language, e.text) for e in examples if e.source == "corpus")
    offered = {language for language, count in own.items() if count >= FEWEST_TEXTS}
    rng = np.random.default_rng(seed)
    shown: Counter[str] = Counter()
    rows, names = [], []
    for index in rng.permutation(len(examples)).tolist():
        language = language_of(examples[index].language, examples[index].text)
        if language in offered and ids[index] and shown[language] < MOST_TEXTS:
            shown[language] += 1
            rows.append(table.rows(np.asarray(ids[index], np.int64)).mean(axis=0))
            names.append(language)
    features = np.stack(rows).astype(np.float64)
    spread = features.std(axis=0)
    model = LogisticRegression(C=_REGULARISATION, max_iter=200, tol=1e-3)
    model.fit(features / spread, names)
    return LanguageWeights(
        languages=tuple(str(name) for name in model.classes_),
        weight=(model.coef_ / spread).astype(np.float16),
        bias=model.intercept_.astype(np.float16),
    )
