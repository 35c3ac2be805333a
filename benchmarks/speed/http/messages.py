"""What crosses the socket between the measuring process and the load generator."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Load:
    """Requests to send over `connections`, each as soon as the one before is answered."""

    host: str
    port: int
    path: str
    headers: Mapping[str, str]
    bodies: tuple[bytes, ...]
    connections: int


@dataclass(frozen=True, slots=True)
class Answered:
    """Latencies in seconds, sorted; the CPU is the load generator's."""

    seconds: float
    statuses: Mapping[int, int]
    latencies: tuple[float, ...]
    cpu_seconds: float
