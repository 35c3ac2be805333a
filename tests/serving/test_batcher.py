from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from classifier.classifier import Classifier
from classifier.records import Post, Rejection, Score
from serving.errors import NotReadyError, QueueFullError
from serving.scoring.batcher import Batcher, Limits
from serving.scoring.pace import BATCH_CHARACTERS, BATCH_TEXTS, Pace
from tests.serving.gated import GatedClassifier

pytestmark = pytest.mark.anyio

LIMITS = Limits(texts=500, characters=100_000, patience=0.002)


@pytest.fixture
def gated(classifier: Classifier) -> GatedClassifier:
    return GatedClassifier(classifier)


@asynccontextmanager
async def batching(
    gated: GatedClassifier, limits: Limits = LIMITS, pace: Pace | None = None
) -> AsyncIterator[Batcher]:
    batcher = Batcher(gated, limits, pace or Pace())
    batcher.start()
    try:
        yield batcher
    finally:
        gated.gate.set()
        await asyncio.to_thread(batcher.close)


def posts(count: int, prefix: str = "p", text: str = "a room by the sea") -> list[Post]:
    return [Post(f"{prefix}{number}", text) for number in range(count)]


async def begin(batcher: Batcher, sent: list[Post]) -> asyncio.Task[list[Score | Rejection]]:
    """Hand `sent` over, and go on without waiting for the result."""
    task = asyncio.ensure_future(batcher.score(sent))
    await asyncio.sleep(0)
    return task


async def test_requests_that_come_while_a_batch_runs_are_scored_together(
    gated: GatedClassifier,
) -> None:
    async with batching(gated) as batcher:
        first = await begin(batcher, posts(1, "first"))
        await gated.wait_until_entered()
        others = [await begin(batcher, posts(1, f"r{number}-")) for number in range(5)]
        gated.gate.set()
        results = await asyncio.gather(first, *others)
    assert [ids for ids, _ in gated.batches] == [["first0"], [f"r{n}-0" for n in range(5)]]
    assert [result.id for (result,) in results[1:]] == [f"r{n}-0" for n in range(5)]


async def test_results_are_in_order_and_the_same_as_alone(
    gated: GatedClassifier, classifier: Classifier
) -> None:
    gated.gate.set()
    sent = [Post(str(n), f"boat number {n} " * (1 + n % 7)) for n in range(100)]
    async with batching(gated) as batcher:
        together = await batcher.score(sent)
        alone = [(await batcher.score([post]))[0] for post in sent[:5]]
    assert [result.id for result in together] == [post.id for post in sent]
    for one, other in zip(alone, together, strict=False):
        assert isinstance(one, Score)
        assert isinstance(other, Score)
        assert one.scores == pytest.approx(other.scores, abs=0.01)


async def test_a_large_request_does_not_hold_up_a_small_one(gated: GatedClassifier) -> None:
    async with batching(gated) as batcher:
        large = await begin(batcher, posts(300, "large"))
        await gated.wait_until_entered()
        small = await begin(batcher, posts(1, "small"))
        gated.gate.set()
        await small
        assert not large.done()
        assert len(await large) == 300
    assert "small0" in gated.batches[1][0]


