"""Where the marks of a chart stand. The templates draw them and put a table beside each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

WIDTH = 600.0
HEIGHT = 140.0
_GAP = 0.25  # of a column's place


@dataclass(frozen=True, slots=True)
class Column:
    """One upright bar of a chart that is `WIDTH` by `HEIGHT`."""

    name: str
    value: int
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a bar whose length is 100."""

    name: str
    value: int
    x: float
    width: float
    kind: str


def columns(values: Sequence[tuple[str, int]]) -> tuple[Column, ...]:
    """A column for each value, the highest as high as the chart."""
    highest = max((value for _, value in values), default=0)
    place = WIDTH / max(len(values), 1)
    return tuple(
        Column(
            name,
            value,
            x=round(place * (number + _GAP / 2), 2),
            y=round(HEIGHT - (height := HEIGHT * value / highest if highest else 0.0), 2),
            width=round(place * (1 - _GAP), 2),
            height=round(height, 2),
        )
        for number, (name, value) in enumerate(values)
    )


def parts(values: Sequence[tuple[str, int, str]]) -> tuple[Part, ...]:
    """Values with name and kind, laid one behind the other; empty where all are 0."""
    total = sum(value for _, value, _ in values)
    found: list[Part] = []
    x = 0.0
    for name, value, kind in values:
        width = 100 * value / total if total else 0.0
        found.append(Part(name, value, round(x, 2), round(width, 2), kind))
        x += width
    return tuple(part for part in found if part.value)


def every_day(counts: Mapping[date, int], first: date, last: date) -> list[tuple[str, int]]:
    """The counts of all days from `first` to `last`, those without any as 0."""
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    return [(f"{day:%d %b}", counts.get(day, 0)) for day in days]
