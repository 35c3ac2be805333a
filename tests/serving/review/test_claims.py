from __future__ import annotations

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from classifier.labels import Label
from serving.database import Database
from serving.errors import ConflictError, ForbiddenError, NotFoundError
from serving.review.ranking import Slot
from serving.review.records import Filters, ItemView, PostKind, QueuedFor, Source, State
from tests.serving.review.bench import ADA, BOB, CLEARED, LEA, PLATFORM, Bench, scored


def id_of(view: ItemView | None) -> str | None:
    return None if view is None else view.id


def test_the_most_harmful_comes_first_and_what_is_claimed_comes_to_nobody(
    database: Database,
) -> None:
    bench = Bench(database)
    low, high = bench.admit(scored(0.6)), bench.admit(scored(0.95))
    first = bench.queue.claim_next(ADA, slot=Slot.HARM)
    assert first is not None
    assert (first.id, first.lease and first.lease.owner) == (high.item_id, ADA.id)
    assert id_of(bench.queue.claim_next(BOB, slot=Slot.HARM)) == low.item_id
    assert bench.queue.claim_next(LEA, slot=Slot.HARM) is None
    assert [view.id for view in bench.queue.held(ADA)] == [high.item_id]


def test_the_version_that_a_claim_returns_is_the_one_to_decide_with(database: Database) -> None:
    bench = Bench(database)
    bench.admit()
    view = bench.queue.claim_next(ADA)
    assert view is not None
    assert view.version == bench.row(view.id).version == 3
    assert bench.kinds(view.id) == ["received", "queued", "claimed"]


def test_a_lease_runs_out_by_itself(database: Database) -> None:
    bench = Bench(database, lease_seconds=60)
    item = bench.admit().item_id
    bench.queue.claim_next(ADA)
    bench.clock.turn(seconds=59)
    assert bench.queue.claim_next(BOB) is None
    bench.clock.turn(seconds=1)
    assert id_of(bench.queue.claim_next(BOB)) == item
    with pytest.raises(ConflictError) as error:
        bench.queue.heartbeat(ADA, item)
    assert error.value.happened is not None
    assert (error.value.happened.kind, error.value.happened.actor) == ("claimed", BOB.id)


def test_a_heartbeat_renews_the_lease_and_leaves_the_version(database: Database) -> None:
    bench = Bench(database, lease_seconds=60)
    item = bench.admit().item_id
    view = bench.queue.claim_next(ADA)
    bench.clock.turn(seconds=50)
    lease = bench.queue.heartbeat(ADA, item)
    assert (lease.until - bench.clock.now).total_seconds() == 60
    bench.clock.turn(seconds=50)
    assert bench.queue.claim_next(BOB) is None
    assert view is not None
    assert bench.queue.view(ADA, item).version == view.version


def test_a_lease_that_ran_out_cannot_be_renewed_but_claimed_again(database: Database) -> None:
    bench = Bench(database, lease_seconds=60)
    item = bench.admit().item_id
    bench.queue.claim_next(ADA)
    bench.clock.turn(seconds=60)
    with pytest.raises(ConflictError, match="ran out"):
        bench.queue.heartbeat(ADA, item)
    assert bench.queue.claim(ADA, item).lease is not None


def test_a_given_item_can_be_claimed_once(database: Database) -> None:
    bench = Bench(database)
    item = bench.admit().item_id
    mine = bench.queue.claim(ADA, item)
    assert bench.queue.claim(ADA, item).version == mine.version
    with pytest.raises(ConflictError, match="someone else"):
        bench.queue.claim(BOB, item)


def test_what_does_not_wait_cannot_be_claimed(database: Database) -> None:
    bench = Bench(database)
    cleared = bench.admit(CLEARED).item_id
    with pytest.raises(ConflictError, match="does not wait"):
        bench.queue.claim(ADA, cleared)
    for unknown in ("0" * 24, "no id", "\x00"):
        with pytest.raises(NotFoundError):
            bench.queue.claim(ADA, unknown)


def test_a_released_item_comes_again_and_a_skipped_one_to_others_alone(database: Database) -> None:
    bench = Bench(database)
    item = bench.admit().item_id
    bench.queue.claim_next(ADA)
    bench.queue.release(ADA, item)
    assert id_of(bench.queue.claim_next(ADA)) == item
    bench.queue.skip(ADA, item, "too close to home")
    assert bench.queue.claim_next(ADA) is None
    assert id_of(bench.queue.claim_next(BOB)) == item
    bench.queue.skip(BOB, item)
    assert [entry.note for entry in bench.queue.history(ADA, item) if entry.kind == "skipped"] == [
        "too close to home",
        None,
    ]
    bench.admit(post_id="post-1", text="Another text of the same post")
    assert id_of(bench.queue.claim_next(ADA)) == item


def test_only_who_holds_an_item_gives_it_back(database: Database) -> None:
    bench = Bench(database)
    item = bench.admit().item_id
    bench.queue.claim_next(ADA)
    for give_back in (bench.queue.release, bench.queue.skip, bench.queue.heartbeat):
        with pytest.raises(ConflictError, match="someone else"):
            give_back(BOB, item)


