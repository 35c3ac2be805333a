"""Rows of token ids laid end to end, so that numpy can go through many texts at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
import numpy.typing as npt

Integers = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Rows:
    """`ids` of all rows; row n begins at `starts[n]` and has `lengths[n]` of them, one at least."""

    ids: Integers
    starts: Integers
    lengths: Integers

    def __len__(self) -> int:
        return len(self.lengths)

    def row(self, number: int) -> Integers:
        start = self.starts[number]
        return self.ids[start : start + self.lengths[number]]


def rows_of(ids: Integers, lengths: Integers) -> Rows:
    """Rows that lie in `ids` already, one after another."""
    return Rows(ids, np.cumsum(lengths) - lengths, lengths)


def joined(parts: Sequence[Rows]) -> Rows:
    """The rows of all parts, one part after another; one part at least."""
    return rows_of(
        np.concatenate([part.ids for part in parts]),
        np.concatenate([part.lengths for part in parts]),
    )


def end_to_end(rows: Sequence[Sequence[int]]) -> Rows:
    lengths = np.fromiter(map(len, rows), np.int64, len(rows))
    ids = np.fromiter(chain.from_iterable(rows), np.int64, int(lengths.sum()))
    return rows_of(ids, lengths)
