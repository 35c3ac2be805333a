"""Who looked at which texts."""

from __future__ import annotations

from collections.abc import Sequence

from serving.actors import Actor
from serving.audit.records import Draft, EventKind
from serving.review.changes import changing
from serving.review.desk import Desk
from serving.review.records import ItemView


class Looks(Desk):
    """A look is logged before anything is shown, as one event however much is shown at once.

    What is held by whoever looks is left out, since the log has that they claimed it; so is what a
    platform reads of its own.
    """

    def _log_look(
        self, actor: Actor, item: ItemView | None = None, others: Sequence[ItemView] = ()
    ) -> None:
        """That `actor` is shown `item`, with the texts of `others` beside it.

        The event is the item's, and lists the others; it is the actor's where the item is theirs,
        or there is none, as in a list.
        """
        if actor.platform is not None:
            return
        looked_at = None if item is None or _holds(actor, item) else item
        beside = [
            other.id for other in others if other.text is not None and not _holds(actor, other)
        ]
        if looked_at is None and not beside:
            return
        body: dict[str, object] = {"items": beside} if beside else {}
        if looked_at is not None:
            body["version"] = looked_at.version
        item_id = None if looked_at is None else looked_at.id
        with changing(self._database, self._audit) as changes:
            changes.log(Draft(EventKind.VIEWED, actor.id, self._clock(), item_id, None, body))


def _holds(actor: Actor, item: ItemView) -> bool:
    return item.lease is not None and item.lease.owner == actor.id
