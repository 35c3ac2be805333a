"""Names the language of a text from the pieces it is made of.

A linear softmax over the mean word row, as fastText's classifier is one over the mean of its own:
it costs nothing beside the encoder and needs no other model. It informs; nothing is decided by it.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

import numpy as np
import numpy.typing as npt

from classifier.word_table import WordTable

UNDETERMINED = "und"
"""BCP 47's tag for a language that could not be determined."""

CERTAINTY = 0.4
"""Below this probability of the best guess the language counts as undetermined."""

_BATCH = 64
"""Texts whose pieces are looked up at once, so that what they say stays in the cache."""


class LanguageGuesser:
    """`weight` is float `[languages, width]`, `bias` `[languages]`."""

    def __init__(
        self,
        languages: Sequence[str],
        weight: npt.NDArray[np.floating],
        bias: npt.NDArray[np.floating],
    ) -> None:
        self._languages = tuple(languages)
        self._weight = weight.astype(np.float32)
        self._bias = bias.astype(np.float32)

    def guess(self, mean_word: npt.NDArray[np.float32]) -> str:
        """The language of a text whose word rows have the mean `mean_word` `[width]`."""
        return self.guess_all(mean_word[None])[0]

    def guess_all(self, mean_words: npt.NDArray[np.float32]) -> list[str]:
        """The languages of texts whose word rows have the means `mean_words` `[texts, width]`."""
        return self.name(self.says(mean_words))

    def says(self, words: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """What word rows `[rows, width]` say for each language, `[rows, languages]`.

        The mean of what a text's words say is what their mean says.
        """
        return np.asarray(words @ self._weight.T)

    def name(self, says: npt.NDArray[np.float32]) -> list[str]:
        """The languages of texts by the mean of what their words say, `[texts, languages]`."""
        logits = says + self._bias
        best = logits.argmax(axis=1)
        top = np.take_along_axis(logits, best[:, None], axis=1)
        is_certain = 1 / np.exp(logits - top).sum(axis=1) >= CERTAINTY
        return [
            self._languages[index] if certain else UNDETERMINED
            for index, certain in zip(best.tolist(), is_certain.tolist(), strict=True)
        ]

    @property
    def languages(self) -> int:
        """How many languages it can name."""
        return len(self._languages)


class PieceLanguages:
    """Names the languages of whole batches from token ids, as the guesser does from mean words.

    What a piece says is found when it is first met and kept, `[pieces, languages]` float32 in the
    end; a text's words are then neither unpacked nor averaged over their full width. Safe to call
    from several threads: two that meet a piece at once write the same.
    """

    def __init__(self, words: WordTable, guesser: LanguageGuesser) -> None:
        self._words = words
        self._guesser = guesser
        self._says = np.zeros((len(words), guesser.languages), np.float32)
        self._is_met = np.zeros(len(words), np.bool_)

    def guess_all(self, ids: Sequence[Sequence[int]]) -> list[str]:
        """The language of each text; `ids` are its tokens, one at least."""
        names: list[str] = []
        for start in range(0, len(ids), _BATCH):
            names += self._guesser.name(self._means(ids[start : start + _BATCH]))
        return names

    def _means(self, ids: Sequence[Sequence[int]]) -> npt.NDArray[np.float32]:
        lengths = np.array([len(row) for row in ids])
        pieces = np.fromiter(chain.from_iterable(ids), np.int64, int(lengths.sum()))
        if not (is_met := self._is_met[pieces]).all():
            new = np.unique(pieces[~is_met])
            self._says[new] = self._guesser.says(self._words.rows(new))
            self._is_met[new] = True
        sums = np.add.reduceat(self._says[pieces], np.cumsum(lengths) - lengths)
        return np.asarray(sums / lengths[:, None].astype(np.float32))
