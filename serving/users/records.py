"""People as the rest of the server sees them: frozen, without a hash of anything."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from serving.actors import PERSON, Actor
from serving.policy import Role
from serving.users.models import User


@dataclass(frozen=True, slots=True)
class UserRecord:
    """One person. `languages` None reads them all; `welcomed` says that a password is set."""

    id: str
    name: str
    role: Role
    languages: frozenset[str] | None
    hide_score: bool
    preview_first: bool
    welcomed: bool
    created_at: datetime
    disabled_at: datetime | None

    @property
    def actor(self) -> Actor:
        return Actor(actor_id(self.id), self.role, languages=self.languages)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A browser that is signed in. `session` names it; what its cookie holds cannot be told."""

    user: UserRecord
    session: str


def actor_id(user_id: str) -> str:
    """The id under which the audit log knows a person."""
    return f"{PERSON}{user_id}"


def user_record(user: User) -> UserRecord:
    return UserRecord(
        id=user.id,
        name=user.name,
        role=Role(user.role),
        languages=None if user.languages is None else frozenset(user.languages.split()),
        hide_score=user.hide_score,
        preview_first=user.preview_first,
        welcomed=user.password_hash is not None,
        created_at=user.created_at,
        disabled_at=user.disabled_at,
    )
