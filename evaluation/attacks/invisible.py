"""Characters that show nothing, put between letters: a filter for words sees other words."""

from __future__ import annotations

import numpy as np

from evaluation.attacks.attack import Attack
from evaluation.attacks.words import change_words

SHARE = 0.5

_INVISIBLE = ("\u200b", "\u200c", "\u200d", "\u2060", "\ufeff", "\u00ad")
"""Zero-width space, non-joiner, joiner, word joiner, no-break space, and the soft hyphen."""


def zero_width(text: str, generator: np.random.Generator) -> str:
    def change(letters: list[str]) -> str:
        gaps = [str(generator.choice(_INVISIBLE)) for _ in letters[1:]]
        kept = generator.random(len(gaps)) < 0.5
        kept[generator.integers(len(gaps))] = True
        return letters[0] + "".join(
            (gap if keep else "") + letter
            for gap, keep, letter in zip(gaps, kept, letters[1:], strict=True)
        )

    return change_words(text, generator, SHARE, change)


ZERO_WIDTH = Attack(
    "zero_width", "invisible characters inside words", zero_width, in_training=False
)
