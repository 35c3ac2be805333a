"""Readers of line-based formats. Each takes a byte stream and yields one `Row` per row in it."""

from __future__ import annotations

import csv
import itertools
import json
from collections.abc import Callable, Iterable, Iterator

from classifier.errors import EmptyTextError, InputError, MalformedRowError, UsageError
from classifier.records import Post
from serving.bulk.errors import InvalidUtf8Error, RowTooLongError
from serving.bulk.lines import MAX_ROW_BYTES, ByteLines, CsvQuotes, RawRow, raw_rows
from serving.bulk.rows import Row, rejected, row_from_fields, shown_names

_DELIMITERS = (",", ";", "\t")


class LineRows:
    """The rows of a line-based format, read as they are asked for."""

    def __init__(self, raws: Iterable[RawRow], parse: Callable[[str, int], Row]) -> None:
        self._raws = iter(raws)
        self._rows = _rows(self._raws, parse)

    def __iter__(self) -> Iterator[Row]:
        return self._rows

    def __next__(self) -> Row:
        return next(self._rows)

    def skip(self, count: int) -> int:
        """Pass over rows without looking into them. Return how many there were, up to `count`."""
        return sum(1 for _ in itertools.islice(self._raws, count))


def read_text(stream: ByteLines) -> LineRows:
    """Read every line as a text; a blank line is an empty one."""
    return LineRows(raw_rows(stream), _text_row)


def read_jsonl(stream: ByteLines) -> LineRows:
    """Read one JSON object per line; a blank line is an empty text."""
    return LineRows(raw_rows(stream), _json_row)


def read_jsonl_or_text(stream: ByteLines) -> LineRows:
    """Read JSONL if the first line that is not blank opens an object, otherwise lines of text."""
    raws = raw_rows(stream)
    head: list[RawRow] = []
    parse = _text_row
    for raw in raws:
        head.append(raw)
        if raw.data is None:
            break
        if start := raw.data.lstrip():
            parse = _json_row if start.startswith(b"{") else _text_row
            break
    return LineRows(itertools.chain(head, raws), parse)


def read_csv(stream: ByteLines) -> LineRows:
    """Read a CSV whose first row names a `text` column.

    The delimiter is whichever of comma, semicolon and tab makes the header name one. Blank lines
    are no rows, unless `text` is the only column.

    Raises UsageError where there is no such header, before the first row is asked for.
    """
    quotes = CsvQuotes()
    raws = raw_rows(stream, quotes)
    columns, delimiter = _header(next(raws, RawRow(1, b"")))
    quotes.separate_by(delimiter)
    if len(columns) > 1:
        raws = (raw for raw in raws if raw.data is None or raw.data.strip(b"\r\n"))

    def parse(text: str, line: int) -> Row:
        try:
            cells = _cells(text, delimiter) or [""]
        except csv.Error as error:
            limit = csv.field_size_limit()
            if len(text) > limit:
                raise RowTooLongError(f"a cell may have {limit:,} characters") from error
            raise MalformedRowError(f"expected CSV: {error}") from error
        if len(cells) > len(columns):
            raise MalformedRowError(
                f"expected {len(columns)} cells as in the header, found {len(cells)}; put cells"
                f" that hold {delimiter!r} in quotation marks"
            )
        return row_from_fields(dict(zip(columns, cells, strict=False)), line)

    return LineRows(raws, parse)


def _header(raw: RawRow) -> tuple[list[str], str]:
    if raw.data is None or not raw.closed:
        raise UsageError("expected a header in the first row of the CSV, which has no end")
    try:
        line = raw.data.decode()
    except UnicodeDecodeError as error:
        raise UsageError("the header of the CSV is not UTF-8; save the file as UTF-8") from error
    try:
        headers = [[name.strip() for name in _cells(line, mark)] for mark in _DELIMITERS]
    except csv.Error as error:
        raise UsageError(f"expected a CSV header in the first row: {error}") from error
    for columns, delimiter in zip(headers, _DELIMITERS, strict=True):
        if "text" in columns:
            twins = {name for name in columns if name and columns.count(name) > 1}
            if twins:
                raise UsageError(f"the header names a column twice: {shown_names(sorted(twins))}")
            return columns, delimiter
    widest = max(headers, key=len)
    raise UsageError(
        f"expected a column `text` in the header, found {shown_names(widest)}; rename one"
    )


def _cells(record: str, delimiter: str) -> list[str]:
    return next(csv.reader([record], delimiter=delimiter), [])


def _rows(raws: Iterable[RawRow], parse: Callable[[str, int], Row]) -> Iterator[Row]:
    for raw in raws:
        try:
            yield parse(_decoded(raw), raw.line)
        except InputError as error:
            yield rejected(error, raw.line)


def _decoded(raw: RawRow) -> str:
    if not raw.closed:
        raise MalformedRowError(
            "a quotation mark in this row is never closed, so the rest of the file belongs to it"
        )
    if raw.data is None:
        raise RowTooLongError(f"a row may have {MAX_ROW_BYTES:,} bytes; send less of it")
    try:
        return raw.data.decode()
    except UnicodeDecodeError as error:
        raise InvalidUtf8Error(
            f"byte {error.start + 1} of the row, 0x{raw.data[error.start]:02X}, does not belong"
            " in UTF-8; save the file as UTF-8"
        ) from error


def _text_row(text: str, line: int) -> Row:
    return Row(line, Post(str(line), text.removesuffix("\n").removesuffix("\r")))


def _json_row(text: str, line: int) -> Row:
    if not text.strip():
        raise EmptyTextError("the line is blank; expected a JSON object with a `text`")
    try:
        value = json.loads(text)
    except json.JSONDecodeError as error:
        fault = error.msg.removesuffix(" at")
        raise MalformedRowError(f"expected JSON: {fault} at column {error.colno}") from error
    except (ValueError, RecursionError) as error:
        raise MalformedRowError("the JSON has a number too long or nests too deep") from error
    if not isinstance(value, dict):
        raise MalformedRowError("expected a JSON object with a `text`, found other JSON")
    return row_from_fields(value, line)
