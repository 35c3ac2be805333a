"""All SQL about keys."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from serving.keys.models import ApiKey


def add(session: Session, key: ApiKey) -> None:
    session.add(key)


def find(session: Session, key_id: str) -> ApiKey | None:
    return session.get(ApiKey, key_id)


def lock(session: Session, key_id: str) -> ApiKey | None:
    """The key, which no other transaction changes until this one ends."""
    return session.get(ApiKey, key_id, with_for_update=True)


def every(session: Session) -> Sequence[ApiKey]:
    """All keys, the oldest first."""
    return session.scalars(select(ApiKey).order_by(ApiKey.created_at, ApiKey.id)).all()


def lock_active(session: Session, name: str) -> Sequence[ApiKey]:
    """The keys of that name that are not revoked, held until the transaction ends."""
    query = select(ApiKey).where(ApiKey.name == name, ApiKey.revoked_at.is_(None))
    return session.scalars(query.order_by(ApiKey.id).with_for_update()).all()


def mark_used(session: Session, key_id: str, day: date) -> None:
    session.execute(update(ApiKey).where(ApiKey.id == key_id).values(last_used_on=day))
