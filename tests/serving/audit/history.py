"""A short log to be tampered with, and the means that someone with the whole database has."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Row, text
from sqlalchemy.engine import Connection

from serving.audit.heads import read_heads
from serving.audit.log import AuditLog
from serving.audit.records import Draft, EventKind, SignedHead, VerifyReport
from serving.audit.verify import verify
from serving.database import Database
from serving.secret import Keyring

LANES = 3
OLD, NEW = b"the secret of the first half year", b"the secret of the second half year"
ROTATED = Keyring((NEW, OLD))
BEGIN = datetime(2026, 3, 1, 12, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Place:
    """Where an event stands."""

    lane: int
    position: int


class History:
    """A log of three lanes in `database`."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self._written = 0

    def write(self, events: int, keyring: Keyring = ROTATED, *, batch: int = 10) -> None:
        log = AuditLog(keyring, lanes=LANES)
        drafts = [draft(self._written + number) for number in range(events)]
        self._written += events
        for start in range(0, events, batch):
            with self.database.write() as session:
                log.append(session, *drafts[start : start + batch])

    def places(self) -> list[Place]:
        with self.database.read() as session:
            rows = session.execute(text("SELECT lane, position FROM events ORDER BY id"))
            return [Place(*row) for row in rows]

    def length(self, lane: int) -> int:
        return sum(place.lane == lane for place in self.places())

    def event_id(self, place: Place) -> int:
        with self.database.read() as session:
            return event_id(session.connection(), place)

    def heads(self) -> tuple[SignedHead, ...]:
        with self.database.read() as session:
            return read_heads(session)

    def verify(self, keyring: Keyring = ROTATED, kept: tuple[SignedHead, ...] = ()) -> VerifyReport:
        return verify(self.database, keyring, kept=kept, lanes=LANES)

    def tamper(self, *statements: str, **values: object) -> None:
        with self.database.connect() as connection:
            for statement in statements:
                connection.execute(text(statement), values)

    def undoing(self, change: Callable[[Connection], None]) -> VerifyReport:
        """What a check finds after `change`, which is then taken back."""
        with self.database.connect() as connection:
            tables = {name: _dump(connection, name) for name in ("events", "heads")}
            change(connection)
        report = self.verify()
        with self.database.connect() as connection:
            for name, rows in tables.items():
                _restore(connection, name, rows)
        return report


def draft(number: int) -> Draft:
    """An event of one of seven items; every fifth is of no item."""
    return Draft(
        kind=EventKind.DECIDED if number % 3 else EventKind.CLAIMED,
        actor=f"user:{number % 4}",
        at=BEGIN + timedelta(seconds=number, microseconds=number * 100),
        item_id=None if number % 5 == 0 else f"item{number % 7}",
        item_version=None if number % 5 == 0 else number,
        body={"reason": "price", "labels": [True, None], "score": number / 7},
    )


def event_id(connection: Connection, place: Place) -> int:
    query = text("SELECT id FROM events WHERE lane = :lane AND position = :position")
    return int(
        connection.execute(query, {"lane": place.lane, "position": place.position}).scalar_one()
    )


def _dump(connection: Connection, table: str) -> list[Row[*tuple[object, ...]]]:
    return list(connection.execute(text(f"SELECT * FROM {table}")))


def _restore(connection: Connection, table: str, rows: list[Row[*tuple[object, ...]]]) -> None:
    connection.execute(text(f"DELETE FROM {table}"))
    columns = list(rows[0]._fields)
    values = ", ".join(f":{column}" for column in columns)
    connection.execute(
        text(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({values})"),
        [dict(row._mapping) for row in rows],
    )
