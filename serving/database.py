"""The connection to SQLite or PostgreSQL: one engine, read and write transactions."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from threading import Lock
from typing import Any, TypeVar

from sqlalchemy import URL, Engine, MetaData, create_engine, event, make_url, text
from sqlalchemy.engine import Connection
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.orm import DeclarativeBase, Session

from classifier.errors import UsageError
from serving.errors import DatabaseUnavailableError

T = TypeVar("T")

LOCK_WAIT_SECONDS = 15.0
"""How long a SQLite writer waits for another one before it gives up."""

_RETRY_SECONDS = 0.02

ATTEMPTS = 5
"""How often a transaction is tried that others get in the way of."""

_BEGIN = "lurewatch_begin"

_IN_THE_WAY = frozenset({"40001", "40P01", "55P03"})
"""SQLSTATE of PostgreSQL: serialisation failure, deadlock, a lock that is not waited for."""

_PRAGMAS = (
    "synchronous = FULL",
    "foreign_keys = ON",
    "secure_delete = ON",  # what is erased is overwritten in the file, not only unlinked
)


class Base(DeclarativeBase):
    """Base of all tables. Constraints get fixed names, so that migrations can refer to them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class Database:
    """One database. Thread-safe; a transaction belongs to the thread that opened it."""

    def __init__(self, url: str) -> None:
        self.url = parse_url(url)
        self.engine = _create_engine(self.url)
        # SQLite's writers wait for each other by asking again and again, and the unlucky ones give
        # up. Those of one process take turns instead.
        is_sqlite = self.url.get_backend_name() == "sqlite"
        self._turn: AbstractContextManager[Any] = Lock() if is_sqlite else nullcontext()
        # PostgreSQL's default would show a later state to each statement of a transaction.
        one_state = {} if is_sqlite else {"isolation_level": "REPEATABLE READ"}
        self._reader = self.engine.execution_options(
            postgresql_readonly=True, **one_state, **{_BEGIN: "BEGIN DEFERRED"}
        )

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A transaction that sees one state and changes nothing."""
        with Session(self._reader) as session, session.begin():
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A transaction, committed on leaving the block, rolled back when it raises."""
        with self._turn, Session(self.engine) as session, session.begin():
            yield session

    @contextmanager
    def connect(self) -> Iterator[Connection]:
        """A writing transaction below the ORM, for migrations.

        Raises `DatabaseUnavailableError` with the driver's reason where there is no connection.
        """
        try:
            connection = self.engine.connect()
        except (DBAPIError, OSError) as error:
            raise DatabaseUnavailableError(
                f"no connection to {self.name} ({_reason(error)}). Check LUREWATCH_DATABASE_URL."
            ) from error
        with connection, connection.begin():
            yield connection

    def ping(self) -> None:
        """Raises a driver's error when the database does not answer."""
        with self._reader.connect() as connection:
            connection.execute(text("SELECT 1"))

    def dispose(self) -> None:
        self.engine.dispose()

    @property
    def name(self) -> str:
        """The address without its password, for messages."""
        return self.url.render_as_string(hide_password=True)


def retried(transact: Callable[[], T]) -> T:
    """What `transact` returns: one write transaction and nothing else.

    It is called again where the database has rolled it back for the sake of another transaction;
    after `ATTEMPTS` the error is raised.
    """
    for _ in range(ATTEMPTS - 1):
        try:
            return transact()
        except DBAPIError as error:
            if getattr(error.orig, "sqlstate", None) not in _IN_THE_WAY:
                raise
    return transact()


def parse_url(url: str) -> URL:
    """`url` with the driver that is used here; raises `UsageError` for any other database."""
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise UsageError(
            "the database URL cannot be read; expected sqlite:///PATH or "
            "postgresql://USER:PASSWORD@HOST/NAME in LUREWATCH_DATABASE_URL."
        ) from error
    backend = parsed.get_backend_name()
    if backend in {"postgresql", "postgres"}:
        return parsed.set(drivername="postgresql+psycopg")
    if backend != "sqlite":
        raise UsageError(
            f"the database URL names {backend!r}; SQLite and PostgreSQL are supported. "
            "Set LUREWATCH_DATABASE_URL to sqlite:///PATH or postgresql://HOST/NAME."
        )
    if parsed.database in {None, "", ":memory:"}:
        raise UsageError(
            "a SQLite database in memory would forget its keys; give it a file: "
            "LUREWATCH_DATABASE_URL=sqlite:///PATH."
        )
    return parsed.set(drivername="sqlite+pysqlite")


def _create_engine(url: URL) -> Engine:
    if url.get_backend_name() == "sqlite":
        _create_file(Path(url.database or ""))
        engine = create_engine(url, connect_args={"timeout": LOCK_WAIT_SECONDS})
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    try:
        return create_engine(url, pool_pre_ping=True, connect_args={"connect_timeout": 5})
    except ModuleNotFoundError as error:
        raise UsageError(
            "PostgreSQL needs the package psycopg: pip install 'lurewatch[postgres]'."
        ) from error


def _create_file(path: Path) -> None:
    """Make the file readable by its owner alone; SQLite itself would follow the umask."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.touch(mode=0o600, exist_ok=True)
    except OSError as error:
        raise UsageError(
            f"the database file {path} cannot be written ({error.strerror}). "
            "Set LUREWATCH_DATABASE_URL to a place that can."
        ) from error


def _prepare_sqlite(connection: Any, _record: object) -> None:
    # The driver's own, late BEGIN is switched off; `_begin_sqlite` sends ours.
    connection.isolation_level = None
    cursor = connection.cursor()
    _write_ahead(cursor)
    for pragma in _PRAGMAS:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _write_ahead(cursor: sqlite3.Cursor) -> None:
    """Servers that start together on a new file all switch it over, and SQLite fails at once where
    another one is at it, whatever the timeout.
    """
    give_up = time.monotonic() + LOCK_WAIT_SECONDS
    while True:
        try:
            cursor.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > give_up:
                raise
            time.sleep(_RETRY_SECONDS)


def _begin_sqlite(connection: Connection) -> None:
    # A transaction that reads first and writes later cannot be upgraded while another writes:
    # SQLite fails it at once, whatever the timeout. IMMEDIATE takes its turn before reading.
    begin = connection.get_execution_options().get(_BEGIN, "BEGIN IMMEDIATE")
    connection.exec_driver_sql(begin)


def _reason(error: Exception) -> str:
    cause = error.orig if isinstance(error, DBAPIError) else error
    return str(cause).strip().splitlines()[0]
