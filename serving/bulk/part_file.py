"""A file that appears only when it is complete."""

from __future__ import annotations

import fcntl
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from classifier.errors import UsageError
from serving.bulk.errors import OutputError


class PartFile:
    """`FILE.part` until `publish` makes it `FILE`.

    It begins empty; with `keep`, with what an earlier run left in it.

    Raises UsageError where the file cannot be written or another run is writing it; `write` and
    `publish` raise OutputError, for example when the disk is full.
    """

    def __init__(self, path: Path, *, keep: bool = False) -> None:
        self._target = _behind_links(path)
        self.path = part_path(path)
        try:
            if self._target.exists() and not stat.S_ISREG(self._target.stat().st_mode):
                raise UsageError(f"{path} is not a file; leave --output out for standard output")
            self._descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o666)
        except OSError as error:
            raise UsageError(f"{path} cannot be written: {error.strerror}") from error
        try:
            # Locked before it is emptied: a second run must not empty the file of the first.
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(self._descriptor)
            raise UsageError(
                f"another run is writing {self.path}; wait for it or name another file"
            ) from error
        except OSError:
            pass  # some network file systems know no locks
        self._size = 0
        if keep:
            self._size = os.fstat(self._descriptor).st_size
            os.lseek(self._descriptor, self._size, os.SEEK_SET)
        else:
            self.cut(0)

    @property
    def size(self) -> int:
        return self._size

    def read_at(self, offset: int, length: int) -> bytes:
        """Read what was written, up to the end of it."""
        return os.pread(self._descriptor, length, offset)

    def cut(self, size: int) -> None:
        """Drop everything behind the first `size` bytes and go on writing there."""
        os.ftruncate(self._descriptor, size)
        os.lseek(self._descriptor, size, os.SEEK_SET)
        self._size = size

    def write(self, data: bytes) -> int:
        """Write all of `data` or, where the disk is full, nothing of it."""
        rest = memoryview(data)
        with output_errors(self.path):
            try:
                while rest:
                    rest = rest[os.write(self._descriptor, rest) :]
            except OSError:
                self.cut(self._size)
                raise
        self._size += len(data)
        return len(data)

    def flush(self) -> None:
        """Do nothing: no write is held back."""

    def publish(self, instead: Path | None = None) -> None:
        """Give the file its name, once what it holds is on the disk.

        With `instead`, that file gets the name, and the part is removed.
        """
        with output_errors(self.path):
            if instead is None:
                os.fsync(self._descriptor)
                self.path.replace(self._target)
            else:
                instead.replace(self._target)
                self.path.unlink()
            folder = os.open(self._target.parent, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)

    def close(self) -> None:
        os.close(self._descriptor)


def part_path(path: Path) -> Path:
    """Name the file that is written until `path` is complete."""
    target = _behind_links(path)
    return target.with_name(f"{target.name}.part")


def _behind_links(path: Path) -> Path:
    # A link is kept and the file that it names is replaced.
    return Path(os.path.realpath(path))


@contextmanager
def output_errors(name: Path | str) -> Iterator[None]:
    """Turn a failed write into an `OutputError`, except for a reader that went away."""
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise OutputError(f"{name}: {error.strerror or error}") from error
