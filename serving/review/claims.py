"""Who holds an item: claiming, staying alive, giving back, passing on."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import datetime, timedelta

from serving.actors import Actor
from serving.audit.records import Draft, EventKind
from serving.review import repository, repository_claims
from serving.review.changes import Change, Changes, changing
from serving.review.desk import Desk
from serving.review.models import Item
from serving.review.ranking import Slot, main_slot, slot_at
from serving.review.records import Filters, ItemView, Lease, State
from serving.review.repository_claims import Claim
from serving.review.views import lease_of


class Claims(Desk):
    """A lease is exclusive and runs out by itself; the heartbeat renews it."""

    def claim_next(
        self, actor: Actor, filters: Filters | None = None, slot: Slot | None = None
    ) -> ItemView | None:
        """The free item that comes first, now leased to `actor`; None where there is none.

        Serves the languages that `actor` reads, and never what they skipped. Without `slot` the
        strategy of the settings chooses one; an empty slot falls back to the strategy's main order.
        `Slot.ESCALATED` is for leads: others get `ForbiddenError`.
        """
        if slot is Slot.ESCALATED:
            self._require_lead(actor)
        strategy = self._settings.queue_strategy
        first = slot or slot_at(strategy, random.random())
        # Who asks for a certain order gets that one or nothing.
        orders = (first,) if slot else tuple(dict.fromkeys((first, main_slot(strategy))))
        with changing(self._database, self._audit) as changes:
            for order in orders:
                item = self._take(changes, actor, filters or Filters(), order)
                if item is not None:
                    return self._view(changes.session, actor, item)
        return None

    def claim(self, actor: Actor, item_id: str) -> ItemView:
        """The item with this id, leased to `actor`; again for who holds it already.

        Raises `NotFoundError`, `ForbiddenError` for an escalated item, and `ConflictError` where
        someone else holds it or it does not wait for a person.
        """
        with changing(self._database, self._audit) as changes:
            item = self._find(changes.session, actor, item_id, lock=True)
            self._require_rights(actor, item)
            if item.state not in (State.OPEN, State.ESCALATED):
                detail = "this item does not wait for a decision."
                raise self._conflict(changes.session, item, detail)
            lease = lease_of(item, self._clock())
            if lease is not None and lease.owner != actor.id:
                detail = "someone else holds this item now."
                raise self._conflict(changes.session, item, detail)
            if lease is not None:
                item.lease_until = self._lease_end()
            else:
                until = self._lease_end()
                change = self._change(EventKind.CLAIMED, actor, until=until.isoformat())
                changes.apply(item, change)
            return self._view(changes.session, actor, item)

    def held(self, actor: Actor) -> tuple[ItemView, ...]:
        """The items that are leased to `actor` now."""
        with self._database.read() as session:
            items = repository_claims.held_by(session, actor.id, self._clock())
            return self._views(session, actor, items)

    def heartbeat(self, actor: Actor, item_id: str) -> Lease:
        """The lease, renewed; raises `ConflictError` where it is lost. The version stays."""
        until = self._lease_end()
        with self._database.write() as session:
            if not repository_claims.extend(session, item_id, actor.id, self._clock(), until):
                item = self._find(session, actor, item_id)
                self._require_lease(session, actor, item)
        return Lease(actor.id, until)

    def release(self, actor: Actor, item_id: str) -> None:
        """Give the item back; raises `ConflictError` where it is not held."""
        with changing(self._database, self._audit) as changes:
            item = self._find(changes.session, actor, item_id, lock=True)
            self._require_lease(changes.session, actor, item)
            changes.apply(item, self._change(EventKind.RELEASED, actor))

    def skip(self, actor: Actor, item_id: str, reason: str | None = None) -> None:
        """Give the item back and never get it by claim-next again, unless its text changes.

        `reason` is free text. Raises `ConflictError` where the item is not held.
        """
        with changing(self._database, self._audit) as changes:
            item = self._find(changes.session, actor, item_id, lock=True)
            self._require_lease(changes.session, actor, item)
            changes.apply(item, replace(self._change(EventKind.SKIPPED, actor), note=reason))
            repository.add_skip(changes.session, item.id, actor.id)

    def _take(self, changes: Changes, actor: Actor, filters: Filters, slot: Slot) -> Item | None:
        now, until = self._clock(), self._lease_end()
        claim = Claim(actor, slot, _readable(actor, filters), at=now, until=until)
        item = repository_claims.claim_next(changes.session, claim)
        if item is not None:
            body = {"until": until.isoformat(), "slot": slot.value}
            event = Draft(EventKind.CLAIMED, actor.id, now, item.id, item.version, body)
            changes.log(event)
        return item

    def _lease_end(self) -> datetime:
        return self._clock() + timedelta(seconds=self._settings.lease_seconds)

    def _change(self, kind: EventKind, actor: Actor, **body: object) -> Change:
        return Change(kind, actor.id, self._clock(), body)


def _readable(actor: Actor, filters: Filters) -> Filters:
    """`filters`, narrowed to what the actor reads."""
    if actor.languages is None:
        return filters
    if filters.languages is None:
        return replace(filters, languages=actor.languages)
    return replace(filters, languages=filters.languages & actor.languages)
