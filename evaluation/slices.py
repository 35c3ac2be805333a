"""Cuts examples into the slices that a report speaks of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from data.languages import family_of, language_of
from data.records import Example

LANGUAGE_ROWS = 60
"""A language with fewer rows is reported within its family."""

DIMENSIONS = ("overall", "language", "family", "slice", "evasion", "source", "length")

# Upper ends in characters, after normalisation.
_LENGTHS = ((100, "under 100"), (300, "100 to 299"), (1_000, "300 to 999"))


@dataclass(frozen=True, slots=True)
class Slice:
    """Rows that share a value of one dimension; `rows` are positions in the examples."""

    dimension: str
    name: str
    rows: NDArray[np.intp]


def cut(examples: Sequence[Example], dimensions: Iterable[str] = DIMENSIONS) -> list[Slice]:
    """Every slice that has rows: dimensions as given, names in alphabetical order within.

    In the dimension `language`, rows of a language under LANGUAGE_ROWS are gathered by family
    as "other <family>". Evasion has, besides each kind, `any`.
    """
    namers: dict[str, Callable[[Example], Iterable[str]]] = {
        "overall": lambda example: ("all",),
        "language": _LanguageNamer(examples),
        "family": lambda example: (family_of(example.language),),
        "slice": lambda example: (example.slice,),
        "evasion": lambda example: ("any", example.evasion) if example.evasion else ("none",),
        "source": lambda example: (example.source,),
        "length": lambda example: (_length(example.text),),
    }
    return [
        piece for dimension in dimensions for piece in _cut(examples, dimension, namers[dimension])
    ]


class _LanguageNamer:
    """Names a row's language, or its family where the language is thin among these examples."""

    def __init__(self, examples: Sequence[Example]) -> None:
        self._rows = Counter(_language(example) for example in examples)

    def __call__(self, example: Example) -> Iterable[str]:
        language = _language(example)
        thin = self._rows[language] < LANGUAGE_ROWS
        return (f"other {family_of(language)}" if thin else language,)


def _cut(
    examples: Sequence[Example], dimension: str, namer: Callable[[Example], Iterable[str]]
) -> list[Slice]:
    members: dict[str, list[int]] = {}
    for row, example in enumerate(examples):
        for name in namer(example):
            members.setdefault(name, []).append(row)
    return [Slice(dimension, name, np.array(members[name])) for name in sorted(members)]


def _language(example: Example) -> str:
    return language_of(example.language, example.text)


def _length(text: str) -> str:
    return next((name for end, name in _LENGTHS if len(text) < end), "1000 and over")
