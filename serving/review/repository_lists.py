"""SQL of lists: pages of items by place, and counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from serving.body import scrub
from serving.review.conditions import FLAGGED, in_state
from serving.review.models import Item, PostText
from serving.review.records import Filters, QueueCounts, SearchQuery, State


class Order(Enum):
    """By what a list is sorted, from large to small."""

    HARM = "rank_harm"
    OLDEST = "rank_age"
    NEWEST = "received_at"

    @property
    def column(self) -> InstrumentedAttribute[Any]:
        column: InstrumentedAttribute[Any] = getattr(Item, self.value)
        return column

    def value_of(self, item: Item) -> float | datetime:
        value: float | datetime = getattr(item, self.value)
        return value


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page begins: behind this value, and behind this item where it has the value too."""

    value: float | datetime
    item_id: str


def page(
    session: Session, query: Select[Any], order: Order, after: Place | None, limit: int
) -> Sequence[Item]:
    column = order.column
    if after is not None:
        behind = and_(column == after.value, Item.id > after.item_id)
        query = query.where(column <= after.value, or_(column < after.value, behind))
    return session.scalars(query.order_by(column.desc(), Item.id).limit(limit)).all()


def of_state(state: State, filters: Filters, platform: str | None) -> Select[Any]:
    query = select(Item).where(in_state(state), *_matching_filters(filters))
    if filters.languages is not None:
        query = query.where(Item.language.in_(sorted(filters.languages)))
    return query if platform is None else query.where(Item.platform == platform)


def matching(
    search: SearchQuery, post_marks: tuple[str, ...] | None, platform: str | None
) -> Select[Any]:
    """`post_marks` is what the post that is looked for may be stored under."""
    query = select(Item)
    if post_marks is not None:
        query = query.where(Item.post_mark.in_(post_marks))
    text_conditions = _text_conditions(search, by_post_id=post_marks is None)
    if text_conditions:
        text = exists().where(
            PostText.item_id == Item.id,
            PostText.text_version == Item.text_version,
            *text_conditions,
        )
        query = query.where(text)
    wanted = {
        Item.platform: search.platform,
        Item.kind: search.kind,
        Item.action: search.action,
        Item.decided_by: search.decided_by,
    }
    for column, value in wanted.items():
        if value is not None:
            query = query.where(column == scrub(value))
    if platform is not None:
        query = query.where(Item.platform == platform)
    if search.state is not None:
        query = query.where(in_state(search.state))
    if search.label is not None:
        query = query.where(FLAGGED[search.label])
    if search.languages is not None:
        query = query.where(Item.language.in_(sorted(search.languages)))
    if search.received_from is not None:
        query = query.where(Item.received_at >= search.received_from)
    if search.received_before is not None:
        query = query.where(Item.received_at < search.received_before)
    return query


def counts(session: Session, platform: str | None, now: datetime) -> QueueCounts:
    own = [] if platform is None else [Item.platform == platform]
    waiting = (
        select(Item.language, func.count())
        .where(in_state(State.OPEN), *own)
        .group_by(Item.language)
        .order_by(func.count().desc(), Item.language)
    )
    by_language = dict(session.execute(waiting).all())
    return QueueCounts(
        open=sum(by_language.values()),
        claimed=_count(
            session,
            in_state(State.OPEN),
            Item.lease_owner.is_not(None),  # the index knows the few of a million
            Item.lease_until > now,
            *own,
        ),
        escalated=_count(session, in_state(State.ESCALATED), *own),
        open_by_language=by_language,
    )


def _matching_filters(filters: Filters) -> list[ColumnElement[bool]]:
    """The conditions of `filters` but the languages."""
    conditions: list[ColumnElement[bool]] = []
    if filters.label is not None:
        conditions.append(FLAGGED[filters.label])
    if filters.kind is not None:
        conditions.append(Item.kind == filters.kind.value)
    if filters.older_than is not None:
        conditions.append(Item.queued_at < filters.older_than)
    return conditions


def _count(session: Session, *conditions: ColumnElement[bool]) -> int:
    return session.scalars(select(func.count()).select_from(Item).where(*conditions)).one()


def _text_conditions(search: SearchQuery, *, by_post_id: bool) -> list[Any]:
    conditions: list[Any] = []
    if by_post_id and search.post_id is not None:
        conditions.append(PostText.post_id == scrub(search.post_id))
    if search.words:
        conditions += [
            or_(
                PostText.text.icontains(word, autoescape=True),
                PostText.title.icontains(word, autoescape=True),
            )
            for word in scrub(search.words).split()
        ]
    return conditions
