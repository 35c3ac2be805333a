"""`lurewatch keys`, `db` and `demo`."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest
from sqlalchemy import text

from classifier.classifier import Classifier
from classifier.errors import LurewatchError
from classifier.records import Rejection
from serving.columns import width
from serving.commands import db, demo, keys
from serving.database import Database
from serving.errors import InvalidKeyError, SchemaTooNewError
from serving.migrations import open_database
from serving.pages.samples import load_samples
from serving.policy import Role
from tests.serving.keys import key_service

Command = Callable[..., int]


def command(module: ModuleType, *arguments: str) -> int:
    parser = argparse.ArgumentParser()
    module.add_arguments(parser)
    status: int = module.run(parser.parse_args(arguments))
    return status


@pytest.fixture(autouse=True)
def _database(monkeypatch: pytest.MonkeyPatch, sqlite_url: str) -> None:
    monkeypatch.setenv("LUREWATCH_DATABASE_URL", sqlite_url)


def set_revision(url: str, revision: str) -> None:
    database = Database(url)
    with database.connect() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :r"), {"r": revision})
    database.dispose()


def test_a_created_key_is_alone_on_stdout_and_works(
    sqlite_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command(keys, "create", "--role", "platform", "--platform", "example") == 0
    captured = capsys.readouterr()
    database = open_database(sqlite_url)
    caller = key_service(database).authenticate(captured.out.removesuffix("\n"))
    database.dispose()
    assert (caller.role, caller.platform) == (Role.PLATFORM, "example")
    assert "only time" in captured.err


def test_the_list_shows_every_key_and_no_secret(capsys: pytest.CaptureFixture[str]) -> None:
    command(keys, "create", "--role", "admin", "--name", "office")
    key = capsys.readouterr().out.strip()
    _, key_id, secret = key.split("_")
    command(keys, "list")
    listed = capsys.readouterr().out
    assert key_id in listed
    assert "office" in listed
    assert secret not in listed
    command(keys, "revoke", key_id)
    command(keys, "list")
    assert "revoked" in capsys.readouterr().out


def test_a_revoked_key_stops_working(sqlite_url: str, capsys: pytest.CaptureFixture[str]) -> None:
    command(keys, "create", "--role", "admin")
    key = capsys.readouterr().out.strip()
    command(keys, "revoke", key.split("_")[1])
    database = open_database(sqlite_url)
    with pytest.raises(InvalidKeyError):
        key_service(database).authenticate(key)
    database.dispose()


@pytest.mark.parametrize(
    "arguments",
    [
        ("create", "--role", "platform"),
        ("create", "--role", "admin", "--platform", "example"),
        ("create", "--role", "admin", "--name", "x" * 101),
        ("revoke", "000000000000"),
    ],
)
def test_what_cannot_be_done_is_an_error_that_says_why(arguments: tuple[str, ...]) -> None:
    with pytest.raises(LurewatchError) as error:
        command(keys, *arguments)
    assert error.value.detail


@pytest.mark.parametrize("arguments", [("create",), ("create", "--role", "king"), ()])
def test_a_wrong_command_line_is_a_usage_error(arguments: tuple[str, ...]) -> None:
    with pytest.raises(SystemExit) as error:
        command(keys, *arguments)
    assert error.value.code == 2


def test_an_upgrade_says_what_it_did(capsys: pytest.CaptureFixture[str]) -> None:
    command(db, "upgrade")
    assert "from nothing to revision" in capsys.readouterr().out
    command(db, "upgrade")
    assert "already" in capsys.readouterr().out


def test_a_schema_of_another_version_is_refused_by_every_command(sqlite_url: str) -> None:
    command(db, "upgrade")
    set_revision(sqlite_url, "9999")
    for module, arguments in ((keys, ("list",)), (db, ("upgrade",))):
        with pytest.raises(SchemaTooNewError):
            command(module, *arguments)


def test_the_demo_table_has_a_line_for_each_sample_that_fits(
    model_folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "110")
    assert command(demo, "--table-only", "--model", str(model_folder)) == 0
    captured = capsys.readouterr()
    header, *rows, summary = captured.out.splitlines()
    assert len(rows) == len(load_samples())
    assert all(width(line) <= 110 for line in (header, *rows))
    assert "\x1b" not in captured.out
    assert f"{len(rows)} posts in" in summary
    for row, sample in zip(rows, load_samples(), strict=True):
        assert row.startswith(sample.language)
        assert sample.kind in row


def test_the_demo_table_is_coloured_when_asked_and_stands_rejections(
    classifier: Classifier,
) -> None:
    samples = load_samples()[:3]
    results = classifier.score([samples[0].post, "", samples[2].post])
    assert isinstance(results[1], Rejection)
    _, first, second, *_ = demo.table(samples, results, cells=100, colour=True)
    assert "\x1b[" in first
    assert "empty_text" in second
