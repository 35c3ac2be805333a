"""Makes deleted texts unreadable in the files of the database, not only in its answers.

A deleted row stays in the pages and in the write-ahead log until they are written over. SQLite
overwrites when told to (`secure_delete`, then an empty log); PostgreSQL has to rewrite the tables
that hold texts, and its log has to run past every segment that is there.
"""

from __future__ import annotations

import re
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

from sqlalchemy import text
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError

from serving.database import Database
from serving.review.models import Note, PostText

ERASABLE = (PostText.__tablename__, Note.__tablename__)
"""The tables that hold what was posted or written, and nothing else."""

PURGE_COMMAND = "lurewatch erase --purge"

PATIENCE_SECONDS = 10.0

_PAUSE_SECONDS = 0.5
_NOT_ALLOWED, _LOCKED = "42501", "55P03"  # SQLSTATE


def purge(database: Database, patience: float = PATIENCE_SECONDS) -> tuple[str, ...]:
    """Overwrite what was deleted. Returns what may still hold it, each with what to do about it.

    Nothing returned means that no file of the database holds a deleted text. Servers may go on;
    their writes wait while SQLite's file or PostgreSQL's tables of texts are written anew. What
    others hold is waited for, `patience` seconds each.
    """
    if database.engine.dialect.name == "sqlite":
        return tuple(_purge_sqlite(database, patience))
    engine = database.engine.execution_options(isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"SET lock_timeout = {max(1, round(patience * 1_000))}"))
        try:
            rewritten = [*_rewrite_tables(connection, patience)]
            return (*rewritten, *_run_past_the_log(connection))
        finally:
            connection.execute(text("RESET lock_timeout"))


def empty_log(database: Database) -> None:
    """The cheap part, for a server at work: cuts SQLite's log off if nobody is using it.

    The rows themselves were overwritten when they were deleted. PostgreSQL has nothing cheap.
    """
    if database.engine.dialect.name == "sqlite":
        with _sqlite(database, patience=0) as connection:
            _truncate_log(connection)


def _purge_sqlite(database: Database, patience: float) -> Iterator[str]:
    reason = "it is in use"
    with _sqlite(database, patience) as connection:
        for _ in _attempts(patience):
            try:
                connection.execute("VACUUM")
            except sqlite3.OperationalError as error:
                reason = str(error)
            else:
                if _truncate_log(connection):
                    return
    yield (
        f"{database.url.database} and the file ending in -wal beside it, which could not be "
        f"written anew ({reason}). Stop what uses them, then run `{PURGE_COMMAND}`."
    )


@contextmanager
def _sqlite(database: Database, patience: float) -> Iterator[sqlite3.Connection]:
    """A connection of its own, since these statements stand outside any transaction."""
    path = database.url.database or ""
    with closing(sqlite3.connect(path, timeout=patience, isolation_level=None)) as connection:
        connection.execute("PRAGMA secure_delete = ON")
        yield connection


def _truncate_log(connection: sqlite3.Connection) -> bool:
    busy, _, _ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    return not busy


def _attempts(patience: float) -> Iterator[None]:
    """One at once, and further ones with pauses until `patience` seconds are over."""
    deadline = time.monotonic() + patience
    yield
    while time.monotonic() < deadline:
        time.sleep(_PAUSE_SECONDS)
        yield


def _rewrite_tables(connection: Connection, patience: float) -> Iterator[str]:
    for table in ERASABLE:
        left: int | None = None
        for _ in _attempts(patience):
            left = _rewrite(connection, table)
            if not left:
                break
        if left is None:
            yield (
                f"the table {table}, which belongs to another database user. Have that user run "
                f"`VACUUM FULL {table}`."
            )
        elif left:
            yield (
                f"the table {table}: another session still sees what was deleted, or has locked "
                f"it. End long transactions (pg_stat_activity), then run `{PURGE_COMMAND}`."
            )


def _rewrite(connection: Connection, table: str) -> int | None:
    """How many deleted rows had to be copied along; None where the server skipped the table."""
    left: int | None = None

    def on_notice(notice: Any) -> None:
        nonlocal left
        # Its first number is that of the dead rows that cannot be removed yet, in any language.
        if found := re.search(r"\d+", notice.message_detail or ""):
            left = int(found.group())

    driver: Any = connection.connection.driver_connection
    driver.add_notice_handler(on_notice)
    try:
        connection.execute(text(f"VACUUM (FULL, VERBOSE) {table}"))
    except DBAPIError as error:
        if _state(error) != _LOCKED:
            raise
        return 1
    finally:
        driver.remove_notice_handler(on_notice)
    return left


def _run_past_the_log(connection: Connection) -> Iterator[str]:
    """Have every segment of the write-ahead log removed or written over.

    A server keeps old segments, under new names and with their content, to write over them
    later. Each switch fills the rest of a segment with zeros.
    """
    try:
        doubtful = _segment(connection)
        _next_segment(connection)
        connection.execute(text("CHECKPOINT"))
        last = connection.scalar(
            text("SELECT max(name) FROM pg_ls_waldir() WHERE name ~ '^[0-9A-F]{24}$'")
        )
        while _segment(connection) <= last:
            _next_segment(connection)
        connection.execute(text("CHECKPOINT"))
        kept = connection.scalar(
            text(
                "SELECT count(*) FROM pg_ls_waldir() "
                "WHERE name ~ '^[0-9A-F]{24}$' AND name <= :doubtful"
            ),
            {"doubtful": doubtful},
        )
    except DBAPIError as error:
        if _state(error) != _NOT_ALLOWED:
            raise
        user = connection.scalar(text("SELECT quote_ident(current_user)"))
        yield (
            f"the write-ahead log, until PostgreSQL has written over it: {user} may not make it. "
            f"A superuser allows it with `GRANT pg_checkpoint, pg_monitor TO {user}` and `GRANT "
            f"EXECUTE ON FUNCTION pg_switch_wal() TO {user}`; then run `{PURGE_COMMAND}`."
        )
        return
    if kept:
        yield (
            f"{kept} segments of the write-ahead log up to {doubtful}: a replication slot, "
            "wal_keep_size or an archive command that fails keeps them. See to that, then run "
            f"`{PURGE_COMMAND}`."
        )
    if connection.scalar(text("SELECT current_setting('archive_mode')")) != "off":
        yield (
            f"the archive of the write-ahead log: let segments up to {doubtful}, and the base "
            "backups that need them, expire."
        )
    if connection.scalar(text("SELECT count(*) FROM pg_stat_replication")):
        yield (
            "the write-ahead logs of the standby servers, which follow by themselves once they "
            "have written as much as this one."
        )


def _segment(connection: Connection) -> str:
    name = connection.scalar(text("SELECT pg_walfile_name(pg_current_wal_insert_lsn())"))
    assert isinstance(name, str)
    return name


def _next_segment(connection: Connection) -> None:
    # At the very start of a segment a switch does nothing, hence a record before it.
    connection.execute(text("SELECT pg_logical_emit_message(false, 'lurewatch', '')"))
    connection.execute(text("SELECT pg_switch_wal()"))


def _state(error: DBAPIError) -> str | None:
    return getattr(error.orig, "sqlstate", None)
