"""The lexical part of a score: a linear model over hashed n-grams, added to the encoder's logits.

The encoder reads meaning and blurs what it has seen seldom; a linear model over n-grams of
characters and of tokens does the reverse. Their sum is better than either ("wide and deep", Cheng
et al. 2016). An n-gram is known by 32 bits of a hash, so that no list of strings is shipped.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, chain, pairwise
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from classifier.labels import LABELS

CHARACTER_ORDERS = (2, 3, 4, 5)
TOKEN_ORDERS = (1, 2)

KEYS, WEIGHTS, SCALE, BIAS = (
    "ngram.keys",
    "ngram.weights",
    "ngram.scale",
    "ngram.bias",
)
"""The tensors of the lexical part in a model folder."""

BATCH_CHARACTERS = 32_768
"""Characters whose n-grams are made at once, so many that the calls cost little beside them."""

_MIX = np.uint64(0x9E3779B97F4A7C15)
_SHIFT = np.uint64(29)
_KEY_SHIFT = np.uint64(32)
_DOOR_BITS = 18
_DOOR_SHIFT = np.uint32(32 - _DOOR_BITS)

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
class Features:
    """The distinct n-grams of several texts, one text after another, ascending in each.

    Those of text i are `keys[bounds[i] : bounds[i + 1]]`. A value is 1 + ln(count), scaled so that
    a text's values have length 1.
    """

    keys: Keys
    values: Floats
    bounds: npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class NgramModel:
    """`keys` `[n]` ascending, `weights` float32 `[n, labels]`, `bias` `[labels]`.

    `_doors[i]` is the place of the first key whose upper bits are i or more: hashes are spread so
    evenly that the place of any key is there or a step or two on.
    """

    keys: Keys
    weights: npt.NDArray[np.float32]
    bias: Floats
    _doors: npt.NDArray[np.intp] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        behind_door = np.bincount(self.keys >> _DOOR_SHIFT, minlength=1 << _DOOR_BITS)
        object.__setattr__(self, "_doors", np.cumsum(behind_door) - behind_door)
        # A label's weights side by side, since they are taken one label after another.
        object.__setattr__(self, "weights", np.asfortranarray(self.weights))

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
        return np.asarray(self.logits_all([text], [ids])[0])

    def logits_all(self, texts: Sequence[str], ids: Sequence[Sequence[int]]) -> Floats:
        """The `logits` of each text, `[texts, labels]`; the others of the call change nothing."""
        sums = np.zeros((len(texts), len(LABELS)))
        if len(self.keys):
            for some in _batches(texts):
                sums[some] = self._sums(features_all(texts[some], ids[some]))
        return np.asarray(sums + self.bias)

    def _sums(self, found: Features) -> Floats:
        places, known = self.find(found.keys)
        at = np.flatnonzero(known)
        places = places[at]
        values = found.values[at]
        texts = len(found.bounds) - 1
        owners = np.repeat(np.arange(texts), np.diff(found.bounds))[at]
        addends = (np.take(column, places) * values for column in self.weights.T)
        return np.stack([np.bincount(owners, column, texts) for column in addends], axis=1)

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
            places, known = self.find(run.keys)
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

    def find(self, keys: Keys) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.bool_]]:
        """The places of `keys` among the model's, as `searchsorted`, and whether they are there."""
        last = len(self.keys) - 1
        places = np.minimum(self._doors[keys >> _DOOR_SHIFT], last)
        found = self.keys[places]
        behind = np.flatnonzero((found < keys) & (places < last))
        while len(behind):
            places[behind] += 1
            found[behind] = self.keys[places[behind]]
            behind = behind[(found[behind] < keys[behind]) & (places[behind] < last)]
        return places, found == keys


def features(text: str, ids: Sequence[int]) -> tuple[Keys, Floats]:
    """The distinct n-grams, ascending, and their values: 1 + ln(count), scaled to length 1."""
    found = features_all([text], [ids])
    return found.keys, found.values


