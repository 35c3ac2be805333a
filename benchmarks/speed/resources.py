"""What processes have used, read from the kernel."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Self

_POLL_SECONDS = 0.05
_KIB_PER_MIB = 1024


def peak_mib(pid: int | str = "self") -> float:
    """The most memory that a process has had resident, since its program began.

    `ru_maxrss` would be no use: it starts with what the parent had when it forked.
    """
    for line in Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / _KIB_PER_MIB
    return 0.0


def cpu_seconds(pid: int | str = "self") -> float:
    """User and system time of a process and of its children that have ended."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")


def family(pid: int) -> Iterator[int]:
    """A process and all that descend from it, as far as they live."""
    yield pid
    with suppress(OSError):
        for thread in Path(f"/proc/{pid}/task").iterdir():
            for child in (thread / "children").read_text(encoding="utf-8").split():
                yield from family(int(child))


class Watch:
    """Notes the peak memory of a process and its descendants while it runs, their peaks added."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.peak_mib = 0.0

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._ended.wait(_POLL_SECONDS):
            total = 0.0
            for pid in family(self._pid):
                with suppress(OSError):
                    total += peak_mib(pid)
            self.peak_mib = max(self.peak_mib, total)
