"""Opening an input: its format, its decompression, and how much of it has been read."""

from __future__ import annotations

import os
import stat
import sys
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import BinaryIO

from classifier.errors import UsageError
from serving.bulk.compression import split_compression, unpacked
from serving.bulk.readers import read_csv, read_jsonl, read_jsonl_or_text, read_text
from serving.bulk.rows import Row
from serving.bulk.run import InputMark, mark_of


class Format(StrEnum):
    JSONL = "jsonl"
    CSV = "csv"
    PARQUET = "parquet"
    TEXT = "text"


FORMAT_OF_SUFFIX = MappingProxyType(
    {
        ".jsonl": Format.JSONL,
        ".ndjson": Format.JSONL,
        ".csv": Format.CSV,
        ".tsv": Format.CSV,
        ".parquet": Format.PARQUET,
        ".txt": Format.TEXT,
    }
)

_READERS = MappingProxyType(
    {Format.JSONL: read_jsonl, Format.CSV: read_csv, Format.TEXT: read_text}
)


@dataclass(frozen=True, slots=True)
class Source:
    """The rows of an input.

    `fraction` gives the share read, in [0, 1]; None if unknown. `skip`, called before the first
    row is asked for, passes over rows and returns how many there were. `mark` is None where the
    input cannot be read a second time.
    """

    rows: Iterable[Row]
    fraction: Callable[[], float | None]
    skip: Callable[[int], int]
    kind: str = ""
    mark: InputMark | None = None


@contextmanager
def open_source(path: Path | None, given: Format | None = None) -> Iterator[Source]:
    """Open a file, or standard input (None), in the given format or the one that its name says.

    A name ending in `.gz` or `.zst` is decompressed. Standard input is JSONL if it looks like it,
    and otherwise lines of text.

    Raises UsageError for a missing file, an unknown extension, a table without `text`; and, while
    rows are read, for a file that turns out to be damaged.
    """
    if path is None:
        if given is Format.PARQUET:
            raise UsageError("Parquet cannot be read from standard input; name a file")
        reader = read_jsonl_or_text if given is None else _READERS[given]
        lines = reader(sys.stdin.buffer)
        yield Source(lines, lambda: None, lines.skip)
        return
    inner, compression = split_compression(path)
    kind = given or _format_of(inner)
    with ExitStack() as stack:
        try:
            file = stack.enter_context(path.open("rb"))
            mark = mark_of(file)
        except OSError as error:
            raise UsageError(f"{path} cannot be read: {error.strerror}") from error
        if kind is Format.PARQUET:
            if compression:
                raise UsageError(
                    f"{path}: Parquet is compressed within; unpack the {path.suffix} first"
                )
            from serving.bulk.parquet import ParquetReader  # slow to import, seldom needed

            table = ParquetReader(path)
            stack.callback(table.close)
            yield Source(table, table.fraction, table.skip, kind, mark)
            return
        # Kept open to the end, as closing it may close the file whose position is asked for.
        stream = stack.enter_context(unpacked(file, compression))
        with _damage_reported(path):
            rows = _READERS[kind](stream)

        def skip(count: int) -> int:
            with _damage_reported(path):
                return rows.skip(count)

        yield Source(_until_damage(rows, path), _fraction_of(file), skip, kind, mark)


def _format_of(path: Path) -> Format:
    kind = FORMAT_OF_SUFFIX.get(path.suffix.lower())
    if kind is None:
        known = ", ".join(FORMAT_OF_SUFFIX)
        raise UsageError(
            f"the extension of {path.name} is none of {known}; convert the file, or say what it"
            f" holds with --format {'|'.join(Format)}"
        )
    return kind


def _fraction_of(file: BinaryIO) -> Callable[[], float | None]:
    status = os.fstat(file.fileno())
    if not stat.S_ISREG(status.st_mode) or not status.st_size:
        return lambda: None
    return lambda: min(1.0, file.tell() / status.st_size)


def _until_damage(rows: Iterable[Row], path: Path) -> Iterator[Row]:
    with _damage_reported(path):
        yield from rows


@contextmanager
def _damage_reported(path: Path) -> Iterator[None]:
    try:
        yield
    except (EOFError, zlib.error, OSError) as error:
        raise UsageError(f"{path} is damaged or not what its name says: {error}") from error
