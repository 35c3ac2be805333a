"""What is refused, and that every refusal has the one shape."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from classifier.classifier import Classifier
from serving.app import create_app
from serving.body import MAX_BODY_BYTES
from serving.policy import Role
from serving.problems import STATUS
from serving.scoring.schemas import Problem
from serving.settings import Settings
from tests.serving.running import bearer, running

pytestmark = pytest.mark.anyio

JSON = {"Content-Type": "application/json"}
MARKER = "zqxjk-what-was-sent"


@pytest.fixture
def app(settings: Settings, classifier: Classifier) -> FastAPI:
    return create_app(settings, classifier)


@pytest.fixture
async def client(app: FastAPI, new_key: Callable[[Role], str]) -> AsyncIterator[httpx.AsyncClient]:
    async with running(app) as client:
        client.headers.update(bearer(new_key(Role.PLATFORM)))
        yield client


def refusal(response: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """The problem, after checking that it is one and gives nothing away."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = response.json()
    Problem.model_validate(body)
    assert (body["status"], body["code"]) == (status, code)
    assert body["type"] == f"/docs#{code}"
    assert body["title"]
    assert body["detail"]
    assert "Traceback" not in response.text
    assert ".py" not in response.text
    assert MARKER not in response.text
    assert "default-src 'none'" in response.headers["content-security-policy"]
    assert response.headers["x-request-id"]
    return body


async def test_an_address_that_is_not_there(client: httpx.AsyncClient) -> None:
    for path in ("/nothing", "/v1/nothing", "/static/nothing.css", "/static/../app.py"):
        refusal(await client.get(path), 404, "not_found")


async def test_a_method_that_is_not_answered_names_those_that_are(
    client: httpx.AsyncClient,
) -> None:
    response = await client.get("/v1/score")
    refusal(response, 405, "method_not_allowed")
    assert response.headers["allow"] == "POST"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b'{"text": "a"',
        b"{'text': 'a'}",
        b'{"text": "\xff\xfe"}',
        b'{"text": "\xed\xa0\x80"}',
        '{"text": "a"}'.encode("utf-16"),
        b'{"text": "a", "x": NaN}',
        b'{"text": "a", "x": -Infinity}',
        b'{"text": "a", "x": ' + b"9" * 5000 + b"}",
        b"[" * 100_000,
    ],
)
async def test_a_body_that_is_not_json_in_utf8(client: httpx.AsyncClient, body: bytes) -> None:
    for path in ("/v1/score", "/v1/score/batch"):
        response = await client.post(path, content=body, headers=JSON)
        refusal(response, 400, "malformed_body")


@pytest.mark.parametrize("media_type", [None, "text/plain", "application/x-www-form-urlencoded"])
async def test_a_body_that_is_not_declared_as_json(
    client: httpx.AsyncClient, media_type: str | None
) -> None:
    headers = {"Content-Type": media_type} if media_type else {}
    response = await client.post("/v1/score", content=b'{"text": "a"}', headers=headers)
    refusal(response, 415, "unsupported_media_type")


@pytest.mark.parametrize(
    ("path", "body", "pointers"),
    [
        ("/v1/score", {}, ["/text"]),
        ("/v1/score", [], [""]),
        ("/v1/score", MARKER, [""]),
        ("/v1/score", {"text": 5}, ["/text"]),
        ("/v1/score", {"text": None, "explain": MARKER}, ["/text", "/explain"]),
        ("/v1/score", {"text": [MARKER], "id": [MARKER], "title": 1}, ["/text", "/id", "/title"]),
        ("/v1/score", {"text": "a", "id": True}, ["/id"]),
        ("/v1/score/batch", {}, ["/posts"]),
        ("/v1/score/batch", {"posts": MARKER}, ["/posts"]),
        ("/v1/score/batch", {"posts": [{"text": "a"}] * 1001}, ["/posts"]),
    ],
)
async def test_a_body_of_another_shape_is_told_which_fields(
    client: httpx.AsyncClient, path: str, body: object, pointers: list[str]
) -> None:
    problem = refusal(await client.post(path, json=body), 422, "invalid_request")
    assert sorted(error["pointer"] for error in problem["errors"]) == sorted(pointers)


@pytest.mark.parametrize("text", ["", " ", "\n\t\r\n", "\u00a0\u200b"])
async def test_an_empty_text(client: httpx.AsyncClient, text: str) -> None:
    refusal(await client.post("/v1/score", json={"text": text}), 422, "empty_text")


async def test_a_text_over_the_limit_counts_its_title(client: httpx.AsyncClient) -> None:
    long = {"text": "a" * 19_000, "title": "b" * 1_001}
    refusal(await client.post("/v1/score", json=long), 413, "text_too_long")
    response = await client.post("/v1/score", json={"text": "\U0001f6a4" * 20_000})
    assert response.status_code == 200, response.text


