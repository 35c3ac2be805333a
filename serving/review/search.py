"""Lists of items: the queue as it stands, and what was once in it."""

from __future__ import annotations

import base64
import binascii
import json
from datetime import datetime
from typing import Any

from sqlalchemy import Select

from serving.actors import Actor
from serving.errors import InvalidRequestError
from serving.review import repository_lists
from serving.review.arrivals import post_marks
from serving.review.desk import ITEM_ID
from serving.review.looks import Looks
from serving.review.models import Item
from serving.review.records import Filters, Page, QueueCounts, SearchQuery, State
from serving.review.repository_lists import Order, Place

MAX_PAGE = 100

_LONGEST_CURSOR = 500


class Search(Looks):
    """Pages of items. A cursor is opaque; one that cannot be read is `InvalidRequestError`.

    Each page is one look, which is logged with the items on it.
    """

    def listing(
        self,
        actor: Actor,
        filters: Filters | None = None,
        state: State = State.OPEN,
        cursor: str | None = None,
        limit: int = 20,
    ) -> Page:
        """Items of `state`: open ones in the order of harm, escalated ones the oldest first.

        Others come the newest first. Raises `InvalidRequestError`.
        """
        order = {State.OPEN: Order.HARM, State.ESCALATED: Order.OLDEST}.get(state, Order.NEWEST)
        query = repository_lists.of_state(state, filters or Filters(), actor.platform)
        return self._page(actor, query, order, cursor, limit)

    def search(
        self, actor: Actor, query: SearchQuery, cursor: str | None = None, limit: int = 20
    ) -> Page:
        """Items that `query` describes, the newest first; raises `InvalidRequestError`."""
        marks = None
        if query.platform is not None and query.post_id is not None:
            marks = post_marks(self._keyring, query.platform, query.post_id)
        found = repository_lists.matching(query, marks, actor.platform)
        return self._page(actor, found, Order.NEWEST, cursor, limit)

    def counts(self, actor: Actor) -> QueueCounts:
        """How many items wait."""
        with self._database.read() as session:
            return repository_lists.counts(session, actor.platform, self._clock())

    def _page(
        self, actor: Actor, query: Select[Any], order: Order, cursor: str | None, limit: int
    ) -> Page:
        limit = min(max(limit, 1), MAX_PAGE)
        after = None if cursor is None else _read_cursor(cursor, order)
        with self._database.read() as session:
            # One more than is shown says whether there are more.
            items = repository_lists.page(session, query, order, after, limit + 1)
            more = len(items) > limit
            items = items[:limit]
            views = self._views(session, actor, items)
            next_cursor = _write_cursor(items[-1], order) if more else None
        self._log_look(actor, others=views)
        return Page(views, next_cursor)


def _write_cursor(item: Item, order: Order) -> str:
    value = order.value_of(item)
    text = value.isoformat() if isinstance(value, datetime) else value
    return base64.urlsafe_b64encode(json.dumps([order.name, text, item.id]).encode()).decode()


def _read_cursor(cursor: str, order: Order) -> Place:
    try:
        if len(cursor) > _LONGEST_CURSOR:  # brackets without end would exhaust the parser's stack
            raise ValueError(len(cursor))
        name, value, item_id = json.loads(base64.urlsafe_b64decode(cursor.encode()))
        if name != order.name or not ITEM_ID.fullmatch(item_id):
            raise ValueError(name)
        if order is Order.NEWEST:
            moment = datetime.fromisoformat(value)
            return Place(moment.astimezone(), item_id)
        return Place(float(value), item_id)
    except (ValueError, TypeError, OverflowError, binascii.Error) as error:
        raise InvalidRequestError(
            "the cursor is not one of this list. Start again without one."
        ) from error
