"""What is shown of one item."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import select

from serving.actors import PERSON, Actor
from serving.audit.records import Draft, EventKind
from serving.review import repository
from serving.review.changes import changing
from serving.review.desk import Desk
from serving.review.models import Item
from serving.review.records import HistoryEntry, ItemView
from serving.review.views import MODERATOR, lease_of


class Items(Desk):
    """Reading one item, its past and what else its author wrote."""

    def view(self, actor: Actor, item_id: str) -> ItemView:
        """The item as it is. That a person looked is logged, unless they hold it.

        To a platform a decision that is not final yet is not shown: its item still waits. Raises
        `NotFoundError`.
        """
        now = self._clock()
        with self._database.read() as session:
            item = self._find(session, actor, item_id)
            lease = lease_of(item, now)
            view = self._view(session, actor, item)
        if actor.id.startswith(PERSON) and (lease is None or lease.owner != actor.id):
            with changing(self._database, self._audit) as changes:
                event = Draft(
                    EventKind.VIEWED, actor.id, now, item_id, None, {"version": view.version}
                )
                changes.log(event)
        return view

    def history(self, actor: Actor, item_id: str) -> tuple[HistoryEntry, ...]:
        """The events of the item, the oldest first; raises `NotFoundError`.

        A platform reads what concerns it: no name, no note, and no decision before it is final.
        """
        with self._database.read() as session:
            self._find(session, actor, item_id)
            events = repository.events(session, item_id)
            notes = repository.notes(session, [item_id])
        if actor.platform is not None:
            events = _public(events, self._clock())
        return tuple(
            HistoryEntry(
                at=event.at,
                kind=event.kind.value,
                actor=_shown(event.actor, actor),
                version=event.item_version or 0,
                facts=_facts(event.body or {}),
                note=None if actor.platform else notes.get((item_id, event.item_version or 0)),
            )
            for event in events
        )

    def author_items(self, actor: Actor, item_id: str, limit: int = 20) -> tuple[ItemView, ...]:
        """Other items of the same author on the same platform, the newest first."""
        with self._database.read() as session:
            item = self._find(session, actor, item_id)
            if item.author_mark is None:
                return ()
            query = (
                select(Item)
                .where(Item.author_mark == item.author_mark, Item.id != item.id)
                .order_by(Item.received_at.desc(), Item.id)
                .limit(limit)
            )
            return self._views(session, actor, session.scalars(query).all())


_PUBLIC = frozenset(
    {
        EventKind.RECEIVED,
        EventKind.NEW_TEXT,
        EventKind.QUEUED,
        EventKind.NOTICE,
        EventKind.DECIDED,
        EventKind.ERASED,
    }
)


def _public(events: Sequence[Draft], now: datetime) -> Sequence[Draft]:
    undone = {(event.body or {}).get("undoes") for event in events}
    return [
        event
        for event in events
        if event.kind in _PUBLIC and event.item_version not in undone and _is_final(event, now)
    ]


def _is_final(event: Draft, now: datetime) -> bool:
    if event.kind is not EventKind.DECIDED:
        return True
    return datetime.fromisoformat(str((event.body or {})["final_at"])) <= now


def _shown(who: str, actor: Actor) -> str:
    return MODERATOR if actor.platform and who.startswith(PERSON) else who


def _facts(body: Mapping[str, object]) -> Mapping[str, object]:
    """What an event says, without the keyed hashes, which tell a reader nothing."""
    return {name: value for name, value in body.items() if not name.endswith("_mark")}