async def test_a_body_over_the_limit_with_or_without_its_length(
    client: httpx.AsyncClient,
) -> None:
    body = b'{"text": "' + b"a" * MAX_BODY_BYTES + b'"}'

    async def in_chunks() -> AsyncIterator[bytes]:
        for start in range(0, len(body), 65_536):
            yield body[start : start + 65_536]

    for path in ("/v1/score", "/v1/score/batch", "/"):
        declared = await client.post(path, content=body, headers=JSON)
        refusal(declared, 413, "body_too_large")
    for path in ("/v1/score", "/v1/score/batch"):
        streamed = await client.post(path, content=in_chunks(), headers=JSON)
        refusal(streamed, 413, "body_too_large")


async def test_a_form_over_the_limit_without_its_length(client: httpx.AsyncClient) -> None:
    async def in_chunks() -> AsyncIterator[bytes]:
        yield b"text="
        for _ in range(70):
            yield b"a" * 65_536

    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    response = await client.post("/", content=in_chunks(), headers=headers)
    refusal(response, 413, "body_too_large")


async def test_no_key_a_wrong_key_and_a_revoked_key(
    app: FastAPI, client: httpx.AsyncClient, new_key: Callable[[Role], str]
) -> None:
    revoked = new_key(Role.ADMIN)
    app.state.services.keys.revoke(revoked.split("_")[1])
    good = client.headers.pop("Authorization")
    for headers, code in (
        ({}, "missing_key"),
        ({"Authorization": ""}, "missing_key"),
        ({"Authorization": "Basic bWU6c2VjcmV0"}, "missing_key"),
        ({"Authorization": "Bearer"}, "missing_key"),
        ({"Authorization": "Bearer lw_nothing"}, "invalid_key"),
        ({"Authorization": good[:-1] + ("0" if good[-1] != "0" else "1")}, "invalid_key"),
        ({"Authorization": f"Bearer {revoked}"}, "invalid_key"),
    ):
        response = await client.post("/v1/score", json={"text": "a"}, headers=headers)
        refusal(response, 401, code)
        assert response.headers["www-authenticate"].startswith("Bearer")


async def test_a_stranger_cannot_make_the_server_read_a_body(client: httpx.AsyncClient) -> None:
    del client.headers["Authorization"]
    response = await client.post("/v1/score", content=b"{" * 1000, headers=JSON)
    refusal(response, 401, "missing_key")


async def test_a_full_queue_says_when_to_come_back(
    settings: Settings, classifier: Classifier, new_key: Callable[[Role], str]
) -> None:
    small = settings.model_copy(update={"queue_texts": 1})
    async with running(create_app(small, classifier)) as client:
        client.headers.update(bearer(new_key(Role.PLATFORM)))
        batch = {"posts": [{"text": f"post {n} " * 200} for n in range(100)]}
        responses = await asyncio.gather(
            *(client.post("/v1/score/batch", json=batch) for _ in range(8))
        )
        statuses = [response.status_code for response in responses]
        assert set(statuses) == {200, 429}, statuses
        for response in responses:
            if response.status_code == 429:
                refusal(response, 429, "queue_full")
                assert int(response.headers["retry-after"]) >= 1


async def test_before_the_model_is_loaded(
    settings: Settings, classifier: Classifier, new_key: Callable[[Role], str]
) -> None:
    app = create_app(settings, classifier)
    # The application is not started, so nothing has begun to load.
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app),
        base_url="http://test",
        headers=bearer(new_key(Role.LEAD)),
    ) as client:
        assert (await client.get("/healthz")).status_code == 200
        for response in (
            await client.get("/readyz"),
            await client.post("/v1/score", json={"text": "a"}),
        ):
            refusal(response, 503, "not_ready")
            assert int(response.headers["retry-after"]) >= 1


async def test_a_database_that_fails(app: FastAPI, client: httpx.AsyncClient) -> None:
    with app.state.services.database.write() as session:
        session.connection().exec_driver_sql("DROP TABLE api_keys")
    response = await client.post("/v1/score", json={"text": MARKER})
    refusal(response, 503, "database_unavailable")


async def test_an_error_nobody_expected(app: FastAPI, client: httpx.AsyncClient) -> None:
    @app.get("/broken")
    async def broken() -> None:
        raise RuntimeError(MARKER)

    refusal(await client.get("/broken"), 500, "internal_error")


async def test_every_error_has_its_own_code() -> None:
    codes = [kind.code for kind in STATUS]
    assert len(codes) == len(set(codes))
