"""Proof that the splits are independent, by another road than the one that built them.

Every pair of rows in two splits with a Jaccard similarity of at least the threshold is found, not
nearly every: prefix and positional filtering (Chaudhuri et al. 2006; Xiao et al. 2008, PPJoin)
rest on no random hash functions. With all shingles in one order, rare ones first, two sets that
overlap by at least `o` share a shingle among the first |x| - o + 1 of each, and the first one they
share leaves room for the rest.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from data.errors import LeakError
from data.progress import Track, untracked
from data.records import Example
from data.shingles import Pairs, Shingles, Skeletons, jaccard, pairs_with_equal_keys, shingles_of

_SHOWN = 10
_SLACK = 1e-9


def check_no_leak(
    splits: Mapping[str, Sequence[Example]], *, threshold: float, track: Track = untracked
) -> None:
    """Raise LeakError if a group, an id or a near duplicate lies in two splits.

    `threshold` is the Jaccard similarity of character shingles from which texts count as near
    duplicates.
    """
    _check_keys(splits, "group", [(row.group, name) for name in splits for row in splits[name]])
    _check_keys(splits, "id", [(row.id, name) for name in splits for row in splits[name]])
    rows = [row for examples in splits.values() for row in examples]
    sides = np.repeat(np.arange(len(splits)), [len(examples) for examples in splits.values()])
    skeletons = Skeletons()
    shingles = [shingles_of(skeletons.of(row.text)) for row in track(rows, "Checking for leaks")]
    leaks = cross_pairs(shingles, sides, threshold=threshold)
    if leaks:
        shown = ", ".join(f"{rows[a].id} and {rows[b].id}" for a, b in leaks[:_SHOWN])
        raise LeakError(
            f"{len(leaks)} pairs of near duplicates (Jaccard {threshold} or more) lie in two "
            f"splits: {shown}. The search for near duplicates missed them: build again with "
            f"another --seed, and report it."
        )


def cross_pairs(
    shingles: Sequence[Shingles], sides: NDArray[np.int64], *, threshold: float
) -> list[tuple[int, int]]:
    """All pairs of positions on different sides with at least the threshold's similarity."""
    if not shingles:
        return []
    sizes = np.array([len(row) for row in shingles])
    rows, places, tokens = _prefixes(shingles, sizes, threshold)
    candidates: set[tuple[int, int]] = set()
    for matches in pairs_with_equal_keys(tokens):
        pairs = rows[matches]
        apart = sides[pairs[:, 0]] != sides[pairs[:, 1]]
        matches, pairs = matches[apart], pairs[apart]
        size = sizes[pairs]
        room = 1 + np.min(size - 1 - places[matches], axis=1)
        needed = threshold / (1 + threshold) * size.sum(axis=1) - _SLACK
        long_enough = size.min(axis=1) >= threshold * size.max(axis=1) - _SLACK
        likely: Pairs = np.sort(pairs[long_enough & (room >= needed)], axis=1)
        candidates.update(map(tuple, likely.tolist()))
    return [
        (first, second)
        for first, second in sorted(candidates)
        if jaccard(shingles[first], shingles[second]) >= threshold
    ]


def _prefixes(
    shingles: Sequence[Shingles], sizes: NDArray[np.int64], threshold: float
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.uint64]]:
    """Row, place within the row (rare shingles first) and shingle, for the prefix of each row."""
    tokens = np.concatenate(shingles)
    rows = np.repeat(np.arange(len(sizes)), sizes)
    _, inverse, counts = np.unique(tokens, return_inverse=True, return_counts=True)
    order = np.lexsort((tokens, counts[inverse], rows))
    first_of_row = np.repeat(np.cumsum(sizes) - sizes, sizes)
    places = np.arange(len(tokens)) - first_of_row
    lengths = np.array([size - math.ceil(threshold * size - _SLACK) + 1 for size in sizes.tolist()])
    in_prefix = places < np.repeat(lengths, sizes)
    return rows[in_prefix], places[in_prefix], tokens[order][in_prefix]


def _check_keys(
    splits: Mapping[str, Sequence[Example]], kind: str, keys: Sequence[tuple[str, str]]
) -> None:
    split_of: dict[str, str] = {}
    for key, split in keys:
        if split_of.setdefault(key, split) != split:
            raise LeakError(f"{kind} {key} lies in both {split_of[key]} and {split}")
