"""Input and output in object storage: `s3://`, `gs://` and what else Arrow has a file system for.

A stored input is copied to this machine before it is scored, a stored output from it after. A run
of hours then depends on the network for minutes, and every format, compressed in any way, is read
and written by the one code for files. Copies lie under TMPDIR.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp
from typing import Any

from classifier.errors import UsageError
from serving.bulk.errors import OutputError

_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")
_KEYS = re.compile(r"(?<=://)[^/]*@|\?.*")
_PIECE_BYTES = 1 << 22


@dataclass(frozen=True, slots=True)
class _Stored:
    """A place in a store: Arrow's file system and the path in it, `bucket/key` for objects.

    `shown` is the URI for messages, without the keys that may stand in it.
    """

    shown: str
    store: Any
    path: str

    @property
    def name(self) -> str:
        return self.path.rpartition("/")[2]


@contextmanager
def local_input(name: str) -> Iterator[Path]:
    """Give the file to read: the one of that name, or a copy of what is stored at that URI.

    The copy has the time of the original. Raises UsageError where there is nothing to read.
    """
    if not _is_uri(name):
        yield Path(name)
        return
    stored = _resolved(name)
    with TemporaryDirectory(prefix="lurewatch-input-") as folder:
        copy = Path(folder) / stored.name
        try:
            with (
                stored.store.open_input_stream(stored.path, compression=None) as source,
                copy.open("wb") as target,
            ):
                shutil.copyfileobj(source, target, _PIECE_BYTES)
            modified = stored.store.get_file_info(stored.path).mtime_ns
        except OSError as error:
            raise UsageError(f"{stored.shown} cannot be read: {_first_line(error)}") from error
        if modified is not None:
            os.utime(copy, ns=(modified, modified))
        yield copy


@contextmanager
def local_output(name: str) -> Iterator[Path]:
    """Give the file to write; what is there when the block ends is put at the URI.

    A store shows an object once all of it has arrived, so what is at the URI is whole.

    Raises UsageError where there is no such bucket or folder, OutputError where the file cannot be
    put there: it stays on this machine, and the message says where.
    """
    if not _is_uri(name):
        yield Path(name)
        return
    stored = _resolved(name)
    _expect_folder(stored)
    folder = Path(mkdtemp(prefix="lurewatch-output-"))
    written = folder / stored.name
    try:
        yield written
        if written.exists():
            _put(written, stored)
            written.unlink()
    finally:
        if not any(folder.iterdir()):
            folder.rmdir()


def _is_uri(name: str) -> bool:
    return _URI.match(name) is not None


def _resolved(uri: str) -> _Stored:
    import pyarrow as pa
    from pyarrow import fs

    shown = _KEYS.sub("", uri)
    try:
        store, path = fs.FileSystem.from_uri(uri)
    except (pa.ArrowException, ValueError, OSError) as error:
        # Arrow's own words may repeat the URI, keys included.
        raise UsageError(
            f"{shown} is no place that can be reached; expected s3://BUCKET/KEY, gs://BUCKET/KEY or"
            " what else Arrow has a file system for"
        ) from error
    stored = _Stored(shown, store, path)
    if not stored.name:
        raise UsageError(f"expected the name of a file at the end of {shown}")
    return stored


def _expect_folder(stored: _Stored) -> None:
    # Object stores have no folders: there the bucket is what must exist.
    from pyarrow import fs

    parent = stored.path.rpartition("/")[0] or "/"
    place = parent if isinstance(stored.store, fs.LocalFileSystem) else parent.partition("/")[0]
    try:
        found = stored.store.get_file_info(place).type is fs.FileType.Directory
    except OSError as error:
        raise UsageError(f"{stored.shown} cannot be written: {_first_line(error)}") from error
    if not found:
        raise UsageError(f"{stored.shown} cannot be written: there is no {place}")


def _put(file: Path, stored: _Stored) -> None:
    try:
        with file.open("rb") as source, stored.store.open_output_stream(stored.path) as target:
            shutil.copyfileobj(source, target, _PIECE_BYTES)
    except OSError as error:
        reason = f"{_first_line(error)}; the finished file is {file}"
        raise OutputError(f"{stored.shown}: {reason}") from error


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0]
