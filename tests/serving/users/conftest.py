from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from argon2 import PasswordHasher
from sqlalchemy import select

from serving.audit.log import AuditLog
from serving.audit.models import Event
from serving.database import Database
from serving.policy import Role
from serving.secret import Keyring
from serving.settings import Settings
from serving.users.passwords import Passwords
from serving.users.records import SignedIn
from serving.users.service import UserService
from serving.users.sessions import SessionService

PASSWORD = "four words in a row"
ADDRESS = "192.0.2.1"


class Clock:
    """A clock that stands still until it is told to go on."""

    def __init__(self) -> None:
        self.now = datetime(2026, 1, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **duration: float) -> None:
        self.now += timedelta(**duration)


@dataclass(frozen=True, slots=True)
class Office:
    """The services of one server over one database; a second one shares all but the objects."""

    database: Database
    clock: Clock
    users: UserService
    sessions: SessionService

    async def join(self, name: str, role: Role = Role.MODERATOR) -> SignedIn:
        """Create a person who sets `PASSWORD` and is signed in."""
        token = await self.sessions.use_link(self.users.create(name, role), PASSWORD)
        browser = self.sessions.find(token)
        assert browser is not None
        return browser

    def events(self) -> list[Event]:
        with self.database.read() as session:
            found = list(session.scalars(select(Event).order_by(Event.id)))
            session.expunge_all()
            return found


def cheap_passwords() -> Passwords:
    """Real Argon2id at the least cost it takes, so that a thousand guesses take seconds."""
    return Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


def open_office(database: Database, clock: Clock) -> Office:
    keyring = Keyring((b"a secret of thirty-two characters",))
    audit = AuditLog(keyring)
    settings = Settings(database_url=str(database.url))
    return Office(
        database,
        clock,
        UserService(database, audit, clock=clock),
        SessionService(
            database, audit, keyring, settings, passwords=cheap_passwords(), clock=clock
        ),
    )


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def office(database: Database, clock: Clock) -> Office:
    return open_office(database, clock)
