"""More texts for a student, made of those it has: it learns from what its teacher says
of texts that nobody wrote as well (Tang et al. 2019, "Distilling task-specific knowledge from BERT
into simple neural networks").
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import numpy.typing as npt

from classifier.rows import Rows, joined, rows_of
from training.distillation.texts import Texts

OWN_SHARE = 0.6
"""Of the variations, those of adverts and of what is taken for them; the rest are public posts'."""

_AT_ONCE = 50_000
_SHORTEST = 4
_LEAST_KEPT = 0.2

Integers = npt.NDArray[np.int64]
Rng = np.random.Generator


class Kind(IntEnum):
    """What is done to a text: a part is cut out of it, some of its tokens are left out, a part is
    joined to one of another text, or some of its tokens are replaced by another's.
    """

    CUT = 0
    THINNED = 1
    JOINED = 2
    REPLACED = 3


_SHARES = (0.3, 0.25, 0.3, 0.15)


@dataclass(frozen=True, slots=True)
class Variations:
    """`first` and `second` `[texts]` are the texts that each is made of; where it is made
    of one alone they are the same. Both are of the fold in `folds`.
    """

    rows: Rows
    folds: npt.NDArray[np.int8]
    first: Integers
    second: Integers


def vary(texts: Texts, count: int, seed: int) -> Variations:
    """`count` variations of `texts`, of at most a window each."""
    own = texts.is_own
    weights = np.where(own, OWN_SHARE / max(own.sum(), 1), (1 - OWN_SHARE) / max((~own).sum(), 1))
    parts = [
        _vary(texts, weights / weights.sum(), min(_AT_ONCE, count - at), seed + at)
        for at in range(0, count, _AT_ONCE)
    ]
    return Variations(
        joined([part.rows for part in parts]),
        np.concatenate([part.folds for part in parts]),
        np.concatenate([part.first for part in parts]),
        np.concatenate([part.second for part in parts]),
    )


def _vary(texts: Texts, weights: npt.NDArray[np.float64], count: int, seed: int) -> Variations:
    rng = np.random.default_rng(seed)
    first = rng.choice(len(texts), count, p=weights)
    second = _partners(first, texts.folds, weights, rng)
    kind = rng.choice(len(Kind), count, p=_SHARES)
    is_joined, is_replaced = kind == Kind.JOINED, kind == Kind.REPLACED
    second = np.where(is_joined | is_replaced, second, first)

    of_first = _parts(texts, first, (kind == Kind.CUT) | is_joined, rng)
    of_second = _parts(texts, second, is_joined, rng)
    of_second[1][~is_joined] = 0
    # In half of the joined texts the second's part comes first.
    is_turned = is_joined & (rng.random(count) < 0.5)
    starts = np.where(is_turned, [of_second[0], of_first[0]], [of_first[0], of_second[0]])
    lengths = np.where(is_turned, [of_second[1], of_first[1]], [of_first[1], of_second[1]])
    ids = texts.rows.ids[_stretches(starts.T.ravel(), lengths.T.ravel())]
    whole = lengths.sum(axis=0)
    owners = np.repeat(np.arange(count), whole)

    swapped = (
        rng.random(len(ids)) < np.where(is_replaced, rng.uniform(0.05, 0.25, count), 0)[owners]
    )
    others = second[owners[swapped]]
    drawn = (rng.random(len(others)) * texts.rows.lengths[others]).astype(np.int64)
    ids[swapped] = texts.rows.ids[texts.rows.starts[others] + drawn]
    dropped = np.where(kind == Kind.THINNED, rng.uniform(0.05, 0.35, count), 0)
    kept = rng.random(len(ids)) >= dropped[owners]
    place = np.arange(len(ids)) - (np.cumsum(whole) - whole)[owners]
    kept = (kept & (place < texts.room)) | (place == 0)
    return Variations(
        rows_of(ids[kept], np.bincount(owners[kept], minlength=count)),
        texts.folds[first],
        first,
        second,
    )


def _partners(
    first: Integers, folds: npt.NDArray[np.int8], weights: npt.NDArray[np.float64], rng: Rng
) -> Integers:
    """For each text another of its fold."""
    second = np.zeros_like(first)
    for fold in np.unique(folds[first]):
        own = np.flatnonzero(folds == fold)
        of_fold = np.flatnonzero(folds[first] == fold)
        odds = weights[own] / weights[own].sum()
        second[of_fold] = rng.choice(own, len(of_fold), p=odds)
    return second


def _parts(
    texts: Texts, chosen: Integers, is_cut: npt.NDArray[np.bool_], rng: Rng
) -> tuple[Integers, Integers]:
    """Where a part of each of the `chosen` begins, and how long it is; all of those not cut."""
    whole = texts.rows.lengths[chosen]
    share = np.where(is_cut, rng.uniform(_LEAST_KEPT, 1, len(chosen)), 1)
    length = np.minimum(whole, (whole * share).astype(np.int64) + _SHORTEST)
    length = np.minimum(length, texts.room)
    start = (rng.random(len(chosen)) * (whole - length + 1)).astype(np.int64) * is_cut
    return texts.rows.starts[chosen] + start, length


def _stretches(starts: Integers, lengths: Integers) -> Integers:
    """The places of all stretches, one after another."""
    ramp = np.arange(lengths.sum()) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    return np.asarray(np.repeat(starts, lengths) + ramp)
