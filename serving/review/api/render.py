"""From records to what is answered."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import BaseModel
from starlette.responses import Response

from classifier.records import Rejection, Score
from serving.actors import Actor
from serving.review.api import answers, wire
from serving.review.reasons import REASONS
from serving.review.records import (
    Accepted,
    HistoryEntry,
    ItemView,
    Judgement,
    Lease,
    Outcome,
    Page,
    QueueCounts,
)
from serving.scoring.schemas import ErrorRecord, RowError, ScoreRecord


def as_json(content: BaseModel) -> Response:
    """`content` as the body. What a score record leaves out stays out."""
    body = content.model_dump_json(exclude_unset=True).encode()
    return Response(body, media_type="application/json")


def accepted_post(post_id: str, found: Accepted) -> answers.AcceptedPost:
    return answers.AcceptedPost(
        item_id=found.item_id,
        post_id=post_id,
        text_version=found.text_version,
        queued_for=found.queued_for,
        score=_score(found.score),
    )


def rejected_post(found: Rejection, line: int) -> ErrorRecord:
    error = RowError(code=found.error.code, title=found.error.title, detail=found.error.detail)
    return ErrorRecord(id=found.id, line=line, error=error)


def item(view: ItemView, actor: Actor) -> answers.Item:
    return answers.Item(
        id=view.id,
        platform=view.platform,
        post_id=view.post_id,
        version=view.version,
        text_version=view.text_version,
        state=view.state,
        kind=view.kind,
        source=view.source,
        queued_for=view.queued_for,
        queued_at=view.queued_at,
        ranks=answers.Ranks(harm=view.ranks.harm, doubt=view.ranks.doubt, age=view.ranks.age),
        received_at=view.received_at,
        created_at=view.posted_at,
        reach=view.reach,
        language=view.language,
        has_author=view.has_author,
        title=view.title,
        text=view.text,
        url=view.url,
        score=_score(view.score),
        lease=None if view.lease is None else lease(view.lease, actor),
        decision=None if view.outcome is None else _outcome(view.outcome),
        erased_at=view.erased_at,
    )


def platform_item(view: ItemView) -> answers.PlatformItem:
    return answers.PlatformItem(
        id=view.id,
        post_id=view.post_id,
        text_version=view.text_version,
        state=view.state,
        kind=view.kind,
        source=view.source,
        received_at=view.received_at,
        created_at=view.posted_at,
        reach=view.reach,
        title=view.title,
        text=view.text,
        url=view.url,
        score=_score(view.score),
        decision=None if view.outcome is None else _platform_outcome(view.outcome),
        erased_at=view.erased_at,
    )


def page_of(page: Page, actor: Actor) -> answers.Items:
    return answers.Items(items=[item(view, actor) for view in page.items], next=page.next_cursor)


def counts(waiting: QueueCounts) -> answers.Counts:
    return answers.Counts(
        open=waiting.open,
        claimed=waiting.claimed,
        escalated=waiting.escalated,
        open_by_language=dict(waiting.open_by_language),
    )


def lease(held: Lease, actor: Actor) -> answers.Lease:
    return answers.Lease(owner=held.owner, mine=held.owner == actor.id, until=held.until)


def history(entries: Sequence[HistoryEntry]) -> answers.History:
    return answers.History(
        events=[
            answers.Event(
                at=entry.at,
                kind=entry.kind,
                actor=entry.actor,
                version=entry.version,
                facts=dict(entry.facts),
                note=entry.note,
            )
            for entry in entries
        ]
    )


def _score(score: Score) -> ScoreRecord:
    return ScoreRecord.model_validate(score.to_dict())


def _outcome(outcome: Outcome) -> answers.Outcome:
    judgement = outcome.judgement
    return answers.Outcome(
        by=outcome.actor,
        at=outcome.at,
        final_at=outcome.final_at,
        labels=_verdicts(judgement),
        facets=None if judgement.facets is None else dict(judgement.facets),
        action=judgement.action,
        reason=judgement.reason,
        reason_text=REASONS[judgement.reason].words,
        note=judgement.note,
    )


def _platform_outcome(outcome: Outcome) -> answers.PlatformOutcome:
    judgement = outcome.judgement
    return answers.PlatformOutcome(
        at=outcome.at,
        labels=_verdicts(judgement),
        action=judgement.action,
        reason=judgement.reason,
        reason_text=REASONS[judgement.reason].words,
    )


def _verdicts(judgement: Judgement) -> wire.LabelVerdicts:
    return wire.LabelVerdicts(
        **{label.value: verdict for label, verdict in judgement.labels.items()}
    )
