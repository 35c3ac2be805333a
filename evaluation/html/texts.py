"""The hardest errors on the page, with the words that spoke for and against."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from classifier.records import Evidence
from evaluation.hardest import HardError, Kind
from evaluation.html.markup import Markup, element, folded, join

_FAINTEST = 0.1
"""Share of the heaviest weight below which a word is not marked: nearly every word has some."""


def errors_section(errors: Sequence[HardError]) -> Markup:
    """A folded list for each label and kind of error."""
    lists = []
    for label in dict.fromkeys(error.label for error in errors):
        for kind in Kind:
            chosen = [error for error in errors if (error.label, error.kind) == (label, kind)]
            if chosen:
                summary = f"{label.value}, {kind.value} ({len(chosen)})"
                lists.append(folded(summary, element("ol", *map(_item, chosen), class_="errors")))
    return join(lists)


def highlighted(text: str, evidence: Sequence[Evidence]) -> Markup:
    """The text with its evidence marked in three strengths; where spans overlap, the heavier."""
    heaviest = max((abs(span.weight) for span in evidence), default=0.0)
    edges = {0, len(text)}
    for span in evidence:
        edges |= {min(max(end, 0), len(text)) for end in (span.start, span.end)}
    return join(
        _stretch(text[start:end], _weight(evidence, start, end), heaviest)
        for start, end in pairwise(sorted(edges))
    )


def _item(error: HardError) -> Markup:
    example = error.example
    facts = f"{example.id} · {example.language} · {example.slice}"
    scored = f"score {error.probability:.3f}, threshold {error.cut:.3f}"
    text = highlighted(example.text, error.evidence)
    return element(
        "li",
        element("p", text, class_="post", dir="auto", lang=example.language),
        element("p", f"{facts} · {scored}", class_="quiet"),
    )


def _weight(evidence: Sequence[Evidence], start: int, end: int) -> float:
    covering = (span.weight for span in evidence if span.start <= start and end <= span.end)
    return max(covering, key=abs, default=0.0)


def _stretch(text: str, weight: float, heaviest: float) -> Markup | str:
    share = abs(weight) / heaviest if heaviest else 0.0
    if share < _FAINTEST:
        return text
    strength = 1 + (share > 1 / 3) + (share > 2 / 3)
    side = "for" if weight > 0 else "against"
    return element("mark", text, class_=f"{side} s{strength}", title=f"{side}, {weight:+.2f}")
