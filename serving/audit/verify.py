"""Checking the audit log: is every event as it was written, and is every event there?"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from datetime import datetime
from itertools import takewhile
from typing import Any, TypeAlias

from sqlalchemy import Dialect, Row, Text, TypeDecorator, cast, select, text
from sqlalchemy.orm import Session

from serving.audit.chain import EVENT_KEY, NO_MAC, Sealed, canonical_moment
from serving.audit.heads import is_signed, read_heads, was_begun
from serving.audit.log import LANES
from serving.audit.models import Event
from serving.audit.records import BadRow, SignedHead, VerifyReport
from serving.database import Database
from serving.secret import Keyring

Progress = Callable[[int, int], None]
"""Called with the number of events checked and that of all, every now and then."""

_StoredRow: TypeAlias = "Row[*tuple[Any, ...]]"

_ROWS_AT_ONCE = 200


def verify(
    database: Database,
    keyring: Keyring,
    progress: Progress = lambda done, total: None,
    *,
    kept: Sequence[SignedHead] = (),
    lanes: int = LANES,
) -> VerifyReport:
    """Check every lane up to its first bad row, in constant memory, beside running writers.

    `kept` are heads of earlier days, which must lie on the chain. What is found without them, and
    what only they can show, is in `docs/decisions/0008-audit-chain.md`.
    """
    with database.read() as session, _as_stored(session):
        heads = {head.lane: head for head in read_heads(session)}
        if not heads and not kept and not was_begun(session):
            return VerifyReport(events=0, lanes=lanes, bad=())
        total = sum(head.position for head in heads.values() if is_signed(keyring, head))
        kept_macs: dict[int, dict[int, set[str]]] = {}
        for head in kept:
            kept_macs.setdefault(head.lane, {}).setdefault(head.position, set()).add(head.mac)
        events = 0
        bad: list[BadRow] = []
        for lane in range(lanes):
            check = _LaneCheck(keyring, lane, heads.get(lane), kept_macs.get(lane, {}))
            with closing(_rows(session, lane)) as rows:
                for row in takewhile(check.accepts, rows):
                    if row.position % _ROWS_AT_ONCE == 0:
                        progress(events + row.position, total)
            events += check.position
            bad.extend(check.end())
        bad.extend(_strays(session, lanes))
        progress(events, total)
        return VerifyReport(events, lanes, tuple(bad))


class _SealedMoment(TypeDecorator[str]):
    """A moment as text in the form that is sealed, or as it is where it is no moment."""

    impl = Text
    cache_ok = True

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        if value is None or dialect.name == "sqlite":  # which stores that very form, as text
            return value
        try:
            return canonical_moment(datetime.fromisoformat(value))
        except ValueError:
            return value


class _LaneCheck:
    """Follows one lane. `position` is that of the last event found good."""

    def __init__(
        self, keyring: Keyring, lane: int, head: SignedHead | None, kept: Mapping[int, set[str]]
    ) -> None:
        self.position = 0
        self._mac = NO_MAC
        self._bad: BadRow | None = None
        self._lane = lane
        self._head = head
        self._head_signed = head is not None and is_signed(keyring, head)
        self._kept = kept
        self._keys = {key_id: keyring.key(EVENT_KEY, key_id) for key_id in keyring.key_ids}
        self._ages = {key_id: age for age, key_id in enumerate(keyring.key_ids)}
        self._age = len(self._ages)

    def accepts(self, row: _StoredRow) -> bool:
        """Whether `row` is the next event; `end` has what is wrong where it is not."""
        expected = self.position + 1
        if self._head_signed and self._head is not None and expected > self._head.position:
            self._reject(
                row.id,
                row.position,
                f"the signed head ends the lane at {self._head.position}: either this event was "
                "put in or the head was set back",
            )
        elif not isinstance(row.position, int) or row.position < expected:
            self._reject(row.id, row.position, f"stands where only {expected} can follow")
        elif row.position > expected:
            self._reject(
                None,
                expected,
                f"dropped; the next event of the lane is {row.id} at position {row.position}",
            )
        elif row.key_id not in self._keys:
            self._reject(
                row.id,
                expected,
                f"sealed under the secret {row.key_id}, which is not among those given; after a "
                "change, the old secret stays behind the new one",
            )
        else:
            self._follow(row, expected)
        return self._bad is None

    def end(self) -> tuple[BadRow, ...]:
        """The first bad row, once there are no more rows to see."""
        if self._bad is None:
            self._check_head()
        return () if self._bad is None else (self._bad,)

    def _follow(self, row: _StoredRow, position: int) -> None:
        mac = _mac(row, self._lane, self._keys[row.key_id], self._mac)
        age = self._ages[row.key_id]
        if mac is None or mac != row.mac:
            self._reject(row.id, position, "changed, put in, moved or sealed without the secret")
        elif age > self._age:
            self._reject(row.id, position, f"sealed under {row.key_id} after that was replaced")
        elif self._kept.get(position, {mac}) != {mac}:
            self._reject(row.id, position, "not the event that a kept head names: written anew")
        else:
            self.position, self._mac, self._age = position, mac, age

    def _check_head(self) -> None:
        head, following = self._head, self.position + 1
        farthest = max(self._kept, default=0)
        if farthest > self.position:
            self._reject(None, following, f"dropped; a kept head ends the lane at {farthest}")
        elif head is None:
            self._reject(None, following, "the head of the lane is missing; events may be, too")
        elif not self._head_signed:
            self._reject(None, following, "no secret given has signed the head of the lane")
        elif head.position > self.position:
            self._reject(None, following, f"dropped; the head ends the lane at {head.position}")
        elif head.mac != self._mac:
            self._reject(None, self.position, "the head names another event than the last one")
        elif self._ages[head.key_id] > self._age:
            self._reject(
                None, self.position, f"the head is signed under {head.key_id}, since replaced"
            )

    def _reject(self, event_id: int | None, position: int, problem: str) -> None:
        self._bad = BadRow(event_id, self._lane, position, problem)


def _mac(row: _StoredRow, lane: int, key: bytes, previous: str) -> str | None:
    """The seal that `row` should have; None where its values are none that an event can have."""
    sealed = Sealed(
        lane=lane,
        position=row.position,
        kind=row.kind,
        actor=row.actor,
        at=row.at,
        item_id=row.item_id,
        item_version=row.item_version,
        body=row.body,
        key_id=row.key_id,
    )
    try:
        return sealed.mac(key, previous)
    except TypeError:
        return None


def _rows(session: Session, lane: int) -> Generator[_StoredRow]:
    """The events of `lane` in order, `at` in the form that is sealed."""
    columns = (
        Event.id,
        Event.position,
        Event.kind,
        Event.actor,
        cast(Event.at, _SealedMoment).label("at"),
        Event.item_id,
        Event.item_version,
        Event.body,
        Event.key_id,
        Event.mac,
    )
    query = select(*columns).where(Event.lane == lane).order_by(Event.position)
    with session.execute(query.execution_options(yield_per=_ROWS_AT_ONCE)) as rows:
        yield from rows


def _strays(session: Session, lanes: int) -> Iterator[BadRow]:
    """The first event that stands in no lane that there is."""
    stray = (
        select(Event.id, Event.lane, Event.position)
        .where(Event.lane.not_in(range(lanes)))
        .order_by(Event.lane, Event.position)
        .limit(1)
    )
    for row in session.execute(stray):
        yield BadRow(row.id, row.lane, row.position, f"put in; the lanes are 0 to {lanes - 1}")


@contextmanager
def _as_stored(session: Session) -> Iterator[None]:
    """Let the session see every value that a row can be given in its database.

    SQLite keeps bytes that are not UTF-8 in a text, PostgreSQL a moment beyond all calendars:
    reading either the usual way would end the check instead of showing the row.
    """
    driver = session.connection().connection.driver_connection
    if isinstance(driver, sqlite3.Connection):
        driver.text_factory = lambda value: value.decode("utf-8", "surrogateescape")
    else:
        session.execute(text("SET LOCAL DateStyle = 'ISO'"))
    try:
        yield
    finally:
        if isinstance(driver, sqlite3.Connection):
            driver.text_factory = str