async def test_no_batch_is_larger_than_its_limits(gated: GatedClassifier) -> None:
    gated.gate.set()
    long = "a" * (BATCH_CHARACTERS // 3)
    async with batching(gated, Limits(10_000, 10_000_000, 0.0)) as batcher:
        await asyncio.gather(
            batcher.score(posts(100)),
            batcher.score(posts(10, "long", long)),
            batcher.score(posts(2, "longest", "a" * (BATCH_CHARACTERS + 1))),
        )
    sizes = {"p": 17, "long": len(long), "longest": BATCH_CHARACTERS + 1}
    for ids, _ in gated.batches:
        assert len(ids) <= BATCH_TEXTS
        characters = sum(sizes[post_id.rstrip("0123456789")] for post_id in ids)
        assert characters <= BATCH_CHARACTERS or len(ids) == 1


async def test_explained_and_plain_requests_are_not_mixed(gated: GatedClassifier) -> None:
    async with batching(gated) as batcher:
        first = await begin(batcher, posts(1, "first"))
        await gated.wait_until_entered()
        plain = asyncio.ensure_future(batcher.score(posts(2, "plain")))
        explained = asyncio.ensure_future(batcher.score(posts(2, "explained"), explain=True))
        await asyncio.sleep(0)
        gated.gate.set()
        await asyncio.gather(first, plain)
        results = await explained
    assert all(isinstance(r, Score) and r.evidence is not None for r in results)
    assert {explain for ids, explain in gated.batches if "plain0" in ids} == {False}


async def test_a_full_queue_refuses_and_says_when_to_come_back(gated: GatedClassifier) -> None:
    async with batching(gated, Limits(texts=10, characters=100_000, patience=0)) as batcher:
        running = await begin(batcher, posts(1))
        await gated.wait_until_entered()
        waiting = await begin(batcher, posts(8))
        with pytest.raises(QueueFullError) as error:
            await batcher.score(posts(3))
        assert error.value.retry_after is not None
        assert error.value.retry_after >= 1
        fitting = await begin(batcher, posts(2))
        assert batcher.queued_texts == 10
        gated.gate.set()
        await asyncio.gather(running, waiting, fitting)
    assert (batcher.queued_texts, batcher.queued_characters) == (0, 0)


async def test_characters_fill_the_queue_too(gated: GatedClassifier) -> None:
    async with batching(gated, Limits(texts=1000, characters=100, patience=0)) as batcher:
        running = await begin(batcher, posts(1))
        await gated.wait_until_entered()
        waiting = await begin(batcher, posts(1, text="a" * 90))
        with pytest.raises(QueueFullError):
            await batcher.score(posts(1, text="a" * 20))
        gated.gate.set()
        await asyncio.gather(running, waiting)


async def test_more_seconds_of_work_than_may_wait_fill_the_queue_too(
    gated: GatedClassifier,
) -> None:
    pace = Pace()
    for _ in range(50):
        pace.measure(1, characters=10, seconds=1)  # a model of 10 characters a second
    limits = Limits(1_000, 100_000, patience=0, seconds=20)
    async with batching(gated, limits, pace) as batcher:
        running = await begin(batcher, posts(1))
        await gated.wait_until_entered()
        waiting = await begin(batcher, posts(1, text="a" * 150))
        with pytest.raises(QueueFullError) as error:
            await batcher.score(posts(1, text="a" * 100))
        assert error.value.retry_after == pytest.approx(15, abs=1)
        gated.gate.set()
        await asyncio.gather(running, waiting)


async def test_an_empty_queue_takes_what_is_larger_than_its_limit(
    gated: GatedClassifier,
) -> None:
    gated.gate.set()
    async with batching(gated, Limits(texts=1, characters=1, patience=0)) as batcher:
        assert len(await batcher.score(posts(50))) == 50


async def test_work_of_a_client_who_left_is_not_done(gated: GatedClassifier) -> None:
    async with batching(gated) as batcher:
        running = await begin(batcher, posts(1, "running"))
        await gated.wait_until_entered()
        leaving = await begin(batcher, posts(50, "leaving"))
        staying = await begin(batcher, posts(1, "staying"))
        leaving.cancel()
        await asyncio.sleep(0)
        assert batcher.queued_texts == 1
        gated.gate.set()
        await asyncio.gather(running, staying)
    assert [ids for ids, _ in gated.batches] == [["running0"], ["staying0"]]


async def test_a_client_who_leaves_midway_loses_the_rest(gated: GatedClassifier) -> None:
    async with batching(gated) as batcher:
        leaving = await begin(batcher, posts(100, "leaving"))
        await gated.wait_until_entered()
        leaving.cancel()
        await asyncio.sleep(0)
        gated.gate.set()
        assert len(await batcher.score(posts(1, "next"))) == 1
    assert [len(ids) for ids, _ in gated.batches] == [BATCH_TEXTS, 1]


async def test_a_batch_that_fails_fails_its_own_requests_only(gated: GatedClassifier) -> None:
    async with batching(gated) as batcher:
        broken = await begin(batcher, [Post("1", "break"), *posts(200)])
        await gated.wait_until_entered()
        gated.gate.set()
        with pytest.raises(RuntimeError, match="broken"):
            await broken
        assert len(await batcher.score(posts(3))) == 3
        assert batcher.queued_texts == 0


async def test_closing_finishes_what_waits_and_refuses_what_comes(
    gated: GatedClassifier,
) -> None:
    async with batching(gated) as batcher:
        running = await begin(batcher, posts(1))
        await gated.wait_until_entered()
        waiting = await begin(batcher, posts(100))
        closing = asyncio.ensure_future(asyncio.to_thread(batcher.close))
        await asyncio.sleep(0.05)
        with pytest.raises(NotReadyError):
            await batcher.score(posts(1))
        gated.gate.set()
        await closing
        assert len(await running) == 1
        assert len(await waiting) == 100


async def test_several_clients_wait_for_each_other_until_the_batch_is_full(
    gated: GatedClassifier,
) -> None:
    async with batching(gated, Limits(500, 100_000, patience=60.0)) as batcher:
        first = await begin(batcher, posts(1, "first"))
        await gated.wait_until_entered()
        pair = [await begin(batcher, posts(1, "pair")) for _ in range(2)]
        gated.gate.set()
        await asyncio.gather(first, *pair)
        one = await begin(batcher, posts(1, "one"))
        await asyncio.sleep(0.05)
        assert not one.done()
        await batcher.score(posts(BATCH_TEXTS - 1, "others"))
        await one
    assert [len(ids) for ids, _ in gated.batches] == [1, 2, BATCH_TEXTS]


async def test_a_lone_client_never_waits(gated: GatedClassifier) -> None:
    gated.gate.set()
    async with batching(gated, Limits(500, 100_000, patience=60.0)) as batcher:
        for _ in range(3):
            await asyncio.wait_for(batcher.score(posts(1)), timeout=30)


async def test_nothing_is_answered_with_nothing(gated: GatedClassifier) -> None:
    async with batching(gated) as batcher:
        assert await batcher.score([]) == []
