from __future__ import annotations

import argparse
from pathlib import Path

import pytest

from classifier.errors import UsageError
from data import command
from tests.data.builders import corpus_row, public_row, write_rows


def run(*arguments: str) -> int:
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    return command.run(parser.parse_args(arguments))


def test_check_passes_the_corpus(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("check") == 0
    assert capsys.readouterr().out.endswith("no faults\n")


def test_check_lists_faults_by_file_and_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write_rows(tmp_path / "rows.jsonl", [corpus_row(), corpus_row(fake_job=3)])
    assert run("check", str(path)) == 1
    out = capsys.readouterr().out
    assert out.startswith(f"{path}:2: `fake_job` must be 0, 1 or null, found 3\n")
    assert out.endswith("1 rows in 1 groups, 1 faults\n")


def test_build_takes_the_public_sets_from_the_environment(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    write_rows(tmp_path / "afrisenti.jsonl.gz", [public_row()])
    monkeypatch.setenv(command.DATASETS_VARIABLE, str(tmp_path))
    assert run("build", "--out", str(tmp_path / "out")) == 0
    captured = capsys.readouterr()
    assert "afrisenti" in captured.out.split("Sources not there")[0]
    assert "Groups united" in captured.out
    assert "Checking for leaks" in captured.err
    assert (tmp_path / "out" / "manifest.json").is_file()


def test_build_refuses_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="does not exist"):
        run("build", "--datasets", str(tmp_path / "absent"), "--out", str(tmp_path / "out"))
