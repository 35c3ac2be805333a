"""Words pulled apart: by spaces, by punctuation, into hashtags."""

from __future__ import annotations

import numpy as np

from evaluation.attacks.attack import Attack
from evaluation.attacks.words import change_words

SPACED_SHARE = 0.3
"""A reader loses the thread sooner where the words themselves fall apart."""

SHARE = 0.5

_MARKS = ".-_*'/|~·"


def spacing(text: str, generator: np.random.Generator) -> str:
    return change_words(
        text, generator, SPACED_SHARE, lambda letters: pulled_apart(letters, " ", generator)
    )


def punctuation(text: str, generator: np.random.Generator) -> str:
    mark = str(generator.choice(list(_MARKS)))
    return change_words(
        text, generator, SHARE, lambda letters: pulled_apart(letters, mark, generator)
    )


def split_hashtags(text: str, generator: np.random.Generator) -> str:
    def change(letters: list[str]) -> str:
        pieces = []
        start = 0
        while start < len(letters):
            end = start + int(generator.integers(2, 5))
            pieces.append("".join(letters[start:end]))
            start = end
        tagged = ("#" if generator.random() < 0.7 else "" for _ in pieces[1:])
        return " ".join(tag + piece for tag, piece in zip(("#", *tagged), pieces, strict=True))

    return change_words(text, generator, SPACED_SHARE, change)


def pulled_apart(letters: list[str], sign: str, generator: np.random.Generator) -> str:
    """The sign at every gap of a word, or as often at one."""
    if generator.random() < 0.5:
        return sign.join(letters)
    place = int(generator.integers(1, len(letters)))
    return "".join(letters[:place]) + sign + "".join(letters[place:])


SPACING = Attack("spacing", "spaces inside words", spacing, in_training=True)
PUNCTUATION = Attack("punctuation", "signs inside words", punctuation, in_training=True)
SPLIT_HASHTAGS = Attack(
    "split_hashtags", "words cut into hashtags", split_hashtags, in_training=True
)
