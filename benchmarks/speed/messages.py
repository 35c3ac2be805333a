"""What crosses the socket between the measuring process and a contender's."""

from __future__ import annotations

from dataclasses import dataclass

from benchmarks.speed.contenders.contender import Judgement


@dataclass(frozen=True, slots=True)
class Task:
    """Texts to score, `batch` at a time."""

    texts: tuple[str, ...]
    batch: int


@dataclass(frozen=True, slots=True)
class Ready:
    """The contender is loaded."""

    batches: tuple[int, ...]
    seconds: float


@dataclass(frozen=True, slots=True)
class Done:
    """A task's judgements, in order, and what it took. The peak is that of the whole process."""

    judgements: tuple[Judgement, ...]
    seconds: float
    cpu_seconds: float
    peak_mib: float


@dataclass(frozen=True, slots=True)
class Failed:
    """Why the contender could not be loaded or did not score."""

    reason: str
