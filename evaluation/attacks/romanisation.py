"""Texts of other scripts in Latin letters, as people type without their keyboard.

Most scripts go letter by letter through `anyascii`. Two need more to be readable: Arabic script
has chat spellings of its own, with digits for the letters that Latin lacks or without, and leaves
vowels out; Indic consonants carry a vowel that is not written.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
from anyascii import anyascii

from classifier.text.scripts import LATIN
from evaluation.attacks.attack import Attack
from evaluation.attacks.words import replaced, words_of

_LATIN_LETTER = re.compile(f"[{LATIN}]")
_ARABIC = re.compile(r"[\u0600-\u06ff]")
_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]")

_CHAT: Mapping[str, str] = MappingProxyType(
    {"ا": "a", "أ": "a", "إ": "i", "آ": "a", "ب": "b", "ت": "t", "ث": "th", "ج": "j", "د": "d"}
    | {"ذ": "dh", "ر": "r", "ز": "z", "س": "s", "ش": "sh", "ض": "d", "ظ": "z", "غ": "gh"}
    | {"ف": "f", "ك": "k", "ک": "k", "ل": "l", "م": "m", "ن": "n", "ه": "h", "و": "w", "ي": "i"}
    | {"ی": "i", "ى": "a", "ة": "a", "پ": "p", "چ": "ch", "ژ": "zh", "گ": "g", "ٹ": "t", "ڈ": "d"}
    | {"ڑ": "r", "ں": "n", "ے": "e", "ہ": "h", "ھ": "h", "ە": "e", "ۆ": "o", "ێ": "e", "ڵ": "l"}
)
_WITH_DIGITS = MappingProxyType(
    {"ح": "7", "خ": "5", "ص": "9", "ط": "6", "ع": "3", "ق": "9", "ء": "2"}
)
_WITH_LETTERS = MappingProxyType(
    {"ح": "h", "خ": "kh", "ص": "s", "ط": "t", "ع": "a", "ق": "q", "ء": ""}
)
_VOWELS = frozenset({"a", "e", "i", "o", "u", "w"})

# The nine Indic blocks from Devanagari to Malayalam share one layout of 128 places.
_INDIC = range(0x0900, 0x0D80)
_BLOCK = 0x80
_CONSONANTS = range(0x15, 0x3A)
_VOWEL_SIGNS_AND_VIRAMA = range(0x3E, 0x4E)
_NUKTA = 0x3C


def romanise(text: str, generator: np.random.Generator) -> str:
    """Every word that is not in Latin letters and can be; contacts, digits and emoji stay."""
    digits = bool(generator.random() < 0.5)
    spans = [span for span in words_of(text) if not _LATIN_LETTER.search(span.of(text))]
    words = [span.of(text) for span in spans]
    return replaced(text, spans, [_romanised(word, digits).strip() or word for word in words])


def _romanised(word: str, digits: bool) -> str:
    if _ARABIC.search(word):
        return _chat_spelling(word, _CHAT | (_WITH_DIGITS if digits else _WITH_LETTERS))
    if _HAN.search(word):
        syllables = (f"{anyascii(letter)} " if _HAN.match(letter) else letter for letter in word)
        return anyascii("".join(syllables)).lower().strip()
    return "".join(_letter(word, place) for place in range(len(word)))


def _chat_spelling(word: str, table: Mapping[str, str]) -> str:
    """Letter by letter, with an "a" where two consonants would open a syllable."""
    sounds = [sound for letter in word if (sound := table.get(letter, anyascii(letter)))]
    spelled: list[str] = []
    for sound, following in zip(sounds, [*sounds[1:], "a"], strict=True):
        spelled.append(sound)
        opens = len(spelled) < 2 or spelled[-2] not in _VOWELS
        if opens and sound not in _VOWELS and following not in _VOWELS:
            spelled.append("a")
    return "".join(spelled)


def _letter(word: str, place: int) -> str:
    """One letter in Latin, with the unwritten vowel of an Indic consonant inside a word."""
    latin = anyascii(word[place])
    following = word[place + 1 : place + 2]
    if not following or ord(word[place]) not in _INDIC:
        return latin
    carries = ord(word[place]) % _BLOCK in (*_CONSONANTS, _NUKTA)
    silenced = ord(following) % _BLOCK in (*_VOWEL_SIGNS_AND_VIRAMA, _NUKTA)
    return f"{latin}a" if carries and not silenced else latin


ROMANISATION = Attack("romanisation", "other scripts in Latin letters", romanise, in_training=False)
