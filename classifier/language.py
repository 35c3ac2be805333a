"""Names the language of a text from the pieces it is made of.

A linear softmax over the mean word row, as fastText's classifier is one over the mean of its own:
it costs nothing beside the encoder and needs no other model. It informs; nothing is decided by it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from classifier.piece_table import PieceTable
from classifier.word_table import WordTable

UNDETERMINED = "und"
"""BCP 47's tag for a language that could not be determined."""

CERTAINTY = 0.4
"""Below this probability of the best guess the language counts as undetermined."""

_BATCH = 64
"""Texts whose pieces are looked up at once, so that what they say stays in the cache."""


class LanguageGuesser:
    """`weight` is float `[languages, width]`, `bias` `[languages]`; `words` are the word rows."""

    def __init__(
        self,
        languages: Sequence[str],
        words: WordTable,
        weight: npt.NDArray[np.floating],
        bias: npt.NDArray[np.floating],
    ) -> None:
        self._languages = tuple(languages)
        self._says = PieceTable(words, weight.astype(np.float32))
        self._bias = bias.astype(np.float32)

    def guess_all(self, ids: Sequence[Sequence[int]]) -> list[str]:
        """The language of each text; `ids` are its tokens, one at least."""
        names: list[str] = []
        for start in range(0, len(ids), _BATCH):
            names += self._named(self._says.means(ids[start : start + _BATCH]))
        return names

    def _named(self, says: npt.NDArray[np.float32]) -> list[str]:
        logits = says + self._bias
        best = logits.argmax(axis=1)
        top = np.take_along_axis(logits, best[:, None], axis=1)
        is_certain = 1 / np.exp(logits - top).sum(axis=1) >= CERTAINTY
        return [
            self._languages[index] if certain else UNDETERMINED
            for index, certain in zip(best.tolist(), is_certain.tolist(), strict=True)
        ]
