"""Items and judgements for the comparison's tests."""

from __future__ import annotations

from benchmarks.speed.streams import Kind
from classifier.labels import LABELS, Label
from data.records import Example, facets_for


def example(
    number: int, kind: Kind, *, text: str | None = None, source: str | None = None
) -> Example:
    """A row of the test split that is of `kind` in a firehose."""
    positive = kind is Kind.POSITIVE
    labels: dict[Label, bool | None] = dict.fromkeys(LABELS, positive)
    where = "afrisenti" if kind is Kind.POST else "corpus"
    return Example(
        id=f"{where}-{kind.name}-{number:05}",
        group=f"g{number}",
        source=source or where,
        text=text or f"{kind.value} with a name of its own, {_word(number)}",
        language="en",
        labels=labels,
        facets=facets_for(labels, None),
        slice="smuggling_transport" if positive else "neg_travel",
    )


def examples(positives: int, hard: int, posts: int) -> list[Example]:
    sizes = {Kind.POSITIVE: positives, Kind.HARD: hard, Kind.POST: posts}
    return [example(n, kind) for kind, size in sizes.items() for n in range(size)]


def _word(number: int) -> str:
    """Letters for a number: digits are masked as contacts."""
    return "".join(chr(ord("a") + int(digit)) for digit in str(number))
