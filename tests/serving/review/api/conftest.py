from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from classifier.classifier import Classifier
from classifier.labels import Route
from classifier.records import Score
from serving.app import create_app
from serving.database import Database
from serving.keys.service import KeyService
from serving.policy import Role
from serving.scoring.schemas import Problem
from serving.settings import Settings
from tests.serving.running import bearer, running

Json = dict[str, Any]


@dataclass(slots=True)
class Api:
    """Asks an app in the name of any role, of `example` or of another platform."""

    client: httpx.AsyncClient
    keys: KeyService
    database: Database
    _headers: dict[str, dict[str, str]] = field(default_factory=dict)

    async def ask(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        role: Role = Role.MODERATOR,
        name: str | None = None,
        **more: Any,
    ) -> httpx.Response:
        """`name` tells keys of one role apart: it is the platform of those that have one."""
        headers = self.headers(role, name)
        return await self.client.request(method, f"/v1{path}", json=body, headers=headers, **more)

    def headers(self, role: Role, name: str | None = None) -> dict[str, str]:
        holder = name or ("example" if role is Role.PLATFORM else role.value)
        if holder not in self._headers:
            platform = holder if role is Role.PLATFORM else None
            made = self.keys.create(role, name=holder, platform=platform)
            self._headers[holder] = bearer(made.key)
        return self._headers[holder]

    async def submit(self, text: str, **more: Any) -> Json:
        body = {"post_id": "post-1", "text": text, **more}
        return ok(await self.ask("POST", "/posts", body, role=Role.PLATFORM))

    async def claim(self, item_id: str, **who: Any) -> Json:
        return ok(await self.ask("POST", f"/items/{item_id}/claim", **who))

    async def item(self, item_id: str, **who: Any) -> Json:
        return ok(await self.ask("GET", f"/items/{item_id}", **who))


def ok(response: httpx.Response) -> Json:
    assert response.status_code == 200, response.text
    content: Json = response.json()
    return content


def refused(response: httpx.Response, status: int, code: str) -> Json:
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    problem: Json = response.json()
    Problem.model_validate(problem)
    assert problem["code"] == code
    return problem


def a_decision(item: Json, **more: Any) -> Json:
    return {
        "version": item["version"],
        "labels": {"smuggling_service": True, "fake_job": None},
        "action": "remove",
        "reason": "offers_crossing",
        **more,
    }


@pytest.fixture(autouse=True)
def _secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LUREWATCH_SECRET", "a secret of more than thirty-two characters")


@pytest.fixture
def review_settings(database_url: str) -> Settings:
    return Settings(database_url=database_url, sample_share=0)


Starter = Callable[[Settings], AbstractAsyncContextManager[Api]]


@pytest.fixture
def start(classifier: Classifier) -> Starter:
    """Starts an app with other settings than the usual ones."""

    @asynccontextmanager
    async def started(settings: Settings) -> AsyncIterator[Api]:
        app = create_app(settings, classifier)
        async with running(app) as client:
            services = app.state.services
            yield Api(client, services.keys, services.database)

    return started


@pytest.fixture
async def api(start: Starter, review_settings: Settings) -> AsyncIterator[Api]:
    async with start(review_settings) as api:
        yield api


@pytest.fixture
async def local_api(start: Starter, sqlite_url: str) -> AsyncIterator[Api]:
    """On SQLite alone, for what no database has a part in."""
    async with start(Settings(database_url=sqlite_url, sample_share=0)) as api:
        yield api


@dataclass(frozen=True, slots=True)
class Texts:
    """Texts that the tiny model flags, and others that it clears."""

    flagged: tuple[str, ...]
    cleared: tuple[str, ...]


@pytest.fixture(scope="session")
def texts(classifier: Classifier) -> Texts:
    found: dict[bool, list[str]] = {True: [], False: []}
    for number in range(200):
        text = f"boat number {number} goes on day {number * 7 % 31}, call for a seat"
        (score,) = classifier.score([text])
        assert isinstance(score, Score)
        found[score.route is not Route.CLEAR].append(text)
    return Texts(tuple(found[True]), tuple(found[False]))
