"""Exact and near duplicates: which rows to drop, and which groups belong together.

MinHash (Broder 1997) signatures come from `datasketch`; rows that agree in one band of three
values are candidates, whose Jaccard similarity is then computed on the shingles themselves. The
bands are matched by sorting: the library's index holds a Python set for each band of each row,
which takes 1.8 GB and half a minute for the public sets, where sorting takes a second.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from datasketch import MinHash
from numpy.typing import NDArray

from data.languages import language_of
from data.progress import Track, untracked
from data.records import Example
from data.shingles import Shingles, Skeletons, jaccard, pairs_with_equal_keys, shingles_of

DROP_SIMILARITY = 0.8
"""From here on two texts say the same thing: the later one is dropped if labelled alike."""

UNITE_SIMILARITY = 0.6
"""From here on two texts may not be told apart by memory: they share a group."""

PERMUTATIONS = 126
BAND_VALUES = 3
"""42 bands of 3 values miss a pair at Jaccard 0.6 with probability (1 - 0.6³)⁴² = 0.00004."""

_LEAST_ESTIMATE = 0.4
"""Candidates estimated below are not looked at: 4.5 standard errors below UNITE_SIMILARITY."""

Signatures = NDArray[np.uint32]


@dataclass(frozen=True, slots=True)
class Deduplicated:
    """Examples left, regrouped; `group` is the smallest key of the groups that were united."""

    examples: list[Example]
    exact_dropped: int
    near_dropped: int
    united_groups: int
    largest_group: int


@dataclass(frozen=True, slots=True)
class NearPair:
    """Two rows by position, `first` < `second`, and their Jaccard similarity."""

    first: int
    second: int
    similarity: float


class GroupUnion:
    """Union-find over group keys; the smallest key names the union."""

    def __init__(self) -> None:
        self._parent: dict[str, str] = {}

    def find(self, key: str) -> str:
        root = key
        while (parent := self._parent.get(root, root)) != root:
            root = parent
        while (parent := self._parent.get(key, key)) != root:
            self._parent[key] = root
            key = parent
        return root

    def unite(self, first: str, second: str) -> None:
        low, high = sorted((self.find(first), self.find(second)))
        if low != high:
            self._parent[high] = low


def deduplicate(
    examples: Sequence[Example], *, first_source: str, seed: int, track: Track = untracked
) -> Deduplicated:
    """Drop repeated texts and unite the groups of those that stay alike.

    Of two texts equal but for case and what is not a letter the first stays, `first_source`
    before others and then by id; of near duplicates too where they are of one language, for a
    translation into a close language is no copy. Only rows with the same labels are dropped.
    """
    ordered = sorted(examples, key=lambda row: (row.source != first_source, row.id))
    skeletons = Skeletons()
    union = GroupUnion()
    first_of: dict[tuple[object, ...], Example] = {}
    distinct: list[Example] = []
    shingles: list[Shingles] = []
    for row in track(ordered, "Shingles"):
        skeleton = skeletons.of(row.text)
        kept = first_of.setdefault((skeleton, *row.labels.values()), row)
        union.unite(kept.group, row.group)
        if kept is row:
            distinct.append(row)
            shingles.append(shingles_of(skeleton))

    dropped: set[int] = set()
    signatures = minhash_signatures(shingles, seed=seed, track=track)
    for pair in near_pairs(shingles, signatures, track=track):
        first, second = distinct[pair.first], distinct[pair.second]
        union.unite(first.group, second.group)
        if (
            pair.first not in dropped
            and pair.similarity >= DROP_SIMILARITY
            and _alike(first, second)
        ):
            dropped.add(pair.second)

    left = [
        replace(row, group=union.find(row.group))
        for position, row in enumerate(distinct)
        if position not in dropped
    ]
    groups_before = {row.group for row in examples}
    sizes: dict[str, int] = {}
    for row in left:
        sizes[row.group] = sizes.get(row.group, 0) + 1
    return Deduplicated(
        examples=left,
        exact_dropped=len(ordered) - len(distinct),
        near_dropped=len(dropped),
        united_groups=len(groups_before) - len({union.find(group) for group in groups_before}),
        largest_group=max(sizes.values(), default=0),
    )


def minhash_signatures(
    shingles: Sequence[Shingles], *, seed: int, track: Track = untracked
) -> Signatures:
    """MinHash values, shape (rows, PERMUTATIONS)."""
    signatures = np.empty((len(shingles), PERMUTATIONS), dtype=np.uint32)
    permutations = MinHash(num_perm=PERMUTATIONS, seed=seed).permutations
    for position, hashes in enumerate(track(shingles, "MinHash")):
        minhash = MinHash(
            num_perm=PERMUTATIONS, permutations=permutations, scheme="affine32", hashfunc=int
        )
        minhash.update_batch((hashes >> np.uint64(32)).tolist())
        signatures[position] = minhash.hashvalues
    return signatures


def near_pairs(
    shingles: Sequence[Shingles], signatures: Signatures, *, track: Track = untracked
) -> list[NearPair]:
    """Pairs of rows with a Jaccard similarity of UNITE_SIMILARITY or more, in order."""
    candidates: set[tuple[int, int]] = set()
    bands = range(0, PERMUTATIONS, BAND_VALUES)
    for start in track(bands, "Candidates"):
        keys = _band_keys(signatures[:, start : start + BAND_VALUES])
        for pairs in pairs_with_equal_keys(keys):
            estimates = np.mean(signatures[pairs[:, 0]] == signatures[pairs[:, 1]], axis=1)
            likely = np.sort(pairs[estimates >= _LEAST_ESTIMATE], axis=1)
            candidates.update(map(tuple, likely.tolist()))
    found: list[NearPair] = []
    for first, second in track(sorted(candidates), "Near duplicates"):
        similarity = jaccard(shingles[first], shingles[second])
        if similarity >= UNITE_SIMILARITY:
            found.append(NearPair(first, second, similarity))
    return found


def _band_keys(band: Signatures) -> NDArray[np.uint64]:
    """One key per row. Rows whose keys collide by chance fail the estimate that follows."""
    keys = np.zeros(len(band), dtype=np.uint64)
    for column in band.T:
        keys = keys * np.uint64(0x9E3779B97F4A7C15) + column
    return keys


def _alike(first: Example, second: Example) -> bool:
    return first.labels == second.labels and language_of(first.language, first.text) == language_of(
        second.language, second.text
    )
