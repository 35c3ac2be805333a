"""Where records go, and in which format."""

from __future__ import annotations

import csv
import io
import json
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Protocol

from classifier.errors import UsageError
from classifier.records import Rejection, Score
from serving.bulk.flat import COLUMNS, Cell, flat_record
from serving.bulk.part_file import PartFile, output_errors

_FORMULA_START = ("=", "+", "-", "@", "\t", "\r")
_PLAIN_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")


class Sink(Protocol):
    """Takes records in order."""

    def write(self, records: Sequence[Score | Rejection]) -> None: ...


class ByteWriter(Protocol):
    def write(self, data: bytes, /) -> int: ...

    def flush(self) -> None: ...


class LineSink:
    """Writes one encoded record at a time, so that what arrived is always whole records."""

    def __init__(self, target: ByteWriter, encode: Callable[[Score | Rejection], bytes]) -> None:
        self._target = target
        self._encode = encode

    def write(self, records: Sequence[Score | Rejection]) -> None:
        for record in records:
            self._target.write(self._encode(record))
        self._target.flush()


class _StandardOutput:
    def write(self, data: bytes, /) -> int:
        with output_errors("standard output"):
            return sys.stdout.buffer.write(data)

    def flush(self) -> None:
        with output_errors("standard output"):
            sys.stdout.buffer.flush()


@contextmanager
def open_output(path: Path | None) -> Iterator[Sink]:
    """Open standard output (None) or a file; CSV and Parquet by extension, otherwise JSONL.

    The file appears when the block ends without an error; otherwise `FILE.part` stays.

    Raises UsageError where the file cannot be written, OutputError where it could be opened but
    not be written to the end.
    """
    if path is None:
        yield LineSink(_StandardOutput(), json_line)
        return
    if path.suffix.lower() == ".gz":
        raise UsageError(f"{path}: output is not compressed; name a file without .gz")
    with closing(PartFile(path)) as part:
        with _sink(path, part) as sink:
            yield sink
        part.publish()


@contextmanager
def _sink(path: Path, part: PartFile) -> Iterator[Sink]:
    suffix = path.suffix.lower()
    if suffix == ".parquet":
        from serving.bulk.parquet import ParquetSink  # slow to import, seldom needed

        with closing(ParquetSink(part.path)) as sink:
            yield sink
    elif suffix == ".csv":
        part.write(_csv_row(COLUMNS))
        yield LineSink(part, csv_line)
    else:
        yield LineSink(part, json_line)


def json_line(record: Score | Rejection) -> bytes:
    return json.dumps(record.to_dict(), ensure_ascii=False).encode() + b"\n"


def csv_line(record: Score | Rejection) -> bytes:
    """Encode a record as one row of CSV.

    A spreadsheet runs a cell that begins with `=`, `+`, `-` or `@` as a formula, and the id is
    the one cell whose beginning an outsider may have chosen: it gets an apostrophe in front,
    unless it is a plain number. JSONL and Parquet keep it as it was.
    """
    row = flat_record(record)
    row_id = str(row["id"])
    if row_id.startswith(_FORMULA_START) and not _PLAIN_NUMBER.fullmatch(row_id):
        row["id"] = f"'{row_id}"
    return _csv_row([row[name] for name in COLUMNS])


def _csv_row(cells: Sequence[Cell]) -> bytes:
    buffer = io.StringIO()
    csv.writer(buffer).writerow(cells)
    return buffer.getvalue().encode()
