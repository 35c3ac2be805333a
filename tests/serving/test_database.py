from __future__ import annotations

import stat
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from classifier.errors import UsageError
from serving.database import Database, parse_url, retried
from serving.errors import DatabaseUnavailableError
from serving.keys.models import ApiKey
from serving.migrations import open_database
from serving.policy import Role
from tests.serving.keys import key_service


@pytest.mark.parametrize("url", ["postgres://host/db", "postgresql://host/db"])
def test_postgresql_addresses_mean_psycopg(url: str) -> None:
    assert parse_url(url).drivername == "postgresql+psycopg"


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("mysql://host/db", "mysql"),
        ("sqlite://", "in memory"),
        ("sqlite:///:memory:", "in memory"),
        ("not a url", "cannot be read"),
    ],
)
def test_other_databases_are_refused_with_what_to_write(url: str, found: str) -> None:
    with pytest.raises(UsageError, match=found) as error:
        parse_url(url)
    assert "LUREWATCH_DATABASE_URL" in error.value.detail


def test_a_new_sqlite_file_is_its_owners_alone(tmp_path: Path) -> None:
    path = tmp_path / "made" / "on the way" / "lurewatch.db"
    open_database(f"sqlite:///{path}").dispose()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_sqlite_runs_with_wal_full_sync_and_foreign_keys(sqlite_url: str) -> None:
    database = open_database(sqlite_url)
    with database.read() as session:
        values = [
            session.scalar(text(f"PRAGMA {name}"))
            for name in ("journal_mode", "synchronous", "foreign_keys")
        ]
    database.dispose()
    assert values == ["wal", 2, 1]


def test_a_file_where_no_file_can_be_is_an_error_that_names_it(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match="cannot be written"):
        Database(f"sqlite:///{tmp_path / 'file' / 'lurewatch.db'}")


def test_a_file_that_is_no_database_is_an_error_that_says_so(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("not a database, but long enough to be taken for one\n" * 100)
    with pytest.raises(DatabaseUnavailableError, match="not a database"):
        open_database(f"sqlite:///{path}")


def test_a_server_that_does_not_answer_is_an_error_without_the_password() -> None:
    with pytest.raises(DatabaseUnavailableError) as error:
        open_database("postgresql://me:secret@127.0.0.1:9/nothing")
    assert "secret" not in str(error.value)
    assert "LUREWATCH_DATABASE_URL" in error.value.detail


def test_many_writers_that_read_first_all_succeed(database: Database) -> None:
    key = key_service(database).create(Role.ADMIN, name="0")
    started = threading.Barrier(8)

    def add_one(_: int) -> None:
        started.wait()
        for _ in range(5):
            with database.write() as session:
                row = session.get(ApiKey, key.id, with_for_update=True)
                assert row is not None
                row.name = str(int(row.name) + 1)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(add_one, range(8)))
    (record,) = key_service(database).list()
    assert record.name == "40"


def test_a_transaction_that_a_deadlock_ended_is_done_again(empty_postgres_url: str) -> None:
    database = open_database(empty_postgres_url)
    keys = [key_service(database).create(Role.ADMIN, name=name).id for name in "ab"]
    both_hold_one = threading.Barrier(2)
    attempts: list[list[str]] = []

    def mark(order: list[str]) -> None:
        def transact() -> None:
            attempts.append(order)
            first_time = len(attempts) <= 2
            with database.write() as session:
                for place, key in enumerate(order):
                    if place and first_time:
                        both_hold_one.wait()
                    row = session.get(ApiKey, key, with_for_update=True)
                    assert row is not None
                    row.name += "."

        retried(transact)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(mark, (keys, keys[::-1])))
    assert sorted(key.name for key in key_service(database).list()) == ["a..", "b.."]
    assert len(attempts) == 3
    database.dispose()


def test_what_fails_by_itself_is_not_tried_again(database: Database) -> None:
    attempts = 0

    def transact() -> None:
        nonlocal attempts
        attempts += 1
        with database.write() as session:
            session.execute(text("SELECT nothing FROM nowhere"))

    with pytest.raises(DBAPIError):
        retried(transact)
    assert attempts == 1


def test_a_failed_transaction_leaves_nothing(database: Database) -> None:
    key_service(database).create(Role.ADMIN, name="stays")

    def delete_and_fail() -> None:
        with database.write() as session:
            session.execute(text("DELETE FROM api_keys"))
            raise RuntimeError("in the middle")

    with pytest.raises(RuntimeError):
        delete_and_fail()
    assert [key.name for key in key_service(database).list()] == ["stays"]


def test_a_read_transaction_cannot_write_on_postgresql(empty_postgres_url: str) -> None:
    database = open_database(empty_postgres_url)
    with pytest.raises(DBAPIError, match="read-only"), database.read() as session:
        session.execute(text("DELETE FROM api_keys"))
    database.dispose()


def test_a_reader_sees_one_state(database: Database) -> None:
    keys = key_service(database)
    with database.read() as session:
        before = session.scalar(text("SELECT count(*) FROM api_keys"))
        keys.create(Role.ADMIN, name="meanwhile")
        assert session.scalar(text("SELECT count(*) FROM api_keys")) == before
