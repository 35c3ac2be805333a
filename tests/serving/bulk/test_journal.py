from __future__ import annotations

import json
from dataclasses import asdict, fields, replace
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from classifier.errors import UsageError
from serving.bulk.journal import journal_path
from serving.bulk.part_file import part_path
from serving.bulk.run import Run
from tests.serving.bulk.records import RUN, make_chunks, write

NAMES = ["out.jsonl", "out.csv", "out.jsonl.gz", "out.csv.zst", "out.parquet"]
CHUNKS = make_chunks(6)


def content(path: Path) -> object:
    return pq.read_table(path).to_pylist() if path.suffix == ".parquet" else path.read_bytes()


def files_of(path: Path) -> tuple[Path, Path]:
    part = part_path(path)
    return part, journal_path(part)


def stopped(path: Path, after: int = 4) -> tuple[Path, Path]:
    """Leave the part and the journal of a run that wrote `after` chunks."""
    write(path, CHUNKS, stop_after=after)
    return files_of(path)


@pytest.mark.parametrize("name", NAMES)
def test_a_resumed_run_writes_what_is_missing_and_nothing_twice(tmp_path: Path, name: str) -> None:
    whole, path = tmp_path / f"whole-{name}", tmp_path / name
    write(whole, CHUNKS)
    stopped(path, after=4)
    assert write(path, CHUNKS, resumes=True) == 4
    assert content(path) == content(whole)
    assert sorted(found.name for found in tmp_path.iterdir()) == sorted([name, whole.name])


@pytest.mark.parametrize("name", NAMES)
@settings(deadline=None, max_examples=40, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_wherever_either_file_ends_the_output_is_the_same(
    tmp_path: Path, name: str, data: st.DataObject
) -> None:
    # More than kills can do: after a power cut each file may end anywhere.
    whole, path = tmp_path / f"whole-{name}", tmp_path / name
    write(whole, CHUNKS)
    part, journal = stopped(path)
    header = journal.read_bytes().index(b"\n") + 1
    with part.open("r+b") as file:
        file.truncate(data.draw(st.integers(0, part.stat().st_size)))
    with journal.open("r+b") as file:
        file.truncate(data.draw(st.integers(header, journal.stat().st_size)))
    write(path, CHUNKS, resumes=True)
    assert content(path) == content(whole)


def test_bytes_that_never_reached_the_disk_are_written_again(tmp_path: Path) -> None:
    path = tmp_path / "out.jsonl"
    part, _ = stopped(path)
    data = bytearray(part.read_bytes())
    data[len(data) // 2 :] = bytes(len(data) - len(data) // 2)
    part.write_bytes(data)
    assert 0 < write(path, CHUNKS, resumes=True) < 4
    assert [json.loads(line)["id"] for line in path.read_text().splitlines()] == [
        record.id for chunk in CHUNKS for record in chunk
    ]


def test_a_run_can_be_stopped_and_resumed_any_number_of_times(tmp_path: Path) -> None:
    whole, path = tmp_path / "whole.jsonl.gz", tmp_path / "out.jsonl.gz"
    write(whole, CHUNKS)
    for number in range(len(CHUNKS)):
        assert write(path, CHUNKS, resumes=True, stop_after=number) == max(0, number - 1)
    write(path, CHUNKS, resumes=True)
    assert path.read_bytes() == whole.read_bytes()


@pytest.mark.parametrize("field", [field.name for field in fields(Run)])
def test_another_run_is_refused_naming_what_differs(tmp_path: Path, field: str) -> None:
    path = tmp_path / "out.jsonl"
    before = [file.read_bytes() for file in stopped(path)]
    value = getattr(RUN, field)
    other = Run(**asdict(RUN) | {field: f"{value}x" if isinstance(value, str) else value + 1})
    with pytest.raises(UsageError, match=rf"{field.split('_')[0]}.*--resume"):
        write(path, CHUNKS, run=other, resumes=True)
    assert [file.read_bytes() for file in files_of(path)] == before


def test_without_resume_a_run_starts_over(tmp_path: Path) -> None:
    path = tmp_path / "out.jsonl"
    stopped(path)
    assert write(path, CHUNKS[:2], run=replace(RUN, explain=True)) == 0
    assert len(path.read_text().splitlines()) == 3


def test_with_nothing_to_resume_a_run_starts_at_the_first_row(tmp_path: Path) -> None:
    path = tmp_path / "out.jsonl"
    part, journal = files_of(path)
    for left in ((), (part,), (part, journal), (journal,)):
        for file in left:
            file.write_bytes(b"" if file == part else b"cut off in its first li")
        assert write(path, CHUNKS, resumes=True) == 0


def test_a_part_that_nobody_vouches_for_is_refused_and_kept(tmp_path: Path) -> None:
    path = tmp_path / "out.jsonl"
    part, journal = stopped(path)
    for damage in (b"", b"{}\n", b'{"journal": 0, "run": {}}\n', b'{"journal": 1, "run": {}}\n'):
        journal.write_bytes(damage)
        with pytest.raises(UsageError, match="damaged or was written by another version"):
            write(path, CHUNKS, resumes=True)
    journal.unlink()
    with pytest.raises(UsageError, match=r"there is no out\.jsonl\.part\.journal"):
        write(path, CHUNKS, resumes=True)
    assert part.stat().st_size > 0


def test_an_output_that_cannot_be_resumed_leaves_no_older_journal(tmp_path: Path) -> None:
    path = tmp_path / "out.jsonl"
    _, journal = stopped(path)
    write(path, CHUNKS, run=None, stop_after=2)
    assert not journal.exists()
