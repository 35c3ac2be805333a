"""The statement that claims the next item, and the one that keeps a claim alive.

Claiming is one UPDATE of one row. Which one is found in two steps: the first free candidates, read
from the end of the partial index of each language and merged, then the first of them that no other
transaction is just taking (`FOR UPDATE SKIP LOCKED`; SQLite, with its one writer, does without).
PostgreSQL looks at a row again once it has locked it, so a row that another transaction took in
between does not count as free. `docs/decisions/0009-queue-order-and-claims.md` has the plan.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    BindParameter,
    Select,
    Subquery,
    bindparam,
    exists,
    literal_column,
    or_,
    select,
    union_all,
    update,
)
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased
from sqlalchemy.sql.dml import ReturningUpdate

from classifier.labels import Label
from serving.actors import Actor
from serving.review.conditions import FLAGGED, in_state, is_sample
from serving.review.models import Item, Skip
from serving.review.ranking import Slot
from serving.review.records import Filters, State

CANDIDATES = 100
"""How many free items are looked at: more than there are transactions that take one just now."""

RANK: dict[Slot, InstrumentedAttribute[float]] = {
    Slot.HARM: Item.rank_harm,
    Slot.DOUBT: Item.rank_doubt,
    Slot.AGE: Item.rank_age,
    Slot.SAMPLE: Item.rank_age,
    Slot.ESCALATED: Item.rank_age,
}


@dataclass(frozen=True, slots=True)
class Claim:
    """Who wants the next item of which kind, and until when."""

    actor: Actor
    slot: Slot
    filters: Filters
    at: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class _Shape:
    """What the text of the statement depends on; all else is bound to it."""

    slot: Slot
    languages: int | None
    label: Label | None
    by_kind: bool
    by_age: bool
    by_platform: bool


def claim_next(session: Session, claim: Claim) -> Item | None:
    """Lease the first free item to the actor; None where there is none for them."""
    filters, platform = claim.filters, claim.actor.platform
    languages = None if filters.languages is None else sorted(filters.languages)
    if languages == []:
        return None  # in no language there is nothing
    shape = _Shape(
        slot=claim.slot,
        languages=None if languages is None else len(languages),
        label=filters.label,
        by_kind=filters.kind is not None,
        by_age=filters.older_than is not None,
        by_platform=platform is not None,
    )
    # A value that bears the name of a column would be written into it.
    values = {
        "owner": claim.actor.id,
        "at": claim.at,
        "until": claim.until,
        "of_kind": filters.kind and filters.kind.value,
        "older_than": filters.older_than,
        "of_platform": platform,
        **{f"language_{place}": tag for place, tag in enumerate(languages or ())},
    }
    return session.scalars(_statement(shape), values).one_or_none()


def extend(session: Session, item_id: str, owner: str, at: datetime, until: datetime) -> bool:
    """Renew a lease that has not run out; False where there is none."""
    statement = (
        update(Item)
        .where(Item.id == item_id, Item.lease_owner == owner, Item.lease_until > at)
        .values(lease_until=until)
        .returning(Item.id)
        .execution_options(synchronize_session=False)
    )
    return session.scalars(statement).one_or_none() is not None


def held_by(session: Session, owner: str, at: datetime) -> Sequence[Item]:
    query = select(Item).where(Item.lease_owner == owner, Item.lease_until > at)
    return session.scalars(query.order_by(Item.lease_until, Item.id)).all()


@lru_cache(maxsize=256)
def _statement(shape: _Shape) -> ReturningUpdate[Item]:
    # To put it together takes longer than to run it.
    candidates = _candidates(shape)
    row = aliased(Item)
    first = (
        select(row.id)
        .join(candidates, candidates.c.id == row.id)
        .where(
            # Another transaction may have changed these: they are asked again of the locked row.
            row.state == _state(shape).value,
            or_(row.lease_until.is_(None), row.lease_until <= _bound(Item.lease_until, "at")),
        )
        .order_by(candidates.c.rank.desc())
        .limit(1)
        .with_for_update(skip_locked=True, of=row)
        .scalar_subquery()
    )
    return (
        update(Item)
        .where(Item.id == first)
        .values(
            lease_owner=_bound(Item.lease_owner, "owner"),
            lease_until=_bound(Item.lease_until, "until"),
            version=Item.version + 1,
        )
        .returning(Item)
        .execution_options(synchronize_session=False)
    )


def _candidates(shape: _Shape) -> Subquery:
    """Ids and ranks of the first items: of each language, then of all of them together."""
    skipped = exists().where(Skip.item_id == Item.id, Skip.actor == _bound(Skip.actor, "owner"))
    query = select(Item.id.label("id"), RANK[shape.slot].label("rank")).where(
        in_state(_state(shape)),
        or_(Item.lease_until.is_(None), Item.lease_until <= _bound(Item.lease_until, "at")),
        ~skipped,
    )
    if shape.slot is Slot.SAMPLE:
        query = query.where(is_sample())
    if shape.label is not None:
        query = query.where(FLAGGED[shape.label])
    if shape.by_kind:
        query = query.where(Item.kind == _bound(Item.kind, "of_kind"))
    if shape.by_age:
        query = query.where(Item.queued_at < _bound(Item.queued_at, "older_than"))
    if shape.by_platform:
        query = query.where(Item.platform == _bound(Item.platform, "of_platform"))
    if shape.languages is None:
        return _first(query)
    tags = [_bound(Item.language, f"language_{place}") for place in range(shape.languages)]
    parts = [select(_first(query.where(Item.language == tag))) for tag in tags]
    together = union_all(*parts).subquery()
    return _first(select(together.c.id, together.c.rank))


def _first(query: Select[str, float]) -> Subquery:
    _, rank = query.selected_columns
    # A planner that does not know the limit would prepare for reading everything.
    return query.order_by(rank.desc()).limit(literal_column(str(CANDIDATES))).subquery()


def _state(shape: _Shape) -> State:
    return State.ESCALATED if shape.slot is Slot.ESCALATED else State.OPEN


def _bound(column: InstrumentedAttribute[Any], name: str) -> BindParameter[Any]:
    return bindparam(name, type_=column.type)
