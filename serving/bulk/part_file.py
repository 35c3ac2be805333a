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

    Raises UsageError where the file cannot be written or another run is writing it; `write` and
    `publish` raise OutputError, for example when the disk is full.
    """

    def __init__(self, path: Path) -> None:
        self._target = _behind_links(path)
        self.path = part_path(path)
        try:
            if self._target.exists() and not stat.S_ISREG(self._target.stat().st_mode):
                raise UsageError(f"{path} is not a file; leave --output out for standard output")
            self._descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT, 0o666)
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
        os.ftruncate(self._descriptor, 0)
        self._size = 0

    def write(self, data: bytes) -> int:
        """Write all of `data` or, where the disk is full, nothing of it."""
        rest = memoryview(data)
        with output_errors(self.path):
            try:
                while rest:
                    rest = rest[os.write(self._descriptor, rest) :]
            except OSError:
                os.ftruncate(self._descriptor, self._size)
                os.lseek(self._descriptor, self._size, os.SEEK_SET)
                raise
        self._size += len(data)
        return len(data)

    def flush(self) -> None:
        """Do nothing: no write is held back."""

    def publish(self) -> None:
        """Give the file its name, once what it holds is on the disk."""
        with output_errors(self.path):
            os.fsync(self._descriptor)
            self.path.replace(self._target)
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
