"""What a person sees on standard error while a file is scored."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TextIO

from serving.bulk.tally import Tally

_SECONDS_BETWEEN_LINES = 10.0


class Progress:
    """Draws one line over itself on a terminal; elsewhere writes a line every ten seconds.

    Made when the rows of earlier runs have been passed over, so that they count neither for the
    rate nor for the time left.
    """

    def __init__(self, stream: TextIO, fraction: Callable[[], float | None]) -> None:
        self._stream = stream
        self._fraction = fraction
        self._begun = fraction() or 0.0
        self._redraws = stream.isatty()
        self._width = 0
        self._last = time.monotonic()

    def __call__(self, tally: Tally) -> None:
        line = progress_line(tally, self._fraction(), self._begun)
        if self._redraws:
            self._stream.write(f"\r{line:<{self._width}}")
            self._width = len(line)
        elif time.monotonic() - self._last >= _SECONDS_BETWEEN_LINES:
            self._stream.write(f"{line}\n")
            self._last = time.monotonic()
        self._stream.flush()

    def clear(self) -> None:
        if self._width:
            self._stream.write(f"\r{'':<{self._width}}\r")
            self._stream.flush()
            self._width = 0


def progress_line(tally: Tally, fraction: float | None, begun: float = 0.0) -> str:
    """Describe a run that is at `fraction` of its input and began at `begun`, both in [0, 1]."""
    parts = [f"{tally.rows:,} rows", f"{tally.rows_per_second:,.0f} rows/s"]
    if fraction:
        parts.append(f"{fraction:.0%}")
        if fraction > begun:
            left = tally.seconds * (1 - fraction) / (fraction - begun)
            parts.append(f"{_duration(left)} left")
    return " · ".join(parts)


def summary_line(tally: Tally) -> str:
    before = f" {tally.resumed:,} of these rows by an earlier run;" if tally.resumed else ""
    return (
        f"{tally.scored:,} scored, {tally.flagged:,} of them flagged; {tally.rejected:,} rejected;"
        f"{before} {_duration(tally.seconds)}, {tally.rows_per_second:,.0f} rows/s"
    )


def _duration(seconds: float) -> str:
    """Write seconds as `4.2 s`, `3:05 min` or `2:10 h`."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes}:{rest:02} min"
    return f"{minutes // 60}:{minutes % 60:02} h"
