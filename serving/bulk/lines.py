"""Cutting a byte stream into rows without ever holding more than one row's limit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto
from typing import Protocol

MAX_ROW_BYTES = 1 << 20
"""The longest row that is read, in bytes.

Well above anything that can be scored: 20,000 characters take 240 kB when each is written as
two JSON escapes.
"""

_PIECE_BYTES = 1 << 16
_BOM = b"\xef\xbb\xbf"
_QUOTE = ord('"')


class ByteLines(Protocol):
    def readline(self, size: int, /) -> bytes: ...


@dataclass(frozen=True, slots=True)
class RawRow:
    """The bytes of one row with its line ending; None where it was over the limit.

    `closed` is False when the stream ended inside a quoted CSV field.
    """

    line: int
    data: bytes | None
    closed: bool = True


class _Place(Enum):
    FIELD_START = auto()
    BARE = auto()
    QUOTED = auto()
    AFTER_QUOTE = auto()


class CsvQuotes:
    """Tells whether a line break ends a CSV record or belongs to a quoted field.

    Follows the reading of the standard `csv` module: a quotation mark opens a field only where
    the field begins, and is doubled to stand for itself. Fed piece by piece, so that a record
    over the limit can be passed over without being kept.
    """

    def __init__(self, delimiter: str = ",") -> None:
        self._delimiter = ord(delimiter)
        self._place = _Place.FIELD_START

    @property
    def inside(self) -> bool:
        return self._place is _Place.QUOTED

    def separate_by(self, delimiter: str) -> None:
        self._delimiter = ord(delimiter)

    def start_record(self) -> None:
        self._place = _Place.FIELD_START

    def feed(self, piece: bytes) -> None:
        position = 0
        while position < len(piece):
            byte = piece[position]
            if self._place is _Place.QUOTED:
                position = piece.find(_QUOTE, position) + 1
                if not position:
                    return
                self._place = _Place.AFTER_QUOTE
            elif self._place is _Place.BARE:
                position = piece.find(self._delimiter, position) + 1
                if not position:
                    return
                self._place = _Place.FIELD_START
            elif byte == _QUOTE:
                self._place = _Place.QUOTED
                position += 1
            else:
                self._place = _Place.BARE


def raw_rows(stream: ByteLines, quotes: CsvQuotes | None = None) -> Iterator[RawRow]:
    r"""Cut at `\n`, or where `quotes` says that a CSV record ends. A leading BOM is dropped."""
    start = line = 1
    held = bytearray()
    too_long = False
    first = True
    while piece := stream.readline(_PIECE_BYTES):
        if first:
            piece = piece.removeprefix(_BOM)
            first = False
        if quotes is None and not held and not too_long and piece.endswith(b"\n"):
            yield RawRow(line, piece)  # nearly every line, without a copy
            line += 1
            start = line
            continue
        if quotes is not None:
            quotes.feed(piece)
        if not too_long:
            held += piece
            too_long = len(held) > MAX_ROW_BYTES
            if too_long:
                held.clear()
        if piece.endswith(b"\n"):
            line += 1
            if quotes is None or not quotes.inside:
                yield RawRow(start, None if too_long else bytes(held))
                held.clear()
                too_long = False
                start = line
                if quotes is not None:
                    quotes.start_record()
    if held or too_long:
        closed = quotes is None or not quotes.inside
        yield RawRow(start, None if too_long else bytes(held), closed)
