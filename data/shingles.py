"""Texts as sets of character shingles, and the pairs of rows that share a key.

Shingles are taken from the letters alone, casefolded, so that a template filled with other
numbers, prices or emoji is still the same text.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

SHINGLE_CHARACTERS = 5

_FEW_LETTERS = 8
_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)

Shingles = NDArray[np.uint64]
Pairs = NDArray[np.int64]


class _LettersOnly(dict[int, int | None]):
    """A translation table that fills itself; marks count, they are the vowels of Indic scripts."""

    def __missing__(self, code: int) -> int | None:
        kept = code if unicodedata.category(chr(code))[0] in "LM" else None
        self[code] = kept
        return kept


class Skeletons:
    """Reduces texts to what identifies them. An instance keeps a table of the characters seen."""

    def __init__(self) -> None:
        self._letters = _LettersOnly()

    def of(self, text: str) -> str:
        """The casefolded letters, or all but the spaces where letters are few or in the minority.

        A row of flags with a price has hardly a letter: its letters alone would make it the same
        as the next one.
        """
        solid = "".join(text.casefold().split())
        letters = solid.translate(self._letters)
        enough = len(letters) >= _FEW_LETTERS and 2 * len(letters) >= len(solid)
        return letters if enough else solid


def shingles_of(skeleton: str) -> Shingles:
    """Sorted 64-bit hashes of the distinct shingles; a shorter skeleton is one shingle."""
    codes = np.frombuffer(skeleton.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    width = min(SHINGLE_CHARACTERS, len(codes))
    hashes = np.zeros(len(codes) - width + 1, dtype=np.uint64)
    for offset in range(width):
        hashes = hashes * _MULTIPLIER + codes[offset : offset + len(hashes)]
    # A product moves information to the high bits only; fold it back for users of the low ones.
    hashes ^= hashes >> np.uint64(32)
    return np.unique(hashes * _MULTIPLIER)


def jaccard(first: Shingles, second: Shingles) -> float:
    """Shared shingles over all shingles, in [0, 1]; exact up to 64-bit hash collisions."""
    small, large = (first, second) if len(first) <= len(second) else (second, first)
    places = np.searchsorted(large, small)
    places[places == len(large)] = 0
    shared = int(np.count_nonzero(large[places] == small))
    return shared / (len(small) + len(large) - shared)


def pairs_with_equal_keys(keys: NDArray[np.uint64]) -> Iterator[Pairs]:
    """All pairs of positions whose keys are equal, in chunks of shape (pairs, 2)."""
    order = np.argsort(keys, kind="stable")
    ordered = keys[order]
    starts = np.arange(len(keys))
    distance = 1
    while True:
        starts = starts[starts + distance < len(keys)]
        # Equal keys lie together, so a pair at this distance needs one at every smaller distance.
        starts = starts[ordered[starts] == ordered[starts + distance]]
        if not len(starts):
            return
        yield np.column_stack((order[starts], order[starts + distance]))
        distance += 1
