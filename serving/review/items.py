"""What is shown of one item."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from serving.actors import PERSON, Actor
from serving.audit.records import Draft, EventKind
from serving.review import repository
from serving.review.looks import Looks
from serving.review.models import Item
from serving.review.records import HistoryEntry, ItemView
from serving.review.views import MODERATOR


@dataclass(frozen=True, slots=True)
class WholeItem:
    """An item, its past, the oldest event first, and other items of its author, the newest first.

    `others` are of the same platform, and none where the author is not known.
    """

    item: ItemView
    history: tuple[HistoryEntry, ...]
    others: tuple[ItemView, ...]


class Items(Looks):
    """Reading one item, its past and what else its author wrote. Looking is logged, see `Looks`."""

    def view(self, actor: Actor, item_id: str) -> ItemView:
        """The item as it is.

        To a platform a decision that is not final yet is not shown: its item still waits. Raises
        `NotFoundError`.
        """
        with self._database.read() as session:
            view = self._view(session, actor, self._find(session, actor, item_id))
        self._log_look(actor, view)
        return view

    def history(self, actor: Actor, item_id: str) -> tuple[HistoryEntry, ...]:
        """The events of the item, the oldest first; raises `NotFoundError`.

        A platform reads what concerns it: no name, no note, and no decision before it is final.
        """
        with self._database.read() as session:
            view = self._view(session, actor, self._find(session, actor, item_id))
            entries = self._entries(session, actor, item_id)
        self._log_look(actor, view)
        return entries

    def whole(self, actor: Actor, item_id: str, limit: int = 20) -> WholeItem:
        """The item with all that stands beside it, `limit` other items at most.

        Raises `NotFoundError`.
        """
        with self._database.read() as session:
            item = self._find(session, actor, item_id)
            found = WholeItem(
                item=self._view(session, actor, item),
                history=self._entries(session, actor, item_id),
                others=self._views(session, actor, _of_the_author(session, item, limit)),
            )
        self._log_look(actor, found.item, found.others)
        return found

    def _entries(self, session: Session, actor: Actor, item_id: str) -> tuple[HistoryEntry, ...]:
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


def _of_the_author(session: Session, item: Item, limit: int) -> Sequence[Item]:
    """Its author's other items on the same platform, the newest first."""
    if item.author_mark is None:
        return ()
    query = (
        select(Item)
        .where(Item.author_mark == item.author_mark, Item.id != item.id)
        .order_by(Item.received_at.desc(), Item.id)
        .limit(limit)
    )
    return session.scalars(query).all()


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
