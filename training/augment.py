"""Disguises texts the way posters do, on the fly, so that no disguise marks a label.

What the normalisation undoes needs no training; these are disguises that leave traces after it.
Emoji for words, shuffled sentences, switched codes and romanisation are left to the evaluation.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

import numpy as np

from classifier.text import normalise

_LEET = {"a": "4@", "e": "3", "i": "1!", "o": "0", "s": "5$", "t": "7", "b": "8", "g": "9"}
_LOOK_ALIKE = dict(zip("aeopcxyiABEKMHOPCTX", "аеорсхуіАВЕКМНОРСТХ", strict=True))
_STOPS = ".!?…。！？।۔؟።"
_STOP_BEFORE_SPACE = re.compile(rf"[{_STOPS},;:،؛、，]+(?=\s|$)")
_SCRIPT_STOPS = (
    ("\u0900", "\u0dff", "।"),
    ("\u1200", "\u137f", "።"),
    ("\u3040", "\u9fff", "。"),
)
_WORD = re.compile(r"[^\W\d_]{4,}")
_PLACEHOLDER = re.compile(r"(\[[A-Z]+\])")


def disguise(text: str, rng: np.random.Generator) -> str:
    """`text` in one or two random disguises, normalised again as scoring would."""
    for index in rng.choice(len(_DISGUISES), size=int(rng.integers(1, 3)), replace=False):
        change = _DISGUISES[index]
        text = "".join(
            part if _PLACEHOLDER.fullmatch(part) else change(part, rng)
            for part in _PLACEHOLDER.split(text)
        )
    return normalise(text)


def vary_stops(text: str, rng: np.random.Generator) -> str:
    """`text` with its final stop dropped or one added, or with no stops at all, or as it is.

    Adverts end in a full stop less often than stories and news do. That is how they are written,
    and no reason to believe an advert that has one.
    """
    draw = rng.random()
    bare = text.rstrip(_STOPS + " \n")
    if not bare or draw >= 0.65:
        return text
    if draw < 0.1:
        return normalise(_STOP_BEFORE_SPACE.sub(" ", bare)) or text
    return bare if draw < 0.45 else bare + _stop_of(bare)


def _stop_of(text: str) -> str:
    """The full stop of the script that the text ends in."""
    last = text[-1]
    return next((stop for first, end, stop in _SCRIPT_STOPS if first <= last <= end), ".")


def _some_words(
    text: str, rng: np.random.Generator, share: float, change: Callable[[str], str]
) -> str:
    return _WORD.sub(lambda found: change(found[0]) if rng.random() < share else found[0], text)


def _leet(text: str, rng: np.random.Generator) -> str:
    def change(word: str) -> str:
        return "".join(
            str(rng.choice(list(_LEET[letter.lower()])))
            if letter.lower() in _LEET and rng.random() < 0.6
            else letter
            for letter in word
        )

    return _some_words(text, rng, 0.5, change)


def _look_alikes(text: str, rng: np.random.Generator) -> str:
    return _some_words(
        text, rng, 0.4, lambda word: "".join(_LOOK_ALIKE.get(letter, letter) for letter in word)
    )


def _punctuation(text: str, rng: np.random.Generator) -> str:
    mark = str(rng.choice(list(".-_*'/|")))

    def change(word: str) -> str:
        at = int(rng.integers(1, len(word)))
        return word[:at] + mark + word[at:]

    return _some_words(text, rng, 0.35, change)


def _spaces(text: str, rng: np.random.Generator) -> str:
    def change(word: str) -> str:
        if rng.random() < 0.5:
            return " ".join(word)
        at = int(rng.integers(1, len(word)))
        return word[:at] + " " + word[at:]

    return _some_words(text, rng, 0.2, change)


def _hashtags(text: str, rng: np.random.Generator) -> str:
    return _some_words(text, rng, 0.5, lambda word: "#" + word)


def _typing_slips(text: str, rng: np.random.Generator) -> str:
    def change(word: str) -> str:
        at = int(rng.integers(1, len(word) - 1))
        kind = int(rng.integers(4))
        if kind == 0:
            return word[:at] + word[at + 1 :]
        if kind == 1:
            return word[:at] + word[at] + word[at:]
        if kind == 2:
            return word[: at - 1] + word[at] + word[at - 1] + word[at + 1 :]
        return word[0] + re.sub(r"[aeiou]", "", word[1:])

    return _some_words(text, rng, 0.25, change)


def _case(text: str, rng: np.random.Generator) -> str:
    return text.upper() if rng.random() < 0.4 else text.lower()


def _no_accents(text: str, rng: np.random.Generator) -> str:
    def bare(letter: str) -> str:
        decomposed = unicodedata.normalize("NFD", letter)
        is_latin = decomposed[0] < "\u0250"
        return decomposed[0] if is_latin else letter

    return "".join(map(bare, text))


def _no_punctuation(text: str, rng: np.random.Generator) -> str:
    return re.sub(r"[.,;:!?،؛؟。、！？]", "" if rng.random() < 0.5 else " ", text)


_DISGUISES: tuple[Callable[[str, np.random.Generator], str], ...] = (
    _leet,
    _look_alikes,
    _punctuation,
    _spaces,
    _hashtags,
    _typing_slips,
    _case,
    _no_accents,
    _no_punctuation,
)
