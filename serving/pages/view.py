"""What the template of the page shows, worked out beforehand."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from classifier.artifact import Manifest
from classifier.labels import FACET_LABEL, Label, Route
from classifier.records import Evidence, Post, Score
from classifier.text import NormalisedText
from serving.pages import wording
from serving.pages.highlight import Segment, of_field, segments
from serving.pages.languages import language_name
from serving.pages.samples import Sample

REASONS_SHOWN = 5
_REASON_CHARACTERS = 80
_LIGHTEST = 0.005  # anything less would read as 0.00


@dataclass(frozen=True, slots=True)
class Bar:
    """A probability with its name. `value` and the thresholds run from 0 to 100."""

    name: str
    percent: str
    value: float
    review: float | None = None
    review_percent: str = ""
    flagged: bool = False


@dataclass(frozen=True, slots=True)
class Reason:
    """A stretch of text that speaks for the label (positive weight) or against it."""

    text: str
    weight: float


@dataclass(frozen=True, slots=True)
class Reading:
    """The text as evidence for one label, and the facets of that label."""

    label: Label
    name: str
    chosen: bool
    title: tuple[Segment, ...]
    text: tuple[Segment, ...]
    speaking_for: tuple[Reason, ...]
    speaking_against: tuple[Reason, ...]
    facets: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class Result:
    """All that the page says of one scored post."""

    route: Route
    route_name: str
    route_meaning: str
    flagged: str
    bars: tuple[Bar, ...]
    readings: tuple[Reading, ...]
    language: str
    language_name: str
    model: str
    policy: str
    warnings: tuple[str, ...]
    changes: tuple[str, ...]
    normalised: str
    record: str


@dataclass(frozen=True, slots=True)
class Page:
    """The state of the page: what is in the form, and what came of it."""

    text: str = ""
    title: str = ""
    sample: Sample | None = None
    result: Result | None = None
    notice: str | None = None


def build_result(
    post: Post, score: Score, normalised: NormalisedText, manifest: Manifest
) -> Result:
    """`score` must have been explained."""
    likeliest = max(score.scores, key=lambda label: score.scores[label])
    return Result(
        route=score.route,
        route_name=wording.ROUTE_NAMES[score.route],
        route_meaning=wording.ROUTE_MEANINGS[score.route],
        flagged=" and ".join(wording.LABEL_NAMES[label] for label in score.labels),
        bars=tuple(_score_bar(label, score, manifest) for label in score.scores),
        readings=tuple(_reading(post, score, label, likeliest) for label in score.scores),
        language=score.language,
        language_name=language_name(score.language),
        model=score.model,
        policy=score.policy,
        warnings=tuple(map(wording.warning_words, score.warnings)),
        changes=tuple(
            wording.change_words(change.kind, change.count) for change in normalised.changes
        ),
        normalised=normalised.text,
        record=json.dumps(score.to_dict(), ensure_ascii=False, indent=2),
    )


def _score_bar(label: Label, score: Score, manifest: Manifest) -> Bar:
    probability, threshold = score.scores[label], manifest.thresholds[label].review
    return Bar(
        name=wording.LABEL_NAMES[label],
        percent=wording.percent(probability),
        value=100 * probability,
        review=100 * threshold,
        review_percent=wording.percent(threshold),
        flagged=label in score.labels,
    )


def _reading(post: Post, score: Score, label: Label, likeliest: Label) -> Reading:
    evidence = score.evidence or ()
    strongest = max((abs(span.weight) for span in evidence if span.label is label), default=0.0)
    in_title, in_text = of_field(evidence, label, "title"), of_field(evidence, label, "text")
    reasons = [*_reasons(post.title or "", in_title), *_reasons(post.text, in_text)]
    heaviest = sorted(reasons, key=lambda reason: -abs(reason.weight))
    return Reading(
        label=label,
        name=wording.LABEL_NAMES[label],
        chosen=label is likeliest,
        title=segments(post.title or "", in_title, strongest),
        text=segments(post.text, in_text, strongest),
        speaking_for=tuple(r for r in heaviest if r.weight >= _LIGHTEST)[:REASONS_SHOWN],
        speaking_against=tuple(r for r in heaviest if r.weight <= -_LIGHTEST)[:REASONS_SHOWN],
        facets=tuple(
            Bar(wording.FACET_NAMES[facet], wording.percent(probability), 100 * probability)
            for facet, probability in (score.facets or {}).items()
            if FACET_LABEL[facet] is label
        ),
    )


def _reasons(text: str, evidence: Sequence[Evidence]) -> list[Reason]:
    return [Reason(_clip(text[span.start : span.end]), span.weight) for span in evidence]


def _clip(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _REASON_CHARACTERS else text[: _REASON_CHARACTERS - 1] + "…"
