"""The rounds: every contender on the same new texts, one after the other, in turn first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from benchmarks.speed.contenders.contender import Judgement, Setting
from benchmarks.speed.errors import ContenderError
from benchmarks.speed.files import FileRun, score_file, write_rows
from benchmarks.speed.line_up import LineUp
from benchmarks.speed.results import Trial
from benchmarks.speed.streams import Item, Stream

T = TypeVar("T")

Advance = Callable[[str], None]
"""Told what was done."""

ONE_LINE = "one line"

FILE_STAGES = {"lurewatch score": "auto", "lurewatch score --stage encoder": "encoder"}


@dataclass(slots=True)
class Record:
    """All trials, and each contender's judgements by stream, in the order of the stream."""

    trials: list[Trial] = field(default_factory=list)
    judged: defaultdict[tuple[str, str], list[Judgement]] = field(
        default_factory=lambda: defaultdict(list)
    )
    absent: dict[str, str] = field(default_factory=dict)

    def of(self, contender: str, stream: str) -> list[Trial]:
        return [
            trial
            for trial in self.trials
            if trial.contender == contender and trial.stream == stream
        ]

    def forget(self, contender: str, reason: str) -> None:
        """Leave a contender out that failed on the way: half of its rounds compare with nothing."""
        self.absent[contender] = reason
        self.trials = [trial for trial in self.trials if trial.contender != contender]
        for key in [key for key in self.judged if key[0] == contender]:
            del self.judged[key]


def rotated(values: Iterable[T], by: int) -> list[T]:
    """Begun at another place, so that being first or last falls to each in turn."""
    listed = list(values)
    by %= max(len(listed), 1)
    return listed[by:] + listed[:by]


def in_process(
    number: int, stream: str, part: Sequence[Item], lined_up: LineUp, record: Record, done: Advance
) -> None:
    """One round of one stream."""
    texts = [item.text for item in part]
    for name in rotated(list(lined_up.running), number):
        try:
            run = lined_up.running[name].run(texts, lined_up.batches[name])
        except ContenderError as error:
            lined_up.drop(name, error.detail)
            record.forget(name, error.detail)
            continue
        record.trials.append(
            Trial(name, stream, number, len(texts), run.seconds, run.cpu_seconds, run.peak_mib)
        )
        record.judged[name, stream].extend(run.judgements)
        done(f"{stream}: {name} {len(texts) / run.seconds:,.0f} texts/s")


class FileRounds:
    """`lurewatch score` over whole streams as files, and over one line, which is its start-up.

    Each run is a new process, so that the same file every time meets no memory of it.
    """

    def __init__(
        self,
        streams: Sequence[Stream],
        folder: Path,
        log: Path,
        setting: Setting,
        stages: dict[str, str],
    ) -> None:
        self._log = log
        self._setting = setting
        self._stages = stages
        self._files: dict[str, tuple[Path, int]] = {}
        for place, stream in enumerate(streams):
            path = folder / f"stream-{place}.jsonl"
            write_rows(path, stream.items)
            self._files[stream.name] = (path, len(stream.items))
        if streams:
            path = folder / "one-line.jsonl"
            write_rows(path, streams[0].items[:1])
            self._files[ONE_LINE] = (path, 1)

    @property
    def steps(self) -> int:
        """Runs in one round."""
        return len(self._files) * len(self._stages)

    def run(self, stream: str, number: int, record: Record, done: Advance) -> None:
        """One round of the stream's file, where it has one, right after those it is held against:
        minutes later the machine may be another. A stage that fails is left out from then on.
        """
        if stream not in self._files:
            return
        path, texts = self._files[stream]
        for name in rotated(self._stages, number):
            if name in record.absent:
                continue
            try:
                run = self._score(path, self._stages[name])
            except ContenderError as error:
                record.forget(name, error.detail)
                continue
            record.trials.append(
                Trial(name, stream, number, texts, run.seconds, run.cpu_seconds, run.peak_mib)
            )
            record.judged[name, stream] = list(run.judgements)
            done(f"{stream}: {name} {texts / run.seconds:,.0f} texts/s")

    def _score(self, path: Path, stage: str) -> FileRun:
        target = path.with_suffix(".scored.jsonl")
        return score_file(path, target, stage, self._setting, self._log)
