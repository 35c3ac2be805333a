"""`lurewatch erase`, `queue` and `export`, run in this process."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from lurewatch.__main__ import main
from serving.migrations import open_database
from tests.serving.review.bench import ADA, CLEARED, KEEP, SECRET, Bench


@pytest.fixture
def bench(sqlite_url: str, model_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    """A queue that the commands find in the environment. Its clock stands in the past."""
    monkeypatch.setenv("LUREWATCH_DATABASE_URL", sqlite_url)
    monkeypatch.setenv("LUREWATCH_SECRET", SECRET)
    monkeypatch.setenv("LUREWATCH_MODEL", str(model_folder))
    monkeypatch.setenv("LUREWATCH_THREADS", "1")
    database = open_database(sqlite_url)
    try:
        yield Bench(database)
    finally:
        database.dispose()


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["item", "--purge"],
        ["--purge", "--list"],
        ["--platform", "example"],
        ["item", "--platform", "example", "--post-id", "1"],
    ],
)
def test_erase_wants_one_thing_at_a_time(bench: Bench, arguments: list[str]) -> None:
    assert main(["erase", *arguments]) == 2


def test_erase_names_what_is_not_there_and_erases_the_rest(
    bench: Bench, capsys: pytest.CaptureFixture[str]
) -> None:
    item = bench.admit().item_id
    assert main(["erase", "0" * 24, item]) == 1
    captured = capsys.readouterr()
    assert captured.out == f"{item}: 1 texts, 0 notes erased\n"
    assert f"{'0' * 24}: there is no item with this id" in captured.err
    assert main(["erase", "--list"]) == 0
    assert capsys.readouterr().out == f"{item}\n"
    assert main(["erase", "--purge"]) == 0


def test_retention_shows_what_it_would_erase_and_erases_it(
    bench: Bench, capsys: pytest.CaptureFixture[str]
) -> None:
    item = bench.admit(CLEARED).item_id
    assert main(["queue", "retention", "--dry-run"]) == 0
    assert "cleared: 1 to erase\n" in capsys.readouterr().out
    assert bench.row(item).erased_at is None
    assert main(["queue", "retention"]) == 0
    assert "cleared: 1 erased\n" in capsys.readouterr().out
    assert bench.row(item).erased_at is not None


def test_rescore_shows_what_would_change_and_changes_nothing(
    bench: Bench, capsys: pytest.CaptureFixture[str]
) -> None:
    item = bench.admit().item_id
    assert main(["queue", "rescore", "--dry-run"]) == 0
    assert capsys.readouterr().out.startswith("1 items would be scored anew with ")
    assert bench.kinds(item) == ["received", "queued"]


def test_decisions_are_exported_from_a_day_on(
    bench: Bench, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    item = bench.admit().item_id
    held = bench.queue.claim(ADA, item)
    bench.queue.decide(ADA, item, held.version, KEEP)
    day = f"{bench.clock.now:%Y-%m-%d}"
    assert main(["export", "decisions", "--since", day]) == 0
    assert json.loads(capsysbinary.readouterr().out)["id"] == f"{item}.1"
    assert main(["export", "decisions", "--since", "3000-01-01"]) == 0
    assert capsysbinary.readouterr().out == b""
    assert main(["export", "decisions", "--since", "yesterday"]) == 2
