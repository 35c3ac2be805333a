"""The processes of a Ray cluster that this process started, found below it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any


def scorers_under(process: int) -> list[int]:
    """Give the workers below a process that have been told to score."""
    return [pid for pid in _descendants(process) if _scores(pid)]


def node_that_scores(nodes: Iterable[Any]) -> Any:
    """Pick a node of `ray.cluster_utils.Cluster` that has work in hand.

    Raises LookupError where none has.
    """
    for node in nodes:
        (raylet,) = node.all_processes["raylet"]
        if scorers_under(raylet.process.pid):
            return node
    raise LookupError("expected a node with a worker that scores, found none")


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
