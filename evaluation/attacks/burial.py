"""Short adverts inside long innocent texts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from data.records import Example
from evaluation.attacks.attack import generator_for

SHORTEST, LONGEST = 2_000, 6_000
"""Characters of an innocent text."""

LONGEST_PARAGRAPH = 1_000


class Position(StrEnum):
    """Where in the long text the advert stands."""

    START = "start"
    MIDDLE = "middle"
    END = "end"


@dataclass(frozen=True, slots=True)
class Innocent:
    """A long text, made of texts that carry no label."""

    paragraphs: tuple[str, ...]

    @property
    def text(self) -> str:
        return "\n".join(self.paragraphs)

    def around(self, advert: str, position: Position) -> str:
        """The advert as a paragraph of its own, before, between or after the others."""
        place = {
            Position.START: 0,
            Position.MIDDLE: len(self.paragraphs) // 2,
            Position.END: len(self.paragraphs),
        }[position]
        return "\n".join([*self.paragraphs[:place], advert, *self.paragraphs[place:]])


class Innocents:
    """Long texts from rows that carry no label; all are used before one comes again."""

    def __init__(self, name: str, rows: Sequence[Example], *, seed: int = 0) -> None:
        self._texts = [row.text for row in rows if len(row.text) <= LONGEST_PARAGRAPH]
        self._generator = generator_for(seed, "innocents", name)
        self._supply = self._endless()

    @property
    def suffice(self) -> bool:
        """Whether there are rows for one text of the greatest length."""
        return sum(map(len, self._texts)) >= LONGEST

    def draw(self) -> Innocent:
        """The next text, of SHORTEST to about LONGEST characters; only where the rows suffice."""
        wanted = int(self._generator.integers(SHORTEST, LONGEST - LONGEST_PARAGRAPH))
        paragraphs: list[str] = []
        while sum(map(len, paragraphs)) < wanted:
            paragraphs.append(next(self._supply))
        return Innocent(tuple(paragraphs))

    def _endless(self) -> Iterator[str]:
        while self._texts:
            for place in self._generator.permutation(len(self._texts)):
                yield self._texts[place]
