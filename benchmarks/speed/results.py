"""Single measurements, and what they come to over the rounds."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.speed.kept import Kept


@dataclass(frozen=True, slots=True)
class Trial:
    """One contender on one part of a stream. CPU and memory are those of its processes alone."""

    contender: str
    stream: str
    round: int
    texts: int
    seconds: float
    cpu_seconds: float
    peak_mib: float

    @property
    def rate(self) -> float:
        """Texts per second."""
        return self.texts / self.seconds


@dataclass(frozen=True, slots=True)
class Spread:
    """The median over the rounds, and the lowest and the highest round."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread:
        return cls(statistics.median(values), min(values), max(values))


@dataclass(frozen=True, slots=True)
class Summary:
    """One contender on one stream.

    `ratio` is to the reference's rate in the same round, `ratio_to_deep` to that of the reference
    as deep as before distillation; None where that took no part.
    """

    contender: str
    stream: str
    rounds: int
    texts: int
    rate: Spread
    cpu_per_1000: Spread
    peak_mib: float
    ratio: Spread | None
    ratio_to_deep: Spread | None = None
    batch: int | None = None
    kept: Kept | None = None


def summarise(
    trials: Sequence[Trial],
    reference: Sequence[Trial],
    deep: Sequence[Trial] = (),
    *,
    batch: int | None = None,
    kept: Kept | None = None,
) -> Summary:
    """The trials of one contender on one stream, held against those of the references by round."""
    return Summary(
        contender=trials[0].contender,
        stream=trials[0].stream,
        rounds=len(trials),
        texts=sum(trial.texts for trial in trials),
        rate=Spread.of([trial.rate for trial in trials]),
        cpu_per_1000=Spread.of([trial.cpu_seconds / trial.texts * 1000 for trial in trials]),
        peak_mib=max(trial.peak_mib for trial in trials),
        ratio=_times(trials, reference),
        ratio_to_deep=_times(trials, deep),
        batch=batch,
        kept=kept,
    )


def _times(trials: Sequence[Trial], reference: Sequence[Trial]) -> Spread | None:
    theirs = {trial.round: trial.rate for trial in reference}
    ratios = [trial.rate / theirs[trial.round] for trial in trials if trial.round in theirs]
    return Spread.of(ratios) if ratios else None
