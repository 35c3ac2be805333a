from __future__ import annotations

import asyncio
import stat
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import URL, make_url, select, text

from classifier.errors import UsageError
from serving.audit.verify import verify
from serving.backup import back_up, restore
from serving.database import Base, Database
from serving.errors import LinkSpentError
from serving.migrations import open_database
from serving.policy import Role
from serving.secret import check_secret
from serving.users.service import UserService
from serving.users.sessions import SessionService
from tests.serving.postgres import postgres_binaries
from tests.serving.processes import lurewatch, serving
from tests.serving.review.bench import ADA, KEEP, SECRET, Bench
from tests.serving.users.conftest import cheap_passwords


@contextmanager
def opened(url: str) -> Iterator[Database]:
    database = open_database(url)
    try:
        yield database
    finally:
        database.dispose()


def fill(database: Database) -> None:
    bench = Bench(database)
    check_secret(database, bench.keyring)
    for number in range(5):
        bench.admit(text=f"Boat number {number}", author="someone")
    held = bench.queue.claim_next(ADA)
    assert held is not None
    bench.queue.decide(ADA, held.id, held.version, KEEP)


def rows(database: Database) -> dict[str, list[tuple[object, ...]]]:
    """Everything that is in the database."""
    with database.read() as session:
        return {
            table.name: sorted((tuple(row) for row in session.execute(select(table))), key=repr)
            for table in Base.metadata.sorted_tables
        }


def environment_of(url: str, folder: Path, model: Path) -> dict[str, str]:
    return {
        "LUREWATCH_DATABASE_URL": url,
        "LUREWATCH_MODEL": str(model),
        "LUREWATCH_THREADS": "1",
        "LUREWATCH_SECRET": SECRET,
        "XDG_STATE_HOME": str(folder),
    }


def test_a_backup_of_sqlite_restores_elsewhere_to_the_same_installation(
    sqlite_url: str, tmp_path: Path, model_folder: Path
) -> None:
    with opened(sqlite_url) as database:
        fill(database)
        before = rows(database)
        backup = tmp_path / "backup.db"
        there = environment_of(sqlite_url, tmp_path, model_folder)
        done = lurewatch("db", "backup", backup, environment=there)
        assert done.returncode == 0, done.stderr
        assert "The secret is not in it" in done.stderr
    other = tmp_path / "other"
    url = f"sqlite:///{other / 'restored.db'}"
    here = environment_of(url, other, model_folder)
    done = lurewatch("db", "restore", backup, environment=here)
    assert done.returncode == 0, done.stderr
    _check_installation(url, before, here, other)


def test_a_dump_of_postgresql_restores_into_another_database(
    empty_postgres_url: str, tmp_path: Path, model_folder: Path
) -> None:
    with opened(empty_postgres_url) as database:
        fill(database)
        before = rows(database)
        source = make_url(empty_postgres_url)
        target = source.set(database="restored")
        dump = tmp_path / "backup.dump"
        _run("pg_dump", source, "--format=custom", "--no-owner", f"--file={dump}")
        _sql(database, "DROP DATABASE IF EXISTS restored")
        _sql(database, "CREATE DATABASE restored")
        try:
            _run("pg_restore", target, "--no-owner", "--exit-on-error", str(dump), into=True)
            url = target.render_as_string(hide_password=False)
            here = environment_of(url, tmp_path / "state", model_folder)
            _check_installation(url, before, here, tmp_path)
        finally:
            _sql(database, "DROP DATABASE restored")


def _check_installation(
    url: str, before: dict[str, list[tuple[object, ...]]], environment: dict[str, str], folder: Path
) -> None:
    with opened(url) as restored:
        assert rows(restored) == before
        report = verify(restored, Bench(restored).keyring)
        assert (report.bad, report.events) == ((), len(before["events"]))
        with serving(folder, environment=environment) as server:
            server.process.terminate()
            assert server.process.wait() == 0
        bench = Bench(restored)
        assert bench.admit(text="Boat number 6", author="someone").queued_for is not None


def _run(program: str, url: URL, *arguments: str, into: bool = False) -> None:
    libpq = url.set(drivername="postgresql").render_as_string(hide_password=False)
    database = f"--dbname={libpq}" if into else libpq
    subprocess.run(
        [postgres_binaries() / program, *arguments, database], check=True, capture_output=True
    )


def _sql(database: Database, statement: str) -> None:
    with database.engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT").execute(text(statement))


