"""Texts that students learn from, as token ids."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from classifier.rows import Rows


@dataclass(frozen=True, slots=True)
class Texts:
    """`rows` are the texts' token ids and `folds` `[texts]` the folds of their rows of the data;
    `is_own` `[texts]` tells adverts and what is taken for them from public posts. A window has
    `room` for so many tokens beside its two special ones.
    """

    rows: Rows
    folds: npt.NDArray[np.int8]
    is_own: npt.NDArray[np.bool_]
    room: int

    def __len__(self) -> int:
        return len(self.rows)
