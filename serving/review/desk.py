"""What the jobs of the queue have in common."""

from __future__ import annotations

import re
from collections.abc import Sequence

from sqlalchemy.orm import Session

from serving.actors import Actor
from serving.audit.log import AuditLog
from serving.audit.models import Event
from serving.clock import Clock, utc_now
from serving.database import Database
from serving.errors import ConflictError, ForbiddenError, Happened, NotFoundError
from serving.policy import Action, may
from serving.review import repository
from serving.review.models import Item
from serving.review.records import ItemView, Lease, State
from serving.review.views import lease_of, views
from serving.secret import Keyring
from serving.settings import Settings

ITEM_ID = re.compile("[0-9a-f]{24}")


class Desk:
    """Where items are worked on. Thread-safe; methods block, so endpoints call them in threads.

    An actor with a platform sees the items of that platform alone; any other is `NotFoundError`.
    """

    def __init__(
        self,
        database: Database,
        audit: AuditLog,
        keyring: Keyring,
        settings: Settings,
        clock: Clock = utc_now,
    ) -> None:
        self._database = database
        self._audit = audit
        self._keyring = keyring
        self._settings = settings
        self._clock = clock

    def _find(self, session: Session, actor: Actor, item_id: str, *, lock: bool = False) -> Item:
        look = repository.lock if lock else repository.get
        item = look(session, item_id) if ITEM_ID.fullmatch(item_id) else None
        if item is None or actor.platform not in (None, item.platform):
            raise NotFoundError("there is no item with this id.")
        return item

    def _views(self, session: Session, actor: Actor, items: Sequence[Item]) -> tuple[ItemView, ...]:
        session.flush()  # what is shown is read from the rows
        return views(session, items, actor, self._clock())

    def _view(self, session: Session, actor: Actor, item: Item) -> ItemView:
        (view,) = self._views(session, actor, [item])
        return view

    def _require_lease(self, session: Session, actor: Actor, item: Item) -> Lease:
        """The actor's lease of `item`; raises `ConflictError` that says how it was lost."""
        lease = lease_of(item, self._clock())
        if lease is not None and lease.owner == actor.id:
            return lease
        if lease is not None:
            detail = "someone else holds this item now."
        elif item.state == State.DECIDED:
            detail = "this item has been decided."
        elif item.lease_owner == actor.id:
            detail = "your time with this item ran out. Claim it again."
        else:
            detail = "you do not hold this item. Claim it first."
        raise self._conflict(session, item, detail)

    def _require_rights(self, actor: Actor, item: Item) -> None:
        """Raises `ForbiddenError` where `item` is with the leads and `actor` is none of them."""
        if item.state == State.ESCALATED:
            self._require_lead(actor)

    def _require_lead(self, actor: Actor) -> None:
        if not may(actor.role, Action.DECIDE_ESCALATED):
            raise ForbiddenError("what was escalated is decided by leads.")

    def _conflict(
        self, session: Session, item: Item, detail: str, event: Event | None = None
    ) -> ConflictError:
        event = event or repository.last_event(session, item.id)
        happened = None if event is None else _happened(event)
        return ConflictError(detail, happened)


def _happened(event: Event) -> Happened:
    return Happened(event.kind, event.actor, event.at, event.item_version or 0)
