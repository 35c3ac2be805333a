"""Why a post was flagged, in plain words: what its words say, beside the kinds the model sees.

Deterministic: the same text and score give the same reasons in the same order. What the words say
is quoted, so that the moderator can check it; what the model takes it for says that it may err.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from classifier.labels import FACET_LABEL, Facet
from classifier.reading import joined
from classifier.records import Evidence, Post, Score
from classifier.text import NormalisedText
from serving.pages.review.cues import COUNTER_CUES, Cue, Found, find_cues

LIKELY = 0.5
POSSIBLE = 0.2
"""Facet probabilities from which a kind is called likely, or possible."""

_QUOTE_CHARACTERS = 70

CUE_WORDS: Mapping[Cue, str] = MappingProxyType(
    {
        Cue.PRICE_PER_PERSON: "Names a price per person",
        Cue.PRICE: "Names a price or a sum",
        Cue.PAY_ON_ARRIVAL: "Pay on arrival",
        Cue.MONEY_HELD: "Someone holds the money",
        Cue.FEE_FIRST: "A fee or deposit is asked",
        Cue.NO_PAPERS: "No passport or visa needed",
        Cue.NO_EXPERIENCE: "No experience, interview or exam",
        Cue.PLACES_LEFT: "Counts the places",
        Cue.GUARANTEE: "Promises a guarantee",
        Cue.ROUTE: "Names a route",
        Cue.PRIVATE_CONTACT: "Write privately",
        Cue.CONTACT: "Gives a number or address",
        Cue.QUESTION: "Asks a question",
        Cue.QUOTED: "Puts words in quotation marks",
        Cue.WARNING: "Uses words of warning",
        Cue.REPORT: "Speaks of police, courts or officials",
    }
)

FACET_WORDS: Mapping[Facet, str] = MappingProxyType(
    {
        Facet.TRANSPORT: "offers a crossing",
        Facet.DOCUMENTS: "sells or rents papers",
        Facet.STATUS: "sells a sham marriage, job or course",
        Facet.STAFF: "wants drivers, skippers or guides",
        Facet.LOGISTICS: "sells what crossings need",
        Facet.ADVANCE_FEE: "a fee before work",
        Facet.COMPOUND: "overseas work that traps people",
        Facet.DEBT_OR_DOCUMENTS: "debts to work off, or a kept passport",
        Facet.EXPLOITATION: "lure pay for exploitative work",
        Facet.MULE: "passing on money, parcels or accounts",
        Facet.TASK: "pay by the like, review or order",
        Facet.IMPERSONATION: "an employer's name that is borrowed",
        Facet.BAIT: "a job without employer or duties",
    }
)


@dataclass(frozen=True, slots=True)
class Why:
    """One reason. `quote` is where the post says so; None where the model read the whole text."""

    words: str
    quote: str | None = None


@dataclass(frozen=True, slots=True)
class Reasons:
    """What speaks for an offer, and what occurs where someone asks, warns or reports."""

    speaking_for: tuple[Why, ...]
    speaking_against: tuple[Why, ...]


def find_reasons(post: Post, score: Score, normalised: NormalisedText) -> Reasons:
    """The reasons of `post`; `normalised` is that of its title and text joined.

    The kinds come first, the likeliest at the top, then what is quoted: first where the evidence
    for the likeliest label is heaviest.
    """
    text = joined(post)
    weigh = _Scales(score, text_starts=len(text) - len(post.text))
    found = sorted(find_cues(normalised), key=lambda cue: -weigh(cue))
    return Reasons(
        speaking_for=(
            *_kinds(score),
            *(_quoted(cue, text) for cue in found if cue.cue not in COUNTER_CUES),
        ),
        speaking_against=tuple(_quoted(cue, text) for cue in found if cue.cue in COUNTER_CUES),
    )


def _kinds(score: Score) -> list[Why]:
    """The facets of the labels that are flagged, or of any where none is."""
    shown = [
        (probability, facet)
        for facet, probability in (score.facets or {}).items()
        if probability >= POSSIBLE and (not score.labels or FACET_LABEL[facet] in score.labels)
    ]
    shown.sort(key=lambda pair: -pair[0])
    return [
        Why(f"{'Reads like' if probability >= LIKELY else 'May be'}: {FACET_WORDS[facet]}")
        for probability, facet in shown
    ]


def _quoted(found: Found, text: str) -> Why:
    quote = " ".join(text[found.start : found.end].split())
    if len(quote) > _QUOTE_CHARACTERS:
        quote = quote[: _QUOTE_CHARACTERS - 1] + "…"
    return Why(CUE_WORDS[found.cue], quote)


class _Scales:
    """Weighs a cue by the evidence inside it, for the label with the highest score."""

    def __init__(self, score: Score, text_starts: int) -> None:
        likeliest = max(score.scores, key=lambda label: score.scores[label])
        self._spans = [span for span in score.evidence or () if span.label is likeliest]
        self._text_starts = text_starts

    def __call__(self, found: Found) -> float:
        return sum(span.weight for span in self._spans if self._overlaps(span, found))

    def _overlaps(self, span: Evidence, found: Found) -> bool:
        shift = 0 if span.field == "title" else self._text_starts
        return span.start + shift < found.end and found.start < span.end + shift
