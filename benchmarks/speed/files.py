"""`lurewatch score` from file to file, as a user would start it: start-up included."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.speed.contenders.contender import Judgement, Setting
from benchmarks.speed.errors import ContenderError
from benchmarks.speed.process import ROOT, environment
from benchmarks.speed.resources import Watch
from benchmarks.speed.streams import Item
from classifier.labels import LABELS, Stage


@dataclass(frozen=True, slots=True)
class FileRun:
    """One run of the command over one file."""

    judgements: tuple[Judgement, ...]
    seconds: float
    cpu_seconds: float
    peak_mib: float


def write_rows(path: Path, items: Sequence[Item]) -> None:
    with path.open("w", encoding="utf-8") as file:
        for item in items:
            file.write(json.dumps({"id": item.id, "text": item.text}, ensure_ascii=False) + "\n")


def score_file(source: Path, target: Path, stage: str, setting: Setting, log: Path) -> FileRun:
    """Run the command once. Raises ContenderError where it fails."""
    command = [sys.executable, "-m", "lurewatch", "score", str(source), "--output", str(target)]
    command += ["--stage", stage, "--model", str(setting.model), "--threads", str(setting.threads)]
    with log.open("wb") as output:
        began = time.perf_counter()
        process = subprocess.Popen(
            command, cwd=ROOT, env=environment(setting.threads), stdout=output, stderr=output
        )
        with Watch(process.pid) as watch:
            _, status, used = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise ContenderError(f"`lurewatch score` ended with {process.returncode}; see {log}")
    with target.open(encoding="utf-8") as file:
        judgements = tuple(_judgement(line) for line in file)
    return FileRun(judgements, seconds, used.ru_utime + used.ru_stime, watch.peak_mib)


def _judgement(line: str) -> Judgement:
    record = json.loads(line)
    flagged = tuple(label.value in record["labels"] for label in LABELS)
    return Judgement(flagged, record["stage"] == Stage.SCREEN.value)
