"""Text in columns for a terminal, in any script."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence


def width(text: str) -> int:
    """How many cells a terminal gives `text`: 2 for East Asian wide characters, 0 for marks."""
    return sum(_cells(character) for character in text)


def fit(text: str, cells: int) -> str:
    """`text` on one line, cut to `cells` with an ellipsis where it is longer."""
    text = " ".join("".join(c if _shows(c) else " " for c in text).split())
    if width(text) <= cells:
        return text
    kept, used = "", 0
    for character in text:
        used += _cells(character)
        if used > cells - 1:
            break
        kept += character
    return kept + "…"


def pad(text: str, cells: int, *, right: bool = False) -> str:
    """`text` filled up to `cells` with spaces, on the left where it is to stand `right`."""
    filling = " " * max(0, cells - width(text))
    return filling + text if right else text + filling


def columns(rows: Sequence[Sequence[str]]) -> list[str]:
    """One line for each row, the columns as wide as their widest cell, two spaces apart."""
    widths = [max(map(width, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(pad(cell, cells) for cell, cells in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]


def _shows(character: str) -> bool:
    # The joiners print nothing, but shape the letters around them.
    return character.isprintable() or character in "\u200c\u200d"


def _cells(character: str) -> int:
    if unicodedata.category(character) in {"Mn", "Me", "Cf"}:
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
