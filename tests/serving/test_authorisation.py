"""Everybody asks for everything: over HTTP, cell by cell, as `serving.policy` says.

The addresses and their actions are read off the app, so that a new one is asked for too; one
without an action fails. Only what a valid request needs in its body is written down here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import APIRouter, Depends, FastAPI

from classifier.classifier import Classifier
from serving.app import create_app
from serving.keys.auth import require
from serving.pages.guard import COOKIE, signed_in
from serving.policy import POLICY, Action, Role, Scope, may, scope
from serving.services import Services
from serving.settings import Settings
from tests.serving.addresses import OPEN, Address, addresses_of
from tests.serving.running import bearer, running

pytestmark = pytest.mark.anyio

HTML = {"Accept": "text/html"}
PASSWORD = "four words in a row"
PEOPLE = tuple(role for role in Role if role is not Role.PLATFORM)
PEOPLE_HANDBOOK = Path(__file__).parents[2] / "docs" / "operations" / "people.md"
NOT_ROUTED = {Action.DECIDE_ESCALATED}  # it depends on the item; the last test asks for it

SUBMISSIONS = ("POST /v1/posts", "POST /v1/notices")

NEEDED_BEFORE: Mapping[str, tuple[str, ...]] = {
    "heartbeat": ("claim",),
    "release": ("claim",),
    "skip": ("claim",),
    "decision": ("claim",),
    "escalate": ("claim",),
    "undo": ("claim", "decision"),
}
"""What is done with an item before; otherwise the answer would be 409, whoever asks."""


class Object(StrEnum):
    """Whose object is asked for."""

    NONE = "no object"
    OWN = "their own platform's"
    OTHER = "another platform's"
    MISSING = "one that is not there"


class Holder(StrEnum):
    """Whoever has no key that is good."""

    NOBODY = "nobody"
    REVOKED = "a revoked key"


@dataclass(frozen=True, slots=True)
class Cell:
    """One question and its answer; `expected` 200 stands for every success."""

    who: Role | Holder
    address: Address
    object: Object
    expected: int
    found: int

    @property
    def holds(self) -> bool:
        found = 200 if 200 <= self.found < 300 else self.found
        return found == self.expected

    def __str__(self) -> str:
        asked = f"{self.who}: {self.address}, {self.object}"
        return f"{asked}: expected {self.expected}, found {self.found}"


@dataclass(slots=True)
class World:
    """Two platforms with posts, a key of every role, and requests that are valid."""

    client: httpx.AsyncClient
    headers: Mapping[str, dict[str, str]]
    posts: int = 0
    items: dict[Object, str] = field(default_factory=dict)

    async def new_item(self, of: Object) -> str:
        """A post in the queue; a notice brings it there whatever its score."""
        self.posts += 1
        owner = "elsewhere" if of is Object.OTHER else Role.PLATFORM.value
        body = {"post_id": f"post {self.posts}", "text": f"boat {self.posts}"}
        answer = await self.send("POST", "/v1/notices", owner, body)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["item_id"])

    async def send(self, method: str, path: str, who: str, body: object = None) -> httpx.Response:
        return await self.client.request(method, path, headers=self.headers[who], json=body)

    async def ask(self, who: Role | Holder, address: Address, of: Object, expected: int) -> Cell:
        path, version = address.path, 0
        if "{item_id}" in path:
            item = await self._item(of, fresh=expected == 200)
            verb = path.rpartition("/")[2]
            if expected == 200:
                version = await self._prepare(who, item, NEEDED_BEFORE.get(verb, ()))
            path = path.replace("{item_id}", item)
        body = self._body(address, of, version)
        answer = await self.send(address.method, path, who, body)
        return Cell(who, address, of, expected, answer.status_code)

    async def _item(self, of: Object, *, fresh: bool) -> str:
        if of is Object.MISSING:
            return "000000000000"
        if fresh or of not in self.items:
            self.items[of] = await self.new_item(of)
        return self.items[of]

    async def _prepare(self, who: str, item: str, verbs: tuple[str, ...]) -> int:
        version = 0
        for verb in verbs:
            body = a_decision(version) if verb == "decision" else None
            answer = await self.send("POST", f"/v1/items/{item}/{verb}", who, body)
            assert answer.status_code == 200, answer.text
            version = answer.json()["version"]
        return version

    def _body(self, address: Address, of: Object, version: int) -> object:
        self.posts += 1
        post = {"post_id": f"post {self.posts}", "text": "a boat"}
        platform = {"platform": "elsewhere"} if of is Object.OTHER else {}
        bodies: dict[str, Callable[[], object]] = {
            "POST /v1/score": lambda: {"text": "a boat"},
            "POST /v1/score/batch": lambda: {"posts": [{"text": "a boat"}]},
            "POST /v1/posts": lambda: {**post, **platform},
            "POST /v1/posts/batch": lambda: {"posts": [post]},
            "POST /v1/notices": lambda: {**post, **platform},
            "POST /v1/items/{item_id}/decision": lambda: a_decision(version),
            "POST /v1/items/{item_id}/escalate": lambda: {"version": max(1, version)},
        }
        build = bodies.get(str(address))
        return build() if build else None


def a_decision(version: int) -> dict[str, Any]:
    labels = {"smuggling_service": True, "fake_job": False}
    return {
        "version": max(1, version),
        "labels": labels,
        "action": "label",
        "reason": "offers_crossing",
    }


def objects_of(address: Address) -> tuple[Object, ...]:
    if "{item_id}" in address.path:
        return (Object.OWN, Object.OTHER, Object.MISSING)
    return (Object.OWN, Object.OTHER) if str(address) in SUBMISSIONS else (Object.NONE,)


def expected_of(who: Role | Holder, address: Address, of: Object) -> int:
    if isinstance(who, Holder):
        return 401
    (action,) = address.by_key
    if not may(who, action):
        return 403
    if of is Object.OTHER and scope(who, action) is Scope.OWN:
        # To hand in as another platform is no question about an object.
        return 403 if str(address) in SUBMISSIONS else 404
    return 404 if of is Object.MISSING else 200


@pytest.fixture
def app(settings: Settings, classifier: Classifier) -> FastAPI:
    patient = {"key_rate": 0, "undo_seconds": 3_600, "lease_seconds": 3_600}
    return create_app(settings.model_copy(update=patient), classifier)


def services_of(app: FastAPI) -> Services:
    services = app.state.services
    assert isinstance(services, Services)
    return services


def headers_of(app: FastAPI) -> dict[str, dict[str, str]]:
    keys = services_of(app).keys
    headers: dict[str, dict[str, str]] = {Holder.NOBODY: {}}
    for role in Role:
        platform = "example" if role is Role.PLATFORM else None
        headers[role] = bearer(keys.create(role, name=role.value, platform=platform).key)
    other = keys.create(Role.PLATFORM, name="elsewhere", platform="elsewhere")
    headers["elsewhere"] = bearer(other.key)
    revoked = keys.create(Role.ADMIN, name="revoked")
    keys.revoke(revoked.id)
    headers[Holder.REVOKED] = bearer(revoked.key)
    return headers


@pytest.mark.slow
async def test_every_role_gets_from_every_address_what_the_policy_says(app: FastAPI) -> None:
    asked = [address for address in addresses_of(app) if address.by_key]
    who: tuple[Role | Holder, ...] = (*Holder, *Role)
    async with running(app) as client:
        world = World(client, headers_of(app))
        cells = [
            await world.ask(one, address, of, expected_of(one, address, of))
            for address in asked
            for one in who
            for of in objects_of(address)
        ]
    wrong = [str(cell) for cell in cells if not cell.holds]
    assert not wrong, "\n".join(wrong)
    assert len(cells) == len(who) * sum(len(objects_of(address)) for address in asked) > 300


@pytest.mark.slow
async def test_every_role_sees_the_pages_that_the_policy_says(app: FastAPI) -> None:
    asked = [address for address in addresses_of(app) if address.by_person]
    wrong, cells = [], 0
    async with running(app) as client:
        client.headers.update(HTML)
        item = await World(client, headers_of(app)).new_item(Object.OWN)
        for role in (None, *PEOPLE):
            token = await sign_in(client, services_of(app), role)
            for address in asked:
                path = address.path.replace("{item_id}", item)
                for csrf in ("", token) if address.method == "POST" and role else (token,):
                    answer = await client.request(
                        address.method, path, headers={"X-CSRF-Token": csrf}
                    )
                    cells += 1
                    expected = page_expected(role, address, with_token=bool(csrf))
                    if page_found(answer) != expected:
                        wrong.append(f"{role}: {address}: {expected}, not {answer.status_code}")
    assert not wrong, "\n".join(wrong)
    assert cells > 100


async def sign_in(client: httpx.AsyncClient, services: Services, role: Role | None) -> str:
    """Sign in as a new person; returns the token for forms. Without a role, be nobody."""
    client.cookies.clear()
    if role is None:
        return ""
    token = await services.sessions.use_link(services.users.create(role.value, role), PASSWORD)
    client.cookies.set(COOKIE, token)
    browser = services.sessions.find(token)
    assert browser is not None
    return services.sessions.csrf_token(browser)


def page_expected(role: Role | None, address: Address, *, with_token: bool) -> str:
    if role is None:
        return "sign in"
    (action,) = address.by_person
    allowed = may(role, action) and (address.method == "GET" or with_token)
    return "let through" if allowed else "refused"


def page_found(answer: httpx.Response) -> str:
    if answer.headers.get("location", "").startswith("/sign-in"):
        return "sign in"
    # Past the guard an item may be held by another or the form lack a field, which is no matter.
    return (
        "refused"
        if answer.status_code in {401, 403} or answer.status_code >= 500
        else ("let through")
    )


def test_every_address_is_guarded(app: FastAPI) -> None:
    addresses = addresses_of(app)
    assert [str(address) for address in addresses if not address.is_guarded] == []
    assert {str(address) for address in addresses} >= OPEN
    for address in addresses:
        kind = "by_key" if address.path.startswith("/v1") else "by_person"
        if address.path.startswith(("/v1", "/review")):
            assert len(getattr(address, kind)) == 1, str(address)


def test_every_action_is_asked_for_somewhere(app: FastAPI) -> None:
    asked = {action for address in addresses_of(app) for action in address.by_key}
    by_people = {action for address in addresses_of(app) for action in address.by_person}
    assert asked | by_people | NOT_ROUTED == set(Action) == set(POLICY)


def test_a_forgotten_guard_would_be_seen(app: FastAPI) -> None:
    forgotten = APIRouter()

    @forgotten.get("/v1/forgotten")
    @forgotten.post("/review/no-action")
    async def answer() -> None: ...

    @forgotten.post("/review/no-token", dependencies=[Depends(signed_in(Action.SEARCH))])
    async def change() -> None: ...

    @forgotten.get("/v1/twice", dependencies=[Depends(require(Action.SCORE))])
    async def twice(actor: object = Depends(require(Action.ERASE))) -> None: ...

    app.include_router(forgotten)
    unguarded = {str(address) for address in addresses_of(app) if not address.is_guarded}
    assert unguarded == {
        "GET /v1/forgotten",
        "POST /review/no-action",
        "POST /review/no-token",
        "GET /v1/twice",
    }


async def test_the_open_addresses_need_no_key(app: FastAPI) -> None:
    async with running(app) as client:
        for address in sorted(OPEN):
            method, path = address.split()
            if method == "GET" and "{" not in path:
                assert (await client.get(path)).status_code == 200, address


def test_the_handbook_s_table_is_the_policy() -> None:
    words = {None: "", Scope.OWN: "its own", Scope.ALL: "yes"}
    rows = [
        [cell.strip() for cell in line.strip().strip("|").split("|")]
        for line in PEOPLE_HANDBOOK.read_text(encoding="utf-8").splitlines()
        if line.startswith("| ")
    ]
    (header,) = (row for row in rows if row[0] == "what")
    assert header[1:] == [f"`{role}`" for role in Role]
    for action in Action:
        assert [action.value, *(words[scope(role, action)] for role in Role)] in rows


async def test_what_was_escalated_is_for_those_who_may_decide_it(app: FastAPI) -> None:
    async with running(app) as client:
        world = World(client, headers_of(app))
        for role in (Role.MODERATOR, Role.LEAD, Role.ADMIN):
            item = await world.new_item(Object.OWN)
            claimed = await world.send("POST", f"/v1/items/{item}/claim", Role.MODERATOR)
            note = {"version": claimed.json()["version"]}
            path = f"/v1/items/{item}/escalate"
            assert (await world.send("POST", path, Role.MODERATOR, note)).status_code == 200
            answer = await world.send("POST", f"/v1/items/{item}/claim", role)
            expected = 200 if may(role, Action.DECIDE_ESCALATED) else 403
            assert answer.status_code == expected, role


async def test_a_batch_refuses_the_posts_of_another_platform_one_by_one(app: FastAPI) -> None:
    posts = [
        {"post_id": "a", "text": "a boat"},
        {"post_id": "b", "text": "a boat", "platform": "elsewhere"},
    ]
    async with running(app) as client:
        world = World(client, headers_of(app))
        answer = await world.send("POST", "/v1/posts/batch", Role.PLATFORM, {"posts": posts})
    own, other = answer.json()["results"]
    assert "item_id" in own
    assert "item_id" not in other
