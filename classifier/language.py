"""Names the language of a text from the pieces it is made of.

A linear softmax over the mean word row, as fastText's classifier is one over the mean of its own:
it costs nothing beside the encoder and needs no other model. It informs; nothing is decided by it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

UNDETERMINED = "und"
"""BCP 47's tag for a language that could not be determined."""

CERTAINTY = 0.4
"""Below this probability of the best guess the language counts as undetermined."""


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
        logits = self._weight @ mean_word + self._bias
        best = int(logits.argmax())
        certainty = 1 / np.exp(logits - logits[best]).sum()
        return self._languages[best] if certainty >= CERTAINTY else UNDETERMINED
