from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from classifier.classifier import Classifier
from classifier.errors import UsageError
from classifier.records import Post, Score
from serving.bulk.part_file import part_path

TEXTS = [
    "Two seats left in the boat on Friday, pay when you arrive",
    "مطلوب سائق لمخبز",
    "Bakery looks for help on Saturdays",
    "🚤➡️🇮🇹",
    "a" * 3_000,
]


@pytest.fixture
def command(model_folder: Path) -> list[str]:
    """The words that start the command in a process of its own."""
    model = ["--model", str(model_folder), "--threads", "1"]
    return [sys.executable, "-m", "lurewatch", "score", *model]


def write_jsonl(path: Path, texts: list[str]) -> Path:
    lines = [json.dumps({"id": f"p{n}", "text": text}) for n, text in enumerate(texts)]
    path.write_text("\n".join(lines) + "\n")
    return path


def read_jsonl(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


@contextmanager
def started(command: list[str], *options: str) -> Iterator[subprocess.Popen[bytes]]:
    """Start a process with pipes, and end it when the block ends."""
    pipe = subprocess.PIPE
    with subprocess.Popen(
        [*command, *options], bufsize=0, stdin=pipe, stdout=pipe, stderr=pipe
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def send(process: subprocess.Popen[bytes], lines: int) -> None:
    """Write lines to a process and leave its input open, so that it waits for more."""
    assert process.stdin is not None
    process.stdin.write(b"hello there\n" * lines)


def wait_for_records(process: subprocess.Popen[bytes], part: Path) -> None:
    deadline = time.monotonic() + 60
    while not (part.exists() and part.stat().st_size):
        assert process.poll() is None, "the process ended"
        assert time.monotonic() < deadline, "nothing was written for a minute"
        time.sleep(0.02)


def test_the_command_scores_as_the_classifier_does(
    score: Callable[..., int], classifier: Classifier, tmp_path: Path
) -> None:
    source = write_jsonl(tmp_path / "posts.jsonl", TEXTS)
    assert score(source, "--output", tmp_path / "out.jsonl", "--explain") == 0
    records = read_jsonl(tmp_path / "out.jsonl")
    posts = [Post(f"p{n}", text) for n, text in enumerate(TEXTS)]
    for record, expected in zip(records, classifier.score(posts, explain=True), strict=True):
        assert isinstance(expected, Score)
        assert record["scores"] == pytest.approx(expected.to_dict()["scores"], abs=0.01)
        assert record["id"] == expected.id
        assert record.keys() == expected.to_dict().keys()


def test_every_format_gives_the_same_scores(score: Callable[..., int], tmp_path: Path) -> None:
    (tmp_path / "posts.txt").write_text("\n".join(TEXTS))
    (tmp_path / "posts.csv").write_text("\n".join(["text", *(f'"{text}"' for text in TEXTS)]))
    write_jsonl(tmp_path / "posts.jsonl", TEXTS)
    scores = []
    for name in ("posts.txt", "posts.csv", "posts.jsonl"):
        assert score(tmp_path / name, "--output", tmp_path / "out.jsonl") == 0
        scores.append([record["scores"] for record in read_jsonl(tmp_path / "out.jsonl")])
    assert scores[0] == scores[1] == scores[2]


def test_rejected_rows_are_reported_in_place_and_by_the_exit_status(
    score: Callable[..., int], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    source = tmp_path / "posts.jsonl"
    source.write_bytes(b'{"text": "one"}\n{"text": "\n{"text": "\\u0000 \\ud800"}\n\n')
    assert score(source) == 1
    captured = capfd.readouterr()
    records = [json.loads(line) for line in captured.out.splitlines()]
    assert [record["id"] for record in records] == ["1", "2", "3", "4"]
    assert ["error" in record for record in records] == [False, True, False, True]
    assert records[1]["line"] == 2
    assert captured.err.startswith("2 scored, ")
    assert "2 rejected" in captured.err
    assert captured.err.count("\n") == 1


def test_input_and_output_may_be_uris(score: Callable[..., int], tmp_path: Path) -> None:
    source = write_jsonl(tmp_path / "posts.jsonl", TEXTS)
    target = tmp_path / "scores.jsonl"
    assert score(source.as_uri(), "--output", target.as_uri()) == 0
    assert [record["id"] for record in read_jsonl(target)] == ["p0", "p1", "p2", "p3", "p4"]


@pytest.mark.parametrize(
    "arguments",
    [
        ("posts.jsonl", "--engine", "ray", "--ray-address", "ray://head:10001"),
        ("posts.jsonl", "--engine", "ray", "--actors", "0"),
        ("posts.jsonl", "--threads", "0"),
        ("posts.xlsx",),
        ("none.jsonl",),
        ("no_text.csv",),
        ("posts.jsonl", "--output", "missing/out.jsonl"),
        ("posts.jsonl", "--output", "posts.jsonl"),
        ("posts.jsonl", "--output", "same.jsonl"),
        ("out.jsonl.part", "--format", "jsonl", "--output", "out.jsonl"),
    ],
)
def test_what_cannot_work_is_refused_before_anything_is_written(
    score: Callable[..., int],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: tuple[str, ...],
) -> None:
    monkeypatch.chdir(tmp_path)
    source = write_jsonl(tmp_path / "posts.jsonl", TEXTS)
    (tmp_path / "posts.xlsx").write_bytes(b"PK")
    (tmp_path / "no_text.csv").write_text("id,body\n1,hello\n")
    (tmp_path / "same.jsonl").symlink_to(source)
    (tmp_path / "out.jsonl.part").write_bytes(source.read_bytes())
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    extra = () if "--output" in arguments else ("--output", "scores.jsonl")
    with pytest.raises(UsageError):
        score(*arguments, *extra)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_usage_errors_are_one_line_and_exit_status_two(command: list[str], tmp_path: Path) -> None:
    done = subprocess.run(
        [*command, str(tmp_path / "posts.xlsx")], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1
    assert "--format" in done.stderr


def test_standard_input_is_read_as_jsonl_or_lines(command: list[str]) -> None:
    for data in (b'{"text": "hello there"}\n', b"hello there\n"):
        done = subprocess.run([*command, "-"], input=data, capture_output=True, check=False)
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout)["id"] == "1"


def test_a_killed_run_leaves_no_file_and_whole_records_in_the_part(
    command: list[str], tmp_path: Path
) -> None:
    out = tmp_path / "out.jsonl"
    with started(command, "--output", str(out)) as process:
        send(process, lines=500)
        wait_for_records(process, part_path(out))
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert not out.exists()
    assert part_path(out).read_bytes().endswith(b"\n")
    ids = [record["id"] for record in read_jsonl(part_path(out))]
    assert ids == [str(n + 1) for n in range(len(ids))]
    assert 0 < len(ids) < 500


def test_a_reader_that_has_seen_enough_ends_the_run_quietly(command: list[str]) -> None:
    with started(command) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        send(process, lines=500)
        process.stdout.readline()
        process.stdout.close()
        with suppress(BrokenPipeError):  # it may have ended by now
            send(process, lines=5_000)
        assert process.wait() == 0
        assert process.stderr.read() == b""


def test_ctrl_c_says_where_the_records_are(command: list[str], tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    with started(command, "--output", str(out)) as process:
        assert process.stderr is not None
        send(process, lines=100)
        wait_for_records(process, part_path(out))
        process.send_signal(signal.SIGINT)
        assert process.wait() == 130
        message = process.stderr.read().decode()
    assert message == f"Stopped. What was written is in {part_path(out)}.\n"
    assert not out.exists()
