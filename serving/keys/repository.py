"""All SQL about keys."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from serving.keys.models import ApiKey


def add(session: Session, key: ApiKey) -> None:
    session.add(key)


def find(session: Session, key_id: str) -> ApiKey | None:
    return session.get(ApiKey, key_id)


def every(session: Session) -> Sequence[ApiKey]:
    """All keys, the oldest first."""
    return session.scalars(select(ApiKey).order_by(ApiKey.created_at, ApiKey.id)).all()


def active_with_name(session: Session, name: str) -> Sequence[ApiKey]:
    query = select(ApiKey).where(ApiKey.name == name, ApiKey.revoked_at.is_(None))
    return session.scalars(query).all()


def mark_used(session: Session, key_id: str, day: date) -> None:
    session.execute(update(ApiKey).where(ApiKey.id == key_id).values(last_used_on=day))


def revoke(key: ApiKey, moment: datetime) -> None:
    """Revoke for good; the first revocation keeps its date."""
    key.revoked_at = key.revoked_at or moment
