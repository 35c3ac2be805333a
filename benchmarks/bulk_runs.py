"""Input files of distinct rows, and runs of `lurewatch score` in a process of their own."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

CORPUS = tuple(sorted((Path(__file__).parents[1] / "data" / "corpus").glob("*.jsonl")))
_BATCH = 10_000
_PEAK = re.compile(r"^VmHWM:\s+(\d+) kB$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Done:
    """A run that ended. `peak` is the largest resident memory in MiB, `cpu` are seconds."""

    status: int
    seconds: float
    cpu: float
    peak: float


def write_input(path: Path, rows: int, characters: int, posts: Sequence[Path] = CORPUS) -> None:
    """Write distinct rows as Parquet or JSONL, by extension.

    Each text is made of the first halves of two texts of `posts`, JSON Lines with `text`, and a
    number, and cut to about `characters` characters.
    """
    texts = _texts(characters, posts)
    if path.suffix == ".parquet":
        schema = pa.schema([("id", pa.string()), ("text", pa.string())])
        with pq.ParquetWriter(path, schema) as writer:
            for start in range(0, rows, _BATCH):
                batch = list(islice(texts, min(_BATCH, rows - start)))
                ids = [f"post-{start + n}" for n in range(len(batch))]
                writer.write_table(pa.table({"id": ids, "text": batch}, schema=schema))
        return
    with path.open("w", encoding="utf-8") as file:
        for number, text in enumerate(islice(texts, rows)):
            line = json.dumps({"id": f"post-{number}", "text": text}, ensure_ascii=False)
            file.write(f"{line}\n")


def _texts(characters: int, posts: Sequence[Path]) -> Iterator[str]:
    halves = [
        text[: min(len(text), characters) // 2]
        for path in posts
        for text in (json.loads(line)["text"] for line in path.read_text("utf-8").splitlines())
    ]
    number = 0
    while True:
        shift, first = divmod(number, len(halves))
        yield f"{halves[first]} {halves[(first + shift) % len(halves)]} {number}"
        number += 1


def command(source: Path, target: Path, *options: str) -> list[str]:
    paths = [str(source), "--output", str(target)]
    return [sys.executable, "-m", "lurewatch", "score", *paths, *options]


def run(words: list[str]) -> Done:
    """Run a command to its end; progress goes to this process's standard error."""
    began = time.monotonic()
    peak = 0.0
    with subprocess.Popen(words) as process:
        while not os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT):
            peak = max(peak, peak_of(process.pid))
            time.sleep(0.01)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.monotonic() - began
    return Done(process.returncode, seconds, usage.ru_utime + usage.ru_stime, peak)


def peak_of(pid: int) -> float:
    """Give the largest resident memory of a process so far, in MiB.

    Not `ru_maxrss`: a child inherits that from the process that started it.
    """
    found = _PEAK.search(Path(f"/proc/{pid}/status").read_text("ascii"))
    return int(found[1]) / 1024 if found else 0.0


def model_options(model: Path | None, stage: str, threads: int | None) -> list[str]:
    """Give the options of `lurewatch score` that say which model scores, and how."""
    options = ["--stage", stage]
    if model is not None:
        options += ["--model", str(model)]
    return options if threads is None else [*options, "--threads", str(threads)]
