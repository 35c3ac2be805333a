from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import httpx
import pytest

from classifier.classifier import Classifier
from classifier.records import MAX_TEXT_CHARACTERS, Post, Rejection, Score
from serving.app import create_app
from serving.metrics import Metrics
from serving.policy import Role
from serving.scoring.batcher import Batcher, Limits
from serving.scoring.cache import CachedScoring, ScoreCache, UnknownOnly, name_texts
from serving.scoring.pace import BATCH_TEXTS, Pace
from serving.settings import Settings
from tests.serving.gated import GatedClassifier
from tests.serving.running import bearer, running

pytestmark = pytest.mark.anyio


@pytest.fixture
def gated(classifier: Classifier) -> GatedClassifier:
    return GatedClassifier(classifier)


@asynccontextmanager
async def caching(
    gated: GatedClassifier, metrics: Metrics, *, size: int = 100, texts: int = 500
) -> AsyncIterator[CachedScoring]:
    cache = ScoreCache(size)
    limits = Limits(texts, 100_000, patience=0)
    batcher = Batcher(UnknownOnly(gated, cache, metrics), limits, Pace())
    batcher.start()
    try:
        yield CachedScoring(batcher, cache, "model", metrics)
    finally:
        gated.gate.set()
        await asyncio.to_thread(batcher.close)


def scored(gated: GatedClassifier) -> int:
    return sum(len(ids) for ids, _ in gated.batches)


def counts(metrics: Metrics) -> tuple[float | None, float | None]:
    value = metrics.registry.get_sample_value
    return value("lurewatch_cache_hits_total"), value("lurewatch_cache_misses_total")


def without_id(result: Score | Rejection) -> dict[str, object]:
    return {**result.to_dict(), "id": None}


async def test_a_text_is_scored_once_and_answered_under_each_callers_id(
    gated: GatedClassifier, classifier: Classifier
) -> None:
    gated.gate.set()
    metrics = Metrics()
    async with caching(gated, metrics) as caching_scorer:
        (first,) = await caching_scorer.score([Post("a", "a room by the sea")])
        (second,) = await caching_scorer.score([Post("b", "a room by the sea")])
    assert (first.id, second.id) == ("a", "b")
    (alone,) = classifier.score([Post("c", "a room by the sea")])
    assert without_id(first) == without_id(second) == without_id(alone)
    assert scored(gated) == 1
    assert counts(metrics) == (1, 1)


async def test_texts_that_read_the_same_are_the_same_text(gated: GatedClassifier) -> None:
    gated.gate.set()
    written = [
        Post("1", "call me", "Boat"),
        Post("2", "Boat\ncall me"),
        Post("3", "Boat\ncall\u200b me"),
    ]
    async with caching(gated, Metrics()) as caching_scorer:
        results = await caching_scorer.score(written)
    assert [result.id for result in results] == ["1", "2", "3"]
    assert len({str(without_id(result)) for result in results}) == 1
    assert scored(gated) == 1


async def test_identical_texts_that_wait_at_the_same_time_are_scored_once(
    gated: GatedClassifier,
) -> None:
    metrics = Metrics()
    async with caching(gated, metrics) as caching_scorer:
        busy = asyncio.ensure_future(caching_scorer.score([Post("busy", "something else")]))
        await gated.wait_until_entered()
        # More of them than one batch takes.
        waiting = [
            asyncio.ensure_future(caching_scorer.score([Post(str(n), "a seat in the boat")]))
            for n in range(BATCH_TEXTS + 10)
        ]
        await asyncio.sleep(0)
        gated.gate.set()
        results = [result for (result,) in await asyncio.gather(*waiting)]
        await busy
    assert [result.id for result in results] == [str(n) for n in range(len(waiting))]
    assert scored(gated) == 2
    assert counts(metrics) == (len(waiting) - 1, 2)


