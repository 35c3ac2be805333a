"""SQL of the team's figures. Everything is counted in the database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Float, Row, and_, case, cast, exists, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from classifier.labels import Label, Route
from serving.audit.models import Event
from serving.audit.records import EventKind
from serving.policy import Action, Role, may
from serving.review.conditions import in_state, is_sample
from serving.review.models import Item, Skip
from serving.review.records import Source, State
from serving.users.models import User

BANDS = 10
"""Scores are told apart by tenths."""

SCORE: Mapping[Label, InstrumentedAttribute[float]] = {
    Label.SMUGGLING_SERVICE: Item.smuggling_service,
    Label.FAKE_JOB: Item.fake_job,
}
JUDGED: Mapping[Label, InstrumentedAttribute[bool | None]] = {
    Label.SMUGGLING_SERVICE: Item.judged_smuggling_service,
    Label.FAKE_JOB: Item.judged_fake_job,
}

_HARMFUL = or_(*(judged.is_(True) for judged in JUDGED.values()))
_CLEAN = and_(*(judged.is_(False) for judged in JUDGED.values()))


@dataclass(frozen=True, slots=True)
class Weighted:
    """Sums over decisions: how many, of their weights, of those with the label, of the squares."""

    count: int
    weight: float
    weight_true: float
    weight_squared: float


def waiting(session: Session, *conditions: ColumnElement[bool]) -> tuple[int, datetime | None]:
    """How many items meet `conditions`, and when the first of them was queued."""
    query = select(func.count(), func.min(Item.queued_at)).select_from(Item).where(*conditions)
    count, oldest = session.execute(query).one()
    return count, oldest


def waiting_by_language(session: Session) -> Sequence[Row[str, int, datetime | None]]:
    query = (
        select(Item.language, func.count(), func.min(Item.queued_at))
        .where(in_state(State.OPEN))
        .group_by(Item.language)
        .order_by(Item.language)
    )
    return session.execute(query).all()


def languages_read(session: Session) -> frozenset[str] | None:
    """What the people who review can read together; None for everything."""
    roles = [role.value for role in Role if may(role, Action.WORK_QUEUE)]
    query = select(User.languages).where(User.role.in_(roles), User.disabled_at.is_(None))
    read: set[str] = set()
    for languages in session.scalars(query):
        if languages is None:
            return None
        read.update(languages.split())
    return frozenset(read)


def was_skipped() -> ColumnElement[bool]:
    return exists().where(Skip.item_id == Item.id)


def final(now: datetime, since: datetime | None = None) -> ColumnElement[bool]:
    """Items whose decision is final at `now`."""
    decided = and_(in_state(State.DECIDED), Item.final_at <= now)
    return decided if since is None else and_(decided, Item.decided_at >= since)


def decided_by(
    session: Session, column: Any, decided: ColumnElement[bool]
) -> Sequence[tuple[Any, int]]:
    query = select(column, func.count()).select_from(Item).where(decided).group_by(column)
    return [(value, count) for value, count in session.execute(query.order_by(column))]


def day(session: Session) -> Any:
    """The day of the decision in UTC, as text."""
    if session.get_bind().dialect.name == "postgresql":
        return func.to_char(func.timezone("UTC", Item.decided_at), "YYYY-MM-DD")
    return func.date(Item.decided_at)


def judged(session: Session, label: Label, decided: ColumnElement[bool]) -> tuple[int, int, int]:
    """How many decisions say true, false and cannot tell."""
    column = JUDGED[label]
    query = select(
        func.count().filter(column.is_(True)),
        func.count().filter(column.is_(False)),
        func.count().filter(column.is_(None)),
    ).select_from(Item)
    true, false, unknown = session.execute(query.where(decided)).one()
    return true, false, unknown


def flagged_and_overturned(session: Session, decided: ColumnElement[bool]) -> tuple[int, int]:
    """Decisions about what the model had flagged, and those of them that found nothing."""
    query = select(func.count(), func.count().filter(_CLEAN)).select_from(Item)
    flagged, overturned = session.execute(
        query.where(decided, Item.route != Route.CLEAR.value)
    ).one()
    return flagged, overturned


def minutes_to_decision(
    session: Session, decided: ColumnElement[bool], rank: int, count: int
) -> Sequence[float]:
    """From the queue to the decision: `count` values from the `rank`-th smallest on, from 0."""
    if session.get_bind().dialect.name == "postgresql":
        seconds: Any = func.extract("epoch", Item.decided_at - Item.queued_at)
    else:
        days = func.julianday(Item.decided_at) - func.julianday(Item.queued_at)
        seconds = days * 86_400
    minutes = cast(seconds, Float) / 60
    query = select(minutes).where(decided).order_by(minutes).offset(rank).limit(count)
    return [float(value) for value in session.scalars(query)]


def claims_by_actor(session: Session, since: datetime, actor: str | None) -> Mapping[str, int]:
    query = (
        select(Event.actor, func.count())
        .where(Event.kind == EventKind.CLAIMED.value, Event.at >= since)
        .group_by(Event.actor)
    )
    if actor is not None:
        query = query.where(Event.actor == actor)
    return dict(session.execute(query).all())


def decisions_by_actor(
    session: Session, decided: ColumnElement[bool], actor: str | None
) -> Mapping[str, tuple[int, int]]:
    """How many each person decided, and how many of them with a label true."""
    query = (
        select(Item.decided_by, func.count(), func.count().filter(_HARMFUL))
        .where(decided)
        .group_by(Item.decided_by)
    )
    if actor is not None:
        query = query.where(Item.decided_by == actor)
    return {str(who): (count, harmful) for who, count, harmful in session.execute(query)}


def sampled(session: Session, decided: ColumnElement[bool]) -> Weighted:
    """Decisions about the random sample of the cleared, without those that could not be told."""
    told = or_(_HARMFUL, _CLEAN)
    weight = 1 / Item.sampling_probability
    row = session.execute(_sums(weight, _HARMFUL).where(decided, is_sample(), told)).one()
    return _weighted(row)


def bands(session: Session, label: Label, decided: ColumnElement[bool]) -> Mapping[int, Weighted]:
    """Decisions about `label` by the tenth that its score lies in."""
    score, column = SCORE[label], JUDGED[label]
    band = case(
        *((score < (index + 1) / BANDS, index) for index in range(BANDS - 1)), else_=BANDS - 1
    )
    # What somebody reported is queued for certain, whether or not chance had picked it before.
    weight = case((Item.source != Source.VOLUNTARY.value, 1.0), else_=1 / Item.sampling_probability)
    query = _sums(weight, column.is_(True)).add_columns(band.label("band"))
    query = query.where(decided, column.is_not(None)).group_by("band")
    return {row.band: _weighted(row) for row in session.execute(query)}


def _sums(weight: ColumnElement[Any], true: ColumnElement[bool]) -> Any:
    return select(
        func.count().label("count"),
        func.sum(weight).label("weight"),
        func.sum(case((true, weight), else_=0.0)).label("weight_true"),
        func.sum(weight * weight).label("weight_squared"),
    ).select_from(Item)


def _weighted(row: Row[Any]) -> Weighted:
    sums = (row.weight, row.weight_true, row.weight_squared)
    return Weighted(row[0], *(float(value or 0) for value in sums))
