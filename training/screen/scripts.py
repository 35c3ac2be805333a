"""The script groups of a vocabulary's pieces."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

_MERGED = {
    "HIRAGANA": "KANA",
    "KATAKANA": "KANA",
    "KATAKANA-HIRAGANA": "KANA",
}


def scripts_of_pieces(pieces: Sequence[str]) -> tuple[tuple[str, ...], npt.NDArray[np.uint8]]:
    """The names of the script groups, the first of which has no letters, and each piece's number.

    A letter's script is the first word of its Unicode name; the two Kana are merged.
    """
    names = ["none"]
    numbers = []
    for piece in pieces:
        script = _script(piece)
        if script not in names:
            names.append(script)
        numbers.append(names.index(script))
    return tuple(names), np.array(numbers, np.uint8)


def _script(piece: str) -> str:
    for letter in piece:
        if letter.isalpha() and letter != "▁":
            first = unicodedata.name(letter, "none").split(" ")[0]
            return _MERGED.get(first, first).lower()
    return "none"
