"""`lurewatch score --resume` after a SIGKILL."""

from __future__ import annotations

import gzip
import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from classifier.errors import UsageError
from serving.bulk.journal import journal_path
from serving.bulk.part_file import part_path

ROWS = 2_500


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("posts") / "posts.jsonl.gz"
    lines = (
        json.dumps({"id": f"p{n}", "text": "" if n % 250 == 7 else f"boat seat {n} " * (1 + n % 3)})
        for n in range(ROWS)
    )
    path.write_bytes(gzip.compress("\n".join(lines).encode()))
    return path


def kill_in_the_middle(command: list[str], out: Path) -> None:
    """Start a run and kill it once the journal knows three chunks, while most are missing."""
    journal = journal_path(part_path(out))
    with subprocess.Popen(command, stderr=subprocess.PIPE) as process:
        deadline = time.monotonic() + 60
        while not (journal.exists() and journal.read_bytes().count(b"\n") > 4):
            assert process.poll() is None, "the run ended"
            assert time.monotonic() < deadline, "no chunk was written for a minute"
            time.sleep(0.002)
        process.send_signal(signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL, "the run ended before it was killed"


@pytest.mark.parametrize("name", ["out.jsonl", "out.csv.zst", "out.parquet"])
def test_a_killed_run_is_resumed_to_the_output_of_an_undisturbed_one(
    score: Callable[..., int],
    model_folder: Path,
    source: Path,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    name: str,
) -> None:
    out, whole = tmp_path / name, tmp_path / f"whole-{name}"
    command = [sys.executable, "-m", "lurewatch", "score", "--model", str(model_folder)]
    kill_in_the_middle([*command, "--threads", "1", str(source), "--output", str(out)], out)
    assert score(source, "--output", out, "--resume") == 1
    message = capfd.readouterr().err
    assert score(source, "--output", whole) == 1
    if name == "out.parquet":
        assert pq.read_table(out).equals(pq.read_table(whole))
        assert pq.ParquetFile(out).metadata.num_rows == ROWS
    else:
        assert out.read_bytes() == whole.read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([name, whole.name])
    skipped = int(message.removeprefix("Resuming: ").split()[0].replace(",", ""))
    assert 64 + 128 + 256 <= skipped < ROWS
    counts = capfd.readouterr().err.split(";")[0]
    assert f"{counts}; 10 rejected; {skipped:,} of these rows by an earlier run;" in message


def test_a_changed_input_model_or_option_is_refused_and_the_part_kept(
    score: Callable[..., int], source: Path, tmp_path: Path, model_folder: Path
) -> None:
    own, out = tmp_path / "posts.jsonl.gz", tmp_path / "out.jsonl"
    own.write_bytes(source.read_bytes())
    command = [sys.executable, "-m", "lurewatch", "score", "--model", str(model_folder)]
    kill_in_the_middle([*command, "--threads", "1", str(own), "--output", str(out)], out)
    part = part_path(out).read_bytes()
    for options in (["--explain"], ["--stage", "encoder"]):
        with pytest.raises(UsageError, match=f"{options[0].removeprefix('--')} was"):
            score(own, "--output", out, "--resume", *options)
    own.write_bytes(gzip.compress(b'{"text": "another"}\n'))
    with pytest.raises(UsageError, match="input size was"):
        score(own, "--output", out, "--resume")
    assert part_path(out).read_bytes() == part


@pytest.mark.parametrize("arguments", [("-", "--output", "out.jsonl"), ("posts.txt",)])
def test_what_cannot_be_read_or_written_twice_is_not_resumed(
    score: Callable[..., int], tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    (tmp_path / "posts.txt").write_text("hello\n")
    paths = [name if name[0] == "-" else tmp_path / name for name in arguments]
    with pytest.raises(UsageError, match="--resume needs"):
        score(*paths, "--resume")


def test_with_nothing_to_resume_it_starts_at_the_first_row(
    score: Callable[..., int], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "posts.txt").write_text("hello\n")
    assert score(tmp_path / "posts.txt", "--output", tmp_path / "out.csv", "--resume") == 0
    assert capfd.readouterr().err.startswith("Nothing to resume; starting at the first row.\n1 sc")
