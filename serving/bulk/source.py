"""Opening an input: its format, its decompression, and how much of it has been read."""

from __future__ import annotations

import gzip
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
from serving.bulk.lines import ByteLines
from serving.bulk.readers import read_csv, read_jsonl, read_jsonl_or_text, read_text
from serving.bulk.rows import Row


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
    """The rows of an input. `fraction` gives the share read, in [0, 1]; None if unknown."""

    rows: Iterable[Row]
    fraction: Callable[[], float | None]


@contextmanager
def open_source(path: Path | None, given: Format | None = None) -> Iterator[Source]:
    """Open a file, or standard input (None), in the given format or the one that its name says.

    A name ending in `.gz` is decompressed. Standard input is JSONL if it looks like it, and
    otherwise lines of text.

    Raises UsageError for a missing file, an unknown extension, a table without `text`; and, while
    rows are read, for a file that turns out to be damaged.
    """
    if path is None:
        if given is Format.PARQUET:
            raise UsageError("Parquet cannot be read from standard input; name a file")
        reader = read_jsonl_or_text if given is None else _READERS[given]
        yield Source(reader(sys.stdin.buffer), lambda: None)
        return
    packed = path.suffix.lower() == ".gz"
    kind = given or _format_of(path.with_suffix("") if packed else path)
    with ExitStack() as stack:
        try:
            file = stack.enter_context(path.open("rb"))
        except OSError as error:
            raise UsageError(f"{path} cannot be read: {error.strerror}") from error
        if kind is Format.PARQUET:
            if packed:
                raise UsageError(f"{path}: Parquet is compressed within; unpack the .gz first")
            from serving.bulk.parquet import ParquetReader  # slow to import, seldom needed

            table = ParquetReader(path)
            stack.callback(table.close)
            yield Source(table, table.fraction)
            return
        stream: ByteLines = stack.enter_context(gzip.GzipFile(fileobj=file)) if packed else file
        with _damage_reported(path):
            rows = _READERS[kind](stream)
        yield Source(_until_damage(rows, path), _fraction_of(file))


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
