"""`/v1/score` and `/v1/score/batch`: what is answered when all is well."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest

from classifier.classifier import Classifier
from classifier.labels import FACETS, LABELS
from classifier.records import Post, Score
from serving.app import create_app
from serving.policy import Role
from serving.scoring.schemas import BatchResponse, ScoreRecord
from serving.settings import Settings
from tests.serving.running import bearer, running

pytestmark = pytest.mark.anyio

TEXTS = (
    "Boat Saturday, 3 seats left, pay on arrival.",
    "Ferry times for the weekend",
    "سفرة بحر ليلة الجمعة",
    "🌊🚤",
)


@pytest.fixture
async def client(
    settings: Settings, classifier: Classifier, new_key: Callable[[Role], str]
) -> AsyncIterator[httpx.AsyncClient]:
    async with running(create_app(settings, classifier)) as client:
        client.headers.update(bearer(new_key(Role.PLATFORM)))
        yield client


async def score(client: httpx.AsyncClient, **body: Any) -> dict[str, Any]:
    response = await client.post("/v1/score", json=body)
    assert response.status_code == 200, response.text
    record: dict[str, Any] = response.json()
    return record


async def score_batch(client: httpx.AsyncClient, posts: list[Any], **more: Any) -> list[Any]:
    response = await client.post("/v1/score/batch", json={"posts": posts, **more})
    assert response.status_code == 200, response.text
    results: list[Any] = response.json()["results"]
    return results


@pytest.mark.parametrize("text", TEXTS)
async def test_the_answer_is_the_record_that_the_classifier_gives(
    client: httpx.AsyncClient, classifier: Classifier, text: str
) -> None:
    (expected,) = classifier.score([Post("post-17", text)])
    assert isinstance(expected, Score)
    record = await score(client, id="post-17", text=text)
    for label, probability in record.pop("scores").items():
        assert probability == pytest.approx(expected.scores[label], abs=0.01)
    expected_record = expected.to_dict()
    del expected_record["scores"]
    assert record == expected_record


async def test_an_explanation_adds_all_facets_and_evidence_in_the_text_as_sent(
    client: httpx.AsyncClient,
) -> None:
    text = "B\u200boat   Saturday, 3 seats left 🌊 pay on arrival"
    record = await score(client, text=text, title="Wêrê", explain=True)
    ScoreRecord.model_validate(record)
    assert set(record["facets"]) == {facet.value for facet in FACETS}
    for span in record["evidence"]:
        field = "Wêrê" if span.get("field") == "title" else text
        assert 0 <= span["start"] < span["end"] <= len(field)
        assert span["label"] in {label.value for label in LABELS}


async def test_without_an_id_a_post_is_called_by_its_place(client: httpx.AsyncClient) -> None:
    assert (await score(client, text="hello"))["id"] == "1"
    results = await score_batch(client, [{"text": "a"}, {"text": "b", "id": 7}, {"text": "c"}])
    assert [result["id"] for result in results] == ["1", "7", "3"]


async def test_fields_nobody_asked_for_are_ignored(client: httpx.AsyncClient) -> None:
    plain = await score(client, text="hello")
    assert await score(client, text="hello", author="someone", tags=["x"]) == plain


async def test_a_title_counts(client: httpx.AsyncClient, classifier: Classifier) -> None:
    (expected,) = classifier.score([Post("1", "call me", "Boat to the island")])
    assert isinstance(expected, Score)
    record = await score(client, text="call me", title="Boat to the island")
    for label, probability in expected.scores.items():
        assert record["scores"][label] == pytest.approx(probability, abs=0.01)


async def test_a_text_scores_the_same_alone_and_in_any_batch(client: httpx.AsyncClient) -> None:
    alone = {text: (await score(client, text=text))["scores"] for text in TEXTS}
    padded = [*TEXTS, *("another post " * n for n in range(1, 60))]
    for order in (padded, padded[::-1]):
        results = await score_batch(client, [{"text": text} for text in order])
        for text, result in zip(order, results, strict=True):
            if text in alone:
                assert result["scores"] == pytest.approx(alone[text], abs=0.01)


async def test_a_batch_answers_for_each_post_in_order(client: httpx.AsyncClient) -> None:
    results = await score_batch(
        client,
        [
            {"id": "a", "text": "a boat"},
            {"id": "b", "text": " \n"},
            {"id": "c"},
            "not an object",
            {"id": "e", "text": 5},
            {"id": "f", "text": "x" * 20_001},
            {"id": "g", "text": "x" * 15_000, "title": "y" * 5_001},
            {"id": ["h"], "text": "an id that is a list"},
            {"id": "i", "text": "\U0001f6a4"},
        ],
    )
    BatchResponse.model_validate({"results": results})
    codes = [result.get("error", {}).get("code") for result in results]
    assert codes == [
        None,
        "empty_text",
        "malformed_row",
        "malformed_row",
        "malformed_row",
        "text_too_long",
        "text_too_long",
        "malformed_row",
        None,
    ]
    assert [result["id"] for result in results] == ["a", "b", "c", "4", "e", "f", "g", "8", "i"]
    lines = [result["line"] for result in results if "error" in result]
    assert lines == [2, 3, 4, 5, 6, 7, 8]


async def test_a_thousand_posts_are_one_batch_and_none_are_too(
    client: httpx.AsyncClient,
) -> None:
    results = await score_batch(client, [{"text": f"post {n}"} for n in range(1000)])
    assert [result["id"] for result in results] == [str(n) for n in range(1, 1001)]
    assert await score_batch(client, []) == []


@pytest.mark.parametrize(
    "body",
    [
        rb'{"text": "boat \ud800 seat", "id": "\udfff"}',
        rb'{"text": "boat \u0000 seat", "title": "\u0000"}',
        rb'{"text": "\ude00\ud83d"}',
    ],
)
async def test_lone_surrogates_and_nul_are_scored_as_replacement_characters(
    client: httpx.AsyncClient, body: bytes
) -> None:
    headers = {"Content-Type": "application/json"}
    for path, content in (("/v1/score", body), ("/v1/score/batch", b'{"posts": [%s]}' % body)):
        response = await client.post(path, content=content, headers=headers)
        assert response.status_code == 200, response.text
        response.content.decode("utf-8")
        assert '"error"' not in response.text


async def test_paired_surrogates_stay_one_character(client: httpx.AsyncClient) -> None:
    escaped = rb'{"id": "\ud83d\ude00", "text": "a boat"}'
    response = await client.post(
        "/v1/score", content=escaped, headers={"Content-Type": "application/json; charset=utf-8"}
    )
    assert response.json()["id"] == "\U0001f600"


async def test_clients_at_the_same_time_get_their_own_answers(
    settings: Settings, classifier: Classifier, new_key: Callable[[Role], str]
) -> None:
    async with running(create_app(settings, classifier)) as client:
        client.headers.update(bearer(new_key(Role.PLATFORM)))
        records = await asyncio.gather(
            *(score(client, id=f"post-{n}", text=f"boat number {n}") for n in range(40))
        )
    assert [record["id"] for record in records] == [f"post-{n}" for n in range(40)]
