"""All SQL about people, their sessions and their links."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import CursorResult, delete, or_, select, update
from sqlalchemy.orm import Session

from serving.users import models
from serving.users.models import SignInLink, User


def by_name(session: Session, name: str, *, lock: bool = False) -> User | None:
    query = select(User).where(User.name == name)
    return session.scalars(query.with_for_update() if lock else query).one_or_none()


def locked(session: Session, user_id: str) -> User:
    """The person with that id, who is there, held until the transaction ends."""
    return session.scalars(select(User).where(User.id == user_id).with_for_update()).one()


def every(session: Session) -> Sequence[User]:
    """All people, by name."""
    return session.scalars(select(User).order_by(User.name)).all()


def with_ids(session: Session, ids: Collection[str]) -> Sequence[User]:
    return session.scalars(select(User).where(User.id.in_(ids))).all()


def session_of(session: Session, token_hash: str) -> tuple[models.Session, User] | None:
    query = (
        select(models.Session, User)
        .join(User, User.id == models.Session.user_id)
        .where(models.Session.token_hash == token_hash)
    )
    row = session.execute(query).one_or_none()
    return None if row is None else (row[0], row[1])


def mark_seen(session: Session, token_hash: str, now: datetime) -> None:
    session.execute(
        update(models.Session).where(models.Session.token_hash == token_hash).values(seen_at=now)
    )


def end_session(session: Session, token_hash: str) -> None:
    session.execute(delete(models.Session).where(models.Session.token_hash == token_hash))


def end_sessions(session: Session, user_id: str, *, but: str | None = None) -> None:
    """End those of a person, except the one whose hash is `but`."""
    query = delete(models.Session).where(models.Session.user_id == user_id)
    session.execute(query if but is None else query.where(models.Session.token_hash != but))


def end_expired_sessions(session: Session, now: datetime, idle_since: datetime) -> None:
    """Clear the table, but for rows that another transaction clears."""
    ended = or_(models.Session.expires_at <= now, models.Session.seen_at <= idle_since)
    free = select(models.Session.token_hash).where(ended).with_for_update(skip_locked=True)
    session.execute(delete(models.Session).where(models.Session.token_hash.in_(free)))


def lock_holder(session: Session, token_hash: str) -> None:
    """Hold the person whose link it is, where there is such a link, until the transaction ends."""
    holder = select(SignInLink.user_id).where(SignInLink.token_hash == token_hash)
    session.execute(select(User.id).where(User.id.in_(holder)).with_for_update())


def usable_link(session: Session, token_hash: str, now: datetime) -> tuple[SignInLink, User] | None:
    """A link that was not used and has not expired, and whose it is."""
    query = (
        select(SignInLink, User)
        .join(User, User.id == SignInLink.user_id)
        .where(
            SignInLink.token_hash == token_hash,
            SignInLink.used_at.is_(None),
            SignInLink.expires_at > now,
            User.disabled_at.is_(None),
        )
    )
    row = session.execute(query).one_or_none()
    return None if row is None else (row[0], row[1])


def drop_links(session: Session, user_id: str) -> None:
    session.execute(delete(SignInLink).where(SignInLink.user_id == user_id))


def end_all(session: Session) -> tuple[int, int]:
    """End everybody's sessions and drop the links that nobody used; how many of each there were."""
    session.execute(select(User.id).order_by(User.id).with_for_update())
    ended: list[int] = []
    for query in (delete(models.Session), delete(SignInLink).where(SignInLink.used_at.is_(None))):
        result: CursorResult[Any] = session.execute(query)  # type: ignore[assignment]
        ended.append(result.rowcount)
    return ended[0], ended[1]