async def test_a_client_who_leaves_takes_nobody_elses_answer_away(gated: GatedClassifier) -> None:
    async with caching(gated, Metrics()) as caching_scorer:
        busy = asyncio.ensure_future(caching_scorer.score([Post("busy", "something else")]))
        await gated.wait_until_entered()
        leaving = asyncio.ensure_future(caching_scorer.score([Post("1", "a seat")]))
        staying = asyncio.ensure_future(caching_scorer.score([Post("2", "a seat")]))
        await asyncio.sleep(0)
        leaving.cancel()
        gated.gate.set()
        assert [result.id for result in await staying] == ["2"]
        await busy


async def test_what_is_known_is_answered_though_the_queue_is_full(gated: GatedClassifier) -> None:
    async with caching(gated, Metrics(), texts=1) as caching_scorer:
        gated.gate.set()
        await caching_scorer.score([Post("1", "known")])
        gated.gate.clear()
        await gated.wait_until_entered()
        busy = asyncio.ensure_future(caching_scorer.score([Post("2", "new")]))
        await gated.wait_until_entered()
        waiting = asyncio.ensure_future(caching_scorer.score([Post("3", "newer")]))
        await asyncio.sleep(0)
        (answer,) = await asyncio.wait_for(caching_scorer.score([Post("4", "known")]), 30)
        assert answer.id == "4"
        gated.gate.set()
        await asyncio.gather(busy, waiting)


async def test_refused_texts_are_refused_again_under_their_own_ids(gated: GatedClassifier) -> None:
    gated.gate.set()
    long = "x" * (MAX_TEXT_CHARACTERS + 1)
    async with caching(gated, Metrics()) as caching_scorer:
        for _ in range(2):
            results = await caching_scorer.score([Post("a", " "), Post("b", "\n"), Post("c", long)])
            assert [(r.id, isinstance(r, Rejection)) for r in results] == [
                ("a", True),
                ("b", True),
                ("c", True),
            ]


def test_the_text_unused_longest_is_forgotten_first(classifier: Classifier) -> None:
    scores = {f"{n}": score for n, score in enumerate(classifier.score(["a", "b", "c"]))}
    cache = ScoreCache(2)
    for name in ("0", "1"):
        cache.keep({name: only_score(scores[name])})
    cache.find(["0"])
    cache.keep({"2": only_score(scores["2"])})
    assert len(cache) == 2
    assert set(cache.find(["0", "1", "2"])) == {"0", "2"}


def only_score(result: Score | Rejection) -> Score:
    assert isinstance(result, Score)
    return result


def test_another_model_is_another_name() -> None:
    post = [Post("1", "a boat")]
    assert name_texts(post, "one") != name_texts(post, "other")
    assert name_texts(post, "one") == name_texts([Post("2", "a boat")], "one")


@pytest.mark.parametrize(("size", "hits"), [(100, 3.0), (0, 0.0)])
async def test_the_api_answers_from_the_cache_and_says_how_often(
    settings: Settings,
    classifier: Classifier,
    new_key: Callable[[Role], str],
    size: int,
    hits: float,
) -> None:
    settings = settings.model_copy(update={"cache_texts": size})
    async with running(create_app(settings, classifier)) as client:
        client.headers.update(bearer(new_key(Role.ADMIN)))
        first = await post(client, {"id": "x", "text": "a seat in the boat"})
        again = await post(client, {"id": "y", "text": "a seat in the boat"})
        both = (
            await client.post(
                "/v1/score/batch", json={"posts": [{"text": "a seat in the boat"}] * 2}
            )
        ).json()["results"]
        explained = await post(client, {"text": "a seat in the boat", "explain": True})
        metrics = (await client.get("/metrics")).text
    assert again == {**first, "id": "y"}
    assert both == [{**first, "id": "1"}, {**first, "id": "2"}]
    assert "evidence" in explained
    assert f"lurewatch_cache_hits_total {hits}" in metrics
    assert f"lurewatch_cache_texts {min(size, 1):.1f}" in metrics
    assert 'lurewatch_scored_texts_total{route="clear"} 5.0' in metrics


async def post(client: httpx.AsyncClient, body: dict[str, object]) -> dict[str, object]:
    response = await client.post("/v1/score", json=body)
    assert response.status_code == 200
    record: dict[str, object] = response.json()
    return record
