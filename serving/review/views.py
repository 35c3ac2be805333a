"""From rows to what is shown."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from classifier.labels import Facet, Label, Route
from serving.actors import Actor
from serving.audit.models import Event
from serving.review import repository
from serving.review.models import Item, PostText, ScoreRow
from serving.review.records import (
    Decided,
    ItemView,
    Judgement,
    Lease,
    Outcome,
    PostKind,
    QueuedFor,
    Ranks,
    Source,
    State,
)
from serving.review.score_json import read_score

MODERATOR = "moderator"
"""What a platform is told in the place of a person's name."""


def views(
    session: Session, items: Sequence[Item], actor: Actor, now: datetime
) -> tuple[ItemView, ...]:
    """`items` as `actor` may see them at `now`, in the same order."""
    texts = repository.texts(session, items)
    scores = repository.score_rows(session, items)
    decided = [item for item in items if item.state == State.DECIDED]
    decisions = repository.decisions(session, decided) if decided else {}
    notes = repository.notes(session, decisions) if decisions else {}
    shown = []
    for item in items:
        event = decisions.get(item.id)
        note = None if event is None else notes.get((item.id, event.item_version or 0))
        outcome = None if event is None else outcome_of(item, event, note)
        view = _view(item, texts.get(item.id), scores[item.id], outcome, now)
        shown.append(view if actor.platform is None else _for_platform(view, event, now))
    return tuple(shown)


def outcome_of(item: Item, event: Event, note: str | None) -> Outcome:
    """The decision of `item`; `event` is the one that recorded it."""
    body: dict[str, Any] = json.loads(event.body)
    facets = body.get("facets")
    return Outcome(
        actor=event.actor,
        at=event.at,
        final_at=item.final_at or event.at,
        judgement=Judgement(
            labels={label: body[label.value] for label in Label},
            action=Decided(body["action"]),
            reason=body["reason"],
            facets=None
            if facets is None
            else {Facet(name): value for name, value in facets.items()},
            note=note,
        ),
    )


def lease_of(item: Item, now: datetime) -> Lease | None:
    """Who holds `item` at `now`."""
    if item.lease_owner is None or item.lease_until is None or item.lease_until <= now:
        return None
    return Lease(item.lease_owner, item.lease_until)


def _view(
    item: Item, text: PostText | None, score: ScoreRow, outcome: Outcome | None, now: datetime
) -> ItemView:
    return ItemView(
        id=item.id,
        platform=item.platform,
        version=item.version,
        text_version=item.text_version,
        state=State(item.state),
        kind=PostKind(item.kind),
        source=Source(item.source),
        queued_for=None if item.queued_for is None else QueuedFor(item.queued_for),
        queued_at=item.queued_at,
        received_at=item.received_at,
        posted_at=item.posted_at,
        reach=item.reach,
        language=item.language,
        route=Route(item.route),
        ranks=Ranks(item.rank_harm, item.rank_doubt, item.rank_age),
        lease=lease_of(item, now),
        score=read_score(score.record),
        outcome=outcome,
        has_author=item.author_mark is not None,
        post_id=None if text is None else text.post_id,
        title=None if text is None else text.title,
        text=None if text is None else text.text,
        url=None if text is None else text.url,
        erased_at=item.erased_at,
    )


def _for_platform(view: ItemView, decision: Event | None, now: datetime) -> ItemView:
    """Without who works on it, and as it was before a decision that can still be undone."""
    if decision is not None and view.outcome is not None and view.outcome.final_at > now:
        before = State(str(repository.body_of(decision)["from"]))
        view = replace(view, state=before, outcome=None)
    if view.outcome is not None:
        view = replace(view, outcome=replace(view.outcome, actor=MODERATOR))
    return replace(view, lease=None)
