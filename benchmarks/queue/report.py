"""How a measurement is told: progress while it runs, a table, a JSON file and an exit status."""

from __future__ import annotations

import json
import math
import platform
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from serving.columns import columns

OUT = Path("artifacts/benchmarks")

_SECONDS_BETWEEN_LINES = 5.0


@dataclass(frozen=True, slots=True)
class Promise:
    """A sentence that must hold, and what was found."""

    text: str
    kept: bool
    found: str


@dataclass(frozen=True, slots=True)
class Report:
    """One measurement. `rows` start with their header; `figures` go to the JSON file alone."""

    name: str
    rows: Sequence[Sequence[str]]
    promises: Sequence[Promise]
    figures: Mapping[str, object]

    def deliver(self, folder: Path) -> int:
        """Print the table, write `<folder>/<name>.json`; 1 where a promise is broken, else 0."""
        for line in columns(self.rows):
            sys.stdout.write(f"{line}\n")
        for promise in self.promises:
            verdict = "kept" if promise.kept else "BROKEN"
            sys.stdout.write(f"{verdict}: {promise.text} ({promise.found})\n")
        folder.mkdir(parents=True, exist_ok=True)
        target = folder / f"{self.name}.json"
        written = {
            "at": datetime.now(UTC).isoformat(timespec="seconds"),
            "machine": platform.processor() or platform.machine(),
            "promises": [asdict(promise) for promise in self.promises],
            **self.figures,
        }
        target.write_text(json.dumps(written, indent=2) + "\n", encoding="utf-8")
        sys.stdout.write(f"Figures in {target}\n")
        return 0 if all(promise.kept for promise in self.promises) else 1


class Progress:
    """Draws one line over itself on a terminal; elsewhere writes a line every five seconds."""

    def __init__(self) -> None:
        self._redraws = sys.stderr.isatty()
        self._width = 0
        self._last = float("-inf")

    def __call__(self, line: str) -> None:
        if self._redraws:
            sys.stderr.write(f"\r{line:<{self._width}}")
            self._width = len(line)
        elif time.monotonic() - self._last >= _SECONDS_BETWEEN_LINES:
            sys.stderr.write(f"{line}\n")
            self._last = time.monotonic()
        sys.stderr.flush()

    def end(self) -> None:
        if self._width:
            sys.stderr.write("\n")
            self._width = 0


def percentile(sorted_values: Sequence[float], share: float) -> float:
    """The smallest value that at least `share` of the values do not exceed."""
    return sorted_values[max(0, math.ceil(round(len(sorted_values) * share, 6)) - 1)]


def milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:.1f}"


def quiet(line: str) -> None:
    """Progress that nobody wants to see."""
