"""Cuts a long text's tokens into overlapping windows that the encoder can see whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class WindowShape:
    """Sizes in tokens. `size` counts the two special tokens that open and close a window."""

    size: int
    overlap: int

    def __post_init__(self) -> None:
        if not 0 <= self.overlap < self.size - 2:
            raise ValueError(f"an overlap of {self.overlap} does not fit windows of {self.size}")


def window_starts(tokens: int, shape: WindowShape) -> Sequence[int]:
    """Where each window's first token stands in a text of `tokens` tokens; one at least.

    The last window ends with the text, so that none is short.
    """
    room = shape.size - 2
    if tokens <= room:
        return (0,)
    last = tokens - room
    return (*range(0, last, room - shape.overlap), last)


def windows_of(ids: Sequence[int], shape: WindowShape) -> list[Sequence[int]]:
    """The windows of a text's tokens, without special tokens."""
    room = shape.size - 2
    return [ids[start : start + room] for start in window_starts(len(ids), shape)]
