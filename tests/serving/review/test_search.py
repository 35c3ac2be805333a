from __future__ import annotations

import base64
from dataclasses import replace
from functools import partial

import pytest

from classifier.labels import Label
from serving.actors import Actor
from serving.database import Database
from serving.errors import InvalidRequestError
from serving.policy import Role
from serving.review.records import (
    Decided,
    Filters,
    ItemView,
    QueueCounts,
    SearchQuery,
    State,
)
from tests.serving.review.bench import ADA, BOB, CLEARED, KEEP, PLATFORM, Bench, scored


def ids(views: tuple[ItemView, ...]) -> list[str]:
    return [view.id for view in views]


def test_a_list_is_walked_without_gap_or_repetition(database: Database) -> None:
    bench = Bench(database)
    # Some stand at the same place.
    expected = {bench.admit(scored(0.5 + (n % 3) / 10)).item_id for n in range(11)}
    expected |= {bench.admit(scored(0.95)).item_id}
    list_page, search_page = bench.queue.listing, partial(bench.queue.search, query=SearchQuery())
    for turn in (list_page, search_page):
        page = turn(ADA, limit=3)
        found = ids(page.items)
        while page.next_cursor is not None:
            page = turn(ADA, cursor=page.next_cursor, limit=3)
            found += ids(page.items)
        assert len(found) == len(set(found)) == len(expected)
        assert set(found) == expected


def test_the_queue_is_listed_in_the_order_it_is_worked_in(database: Database) -> None:
    bench = Bench(database)
    for probability in (0.6, 0.99, 0.8):
        bench.admit(scored(probability))
    listed = bench.queue.listing(ADA).items
    assert [view.score.scores[Label.SMUGGLING_SERVICE] for view in listed] == [0.99, 0.8, 0.6]
    item = listed[1].id
    bench.queue.escalate(ADA, item, bench.queue.claim(ADA, item).version)
    assert ids(bench.queue.listing(ADA, state=State.ESCALATED).items) == [item]
    assert len(bench.queue.listing(ADA, Filters(languages=frozenset({"fr"}))).items) == 0


def test_what_is_decided_is_listed_with_its_decision_the_newest_first(database: Database) -> None:
    bench = Bench(database)
    old, new = bench.admit().item_id, None
    bench.clock.turn(hours=1)
    new = bench.admit().item_id
    for item in (old, new):
        view = bench.queue.claim(ADA, item)
        bench.queue.decide(ADA, item, view.version, replace(KEEP, note=item))
    listed = bench.queue.listing(BOB, state=State.DECIDED).items
    assert ids(listed) == [new, old]
    assert [view.outcome and view.outcome.judgement.note for view in listed] == [new, old]


def test_a_cursor_that_is_none_is_refused(database: Database) -> None:
    bench = Bench(database)
    for _ in range(3):
        bench.admit()
    other = bench.queue.search(ADA, SearchQuery(), limit=1).next_cursor
    forged = [
        base64.urlsafe_b64encode(text.encode()).decode()
        for text in ('["HARM", 1, "\\u0000"]', '["HARM", "x", "%s"]' % ("0" * 24), "{}", "[1]", "1")
    ]
    endless = base64.urlsafe_b64encode(b"[" * 40_000).decode()
    for cursor in ("", "!", "é", "AAAA", other, endless, *forged):
        with pytest.raises(InvalidRequestError, match="cursor"):
            bench.queue.listing(ADA, cursor=cursor)


def test_a_search_finds_by_words_marks_and_what_was_decided(database: Database) -> None:
    bench = Bench(database)
    boat = bench.admit(text="Boat on SATURDAY, 100% safe", post_id="a").item_id
    room = bench.admit(CLEARED, text="A room by the sea", post_id="b", language="sq").item_id
    job = bench.admit(scored(0.1, 0.8), text="No experience_needed", post_id="c").item_id
    view = bench.queue.claim(ADA, job)
    bench.queue.decide(ADA, job, view.version, KEEP)
    queries = {
        "words": (SearchQuery(words="saturday boat"), {boat}),
        "a per cent sign is one": (SearchQuery(words="100%"), {boat}),
        "so is an underscore": (SearchQuery(words="experience_needed"), {job}),
        "nothing has it": (SearchQuery(words="boat room"), set()),
        "nul": (SearchQuery(words="\x00"), set()),
        "post id": (SearchQuery(post_id="b"), {room}),
        "post id of a platform": (SearchQuery(platform="example", post_id="b"), {room}),
        "of another platform": (SearchQuery(platform="other", post_id="b"), set()),
        "state": (SearchQuery(state=State.CLEARED), {room}),
        "label": (SearchQuery(label=Label.FAKE_JOB), {job}),
        "language": (SearchQuery(languages=frozenset({"sq", "ar"})), {room}),
        "action": (SearchQuery(action=Decided.NONE), {job}),
        "decided by": (SearchQuery(decided_by=ADA.id), {job}),
        "from": (SearchQuery(received_from=bench.clock.now), {boat, room, job}),
        "before": (SearchQuery(received_before=bench.clock.now), set()),
    }
    for name, (query, expected) in queries.items():
        assert set(ids(bench.queue.search(ADA, query).items)) == expected, name
    bench.admit(text="Now about something else", post_id="a")
    assert ids(bench.queue.search(ADA, SearchQuery(words="boat")).items) == []


def test_a_platform_finds_and_counts_its_own_alone(database: Database) -> None:
    bench = Bench(database)
    own = bench.admit().item_id
    bench.admit(platform="other", language="ar")
    other = Actor("key:b", Role.PLATFORM, platform="third")
    assert ids(bench.queue.search(PLATFORM, SearchQuery()).items) == [own]
    assert ids(bench.queue.listing(PLATFORM).items) == [own]
    assert bench.queue.counts(other).open == 0
    assert bench.queue.counts(PLATFORM).open == 1


def test_counts_are_of_what_waits(database: Database) -> None:
    bench = Bench(database)
    for language in ("ar", "sq", "sq"):
        bench.admit(language=language)
    bench.admit(CLEARED)
    escalated = bench.admit(language="fr").item_id
    bench.queue.escalate(ADA, escalated, bench.queue.claim(ADA, escalated).version)
    bench.queue.claim_next(ADA)
    assert bench.queue.counts(ADA) == QueueCounts(3, 1, 1, {"sq": 2, "ar": 1})
    bench.clock.turn(hours=1)
    assert bench.queue.counts(ADA).claimed == 0


def test_an_author_s_other_items_are_those_of_the_same_platform(database: Database) -> None:
    bench = Bench(database)
    one = bench.admit(author="a").item_id
    bench.clock.turn(minutes=1)
    two = bench.admit(author="a").item_id
    bench.admit(author="b")
    bench.admit(author="a", platform="other")
    alone = bench.admit().item_id
    assert ids(bench.queue.whole(ADA, one).others) == [two]
    assert bench.queue.whole(ADA, alone).others == ()
