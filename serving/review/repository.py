"""SQL about single items: their rows, texts, scores, notes and events."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import delete, insert, or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from classifier.records import Score
from serving.audit.models import Event
from serving.audit.records import Draft, EventKind
from serving.review.changes import columns_of
from serving.review.conditions import in_state
from serving.review.derive import Standing, read_event
from serving.review.models import Item, Note, PostText, ScoreRow, Skip
from serving.review.records import State
from serving.review.score_json import write_score


def get(session: Session, item_id: str) -> Item | None:
    return session.get(Item, item_id)


def lock(session: Session, item_id: str) -> Item | None:
    """The item, which no other transaction changes until this one ends."""
    return session.get(Item, item_id, with_for_update=True)


def with_marks(session: Session, marks: Iterable[str]) -> Sequence[Item]:
    """The items of these posts."""
    return session.scalars(select(Item).where(Item.post_mark.in_(list(marks)))).all()


def lock_with_marks(session: Session, marks: Iterable[str], *, wait: bool = True) -> Sequence[Item]:
    """As `with_marks`, locked in the order of their ids, so that no two batches lock crosswise.

    Who holds other items already must not `wait`: an item that is held then raises what `retried`
    begins anew for.
    """
    query = select(Item).where(Item.post_mark.in_(list(marks))).order_by(Item.id)
    return session.scalars(query.with_for_update(nowait=not wait)).all()


def lock_many(session: Session, item_ids: Sequence[str]) -> Sequence[Item]:
    query = select(Item).where(Item.id.in_(item_ids)).order_by(Item.id)
    return session.scalars(query.with_for_update()).all()


def outdated(session: Session, model: str, policy: str, after: str, limit: int) -> Sequence[Item]:
    """Waiting items that another model or policy scored, by id, behind `after`."""
    query = (
        select(Item)
        .where(
            or_(in_state(State.OPEN), in_state(State.ESCALATED)),
            or_(Item.model != model, Item.policy != policy),
            Item.id > after,
        )
        .order_by(Item.id)
        .limit(limit)
    )
    return session.scalars(query).all()


def insert_unless_there(session: Session, item_id: str, standing: Standing) -> Item | None:
    """The new row; None where the post has one, which another transaction may just have made."""
    dialect = session.get_bind().dialect.name
    statement = (postgresql.insert if dialect == "postgresql" else sqlite.insert)(Item)
    made = session.scalars(
        statement.values(id=item_id, **columns_of(standing))
        .on_conflict_do_nothing(index_elements=["post_mark"])
        .returning(Item)
    )
    return made.one_or_none()


def add_text(
    session: Session,
    item: Item,
    *,
    post_id: str,
    title: str | None,
    text: str,
    url: str | None,
) -> None:
    session.add(
        PostText(
            item_id=item.id,
            text_version=item.text_version,
            post_id=post_id,
            title=title,
            text=text,
            url=url,
        )
    )


def texts(session: Session, items: Iterable[Item]) -> Mapping[str, PostText]:
    """The current text of each item that has one, by the item's id."""
    query = (
        select(PostText)
        .join(Item, (Item.id == PostText.item_id) & (Item.text_version == PostText.text_version))
        .where(Item.id.in_([item.id for item in items]))
    )
    return {row.item_id: row for row in session.scalars(query)}


def score_rows(session: Session, items: Iterable[Item]) -> Mapping[str, ScoreRow]:
    """The score that stands, by the item's id."""
    query = (
        select(ScoreRow)
        .join(
            Item,
            (Item.id == ScoreRow.item_id)
            & (Item.text_version == ScoreRow.text_version)
            & (Item.model == ScoreRow.model)
            & (Item.policy == ScoreRow.policy),
        )
        .where(Item.id.in_([item.id for item in items]))
    )
    return {row.item_id: row for row in session.scalars(query)}


def add_score(session: Session, item: Item, score: Score, at: datetime) -> None:
    """Store the first score of the text that `item` has now."""
    session.add(_score_row(item, score, at))


def put_score(session: Session, item: Item, score: Score, at: datetime) -> None:
    """Store a score; in the place of one that the same model and policy gave the same text."""
    session.merge(_score_row(item, score, at))


def _score_row(item: Item, score: Score, at: datetime) -> ScoreRow:
    return ScoreRow(
        item_id=item.id,
        text_version=item.text_version,
        model=score.model,
        policy=score.policy,
        scored_at=at,
        record=write_score(score),
    )


def decisions(session: Session, items: Iterable[Item]) -> Mapping[str, Event]:
    """The event of the decision that stands, by the item's id."""
    query = (
        select(Event)
        .where(
            Event.item_id.in_([item.id for item in items]),
            Event.kind == EventKind.DECIDED.value,
        )
        .order_by(Event.position)
    )
    return {str(row.item_id): row for row in session.scalars(query)}


def events(session: Session, item_id: str) -> Sequence[Draft]:
    """What happened to the item, the oldest first."""
    query = select(Event).where(Event.item_id == item_id).order_by(Event.position)
    return [read_event(row) for row in session.scalars(query)]


def changes_since(session: Session, item_id: str, version: int) -> Sequence[Event]:
    """The events that raised the version above `version`, the oldest first."""
    query = (
        select(Event)
        .where(Event.item_id == item_id, Event.item_version > version)
        .order_by(Event.position)
    )
    return session.scalars(query).all()


def last_event(session: Session, item_id: str, *kinds: EventKind) -> Event | None:
    """The latest change of the item, of one of `kinds` where they are given."""
    query = select(Event).where(Event.item_id == item_id, Event.item_version.is_not(None))
    if kinds:
        query = query.where(Event.kind.in_([kind.value for kind in kinds]))
    return session.scalars(query.order_by(Event.position.desc()).limit(1)).one_or_none()


def notes(session: Session, item_ids: Iterable[str]) -> Mapping[tuple[str, int], str]:
    """What people wrote, by item and version."""
    query = select(Note).where(Note.item_id.in_(list(item_ids)))
    return {(row.item_id, row.version): row.text for row in session.scalars(query)}


def add_skip(session: Session, item_id: str, actor: str) -> None:
    if session.get(Skip, (item_id, actor)) is None:
        session.execute(insert(Skip).values(item_id=item_id, actor=actor))


def forget_skips(session: Session, item_id: str) -> None:
    session.execute(delete(Skip).where(Skip.item_id == item_id))


def body_of(row: Event) -> Mapping[str, object]:
    body: Mapping[str, object] = json.loads(row.body)
    return body
