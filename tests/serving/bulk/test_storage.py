from __future__ import annotations

import gzip
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest

from classifier.errors import UsageError
from serving.bulk.errors import OutputError
from serving.bulk.storage import local_input, local_output


@pytest.fixture(autouse=True)
def copies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let copies lie where the test's other files do."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))


def test_a_name_that_is_no_uri_is_the_file_itself() -> None:
    with local_input("a/b.jsonl") as source, local_output("c:d.csv") as target:
        assert (source, target) == (Path("a/b.jsonl"), Path("c:d.csv"))


def test_a_stored_input_is_copied_as_it_is_with_its_name_and_time(tmp_path: Path) -> None:
    original = tmp_path / "week 1.jsonl.gz"
    original.write_bytes(gzip.compress(b"{}\n"))
    with local_input(original.as_uri()) as copy:
        assert copy.name == original.name
        assert copy.read_bytes() == original.read_bytes()
        assert copy.stat().st_mtime_ns == original.stat().st_mtime_ns
    assert not copy.exists()


def test_a_stored_output_appears_when_the_block_has_ended(tmp_path: Path) -> None:
    target = tmp_path / "scores.jsonl"
    with local_output(target.as_uri()) as file:
        file.write_text("{}\n")
        assert not target.exists()
    assert target.read_text() == "{}\n"
    assert not file.parent.exists()


def test_what_an_interrupted_run_wrote_stays_on_this_machine(tmp_path: Path) -> None:
    with suppress(KeyboardInterrupt), local_output((tmp_path / "s.jsonl").as_uri()) as file:
        part = file.with_name("s.jsonl.part")
        part.write_text("{}\n")
        raise KeyboardInterrupt
    assert part.read_text() == "{}\n"
    assert not (tmp_path / "s.jsonl").exists()


def test_a_finished_file_that_cannot_be_put_there_is_kept_and_named(tmp_path: Path) -> None:
    folder = tmp_path / "gone"
    folder.mkdir()
    stack = ExitStack()
    file = stack.enter_context(local_output((folder / "s.jsonl").as_uri()))
    file.write_text("{}\n")
    folder.rmdir()
    with pytest.raises(OutputError, match=f"the finished file is {file}"):
        stack.close()
    assert file.read_text() == "{}\n"


@pytest.mark.parametrize("uri", ["s4://bucket/key", "s3://", "file:///", "file:///no/such/x.jsonl"])
def test_what_cannot_be_reached_is_refused(uri: str) -> None:
    with pytest.raises(UsageError, match=uri), local_input(uri):
        raise AssertionError("unreachable")
    with pytest.raises(UsageError, match=uri), local_output(uri):
        raise AssertionError("unreachable")


@pytest.mark.parametrize("uri", ["s4://id:secret@bucket/key?token=secret", "s3://id:secret@"])
def test_keys_in_a_uri_are_not_shown(uri: str) -> None:
    with pytest.raises(UsageError) as caught, local_input(uri):
        raise AssertionError("unreachable")
    assert "secret" not in str(caught.value)
