"""One cleaning for every source: the same normalisation that a text gets before it is scored."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from classifier.records import MAX_TEXT_CHARACTERS
from data.records import Example


@dataclass(frozen=True, slots=True)
class Cleaned:
    """What is left, and how many were dropped for which reason."""

    examples: list[Example]
    empty: int
    too_long: int


def clean(examples: Iterable[Example], normalise: Callable[[str], str]) -> Cleaned:
    """Normalise every text, its contacts to placeholders included, and drop what cannot be scored.

    The public sets' own contact masks become the placeholders of scoring on the way, so that a
    mask never marks a source.
    """
    kept: list[Example] = []
    empty = too_long = 0
    for example in examples:
        text = normalise(example.text)
        if not text.strip():
            empty += 1
        elif len(text) > MAX_TEXT_CHARACTERS:
            too_long += 1
        else:
            kept.append(replace(example, text=text))
    return Cleaned(kept, empty, too_long)
