"""The lexical part of a score: a linear model over hashed n-grams, added to the encoder's logits.

The encoder reads meaning and blurs what it has seen seldom; a linear model over n-grams of
characters and of tokens does the reverse. Their sum is better than either ("wide and deep", Cheng
et al. 2016). An n-gram is known by 32 bits of a hash, so that no list of strings is shipped.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from classifier.labels import LABELS

CHARACTER_ORDERS = (2, 3, 4, 5)
TOKEN_ORDERS = (1, 2)

KEYS, WEIGHTS, SCALE, BIAS = NAMES = (
    "ngram.keys",
    "ngram.weights",
    "ngram.scale",
    "ngram.bias",
)
"""The tensors of the lexical part in a model folder."""

_MIX = np.uint64(0x9E3779B97F4A7C15)
_SHIFT = np.uint64(29)
_KEY_SHIFT = np.uint64(32)

Keys = npt.NDArray[np.uint32]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Occurrences:
    """Runs of units (characters or tokens) of one order: `keys[i]` stands at units i to i + order.

    `of_tokens` tells the runs of tokens.
    """

    keys: Keys
    order: int
    of_tokens: bool


@dataclass(frozen=True, slots=True)
class NgramModel:
    """`keys` `[n]` ascending, `weights` float32 `[n, labels]`, `bias` `[labels]`."""

    keys: Keys
    weights: npt.NDArray[np.float32]
    bias: Floats

    @classmethod
    def from_tensors(cls, tensors: Mapping[str, npt.NDArray[Any]]) -> Self:
        """The model of a folder's tensors; one that adds nothing where there are none."""
        if KEYS not in tensors:
            nothing = np.zeros((0, len(LABELS)), np.float32)
            return cls(np.zeros(0, np.uint32), nothing, np.zeros(len(LABELS)))
        weights = tensors[WEIGHTS].astype(np.float32) * tensors[SCALE]
        return cls(tensors[KEYS], weights, tensors[BIAS].astype(np.float64))

    def logits(self, text: str, ids: Sequence[int]) -> Floats:
        """What the n-grams of a normalised text with these tokens add, `[labels]`."""
        if not len(self.keys):
            return self.bias
        keys, values = features(text, ids)
        places, known = self._find(keys)
        return np.asarray(values[known] @ self.weights[places[known]] + self.bias)

    def shares(self, text: str, ids: Sequence[int], offsets: Sequence[tuple[int, int]]) -> Floats:
        """The addends of `logits` without the bias by character of the text, `[labels, length]`.

        `offsets` are the tokens' spans in `text`. An n-gram's addend is shared out evenly among
        its occurrences and over the characters of each.
        """
        ends = np.zeros((len(LABELS), len(text) + 1))
        if not len(self.keys):
            return ends[:, :-1]
        keys, values = features(text, ids)
        counts = np.unique(_all_keys(text, ids), return_counts=True)[1]
        for run in occurrences(text, ids):
            places, known = self._find(run.keys)
            at = np.flatnonzero(known)
            if not len(at):
                continue
            feature = np.searchsorted(keys, run.keys[at])
            addend = self.weights[places[at]] * (values[feature] / counts[feature])[:, None]
            if run.of_tokens:
                spans = np.asarray(offsets)
                start, end = spans[at, 0], spans[at + run.order - 1, 1]
            else:  # the text was framed by a blank on either side
                start, end = np.maximum(at - 1, 0), np.minimum(at - 1 + run.order, len(text))
            each = addend / np.maximum(end - start, 1)[:, None]
            for label in range(len(LABELS)):
                np.add.at(ends[label], start, each[:, label])
                np.add.at(ends[label], end, -each[:, label])
        return np.cumsum(ends, axis=1)[:, :-1]

    def _find(self, keys: Keys) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.bool_]]:
        places = np.minimum(np.searchsorted(self.keys, keys), len(self.keys) - 1)
        return places, self.keys[places] == keys


def features(text: str, ids: Sequence[int]) -> tuple[Keys, Floats]:
    """The distinct n-grams, ascending, and their values: 1 + ln(count), scaled to length 1."""
    keys, counts = np.unique(_all_keys(text, ids), return_counts=True)
    values = 1 + np.log(counts)
    return keys, values / np.sqrt((values**2).sum())


def occurrences(text: str, ids: Sequence[int]) -> list[Occurrences]:
    """Every n-gram at every place. Case and the kind of white space make no difference."""
    framed = f" {_lowered(text)} ".replace("\n", " ")
    characters = np.frombuffer(framed.encode("utf-32-le", "surrogatepass"), np.uint32)
    tokens = np.asarray(ids, np.uint64)
    return [
        *(Occurrences(_hashes(characters, n, False), n, False) for n in CHARACTER_ORDERS),
        *(Occurrences(_hashes(tokens, n, True), n, True) for n in TOKEN_ORDERS),
    ]


def _all_keys(text: str, ids: Sequence[int]) -> Keys:
    return np.concatenate([run.keys for run in occurrences(text, ids)])


def _hashes(units: npt.NDArray[np.unsignedinteger[Any]], order: int, of_tokens: bool) -> Keys:
    """Multiply and shift, one unit after another; the upper half of 64 bits."""
    places = max(len(units) - order + 1, 0)
    found = np.full(places, 2 * order + of_tokens, np.uint64) * _MIX
    for step in range(order):
        found = (found ^ units[step : step + places].astype(np.uint64)) * _MIX
        found ^= found >> _SHIFT
    return (found >> _KEY_SHIFT).astype(np.uint32)


def _lowered(text: str) -> str:
    """In lower case, letter by letter where that would otherwise change the length."""
    lowered = text.lower()
    if len(lowered) == len(text):
        return lowered
    return "".join(low if len(low := letter.lower()) == 1 else letter for letter in text)
