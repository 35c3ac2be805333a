"""Slips of typing: a letter lost, doubled, swapped with the next, or the key beside it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np

from evaluation.attacks.attack import Attack
from evaluation.attacks.words import change_words

SHARE = 0.3

_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm", "йцукенгшщзх", "фывапролджэ", "ячсмитьбю")


def _neighbours() -> dict[str, str]:
    beside: dict[str, str] = {}
    for row in _ROWS:
        for place, key in enumerate(row):
            beside[key] = row[max(0, place - 1) : place] + row[place + 1 : place + 2]
    return beside


_BESIDE: Mapping[str, str] = MappingProxyType(_neighbours())


def typos(text: str, generator: np.random.Generator) -> str:
    def change(letters: list[str]) -> str:
        kind = generator.integers(4)
        if kind == 0:
            return swapped(letters, generator)
        place = int(generator.integers(1, len(letters)))
        before, letter, after = letters[:place], letters[place], letters[place + 1 :]
        if kind == 1:
            return "".join(before + after)
        if kind == 2:
            return "".join([*before, letter, letter, *after])
        keys = _BESIDE.get(letter.lower())
        if keys is None:
            return swapped(letters, generator)
        return "".join([*before, str(generator.choice(list(keys))), *after])

    return change_words(text, generator, SHARE, change)


def swapped(letters: list[str], generator: np.random.Generator) -> str:
    """Two neighbours that differ change places, the first letter last of all."""
    places = [place for place in range(len(letters) - 1) if letters[place] != letters[place + 1]]
    if not places:
        return "".join(letters)
    place = int(generator.choice(places[1:] or places))
    pair = [letters[place + 1], letters[place]]
    return "".join([*letters[:place], *pair, *letters[place + 2 :]])


TYPOS = Attack("typos", "slips of typing", typos, in_training=True)
