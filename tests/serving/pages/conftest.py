from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx
import pytest
from fastapi import FastAPI

from classifier.classifier import Classifier
from serving.actors import Actor
from serving.app import create_app
from serving.pages.guard import COOKIE
from serving.policy import Role
from serving.review.records import Notice, Source, Submission
from serving.services import Services
from serving.settings import Settings
from tests.serving.markup import Element, parse
from tests.serving.running import running

PASSWORD = "four words in a row"
PLATFORM = "harbour-forum"
HTML = {"Accept": "text/html,application/xhtml+xml"}


@dataclass(slots=True)
class Browser:
    """A person who is signed in, and the page they look at."""

    client: httpx.AsyncClient
    page: Element
    status: int = 200
    address: str = ""

    async def open(self, path: str) -> Element:
        return self._show(await self.client.get(path))

    async def post(self, path: str, **fields: object) -> Element:
        """Send a form of this session, and follow where it leads."""
        csrf = next(e for e in self.page.find("input", name="csrf")).attributes["value"]
        return self._show(await self.client.post(path, data={"csrf": csrf, **fields}))

    async def submit(self, form: Element, **fields: object) -> Element:
        """Send `form` as it stands, with `fields` filled in."""
        kept = {
            e.attributes["name"]: e.attributes.get("value", "")
            for e in form.find("input")
            if e.attributes.get("type") in {"hidden", "text"}
        }
        return self._show(
            await self.client.post(form.attributes["action"], data={**kept, **fields})
        )

    def form(self, id: str) -> Element:
        return next(e for e in self.page.find("form", id=id))

    def alert(self) -> str:
        return " ".join(e.text for e in self.page.walk() if e.attributes.get("role") == "alert")

    def _show(self, response: httpx.Response) -> Element:
        self.status = response.status_code
        self.address = str(response.url).removeprefix("http://test")
        self.page = parse(response.text)
        return self.page


@dataclass(frozen=True, slots=True)
class Office:
    """A server with posts in its queue, and people who work there."""

    app: FastAPI
    services: Services

    async def join(
        self, role: Role = Role.LEAD, languages: frozenset[str] | None = None
    ) -> Browser:
        """A new person, signed in, looking at the queue page or, without one, at the settings."""
        name = f"{role}-{len(self.services.users.list())}"
        link = self.services.users.create(name, role, languages)
        token = await self.services.sessions.use_link(link, PASSWORD)
        client = httpx.AsyncClient(
            transport=httpx.ASGITransport(self.app, raise_app_exceptions=False),
            base_url="http://test",
            headers=HTML,
            cookies={COOKIE: token},
            follow_redirects=True,
        )
        browser = Browser(client, Element("document", {}))
        await browser.open("/review" if role is not Role.RESEARCHER else "/review/settings")
        return browser

    async def queue(self, text: str, title: str | None = None, **fields: object) -> str:
        """A post that waits for a person whatever its score; the id of its item."""
        number = f"post {text[:40]} {title}"
        post = Submission(PLATFORM, number, text, title=title, **fields)  # type: ignore[arg-type]
        actor = Actor("key:test", Role.PLATFORM, platform=PLATFORM)
        notice = Notice(PLATFORM, number, Source.USER_NOTICE, "someone complained", post)
        return (await self.services.intake.notice(actor, notice)).item_id


@asynccontextmanager
async def opened(settings: Settings, classifier: Classifier) -> AsyncIterator[Office]:
    app = create_app(settings, classifier)
    services = app.state.services
    assert isinstance(services, Services)
    async with running(app):
        yield Office(app, services)


@pytest.fixture
async def office(settings: Settings, classifier: Classifier) -> AsyncIterator[Office]:
    async with opened(settings, classifier) as office:
        yield office
