"""The one door through which items change: row, version and event together, or not at all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from datetime import datetime

from sqlalchemy.orm import Session

from serving.audit.log import AuditLog
from serving.audit.records import Draft, EventKind
from serving.body import scrub
from serving.database import Database
from serving.review.derive import Standing, after
from serving.review.models import Item, Note

_COLUMNS = tuple(column.name for column in fields(Standing))


@dataclass(frozen=True, slots=True)
class Change:
    """Something that happens to an item. `note`, what a person wrote, stays out of the log."""

    kind: EventKind
    actor: str
    at: datetime
    body: Mapping[str, object] = field(default_factory=dict)
    note: str | None = None


class Changes:
    """The changes of one transaction. Rows have to be locked before they are changed."""

    def __init__(self, session: Session, audit: AuditLog) -> None:
        self.session = session
        self._audit = audit
        self._drafts: list[Draft] = []

    def apply(self, item: Item, change: Change) -> None:
        """Move `item` on as `serving.review.derive` says, and raise its version."""
        version = item.version + 1
        draft = Draft(change.kind, change.actor, change.at, item.id, version, change.body)
        put(item, after(standing_of(item), draft))
        if change.note:
            self.session.add(Note(item_id=item.id, version=version, text=scrub(change.note)))
        self._drafts.append(draft)

    def log(self, draft: Draft) -> None:
        """For an event whose statement has changed the row already, or that changes nothing."""
        self._drafts.append(draft)

    def wait_for_turn(self, item: Item) -> None:
        """Wait here for whoever writes to the log, and not while what is written grows old.

        Nothing but `item` can change in this transaction then.
        """
        self._audit.lock(self.session, item.id)

    def seal(self) -> None:
        """Write rows, then events. Nothing can change after it: the log is locked last."""
        self.session.flush()
        if self._drafts:
            self._audit.append(self.session, *self._drafts)
            self._drafts.clear()


@contextmanager
def changing(database: Database, audit: AuditLog) -> Iterator[Changes]:
    """A write transaction whose changes are sealed on leaving it."""
    with database.write() as session:
        changes = Changes(session, audit)
        yield changes
        changes.seal()


def standing_of(item: Item) -> Standing:
    return Standing(**{name: getattr(item, name) for name in _COLUMNS})


def put(item: Item, standing: Standing) -> None:
    for name in _COLUMNS:
        setattr(item, name, getattr(standing, name))


def columns_of(standing: Standing) -> dict[str, object]:
    return {name: getattr(standing, name) for name in _COLUMNS}
