from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import select

from serving.audit.verify import verify
from serving.database import Database
from serving.review.derive import fold
from serving.review.models import Item
from serving.review.records import Decided, Judgement, Source
from serving.review.retention import DailyRetention, RetentionService
from serving.settings import ENVIRONMENT, Settings
from tests.serving.review.bench import ADA, CLEARED, KEEP, REMOVE, Bench, differences


@pytest.fixture
def bench(database: Database) -> Bench:
    return Bench(database)


def retention(bench: Bench) -> RetentionService:
    return RetentionService(bench.database, bench.audit, bench.settings, bench.clock)


def decide(bench: Bench, judgement: Judgement) -> str:
    item = bench.admit(source=Source.USER_NOTICE).item_id
    held = bench.queue.claim(ADA, item)
    bench.queue.decide(ADA, item, held.version, judgement)
    return item


def kept(bench: Bench) -> set[str]:
    with bench.database.read() as session:
        return set(session.scalars(select(Item.id).where(Item.erased_at.is_(None))))


def test_texts_are_kept_as_long_as_their_outcome_says(bench: Bench) -> None:
    restrict = Judgement(REMOVE.labels, Decided.RESTRICT, REMOVE.reason)
    cleared = bench.admit(CLEARED).item_id
    left_alone = decide(bench, KEEP)
    acted_on = {decide(bench, REMOVE), decide(bench, restrict)}
    waits = bench.admit().item_id
    escalated = bench.admit().item_id
    held = bench.queue.claim(ADA, escalated)
    bench.queue.escalate(ADA, escalated, held.version)
    everything = {cleared, left_alone, *acted_on, waits, escalated}
    for days, erased in (
        (6.9, set()),
        (7.1, {cleared}),
        (29.9, {cleared}),
        (30.1, {cleared, left_alone}),
        (189.9, {cleared, left_alone}),
        (190.1, {cleared, left_alone, *acted_on}),
        (4_000, {cleared, left_alone, *acted_on}),
    ):
        bench.clock.now = bench.row(waits).received_at
        bench.clock.turn(days=days)
        retention(bench).run()
        assert kept(bench) == everything - erased, days
    assert verify(bench.database, bench.keyring).bad == ()
    for item in everything:
        assert differences(fold(bench.events(item)), bench.row(item)) == {}


def test_time_is_counted_from_the_decision_and_anew_from_a_new_text(bench: Bench) -> None:
    item = bench.admit(CLEARED, post_id="post").item_id
    bench.clock.turn(days=6)
    bench.admit(CLEARED, post_id="post", text="Another text")
    bench.clock.turn(days=6)
    assert retention(bench).run()["cleared"] == 0
    decided = bench.admit().item_id
    bench.clock.turn(days=100)
    held = bench.queue.claim(ADA, decided)
    bench.queue.decide(ADA, decided, held.version, KEEP)
    bench.clock.turn(days=29)
    retention(bench).run()
    assert item not in kept(bench)
    assert decided in kept(bench)


def test_an_edit_does_not_shorten_the_time_for_complaints_about_a_removal(bench: Bench) -> None:
    item = bench.admit(post_id="post", source=Source.USER_NOTICE).item_id
    held = bench.queue.claim(ADA, item)
    bench.queue.decide(ADA, item, held.version, REMOVE)
    bench.clock.turn(days=1)
    bench.admit(CLEARED, post_id="post", text="Another text")
    bench.clock.turn(days=188)
    retention(bench).run()
    assert kept(bench) == {item}
    bench.clock.turn(days=2)
    retention(bench).run()
    assert kept(bench) == set()


def test_a_decision_that_can_be_undone_keeps_its_text_whatever_the_setting(
    database: Database,
) -> None:
    bench = Bench(database, keep_left_alone_days=0)
    item = decide(bench, KEEP)
    assert retention(bench).run()["left alone"] == 0
    bench.queue.undo(ADA, item)
    held = bench.queue.claim(ADA, item)
    bench.queue.decide(ADA, item, held.version, KEEP)
    bench.clock.turn(seconds=bench.settings.undo_seconds)
    assert retention(bench).run()["left alone"] == 1


def test_what_is_due_is_what_is_erased_and_only_once(bench: Bench) -> None:
    for _ in range(3):
        bench.admit(CLEARED)
    decide(bench, KEEP)
    bench.clock.turn(days=31)
    due = retention(bench).due()
    assert due == {"cleared": 3, "left alone": 1, "acted on": 0}
    assert retention(bench).run() == due
    assert retention(bench).run() == {"cleared": 0, "left alone": 0, "acted on": 0}


def test_servers_that_erase_together_erase_each_text_once(bench: Bench) -> None:
    items = [bench.admit(CLEARED).item_id for _ in range(40)]
    bench.clock.turn(days=8)
    with ThreadPoolExecutor(4) as pool:
        counts = list(pool.map(lambda _: retention(bench).run()["cleared"], range(4)))
    assert sum(counts) == len(items)
    for item in items:
        assert bench.kinds(item) == ["received", "erased"]
    assert verify(bench.database, bench.keyring).bad == ()


@pytest.mark.parametrize("items", [2, 3, 4])
def test_more_than_fits_one_transaction_is_erased_in_several(bench: Bench, items: int) -> None:
    for _ in range(items):
        bench.admit(CLEARED)
    bench.clock.turn(days=8)
    service = RetentionService(bench.database, bench.audit, bench.settings, bench.clock, at_once=2)
    assert service.run()["cleared"] == items


def test_one_server_a_day_runs_it(bench: Bench) -> None:
    with ThreadPoolExecutor(4) as pool:
        ran = list(pool.map(lambda _: retention(bench).run_if_a_day_has_passed(), range(4)))
    assert sum(one is not None for one in ran) == 1
    bench.clock.turn(hours=23)
    assert retention(bench).run_if_a_day_has_passed() is None
    bench.clock.turn(hours=1)
    assert retention(bench).run_if_a_day_has_passed() is not None


@pytest.mark.anyio
async def test_a_server_that_starts_erases_what_is_due_and_stops_when_told(bench: Bench) -> None:
    item = bench.admit(CLEARED).item_id
    bench.clock.turn(days=8)
    daily = DailyRetention(retention(bench))
    daily.start()
    while item in kept(bench):
        await asyncio.sleep(0.01)
    async with asyncio.timeout(5):  # and not at its next look, in an hour
        await daily.stop()


def test_the_handbook_has_the_defaults() -> None:
    handbook = Path(__file__).parents[3] / "docs" / "operations" / "erasure.md"
    rows = handbook.read_text(encoding="utf-8").splitlines()
    for variable, field in ENVIRONMENT.items():
        if field.startswith("keep_"):
            (row,) = (row for row in rows if f"| `{variable}` |" in row)
            assert f"| {Settings.model_fields[field].default} days " in row