def features_all(texts: Sequence[str], ids: Sequence[Sequence[int]]) -> Features:
    """The `features` of one text at least, made for all of them at once."""
    framed = [f" {_lowered(text)} " for text in texts]
    lengths = [len(text) for text in framed]
    characters = _by_text(_code_points("".join(framed)), lengths, CHARACTER_ORDERS, False)
    counts = [len(row) for row in ids]
    tokens = np.fromiter(chain.from_iterable(ids), np.uint64, sum(counts))
    keys = [
        np.concatenate(pair)
        for pair in zip(characters, _by_text(tokens, counts, TOKEN_ORDERS, True), strict=True)
    ]
    for row in keys:
        row.sort()
    ends = np.fromiter(accumulate(len(row) for row in keys), np.intp, len(keys))
    joined = np.concatenate(keys)
    is_new = np.empty(len(joined), np.bool_)
    np.not_equal(joined[1:], joined[:-1], out=is_new[1:])
    is_new[0] = True
    is_new[ends[:-1]] = True
    first = np.flatnonzero(is_new)
    values = 1 + np.log(np.diff(first, append=len(joined)))
    bounds = np.searchsorted(first, np.concatenate(([0], ends)))
    norms = np.sqrt(np.add.reduceat(values * values, bounds[:-1]))
    return Features(joined[first], values / np.repeat(norms, np.diff(bounds)), bounds)


def occurrences(text: str, ids: Sequence[int]) -> list[Occurrences]:
    """Every n-gram at every place. Case and the kind of white space make no difference."""
    characters = _code_points(f" {_lowered(text)} ")
    tokens = np.asarray(ids, np.uint64)
    return [
        *(Occurrences(_hashes(characters, n, False), n, False) for n in CHARACTER_ORDERS),
        *(Occurrences(_hashes(tokens, n, True), n, True) for n in TOKEN_ORDERS),
    ]


def _all_keys(text: str, ids: Sequence[int]) -> Keys:
    return np.concatenate([run.keys for run in occurrences(text, ids)])


def _by_text(
    units: npt.NDArray[np.uint64], lengths: Sequence[int], orders: Sequence[int], of_tokens: bool
) -> list[Keys]:
    """The keys of each text's runs, from the units of all texts, `lengths` of them each."""
    owners = np.repeat(np.arange(len(lengths)), lengths)
    keys = np.empty((len(units), len(orders)), np.uint32)
    is_whole = np.zeros(keys.shape, np.bool_)
    for column, order in enumerate(orders):
        found = _hashes(units, order, of_tokens)
        keys[: len(found), column] = found
        is_whole[: len(found), column] = owners[order - 1 :] == owners[: len(found)]
    whole = keys[is_whole]
    ends = accumulate(sum(max(length - n + 1, 0) for n in orders) for length in lengths)
    return [whole[start:end] for start, end in pairwise(chain((0,), ends))]


def _hashes(units: npt.NDArray[np.uint64], order: int, of_tokens: bool) -> Keys:
    """Multiply and shift, one unit after another; the upper half of 64 bits."""
    places = max(len(units) - order + 1, 0)
    kind = (2 * order + of_tokens) * int(_MIX) % 2**64
    found = units[:places] ^ np.uint64(kind)
    for step in range(order):
        if step:
            found ^= units[step : step + places]
        found *= _MIX
        found ^= found >> _SHIFT
    return (found >> _KEY_SHIFT).astype(np.uint32)


def _code_points(text: str) -> npt.NDArray[np.uint64]:
    plain = text.replace("\n", " ").encode("utf-32-le", "surrogatepass")
    return np.frombuffer(plain, np.uint32).astype(np.uint64)


def _batches(texts: Sequence[str]) -> Iterator[slice]:
    """Cut where a batch has BATCH_CHARACTERS; each has a text at least."""
    start = characters = 0
    for index, text in enumerate(texts):
        characters += len(text)
        if characters >= BATCH_CHARACTERS:
            yield slice(start, index + 1)
            start, characters = index + 1, 0
    if start < len(texts):
        yield slice(start, len(texts))


def _lowered(text: str) -> str:
    """In lower case, letter by letter where that would otherwise change the length."""
    lowered = text.lower()
    if len(lowered) == len(text):
        return lowered
    return "".join(low if len(low := letter.lower()) == 1 else letter for letter in text)
