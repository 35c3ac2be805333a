"""A linear map of word rows, kept by piece, and so what a mean word row is mapped to.

The map of a mean is the mean of the maps. A piece is mapped when it is first met; a text's words
are then neither unpacked nor averaged over their full width.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from classifier.rows import end_to_end
from classifier.word_table import WordTable

Floats = npt.NDArray[np.float32]


class PieceTable:
    """`weight` is float32 `[outputs, width]`; the kept rows grow to `[pieces, outputs]` float32.

    Safe to call from several threads: two that meet a piece at once write the same.
    """

    def __init__(self, words: WordTable, weight: Floats) -> None:
        self._words = words
        self._weight = weight
        self._rows = np.zeros((len(words), len(weight)), np.float32)
        self._is_met = np.zeros(len(words), np.bool_)

    def means(self, ids: Sequence[Sequence[int]]) -> Floats:
        """`[texts, outputs]` for texts of one token at least; each hangs on its own text alone."""
        rows = end_to_end(ids)
        sums = np.add.reduceat(self.rows(rows.ids), rows.starts)
        return np.asarray(sums / rows.lengths[:, None].astype(np.float32))

    def rows(self, ids: npt.NDArray[np.int64]) -> Floats:
        """`[tokens, outputs]` for `ids` `[tokens]`."""
        if not (is_met := self._is_met[ids]).all():
            new = np.unique(ids[~is_met])
            self._rows[new] = self._words.rows(new) @ self._weight.T
            self._is_met[new] = True
        return np.asarray(self._rows[ids])
