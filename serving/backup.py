"""Backup and restore of a SQLite database; PostgreSQL brings its own programs for it.

The secret is not in a backup: whoever finds one cannot forge its log, nor try names against its
marks. `docs/operations/backup.md` says what to keep where.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from types import MappingProxyType

from classifier.errors import UsageError
from serving.database import LOCK_WAIT_SECONDS, parse_url
from serving.errors import StorageError

_HANDBOOK = "docs/operations/backup.md tells more."

_PASSES = MappingProxyType({"sessions": "TRUE", "sign_in_links": "used_at IS NULL"})
"""What lets people in without a password."""


def back_up(url: str, path: Path) -> None:
    """Write all of the SQLite database `url`, as it is at one moment, into the new file `path`.

    Servers may go on meanwhile. The file appears when it is complete and on the disk. Raises
    `UsageError` for PostgreSQL, for a database that is not there and for a file that is;
    `StorageError` where copying fails.
    """
    source = _sqlite_file(url)
    if not source.exists():
        raise UsageError(f"there is no database {source} to back up. Check LUREWATCH_DATABASE_URL.")
    _copy(source, path)


def restore(path: Path, url: str) -> None:
    """Put the backup `path` where the SQLite database `url` is expected, and is not yet.

    The sessions and unused links in it are left out: some may have been ended since. Raises
    `UsageError` where a database is there already, or `path` is none of this program.
    """
    target = _sqlite_file(url)
    for present in (target, Path(f"{target}-wal"), Path(f"{target}-journal")):
        if present.exists() and present.stat().st_size:
            raise UsageError(
                f"{present} is there, and nothing is written over it. Stop the server and move "
                f"the database and the files beside it away. {_HANDBOOK}"
            )
    _require_backup(path)
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    target.unlink(missing_ok=True)
    _copy(path, target, but=_PASSES)


def _sqlite_file(url: str) -> Path:
    parsed = parse_url(url)
    if parsed.get_backend_name() != "sqlite":
        raise UsageError(
            "PostgreSQL is backed up with `pg_dump --format=custom --file=FILE` and restored with "
            f"`pg_restore`. {_HANDBOOK}"
        )
    return Path(parsed.database or "")


def _require_backup(path: Path) -> None:
    if not path.is_file():
        raise UsageError(f"{path} is not a file; expected a backup")
    try:
        with _opened(path) as connection:
            (faults,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
            tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
    except sqlite3.Error as error:
        raise UsageError(f"{path} is not a backup of this program ({error})") from error
    if faults != "ok":
        raise UsageError(f"{path} is damaged ({faults}); take an earlier backup")
    if "alembic_version" not in tables:
        raise UsageError(f"{path} holds no database of this program; expected a backup")


def _copy(source: Path, target: Path, but: Mapping[str, str] = MappingProxyType({})) -> None:
    """`but` are the rows that are left out, as a condition for each table."""
    if target.exists():
        raise UsageError(f"{target} is there already; name a new file")
    part = target.with_name(f"{target.name}.part")
    try:
        part.unlink(missing_ok=True)
        part.touch(mode=0o600)
        with _opened(source) as reading, closing(sqlite3.connect(part)) as writing:
            # All pages at once: in steps it would begin anew after every write of a server.
            reading.backup(writing)
            there = {name for (name,) in writing.execute("SELECT name FROM sqlite_master")}
            for table in but.keys() & there:
                writing.execute(f"DELETE FROM {table} WHERE {but[table]}")
            writing.commit()
            # One file that is whole by itself, with no log beside it.
            writing.execute("PRAGMA journal_mode = DELETE")
        _sync(part)
        part.rename(target)
        _sync(target.parent)
    except (OSError, sqlite3.Error) as error:
        part.unlink(missing_ok=True)
        raise StorageError(f"{source} could not be copied to {target}: {error}") from error


@contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(path, timeout=LOCK_WAIT_SECONDS)) as connection:
        yield connection


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
