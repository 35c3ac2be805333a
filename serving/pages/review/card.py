"""One item as the templates show it, worked out beforehand."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from classifier.artifact import Manifest
from classifier.reading import joined
from classifier.records import Post
from classifier.text import normalise_with_offsets
from serving.pages.languages import NAMES, SCRIPTS, language_name
from serving.pages.review import wording
from serving.pages.review.reasons import Reasons, find_reasons
from serving.pages.view import Bar, Result, build_result
from serving.pages.wording import LABEL_NAMES
from serving.review.insights import MIN_DECISIONS, Share
from serving.review.records import ItemView

_PREVIEW_CHARACTERS = 280
_NEAR = 0.5  # of the highest score


@dataclass(frozen=True, slots=True)
class ScoreLine:
    """A label's score and how often people agreed at this score."""

    bar: Bar
    precision: str
    interval: str


@dataclass(frozen=True, slots=True)
class Card:
    """The post with all that helps to judge it.

    `weighty` are the words with most evidence for the likeliest label; `veil` is the shape of the
    text without its words.
    """

    headline: str
    lang: str
    language: str
    length: str
    facts: tuple[str, ...]
    result: Result
    reasons: Reasons
    weighty: tuple[str, ...]
    scores: tuple[ScoreLine, ...]
    ranking: tuple[str, ...]
    veil: str
    is_erased: bool


def build_card(
    item: ItemView,
    manifest: Manifest,
    precision: Sequence[Share | None],
    *,
    ranking: tuple[str, ...],
    now: datetime,
) -> Card:
    """`precision` holds, for each label of the score in turn, what is known at that score.

    `ranking` says in words why the item stands where it does.
    """
    is_erased = item.text is None
    score = replace(item.score, evidence=()) if is_erased else item.score
    post = Post(item.id, item.text or "", item.title)
    normalised = normalise_with_offsets(joined(post))
    result = build_result(post, score, normalised, manifest)
    chosen = next(reading for reading in result.readings if reading.chosen)
    return Card(
        headline=_headline(item),
        lang=language_attribute(item.language),
        language=language_name(item.language),
        length=f"{wording.number(len(joined(post)))} characters",
        facts=tuple(_facts(item, now)),
        result=result,
        reasons=find_reasons(post, score, normalised),
        weighty=tuple(dict.fromkeys(reason.text for reason in chosen.speaking_for)),
        scores=tuple(
            _score_line(bar, share) for bar, share in zip(result.bars, precision, strict=True)
        ),
        ranking=ranking,
        veil=veil(joined(post)),
        is_erased=is_erased,
    )


def language_attribute(tag: str) -> str:
    """The tag where it is a known one, "und" otherwise: platforms may send anything."""
    primary, _, script = tag.partition("-")
    return tag if primary in NAMES and (not script or script in SCRIPTS) else "und"


def veil(text: str) -> str:
    """The first stretch of `text` with every letter and digit hidden, so that its shape shows."""
    shape = re.sub(r"\w", "▒", " ".join(text.split())[:_PREVIEW_CHARACTERS])
    return re.sub(r"[^▒ ]", "", shape)


def _headline(item: ItemView) -> str:
    """The labels that are flagged, the likeliest first and what is far behind it as such."""
    scores = item.score.scores
    if not item.score.labels:
        reason = item.queued_for and wording.QUEUED_FOR_NAMES[item.queued_for]
        return f"Not flagged: here for {reason}" if reason else "Not flagged"
    first, *others = sorted(item.score.labels, key=lambda label: -scores[label])
    words = LABEL_NAMES[first]
    for label in others:
        near = scores[label] >= scores[first] * _NEAR
        words += f"{' and' if near else ', less likely'} {LABEL_NAMES[label].lower()}"
    return words


def _facts(item: ItemView, now: datetime) -> list[str]:
    facts = [
        wording.KIND_NAMES[item.kind],
        language_name(item.language),
        item.platform,
        wording.SOURCE_NAMES[item.source].lower(),
    ]
    if item.reach is not None:
        facts.append(f"seen by {wording.number(item.reach)} people")
    if item.posted_at is not None:
        facts.append(f"posted {wording.age_words(item.posted_at, now)}")
    return [*facts, f"received {wording.age_words(item.received_at, now)}"]


def _score_line(bar: Bar, share: Share | None) -> ScoreLine:
    if share is None:
        unknown = f"How often right: from {MIN_DECISIONS} decisions on"
        return ScoreLine(bar, "", unknown)
    low, high = wording.of_hundred(share.low), wording.of_hundred(share.high)
    return ScoreLine(
        bar,
        f"Right {wording.of_hundred(share.share)} of 100 at this score",
        f"between {low} and {high}, from {wording.number(share.count)} decisions",
    )
