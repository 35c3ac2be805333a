"""Finds the words that an attack may touch, in any script.

Contacts stay as they are: whoever posts an advert wants to be reached.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from itertools import groupby

import numpy as np

from classifier.text.scripts import UNSPACED

SHORTEST = 3
"""Letters, each with its marks, of a word that is worth a disguise."""

_CONTACT = re.compile(r"\[[A-Z]+\]|\S*(?:@|://)\S*")
_UNSPACED_LETTER = re.compile(f"[{UNSPACED}]")
_UNSPACED_LENGTH = 4


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a text, `end` exclusive, in code points."""

    start: int
    end: int

    def of(self, text: str) -> str:
        return text[self.start : self.end]


def words_of(text: str) -> list[Span]:
    """Runs of letters and their marks outside contacts, in order.

    Scripts without spaces have no words to be seen; their runs are cut every four letters.
    """
    contact = {place for match in _CONTACT.finditer(text) for place in range(*match.span())}
    spans: list[Span] = []
    runs = groupby(range(len(text)), lambda place: place not in contact and _is_letter(text[place]))
    for is_word, places in runs:
        if is_word:
            run = list(places)
            spans += _cut(text, Span(run[0], run[-1] + 1))
    return spans


def letters_of(word: str) -> list[str]:
    """The letters of a word, each with the marks that belong to it."""
    letters: list[str] = []
    for character in word:
        if letters and unicodedata.category(character).startswith("M"):
            letters[-1] += character
        else:
            letters.append(character)
    return letters


def change_words(
    text: str, generator: np.random.Generator, share: float, change: Callable[[list[str]], str]
) -> str:
    """Put `change(letters)` in place of a share of the words of SHORTEST letters, one at least."""
    long_enough = [span for span in words_of(text) if len(letters_of(span.of(text))) >= SHORTEST]
    if not long_enough:
        return text
    count = max(1, round(share * len(long_enough)))
    chosen = generator.choice(len(long_enough), count, replace=False)
    spans = [long_enough[index] for index in sorted(chosen)]
    return replaced(text, spans, [change(letters_of(span.of(text))) for span in spans])


def replaced(text: str, spans: list[Span], texts: list[str]) -> str:
    """The text with other texts in place of its spans, which are in order and do not overlap."""
    parts: list[str] = []
    position = 0
    for span, new in zip(spans, texts, strict=True):
        parts += (text[position : span.start], new)
        position = span.end
    return "".join([*parts, text[position:]])


def _cut(text: str, run: Span) -> list[Span]:
    if not _UNSPACED_LETTER.match(text[run.start]):
        return [run]
    letters = letters_of(run.of(text))
    spans: list[Span] = []
    start = run.start
    for first in range(0, len(letters), _UNSPACED_LENGTH):
        end = start + len("".join(letters[first : first + _UNSPACED_LENGTH]))
        spans.append(Span(start, end))
        start = end
    return spans


def _is_letter(character: str) -> bool:
    return unicodedata.category(character)[0] in "LM"
