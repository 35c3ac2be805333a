"""Removing what was posted, and what people wrote beside it, while the log stays whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CursorResult, delete, select
from sqlalchemy.orm import Session

from serving.actors import SYSTEM, Actor
from serving.audit.models import Event
from serving.audit.records import EventKind
from serving.errors import NotFoundError
from serving.review import repository
from serving.review.arrivals import post_marks
from serving.review.changes import Change, Changes, changing
from serving.review.desk import Desk
from serving.review.models import Item, Note, PostText
from serving.review.purge import empty_log


class Cause(StrEnum):
    """Why a text was erased, as the log has it."""

    REQUEST = "request"
    RETENTION = "retention"


@dataclass(frozen=True, slots=True)
class Erasure:
    """How much was removed: texts, one for each version of a post, and notes."""

    texts: int
    notes: int


class ErasureService(Desk):
    """Texts, titles, post ids, addresses and notes go; scores, decisions and keyed hashes stay.

    An item that waits for a person leaves the queue. On SQLite the bytes are overwritten with it;
    on PostgreSQL that takes `serving.review.purge`.
    """

    def erase(self, actor: Actor, item_id: str) -> Erasure:
        """Raises `NotFoundError`. A second time there is nothing to remove, and no error."""
        with changing(self._database, self._audit) as changes:
            item = self._find(changes.session, actor, item_id, lock=True)
            erasure = erase_items(changes, [item], actor.id, self._clock(), Cause.REQUEST)
        empty_log(self._database)
        return erasure

    def find_post(self, actor: Actor, platform: str, post_id: str) -> str:
        """The item of the post that `platform` calls `post_id`; raises `NotFoundError`."""
        with self._database.read() as session:
            marks = post_marks(self._keyring, platform, post_id)
            for item in repository.with_marks(session, marks):
                if actor.platform in (None, item.platform):
                    return item.id
        raise NotFoundError("this platform has handed in no post with this id.")

    def erased_on_request(self) -> tuple[str, ...]:
        """The items, the oldest erasure first: an older backup still holds their texts."""
        with self._database.read() as session:
            query = (
                select(Event.item_id)
                .where(Event.kind == EventKind.ERASED.value, Event.actor != SYSTEM)
                .order_by(Event.at, Event.id)
            )
            return tuple(dict.fromkeys(filter(None, session.scalars(query))))


def erase_items(
    changes: Changes, items: Sequence[Item], actor: str, at: datetime, cause: Cause
) -> Erasure:
    """Erase `items`, whose rows are locked, in the transaction of `changes`."""
    ids = [item.id for item in items]
    erasure = Erasure(
        texts=_delete(changes.session, PostText, ids), notes=_delete(changes.session, Note, ids)
    )
    for item in items:
        if item.erased_at is None or erasure != Erasure(0, 0):
            changes.apply(item, Change(EventKind.ERASED, actor, at, {"cause": cause.value}))
    return erasure


def _delete(session: Session, table: type[PostText | Note], item_ids: Sequence[str]) -> int:
    result: CursorResult[Any] = session.execute(  # type: ignore[assignment]
        delete(table).where(table.item_id.in_(item_ids))
    )
    return result.rowcount
