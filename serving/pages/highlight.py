"""Evidence laid over the text it comes from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from classifier.labels import Label
from classifier.records import Evidence, Field

FAINTEST = 0.1
"""Share of the strongest weight under which a word is not marked: nearly every word has some."""

Kind = Literal["plain", "for", "against"]


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of text that is shown one way. `strength` runs from 1 to 3, 0 where plain."""

    text: str
    kind: Kind = "plain"
    strength: int = 0
    weight: float = 0.0


def of_field(evidence: Iterable[Evidence], label: Label, field: Field) -> tuple[Evidence, ...]:
    return tuple(span for span in evidence if span.label is label and span.field == field)


def segments(text: str, evidence: Sequence[Evidence], strongest: float) -> tuple[Segment, ...]:
    """`text` cut where evidence begins and ends; joined again, the segments are the text.

    Where spans overlap the heavier one is shown. `strongest` is the largest absolute weight of
    the label, to which the strengths relate; what is under `FAINTEST` of it stays plain.
    """
    edges = {0, len(text)}
    for span in evidence:
        edges |= {_within(span.start, text), _within(span.end, text)}
    cuts = sorted(edges)
    return tuple(_segment(text, start, end, evidence, strongest) for start, end in pairwise(cuts))


def _segment(
    text: str, start: int, end: int, evidence: Sequence[Evidence], strongest: float
) -> Segment:
    covering = [span.weight for span in evidence if span.start <= start and end <= span.end]
    weight = max(covering, key=abs, default=0.0)
    share = abs(weight) / strongest if strongest else 0.0
    if share < FAINTEST:
        return Segment(text[start:end])
    strength = 1 + (share > 1 / 3) + (share > 2 / 3)
    return Segment(text[start:end], "for" if weight > 0 else "against", strength, weight)


def _within(position: int, text: str) -> int:
    return min(max(position, 0), len(text))
