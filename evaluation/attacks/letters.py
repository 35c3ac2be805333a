"""Letters changed for what looks like them: letters of another script, digits and signs."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np

from evaluation.attacks.attack import Attack
from evaluation.attacks.words import change_words

SHARE = 0.5
"""Of the words."""

LETTERS = 0.7
"""Of the letters in a word that have a likeness; one is always changed."""

_LOOK_ALIKES: Mapping[str, str] = MappingProxyType(
    # Latin to Cyrillic, Greek, Armenian and phonetic letters.
    {"a": "аɑα", "c": "сϲ", "d": "ԁ", "e": "еҽ", "g": "ɡ", "h": "һ", "i": "іı", "j": "ј", "k": "κ"}
    | {"l": "ӏ", "n": "ո", "o": "оοօ", "p": "рρ", "q": "ԛ", "s": "ѕ", "u": "սυ", "v": "ν"}
    | {"w": "ԝ", "x": "х", "y": "уγ", "A": "АΑ", "B": "ВΒ", "C": "СϹ", "E": "ЕΕ", "H": "НΗ"}
    | {"I": "ІΙ", "K": "КΚ", "M": "МΜ", "N": "Ν", "O": "ОΟ", "P": "РΡ", "S": "Ѕ", "T": "ТΤ"}
    | {"X": "ХΧ", "Y": "Υ", "Z": "Ζ"}
    # Cyrillic and Greek to Latin.
    | {"а": "aɑ", "в": "ʙ", "е": "e", "и": "u", "і": "i", "к": "kᴋ", "м": "ᴍ", "н": "ʜ", "о": "oο"}
    | {"р": "p", "с": "c", "т": "ᴛ", "у": "y", "х": "x", "А": "A", "В": "B", "Е": "E", "К": "K"}
    | {"М": "M", "Н": "H", "О": "O", "Р": "P", "С": "C", "Т": "T", "Х": "X"}
    | {"α": "aа", "ο": "oо", "ν": "v", "ρ": "p", "ι": "iі", "κ": "k", "υ": "u", "ε": "ɛ", "γ": "y"}
    # Between the spellings of Arabic script.
    | {"ي": "ی", "ك": "ک", "ه": "ہ", "ة": "ۃ", "ی": "ي", "ک": "ك", "ہ": "ه"}
)

_SIGNS: Mapping[str, str] = MappingProxyType(
    {"a": "4@", "b": "8", "c": "(", "e": "3€", "g": "96", "i": "1!", "l": "1|", "o": "0", "s": "5$"}
    | {"t": "7+", "z": "2", "а": "@4", "б": "6", "е": "3", "з": "3", "о": "0", "ч": "4", "и": "u"}
)


def homoglyph(text: str, generator: np.random.Generator) -> str:
    return change_words(text, generator, SHARE, lambda word: look_alike(word, generator))


def leet(text: str, generator: np.random.Generator) -> str:
    return change_words(text, generator, SHARE, lambda word: _exchange(word, _SIGNS, generator))


def look_alike(letters: list[str], generator: np.random.Generator) -> str:
    """A word with letters of other scripts; the word itself where none of them has a likeness."""
    return _exchange(letters, _LOOK_ALIKES, generator)


def _exchange(letters: list[str], table: Mapping[str, str], generator: np.random.Generator) -> str:
    """Capitals without an entry of their own follow the small letter."""
    options = [table.get(letter) or table.get(letter.lower(), "") for letter in letters]
    places = [place for place, likenesses in enumerate(options) if likenesses]
    if not places:
        return "".join(letters)
    chosen = {place for place in places if generator.random() < LETTERS}
    chosen |= {int(generator.choice(places))} if not chosen else set()
    return "".join(
        str(generator.choice(list(options[place]))) if place in chosen else letter
        for place, letter in enumerate(letters)
    )


HOMOGLYPH = Attack(
    "homoglyph", "letters of another script that look alike", homoglyph, in_training=True
)
LEET = Attack("leet", "digits and signs for letters", leet, in_training=True)
