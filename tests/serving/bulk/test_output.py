from __future__ import annotations

import csv
import json
import os
import resource
import signal
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from classifier.errors import UsageError
from serving.bulk.encoding import json_line
from serving.bulk.errors import OutputError
from serving.bulk.flat import COLUMNS
from serving.bulk.output import open_output
from serving.bulk.part_file import PartFile, part_path
from tests.serving.bulk.records import REJECTION, make_score


def read_csv(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_jsonl_holds_the_records_as_they_are(tmp_path: Path) -> None:
    path = tmp_path / "out.jsonl"
    with open_output(path) as sink:
        sink.write([make_score("ü"), REJECTION])
    lines = path.read_text("utf-8").splitlines()
    assert [json.loads(line) for line in lines] == [make_score("ü").to_dict(), REJECTION.to_dict()]
    assert "ü" in lines[0]


@pytest.mark.parametrize("explained", [False, True])
@pytest.mark.parametrize("warnings", [(), ("many_unknown_pieces",)])
@pytest.mark.parametrize("row_id", ["p1", 'a"\\\n\x00\u2028é'])
def test_a_line_is_the_json_of_the_record(
    row_id: str, warnings: tuple[str, ...], explained: bool
) -> None:
    record = replace(make_score(row_id, explained=explained), warnings=warnings)
    expected = json.dumps(record.to_dict(), ensure_ascii=False)
    assert json_line(record) == f"{expected}\n".encode()


def test_csv_and_parquet_hold_the_same_flat_rows(tmp_path: Path) -> None:
    for name in ("out.csv", "out.parquet"):
        with open_output(tmp_path / name) as sink:
            sink.write([make_score()])
            sink.write([REJECTION])
    table = pq.read_table(tmp_path / "out.parquet").to_pylist()
    assert read_csv(tmp_path / "out.csv") == [
        {name: "" if value is None else str(value) for name, value in row.items()} for row in table
    ]
    score, rejection = table
    assert tuple(score) == COLUMNS
    assert score["score_smuggling_service"] == 0.9731
    assert score["labels"] == "smuggling_service|fake_job"
    assert json.loads(score["facets"]) == {"transport": 0.9}
    assert json.loads(score["evidence"])[0]["weight"] == -0.25
    assert score["error_code"] is None
    assert (rejection["line"], rejection["error_code"]) == (2, "empty_text")
    assert rejection["score_fake_job"] is None


@pytest.mark.parametrize(
    ("row_id", "cell"),
    [
        ("=1+1", "'=1+1"),
        ("+HYPERLINK(A1)", "'+HYPERLINK(A1)"),
        ("-2+3", "'-2+3"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("-17", "-17"),
        ("a=1", "a=1"),
        ('a",\n=1', 'a",\n=1'),
    ],
)
def test_an_id_is_no_formula_in_a_spreadsheet(tmp_path: Path, row_id: str, cell: str) -> None:
    for name in ("out.csv", "out.jsonl"):
        with open_output(tmp_path / name) as sink:
            sink.write([make_score(row_id)])
    assert read_csv(tmp_path / "out.csv")[0]["id"] == cell
    assert json.loads((tmp_path / "out.jsonl").read_text("utf-8"))["id"] == row_id


@pytest.mark.parametrize("name", ["out.jsonl", "out.csv", "out.parquet"])
def test_an_interrupted_run_leaves_the_old_file_and_the_part(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text("old")

    def stop_after_one_record() -> None:
        with open_output(path) as sink:
            sink.write([make_score()])
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stop_after_one_record()
    assert path.read_text() == "old"
    assert part_path(path).stat().st_size > 0


def test_a_finished_run_replaces_the_old_file_and_the_old_part(tmp_path: Path) -> None:
    path = tmp_path / "out.jsonl"
    path.write_text("old")
    part_path(path).write_text("left over from a run that was killed" * 100)
    with open_output(path) as sink:
        sink.write([REJECTION])
    assert json.loads(path.read_text()) == REJECTION.to_dict()
    assert not part_path(path).exists()


def test_a_link_is_kept_and_its_target_replaced(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    link, target = tmp_path / "out.jsonl", tmp_path / "elsewhere" / "real.jsonl"
    link.symlink_to(target)
    with open_output(link) as sink:
        sink.write([REJECTION])
    assert link.is_symlink()
    assert json.loads(target.read_text()) == REJECTION.to_dict()


@pytest.mark.parametrize("name", ["missing/out.jsonl", "folder", "out.parquet.gz", "n" * 300])
def test_an_unwritable_output_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(UsageError, match=name), open_output(tmp_path / name):
        pass


def test_a_device_is_not_replaced_by_a_file() -> None:
    with pytest.raises(UsageError, match="not a file"), open_output(Path(os.devnull)):
        pass


def test_two_runs_cannot_write_the_same_file(tmp_path: Path) -> None:
    path = tmp_path / "out.jsonl"
    with open_output(path) as first:
        first.write([REJECTION])
        with pytest.raises(UsageError, match="another run"), open_output(path):
            pass
    assert json.loads(path.read_text()) == REJECTION.to_dict()


def test_a_full_disk_leaves_whole_records_only(tmp_path: Path) -> None:
    # A limit on the size of files stands in for the full disk: the write comes up short first and
    # then fails, as it does there.
    part = PartFile(tmp_path / "out.jsonl")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    old = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (25, hard))
        part.write(b"first 10 bytes"[:10])
        part.write(b"more bytes")
        with pytest.raises(OutputError, match="File too large"):
            part.write(b"too many")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, old)
    part.write(b"!")
    part.close()
    assert part.path.read_bytes() == b"first 10 bmore bytes!"
