"""Which contenders take part, each started and set to its best batch size."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.speed.contenders.contender import Name, Setting
from benchmarks.speed.contenders.lurewatch import has_screen_parameter
from benchmarks.speed.errors import ContenderError
from benchmarks.speed.infinity_home import infinity_python, is_installed
from benchmarks.speed.process import Process

Say = Callable[[str], None]


@dataclass(slots=True)
class LineUp:
    """Running contenders with their best batch sizes, and why the others are absent."""

    running: dict[Name, Process] = field(default_factory=dict)
    batches: dict[Name, int] = field(default_factory=dict)
    searched: dict[Name, dict[int, float]] = field(default_factory=dict)
    absent: dict[Name, str] = field(default_factory=dict)

    def drop(self, name: Name, reason: str) -> None:
        """Go on without a contender that failed."""
        self.absent[name] = reason
        process = self.running.pop(name, None)
        if process is not None:
            process.close()


@contextmanager
def line_up(
    setting: Setting,
    sample: Sequence[str],
    folder: Path,
    absent: dict[Name, str],
    python: Path | None,
    say: Say,
) -> Iterator[LineUp]:
    """Start all contenders but the `absent`; `python` is the one that has infinity-emb."""
    found = LineUp(absent=dict(absent))
    with ExitStack() as stack:
        for name in Name:
            if name in absent:
                continue
            say(f"{name}: starting")
            try:
                own = python if name is Name.INFINITY else None
                process = Process(name, setting, folder / f"{name.name.lower()}.log", own)
                stack.callback(process.close)
                found.running[name] = process
                found.searched[name] = _search(process, sample)
                rates = found.searched[name]
                found.batches[name] = max(rates, key=lambda batch: rates[batch])
                # infinity-emb loads anew for another size: not in the first round.
                process.run(sample, found.batches[name])
            except ContenderError as error:
                found.drop(name, error.detail)
                say(f"{name}: left out, {error.detail}")
        yield found


def absent_contenders(made: Setting, problem: str | None) -> dict[Name, str]:
    """Those that cannot take part, seen from the code and the model; `problem` is ONNX's."""
    absent: dict[Name, str] = {}
    if made.deep is None:
        absent[Name.UNDISTILLED] = "the model was not distilled from a deeper one"
    if problem is not None:
        absent[Name.ONNX] = problem
    if not has_screen_parameter():
        absent[Name.CASCADE] = "this version of the classifier has no screen"
    return absent


def find_infinity(folder: Path, *, install: bool) -> Path:
    """Its Python. Raises ContenderError where it is not there and is not or cannot be installed."""
    if not install and not is_installed(folder):
        raise ContenderError("it is not installed, and this run was not to install it")
    return infinity_python(folder)


def _search(process: Process, sample: Sequence[str]) -> dict[int, float]:
    """Texts per second on the sample by size of batch, after a warm-up that sees every length."""
    process.run(sample, process.ready.batches[0])
    rates: dict[int, float] = {}
    for batch in process.ready.batches:
        if batch > len(sample) and rates:
            break
        rates[batch] = len(sample) / process.run(sample, batch).seconds
    return rates