def test_a_backup_is_one_file_that_is_its_owners_alone(sqlite_url: str, tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    with opened(sqlite_url) as database:
        fill(database)
        back_up(sqlite_url, folder / "backup.db")
    assert [path.name for path in folder.iterdir()] == ["backup.db"]
    assert stat.S_IMODE((folder / "backup.db").stat().st_mode) == 0o600


def test_a_backup_is_one_moment_of_a_database_in_use(sqlite_url: str, tmp_path: Path) -> None:
    with opened(sqlite_url) as database:
        fill(database)
        with database.write() as session:
            session.execute(text("DELETE FROM post_texts"))
            back_up(sqlite_url, tmp_path / "backup.db")
            session.rollback()
        restore(tmp_path / "backup.db", f"sqlite:///{tmp_path / 'restored.db'}")
        with opened(f"sqlite:///{tmp_path / 'restored.db'}") as restored:
            assert rows(restored) == rows(database)


def test_whoever_was_signed_in_at_the_backup_is_not_after_a_restore(
    sqlite_url: str, tmp_path: Path, model_folder: Path
) -> None:
    with opened(sqlite_url) as database:
        fill(database)
        bench = Bench(database)
        users = UserService(database, bench.audit)
        sessions = SessionService(
            database, bench.audit, bench.keyring, bench.settings, passwords=cheap_passwords()
        )
        token = asyncio.run(sessions.use_link(users.create("anna", Role.LEAD), "x" * 12))
        assert sessions.find(token)
        unused = users.new_link("anna")
        back_up(sqlite_url, tmp_path / "backup.db")
    url = f"sqlite:///{tmp_path / 'restored.db'}"
    here = environment_of(url, tmp_path, model_folder)
    done = lurewatch("db", "restore", tmp_path / "backup.db", environment=here)
    assert done.returncode == 0, done.stderr
    for advice in ("keys revoke", "users disable", "erase"):
        assert advice in done.stderr
    with opened(url) as database:
        sessions = SessionService(database, bench.audit, bench.keyring, bench.settings)
        assert sessions.find(token) is None
        with pytest.raises(LinkSpentError):
            sessions.link_holder(unused)
        found = rows(database)
        assert (len(found["sessions"]), len(found["users"])) == (0, 1)
        assert verify(database, bench.keyring).bad == ()


def test_nothing_is_written_over(sqlite_url: str, tmp_path: Path) -> None:
    backup = tmp_path / "backup.db"
    with opened(sqlite_url):
        back_up(sqlite_url, backup)
        with pytest.raises(UsageError, match="is there already"):
            back_up(sqlite_url, backup)
        with pytest.raises(UsageError, match="nothing is written over it"):
            restore(backup, sqlite_url)
    leftover = tmp_path / "new.db-wal"
    leftover.write_bytes(b"a log of the database that was moved away")
    with pytest.raises(UsageError, match=r"new\.db-wal is there"):
        restore(backup, f"sqlite:///{tmp_path / 'new.db'}")


@pytest.mark.parametrize("content", [b"", b"not a database, but long enough\n" * 100])
def test_a_file_that_is_no_backup_is_refused(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "backup.db"
    file.write_bytes(content)
    with pytest.raises(UsageError, match=r"expected a backup|not a backup"):
        restore(file, f"sqlite:///{tmp_path / 'new.db'}")
    assert not (tmp_path / "new.db").exists()


def test_a_damaged_backup_is_refused(sqlite_url: str, tmp_path: Path) -> None:
    backup = tmp_path / "backup.db"
    with opened(sqlite_url) as database:
        fill(database)
        back_up(sqlite_url, backup)
    with backup.open("r+b") as file:
        file.seek(backup.stat().st_size // 2)
        file.write(b"\xff" * 4096)
    with pytest.raises(UsageError, match=r"damaged|not a backup"):
        restore(backup, f"sqlite:///{tmp_path / 'new.db'}")


def test_a_database_that_is_not_there_is_not_backed_up(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is no database"):
        back_up(f"sqlite:///{tmp_path / 'absent.db'}", tmp_path / "backup.db")
    assert list(tmp_path.iterdir()) == []


def test_postgresql_is_told_which_program_to_use(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="pg_dump --format=custom"):
        back_up("postgresql://host/name", tmp_path / "backup.dump")


def test_a_restored_database_says_that_its_secret_is_another(
    sqlite_url: str, tmp_path: Path, model_folder: Path
) -> None:
    environment = environment_of(sqlite_url, tmp_path, model_folder)
    with opened(sqlite_url) as database:
        fill(database)
    back_up(sqlite_url, tmp_path / "backup.db")
    url = f"sqlite:///{tmp_path / 'other' / 'restored.db'}"
    other = {**environment, "LUREWATCH_DATABASE_URL": url, "LUREWATCH_SECRET": "other " * 6}
    done = lurewatch("db", "restore", tmp_path / "backup.db", environment=other)
    assert done.returncode == 1
    assert "is restored" in done.stdout
    assert "was written with the secret" in done.stderr
