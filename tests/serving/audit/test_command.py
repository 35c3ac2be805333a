"""`lurewatch audit`, as it is typed."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import text

from lurewatch.__main__ import main
from serving.audit.log import AuditLog
from serving.database import Database
from serving.secret import Keyring
from tests.serving.audit.history import NEW, OLD, ROTATED, draft


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch, database: Database) -> None:
    url = database.url.render_as_string(hide_password=False)
    monkeypatch.setenv("LUREWATCH_DATABASE_URL", url)
    monkeypatch.setenv("LUREWATCH_SECRET", f"{NEW.decode()},{OLD.decode()}")


def write(database: Database, events: int, keyring: Keyring = ROTATED) -> None:
    with database.write() as session:
        AuditLog(keyring).append(session, *map(draft, range(events)))


def test_a_good_log_is_status_0(database: Database, capsys: pytest.CaptureFixture[str]) -> None:
    write(database, 20, Keyring((OLD,)))
    write(database, 30)
    assert main(["audit", "verify"]) == 0
    captured = capsys.readouterr()
    assert captured.out.startswith("50 events in 16 lanes are as they were written")
    assert captured.err == ""


def test_a_bad_row_is_named_with_status_1(
    database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    write(database, 50)
    with database.connect() as connection:
        row = connection.execute(text("SELECT id, lane, position FROM events")).first()
        assert row is not None
        connection.execute(text("UPDATE events SET actor = 'x' WHERE id = :id"), {"id": row.id})
    assert main(["audit", "verify"]) == 1
    captured = capsys.readouterr()
    expected = f"lane {row.lane}, position {row.position}, event {row.id}: changed"
    assert captured.out.startswith(expected)
    assert captured.out.count("\n") == 1
    assert "not as it was written" in captured.err


def test_a_log_that_has_not_begun_is_status_0(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["audit", "verify"]) == 0
    assert "no event" in capsys.readouterr().out


def test_kept_heads_find_what_was_set_back(
    database: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = tmp_path / "heads.jsonl"
    with kept.open("w") as file:
        for _ in range(2):
            write(database, 20)
            assert main(["audit", "heads"]) == 0
            file.write(capsys.readouterr().out)
    assert main(["audit", "verify", "--heads", str(kept)]) == 0
    with database.connect() as connection:
        for table in ("events", "heads", "deployment"):
            connection.execute(text(f"DELETE FROM {table}"))
    assert main(["audit", "verify"]) == 0
    capsys.readouterr()
    assert main(["audit", "verify", "--heads", str(kept)]) == 1
    assert "kept head" in capsys.readouterr().out


def test_a_heads_file_that_cannot_be_read_is_status_2(tmp_path: Path) -> None:
    assert main(["audit", "verify", "--heads", str(tmp_path / "none")]) == 2
    wrong = tmp_path / "wrong"
    wrong.write_bytes(b"\xff")
    assert main(["audit", "verify", "--heads", str(wrong)]) == 2


def test_a_check_makes_no_secret(
    database: Database,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.delenv("LUREWATCH_SECRET")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    assert main(["audit", "verify"]) == 2
    assert "LUREWATCH_SECRET" in capsys.readouterr().err
    assert not list(tmp_path.rglob("*.secret"))


def test_another_secret_is_thought_of_first(
    database: Database, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write(database, 20)
    monkeypatch.setenv("LUREWATCH_SECRET", "quite another secret of another house")
    assert main(["audit", "verify"]) == 1
    assert "whether the secret is another" in capsys.readouterr().err
