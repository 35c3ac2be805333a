"""Whoever looks at a post is in the log, whichever way they looked."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest
from sqlalchemy import select

from serving.actors import Actor
from serving.audit.models import Event
from serving.audit.records import Draft, EventKind
from serving.database import Database
from serving.policy import Role
from serving.review.derive import read_event
from serving.review.records import SearchQuery
from tests.serving.review.bench import ADA, BOB, PLATFORM, Bench

KEY = Actor("key:bbbbbbbbbbbb", Role.LEAD)


def looks(bench: Bench) -> list[Draft]:
    with bench.database.read() as session:
        query = select(Event).where(Event.kind == EventKind.VIEWED.value).order_by(Event.id)
        return [read_event(row) for row in session.scalars(query)]


@pytest.mark.parametrize("actor", [ADA, KEY])
def test_opening_an_item_is_one_look_at_it_and_at_what_stands_beside_it(
    database: Database, actor: Actor
) -> None:
    bench = Bench(database)
    one, two = (bench.admit(author="a").item_id for _ in range(2))
    bench.queue.view(actor, one)
    bench.queue.history(actor, one)
    bench.queue.whole(actor, one)
    assert [(look.actor, look.item_id) for look in looks(bench)] == [(actor.id, one)] * 3
    version = bench.row(one).version
    beside = [dict(look.body or {}) for look in looks(bench)]
    assert beside == [{"version": version}] * 2 + [{"version": version, "items": [two]}]


@pytest.mark.parametrize("actor", [ADA, KEY])
def test_a_page_of_a_list_is_one_look_at_all_that_is_on_it(
    database: Database, actor: Actor
) -> None:
    bench = Bench(database)
    items = [bench.admit().item_id for _ in range(3)]
    listing: Callable[[], object] = partial(bench.queue.listing, actor, limit=2)
    search: Callable[[], object] = partial(bench.queue.search, actor, SearchQuery(), limit=2)
    for turn in (listing, search):
        before = len(looks(bench))
        turn()
        (look,) = looks(bench)[before:]
        assert (look.actor, look.item_id) == (actor.id, None)
        found = (look.body or {})["items"]
        assert isinstance(found, list)
        assert len(found) == 2
        assert set(found) < set(items)


def test_what_somebody_holds_and_what_shows_no_text_is_no_look(database: Database) -> None:
    bench = Bench(database)
    held, other = (bench.admit(author="a").item_id for _ in range(2))
    bench.queue.claim(ADA, held)
    bench.queue.view(ADA, held)
    bench.queue.history(ADA, held)
    assert looks(bench) == []
    bench.queue.whole(ADA, held)
    bench.queue.listing(ADA)
    assert [(look.item_id, look.body) for look in looks(bench)] == [(None, {"items": [other]})] * 2
    bench.queue.search(BOB, SearchQuery(words="nothing like it"))
    assert len(looks(bench)) == 2


def test_a_platform_may_read_its_own_unseen(database: Database) -> None:
    bench = Bench(database)
    item = bench.admit(author="a").item_id
    bench.queue.view(PLATFORM, item)
    bench.queue.history(PLATFORM, item)
    bench.queue.search(PLATFORM, SearchQuery())
    assert looks(bench) == []