def test_people_get_the_languages_they_read(database: Database) -> None:
    bench = Bench(database)
    for language in ("sq", "ar", "sr-Cyrl"):
        bench.admit(language=language)
    reader = replace(ADA, languages=frozenset({"ar", "fr"}))
    view = bench.queue.claim_next(reader)
    assert view is not None
    assert view.language == "ar"
    assert bench.queue.claim_next(reader) is None
    everything = Filters(languages=frozenset({"sq", "sr-Cyrl"}))
    assert bench.queue.claim_next(reader, everything) is None
    assert bench.queue.claim_next(replace(ADA, languages=frozenset())) is None
    assert bench.queue.claim_next(BOB, everything) is not None


def test_filters_narrow_what_comes(database: Database) -> None:
    bench = Bench(database)
    old = bench.admit(scored(0.9, 0.1)).item_id
    bench.clock.turn(days=2)
    job = bench.admit(scored(0.1, 0.9)).item_id
    moment = bench.clock.now
    queue = bench.queue
    assert queue.claim_next(ADA, Filters(kind=PostKind.MESSAGE)) is None
    assert id_of(queue.claim_next(ADA, Filters(label=Label.FAKE_JOB))) == job
    assert id_of(queue.claim_next(ADA, Filters(older_than=moment))) == old


def test_each_slot_has_its_own_order(database: Database) -> None:
    bench = Bench(database, share=0.0)
    oldest = bench.admit(scored(0.7)).item_id
    bench.clock.turn(minutes=1)
    doubtful = bench.admit(scored(0.501, 0.01)).item_id
    harmful = bench.admit(scored(0.99)).item_id
    bench.rules = replace(bench.rules, sample_share=1.0)
    sample = bench.admit(CLEARED)
    assert sample.queued_for is QueuedFor.SAMPLE
    expected = {
        Slot.AGE: oldest,
        Slot.DOUBT: doubtful,
        Slot.HARM: harmful,
        Slot.SAMPLE: sample.item_id,
    }
    found = {slot: id_of(bench.queue.claim_next(ADA, slot=slot)) for slot in expected}
    assert found == expected


def test_an_empty_slot_falls_back_to_the_main_order(database: Database) -> None:
    bench = Bench(database, queue_strategy="harm")
    item = bench.admit().item_id
    # One claim in twenty asks for the sample, of which there is none.
    for _ in range(30):
        assert id_of(bench.queue.claim_next(ADA)) == item
        bench.queue.release(ADA, item)


def test_escalated_items_are_the_leads(database: Database) -> None:
    bench = Bench(database)
    item = bench.admit().item_id
    view = bench.queue.claim_next(ADA)
    assert view is not None
    escalated = bench.queue.escalate(ADA, item, view.version, "needs a native speaker")
    assert (escalated.state, escalated.lease) == (State.ESCALATED, None)
    assert bench.queue.claim_next(BOB) is None
    with pytest.raises(ForbiddenError):
        bench.queue.claim(BOB, item)
    with pytest.raises(ForbiddenError):
        bench.queue.claim_next(BOB, slot=Slot.ESCALATED)
    assert id_of(bench.queue.claim_next(LEA, slot=Slot.ESCALATED)) == item


def test_a_platform_sees_its_own_items_and_not_who_works_on_them(database: Database) -> None:
    bench = Bench(database)
    own, other = bench.admit().item_id, bench.admit(platform="other").item_id
    bench.queue.claim(ADA, own)
    assert bench.queue.view(PLATFORM, own).lease is None
    with pytest.raises(NotFoundError):
        bench.queue.view(PLATFORM, other)


def test_reported_posts_come_before_worse_ones(database: Database) -> None:
    bench = Bench(database)
    bench.admit(scored(0.99), reach=1_000_000)
    flagged = bench.admit(scored(0.55), source=Source.TRUSTED_FLAGGER).item_id
    assert id_of(bench.queue.claim_next(ADA, slot=Slot.HARM)) == flagged


def test_many_claimers_get_each_item_once(database: Database) -> None:
    bench = Bench(database)
    wanted = {bench.admit(language=("en", "ar", "fr")[n % 3]).item_id for n in range(48)}
    barrier = threading.Barrier(16)
    claimed: Counter[str] = Counter()

    def work(number: int) -> list[str]:
        actor = replace(ADA, id=f"user:{number}", languages=frozenset({"en", "ar", "fr"}))
        barrier.wait()
        found = []
        while (view := bench.queue.claim_next(actor)) is not None:
            found.append(view.id)
        return found

    with ThreadPoolExecutor(16) as pool:
        for found in pool.map(work, range(16)):
            claimed.update(found)
    assert set(claimed) == wanted
    assert set(claimed.values()) == {1}


def test_one_of_many_wins_a_given_item(database: Database) -> None:
    bench = Bench(database)
    item = bench.admit().item_id
    barrier = threading.Barrier(16)

    def attempt(number: int) -> bool:
        barrier.wait()
        try:
            bench.queue.claim(replace(ADA, id=f"user:{number}"), item)
        except ConflictError:
            return False
        return True

    with ThreadPoolExecutor(16) as pool:
        assert sum(pool.map(attempt, range(16))) == 1
    assert bench.kinds(item) == ["received", "queued", "claimed"]
