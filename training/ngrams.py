"""Fits the lexical part of a score: which n-grams it keeps, their weights, and its say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix, diags
from sklearn.linear_model import LogisticRegression
from tokenizers import Tokenizer

from classifier.labels import LABELS
from classifier.ngrams import BIAS, KEYS, SCALE, WEIGHTS, NgramModel, features
from data.records import Example
from evaluation.metrics import average_precision, rank
from training.augment import vary_stops
from training.encode import token_ids
from training.recipe import Ngrams

SAYS = (0.0, 0.1, 0.2, 0.3, 0.5, 0.75, 1.0, 1.5, 2.0)
"""What the n-grams' logit may be multiplied with before it is added to the encoder's."""

_LABELLED = ("corpus", "emscad")
_LEAST_TEXTS = 2

Tensors = Mapping[str, npt.NDArray[Any]]
Tokens = Sequence[Sequence[int]]


@dataclass(frozen=True, slots=True)
class _Features:
    """Texts in rows, known n-grams in columns; `keys` ascending, `matrix` with rarity weighed in.

    `rarity` is the smoothed inverse document frequency, as scikit-learn has it.
    """

    keys: npt.NDArray[np.uint32]
    rarity: npt.NDArray[np.float32]
    matrix: csr_matrix


def fit_ngrams(
    train: Sequence[Example], tokenizer: Tokenizer, settings: Ngrams, seed: int
) -> Tensors:
    """A logistic regression for each label over the n-grams of the training texts.

    All rows of the labelled sources and every positive take part, with `settings.public_rows` of
    the others, their stops varied as in training the encoder. The `settings.size` n-grams of the
    greatest weight are kept, in int8. Empty where the size is 0.
    """
    if settings.size == 0:
        return {}
    shown = _shown(train, settings.public_rows, seed)
    rng = np.random.default_rng(seed)
    texts = [vary_stops(train[row].text, rng) for row in shown]
    found = _features_of(texts, token_ids(tokenizer, texts))
    columns, biases = [], []
    for label in LABELS:
        truths = [train[row].labels[label] for row in shown]
        known = np.array([place for place, truth in enumerate(truths) if truth is not None])
        regression = LogisticRegression(
            C=settings.inverse_penalty, class_weight="balanced", solver="liblinear", random_state=0
        )
        regression.fit(found.matrix[known], [truths[place] is True for place in known])
        columns.append(regression.coef_[0] * found.rarity)
        biases.append(float(regression.intercept_[0]))
    weights = np.column_stack(columns)
    heaviest = np.argsort(-np.abs(weights).max(axis=1), kind="stable")[: settings.size]
    kept = np.sort(heaviest)
    scale = np.abs(weights[kept]).max(axis=0) / 127
    return {
        KEYS: found.keys[kept],
        WEIGHTS: np.rint(weights[kept] / scale).astype(np.int8),
        SCALE: scale.astype(np.float32),
        BIAS: np.array(biases, np.float32),
    }


def choose_says(
    tensors: Tensors, encoder: npt.NDArray[np.float64], validation: Sequence[Example], ids: Tokens
) -> tuple[float, ...]:
    """For each label one of SAYS: the best average precision, the smaller of equals.

    `encoder` are the encoder's logits of the validation texts, `[texts, OUTPUTS]`.
    """
    lexical = ngram_logits(tensors, [example.text for example in validation], ids)
    says = []
    for index, label in enumerate(LABELS):
        truths = [example.labels[label] for example in validation]
        figures = [
            average_precision(rank(encoder[:, index] + say * lexical[:, index], truths))
            for say in SAYS
        ]
        says.append(SAYS[int(np.argmax(figures))])
    return tuple(says)


def with_says(tensors: Tensors, says: Sequence[float]) -> Tensors:
    """The tensors of a model whose logits are multiplied with `says`."""
    if not tensors:
        return tensors
    factors = np.array(says, np.float32)
    return {**tensors, SCALE: tensors[SCALE] * factors, BIAS: tensors[BIAS] * factors}


def ngram_logits(tensors: Tensors, texts: Sequence[str], ids: Tokens) -> npt.NDArray[np.float64]:
    """`[texts, labels]` as the runtime computes them."""
    return NgramModel.from_tensors(tensors).logits_all(texts, ids)


def _shown(train: Sequence[Example], public_rows: int, seed: int) -> list[int]:
    labelled = [e.source in _LABELLED or any(e.labels.values()) for e in train]
    others = [row for row, is_labelled in enumerate(labelled) if not is_labelled]
    some = set(np.random.default_rng(seed).permutation(others)[:public_rows].tolist())
    return [row for row, is_labelled in enumerate(labelled) if is_labelled or row in some]


def _features_of(texts: Sequence[str], ids: Tokens) -> _Features:
    rows = [features(text, tokens) for text, tokens in zip(texts, ids, strict=True)]
    lengths = [len(keys) for keys, _ in rows]
    of_row = np.repeat(np.arange(len(rows)), lengths)
    keys, values = (np.concatenate(column) for column in zip(*rows, strict=True))
    distinct, texts_with = np.unique(keys, return_counts=True)
    repeated = texts_with >= _LEAST_TEXTS
    distinct, texts_with = distinct[repeated], texts_with[repeated]
    places = np.minimum(np.searchsorted(distinct, keys), len(distinct) - 1)
    known = distinct[places] == keys
    shape = (len(rows), len(distinct))
    matrix = csr_matrix((values[known], (of_row[known], places[known])), shape, np.float32)
    rarity = (np.log((1 + len(rows)) / (1 + texts_with)) + 1).astype(np.float32)
    return _Features(distinct, rarity, (matrix @ diags(rarity)).tocsr())
