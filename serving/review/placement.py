"""Where a scored post goes, and the columns of its row that its score fills."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass
from datetime import datetime

from classifier.artifact import Manifest
from classifier.labels import Label, Route
from classifier.records import Score
from classifier.routing import Thresholds
from serving.review.models import Item
from serving.review.ranking import ranks, strongest_facet
from serving.review.records import QueuedFor, Source


@dataclass(frozen=True, slots=True)
class Rules:
    """What placing a post depends on beside the post: of the model, and a setting.

    `languages` are the tags that the model tells apart.
    """

    thresholds: Mapping[Label, Thresholds]
    languages: Set[str]
    sample_share: float

    @classmethod
    def of(cls, manifest: Manifest, sample_share: float) -> Rules:
        return cls(manifest.thresholds, frozenset(manifest.languages), sample_share)


def queued_for(score: Score, source: Source, draw: float, rules: Rules) -> QueuedFor | None:
    """Why a post is queued; None for one that is cleared.

    Chance comes before the notice, so that the sample is one of all that the model clears.
    """
    if score.route is not Route.CLEAR:
        return QueuedFor.SCORE
    if draw < rules.sample_share:
        return QueuedFor.SAMPLE
    return None if source is Source.VOLUNTARY else QueuedFor.NOTICE


def sampling_probability(reason: QueuedFor | None, rules: Rules) -> float:
    """How probable it was that the post is queued, given its score and who brought it."""
    return 1.0 if reason in (QueuedFor.SCORE, QueuedFor.NOTICE) else rules.sample_share


def score_columns(score: Score) -> dict[str, object]:
    """All that follow from the score but the ranks and the language."""
    facet = strongest_facet(score)
    return {
        "smuggling_service": score.scores[Label.SMUGGLING_SERVICE],
        "fake_job": score.scores[Label.FAKE_JOB],
        "flagged_smuggling_service": Label.SMUGGLING_SERVICE in score.labels,
        "flagged_fake_job": Label.FAKE_JOB in score.labels,
        "route": score.route.value,
        "facet": None if facet is None else facet.value,
        "model": score.model,
        "policy": score.policy,
    }


def rank_columns(
    score: Score,
    rules: Rules,
    *,
    source: Source,
    reach: int | None,
    characters: int,
    waiting_since: datetime,
) -> dict[str, float]:
    found = ranks(
        score,
        rules.thresholds,
        source=source,
        reach=reach,
        characters=characters,
        waiting_since=waiting_since,
    )
    return {"rank_harm": found.harm, "rank_doubt": found.doubt, "rank_age": found.age}


def rescored(item: Item, score: Score, rules: Rules) -> dict[str, object]:
    """The body of the event that gives `item` a new `score` of the same text."""
    since = item.queued_at or item.received_at
    ranked = rank_columns(
        score,
        rules,
        source=Source(item.source),
        reach=item.reach,
        characters=item.characters,
        waiting_since=since,
    )
    before = ("smuggling_service", "fake_job", "route", "model", "policy")
    return {
        "before": {name: getattr(item, name) for name in before},
        "after": {**score_columns(score), **ranked},
    }
