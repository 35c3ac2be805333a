"""The processes of a Ray cluster that this process started, found below it."""

from __future__ import annotations

import os
import time
from pathlib import Path


def scorers_under(above: int | None = None) -> list[int]:
    """Give the workers below a process, by default this one; wait a little for the first."""
    for _ in range(100):
        if found := [pid for pid in _descendants(above or os.getpid()) if _scores(pid)]:
            return found
        time.sleep(0.1)
    raise AssertionError("no worker process came up")


def _scores(pid: int) -> bool:
    try:
        command = Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False
    return command.startswith(b"ray::") and b"ChunkScorer" in command


def _descendants(ancestor: int) -> list[int]:
    children: dict[int, list[int]] = {}
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = status.read_text("utf-8", "replace").rpartition(") ")[2].split()
        except OSError:
            continue  # it ended meanwhile
        children.setdefault(int(fields[1]), []).append(int(status.parent.name))
    found: list[int] = []
    waiting = [ancestor]
    while waiting:
        below = children.get(waiting.pop(), [])
        found += below
        waiting += below
    return found
