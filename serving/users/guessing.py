"""Waiting longer after each wrong password, by name and by address, whichever server is asked."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from serving.errors import RateLimitedError
from serving.rate import network
from serving.secret import Keyring
from serving.users.models import Guessing

LONGEST_WAIT = timedelta(minutes=15)
FORGOTTEN_AFTER = timedelta(days=1)

_PURPOSE = "guessing"


@dataclass(frozen=True, slots=True)
class Subject:
    """A name or an address, as a keyed hash. `free` guesses are answered without a wait."""

    mark: str
    free: int


class Backoff:
    """Counts guesses in the table `guessing`; all methods run in the caller's write transaction.

    After `free` failures each further one doubles the wait, from one second up to `LONGEST_WAIT`,
    which leaves a guesser about a hundred tries a day for one name. A day without a failure, or
    for a name the right password, forgets them. A wait is never lengthened by trying during it.
    """

    FREE_BY_NAME = 5
    FREE_BY_ADDRESS = 30  # an office shares one address

    def __init__(self, keyring: Keyring) -> None:
        self._keyring = keyring

    def name(self, name: str) -> Subject:
        return Subject(self._keyring.mark(_PURPOSE, "name", name), self.FREE_BY_NAME)

    def address(self, address: str) -> Subject:
        mark = self._keyring.mark(_PURPOSE, "address", network(address))
        return Subject(mark, self.FREE_BY_ADDRESS)

    def count(self, session: Session, subjects: Sequence[Subject], now: datetime) -> None:
        """Count a guess as failed before it is judged; raises `RateLimitedError` instead.

        Counting first is what bounds guesses that are sent at once: each sees those before it.
        """
        ordered = _in_order(subjects)
        rows = [_locked(session, subject.mark, now) for subject in ordered]
        until = max((row.blocked_until for row in rows if row.blocked_until), default=now)
        if until > now:
            seconds = math.ceil((until - now).total_seconds())
            raise RateLimitedError(
                f"too many wrong passwords. Try again in {_in_words(seconds)}.",
                retry_after=seconds,
            )
        for subject, row in zip(ordered, rows, strict=True):
            failures = row.failures if now - row.last_at < FORGOTTEN_AFTER else 0
            row.failures, row.last_at = failures + 1, now
            row.blocked_until = now + _wait(row.failures - subject.free)

    def forget(self, session: Session, name: Subject) -> None:
        session.execute(delete(Guessing).where(Guessing.subject == name.mark))

    def forgive(self, session: Session, name: Subject, address: Subject) -> None:
        """The guess was right: it does not count for the address, nor any before for the name."""
        for subject in _in_order((name, address)):
            if subject == name:
                self.forget(session, name)
                continue
            session.execute(
                update(Guessing)
                .where(Guessing.subject == address.mark, Guessing.failures > 0)
                .values(failures=Guessing.failures - 1, blocked_until=None)
            )

    def forget_old(self, session: Session, now: datetime) -> None:
        """Clear the table of what does not count any more, but for rows that are in use."""
        old = select(Guessing.subject).where(Guessing.last_at < now - FORGOTTEN_AFTER)
        free = old.with_for_update(skip_locked=True)
        session.execute(delete(Guessing).where(Guessing.subject.in_(free)))


def _in_order(subjects: Sequence[Subject]) -> list[Subject]:
    """Rows are locked in one order everywhere, so that no two guesses wait for each other."""
    return sorted(subjects, key=lambda subject: subject.mark)


def _wait(beyond: int) -> timedelta:
    """None up to the free ones, then 1, 2, 4 ... seconds."""
    if beyond < 0:
        return timedelta()
    seconds = min(2 ** min(beyond, 30), LONGEST_WAIT.total_seconds())
    return timedelta(seconds=seconds)


def _locked(session: Session, mark: str, now: datetime) -> Guessing:
    """The row of `mark`, made where there is none, held until the transaction ends."""
    on_postgres = session.get_bind().dialect.name == "postgresql"
    insert = postgresql.insert if on_postgres else sqlite.insert
    session.execute(
        insert(Guessing)
        .values(subject=mark, failures=0, last_at=now)
        .on_conflict_do_nothing(index_elements=[Guessing.subject])
    )
    return session.scalars(select(Guessing).where(Guessing.subject == mark).with_for_update()).one()


def _in_words(seconds: int) -> str:
    return f"{seconds} s" if seconds < 120 else f"{math.ceil(seconds / 60)} minutes"
