"""Edits to a text, and the map from an edited text back to the text as it was sent."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple


class Edit(NamedTuple):
    """Replace the code points `start` to `end` (exclusive, at least one) by `text`."""

    start: int
    end: int
    text: str


Finder = Callable[[str], list[Edit]]
"""One step of the normalisation: the edits a text needs, in order, none overlapping."""


@dataclass(frozen=True, slots=True)
class Alignment:
    """Where each code point of an edited text comes from: `starts[i]` to `ends[i]`, exclusive.

    Both sequences rise, and every code point has at least one source code point, because an
    edit replaces what is there and never inserts.
    """

    starts: Sequence[int]
    ends: Sequence[int]

    @classmethod
    def identity(cls, length: int) -> Alignment:
        return cls(range(length), range(1, length + 1))

    def after(self, edits: Iterable[Edit]) -> Alignment:
        """Follow the edits made to the text this alignment belongs to."""
        starts: list[int] = []
        ends: list[int] = []
        position = 0
        for start, end, text in edits:
            starts += self.starts[position:start]
            ends += self.ends[position:start]
            starts += [self.starts[start]] * len(text)
            ends += [self.ends[end - 1]] * len(text)
            position = end
        starts += self.starts[position:]
        ends += self.ends[position:]
        return Alignment(starts, ends)


def apply(text: str, edits: Iterable[Edit]) -> str:
    pieces: list[str] = []
    position = 0
    for start, end, replacement in edits:
        pieces.append(text[position:start])
        pieces.append(replacement)
        position = end
    pieces.append(text[position:])
    return "".join(pieces)
