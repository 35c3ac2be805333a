"""Signing in over HTTP, and what the guard lets through. One probe page stands for all others."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated
from urllib.parse import urlsplit

import httpx
import pytest
from fastapi import APIRouter, Depends, FastAPI, Request
from starlette.responses import Response

from classifier.classifier import Classifier
from serving.actors import Actor
from serving.app import create_app
from serving.pages.guard import COOKIE, csrf_checked, signed_in, signed_in_browser
from serving.pages.posted import MAX_FORM_BYTES, posted_form
from serving.policy import Action, Role
from serving.services import Services, services_of
from serving.settings import Settings
from serving.users.guessing import Backoff
from tests.serving.markup import Element, parse
from tests.serving.running import running
from tests.serving.users.conftest import PASSWORD

pytestmark = pytest.mark.anyio

HTML = {"Accept": "text/html,application/xhtml+xml"}

FILLED_IN = {"Content-Type": "application/x-www-form-urlencoded"}

probe = APIRouter(include_in_schema=False)


@probe.get("/review/probe")
async def look(
    request: Request, actor: Annotated[Actor, Depends(signed_in(Action.READ_AUDIT))]
) -> Response:
    return Response(services_of(request).sessions.csrf_token(signed_in_browser(request)))


@probe.post("/review/probe", dependencies=[Depends(csrf_checked)])
async def act(
    request: Request, actor: Annotated[Actor, Depends(signed_in(Action.READ_AUDIT))]
) -> Response:
    return Response(f"{actor.id} {(await posted_form(request)).get('said')}")


@pytest.fixture
def app(settings: Settings, classifier: Classifier) -> FastAPI:
    app = create_app(settings, classifier)
    app.include_router(probe)
    return app


@pytest.fixture
def services(app: FastAPI) -> Services:
    found = app.state.services
    assert isinstance(found, Services)
    return found


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with running(app) as client:
        client.headers.update(HTML)
        yield client


async def welcome(client: httpx.AsyncClient, services: Services, role: Role = Role.LEAD) -> str:
    """Let a new person set their password; returns the token of their link."""
    link = services.users.create(role.value, role)
    form = {"password": PASSWORD, "again": PASSWORD}
    response = await client.post(f"/welcome/{link}", data=form)
    assert (response.status_code, response.headers["location"]) == (303, "/review")
    return link


async def sign_in(
    client: httpx.AsyncClient, name: str = "lead", password: str = PASSWORD, after: str = ""
) -> httpx.Response:
    form = {"name": name, "password": password, "next": after}
    return await client.post("/sign-in", data=form)


def alert(page: Element) -> str:
    (notice,) = (e for e in page.walk() if e.attributes.get("role") == "alert")
    return notice.text


async def test_a_link_leads_to_a_password_and_in(
    client: httpx.AsyncClient, services: Services
) -> None:
    link = services.users.create("anna", Role.LEAD)
    for _ in range(2):  # whoever looks at a link first does not use it up
        page = parse((await client.get(f"/welcome/{link}")).text)
        assert "anna" in page.find("h1")[0].text
    form = {"password": PASSWORD, "again": PASSWORD}
    response = await client.post(f"/welcome/{link}", data=form)
    assert response.status_code == 303
    assert (await client.get("/review/probe")).status_code == 200
    spent = await client.get(f"/welcome/{link}")
    assert spent.status_code == 404
    assert not parse(spent.text).find("input", type="password")
    assert (await client.post(f"/welcome/{link}", data=form)).status_code == 404


@pytest.mark.parametrize(
    ("password", "again", "reason"),
    [("x" * 11, "x" * 11, "12 to 1,000"), (PASSWORD, PASSWORD + "!", "not the same"), ("", "", "")],
)
async def test_an_unfit_password_is_refused_with_the_reason_and_never_shown(
    client: httpx.AsyncClient, services: Services, password: str, again: str, reason: str
) -> None:
    link = services.users.create("anna", Role.LEAD)
    form = {"password": password, "again": again}
    response = await client.post(f"/welcome/{link}", data=form)
    assert response.status_code == 422
    assert reason in alert(parse(response.text))
    assert COOKIE not in client.cookies
    assert not password or password not in response.text


async def test_a_cookie_is_for_this_site_and_no_script(
    app: FastAPI, client: httpx.AsyncClient, services: Services
) -> None:
    await welcome(client, services)
    attributes = (await sign_in(client)).headers["set-cookie"].split("; ")
    assert set(map(str.lower, attributes[1:])) == {"httponly", "path=/", "samesite=strict"}
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="https://test") as over_tls:
        assert "; Secure" in (await sign_in(over_tls)).headers["set-cookie"]


async def test_a_wrong_name_and_a_wrong_password_look_the_same(
    client: httpx.AsyncClient, services: Services
) -> None:
    await welcome(client, services)
    wrong_password = await sign_in(client, "lead", "wrong")
    wrong_name = await sign_in(client, "deal", "wrong")
    assert wrong_password.status_code == wrong_name.status_code == 401
    assert wrong_password.text == wrong_name.text.replace("deal", "lead")
    assert "wrong" in alert(parse(wrong_name.text))


async def test_guessing_is_told_to_wait(client: httpx.AsyncClient) -> None:
    answers = [await sign_in(client, "lead", "wrong") for _ in range(2 * Backoff.FREE_BY_NAME)]
    assert {answer.status_code for answer in answers} == {401, 429}
    refused = next(answer for answer in answers if answer.status_code == 429)
    assert int(refused.headers["retry-after"]) >= 1
    assert "Try again in" in alert(parse(refused.text))


@pytest.mark.parametrize(
    ("after", "goes_to"),
    [
        ("/review/items/abc?x=1", "/review/items/abc?x=1"),
        ("/review?language=ar", "/review?language=ar"),
        ("/reviewer", "/review"),
        ("https://evil.example/review", "/review"),
        ("//evil.example/review", "/review"),
        ("/\\evil.example", "/review"),
        ("/review\\..\\..\\evil", "/review"),
        ("/review/\r\nSet-Cookie: a=b", "/review"),
        ("javascript:alert(1)", "/review"),
        ("/review/é", "/review"),
        ("", "/review"),
    ],
)
async def test_whoever_signs_in_is_sent_to_a_page_of_this_server(
    client: httpx.AsyncClient, services: Services, after: str, goes_to: str
) -> None:
    await welcome(client, services)
    assert (await sign_in(client, after=after)).headers["location"] == goes_to
    again = await client.get("/sign-in", params={"next": after})
    assert (again.status_code, again.headers["location"]) == (303, goes_to)


async def test_a_researcher_starts_where_there_is_something_to_see(
    client: httpx.AsyncClient, services: Services
) -> None:
    link = services.users.create("rosa", Role.RESEARCHER)
    form = {"password": PASSWORD, "again": PASSWORD}
    response = await client.post(f"/welcome/{link}", data=form)
    assert response.headers["location"] == "/review/settings"
    assert (await sign_in(client, "rosa")).headers["location"] == "/review/settings"
    nav = parse((await client.get("/docs")).text)
    assert nav.find("a", href="/review/settings")


async def test_a_page_sends_strangers_to_sign_in_and_back(
    client: httpx.AsyncClient, services: Services
) -> None:
    response = await client.get("/review/probe?x=a%20b&y=1")
    assert response.status_code == 303
    form = parse((await client.get(response.headers["location"])).text)
    after = form.find("input", name="next")[0].attributes["value"]
    assert after == "/review/probe?x=a%20b&y=1"
    await welcome(client, services)
    back = await sign_in(client, after=after)
    assert back.headers["location"] == after


async def test_a_script_of_a_page_is_told_that_nobody_is_signed_in(
    client: httpx.AsyncClient,
) -> None:
    for method in ("GET", "POST"):
        response = await client.request(method, "/review/probe", headers={"Accept": "*/*"})
        assert response.status_code == 401
        assert response.json()["code"] == "not_signed_in"


async def test_an_address_without_a_page_is_a_page_for_browsers_alone(
    client: httpx.AsyncClient, services: Services
) -> None:
    await welcome(client, services)
    for path, status in (("/review/nothing", 404), ("/nothing", 404), ("/review/next", 405)):
        response = await client.get(path)
        assert response.status_code == status
        page = parse(response.text)
        assert alert(page)
        assert page.find("form", action="/sign-out")
        script = await client.get(path, headers={"Accept": "*/*"})
        assert script.status_code == status
        assert script.headers["content-type"] == "application/problem+json"
    client.cookies.clear()
    assert "no such page" in parse((await client.get("/review/nothing")).text).find("h1")[0].text
    assert (await client.get("/v1/nothing")).json()["code"] == "not_found"


async def test_a_role_that_may_not_is_told_so_on_a_page(
    client: httpx.AsyncClient, services: Services
) -> None:
    await welcome(client, services, Role.MODERATOR)
    response = await client.get("/review/probe")
    assert response.status_code == 403
    page = parse(response.text)
    assert "moderator may not read the audit log" in alert(page)
    assert page.find("form", action="/sign-out")
    script = await client.get("/review/probe", headers={"Accept": "*/*"})
    assert (script.status_code, script.json()["code"]) == (403, "forbidden")


async def test_a_form_needs_the_token_of_its_own_session(
    app: FastAPI, client: httpx.AsyncClient, services: Services
) -> None:
    await welcome(client, services)
    token = (await client.get("/review/probe")).text
    sent = await client.post("/review/probe", data={"csrf": token, "said": "yes"})
    assert sent.status_code == 200
    assert sent.text.endswith(" yes")
    by_script = await client.post("/review/probe", headers={"X-CSRF-Token": token})
    assert by_script.status_code == 200
    await sign_in(client)  # a new session
    for form in ({}, {"csrf": ""}, {"csrf": "0" * 64}, {"csrf": token}):
        refused = await client.post("/review/probe", data=form)
        assert refused.status_code == 403, form
        assert "reload the page" in alert(parse(refused.text))


@pytest.mark.parametrize(
    ("headers", "comes_through"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, True),
        ({"Sec-Fetch-Site": "same-site"}, False),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "http://test"}, False),
        ({"Origin": "http://test"}, True),
        ({"Origin": "https://queue.example.org"}, True),
        ({"Origin": "https://queue.example.org.evil.example"}, False),
        ({"Origin": "http://evil.example"}, False),
        ({"Origin": "null"}, False),
        ({}, True),
    ],
)
async def test_forms_of_other_sites_are_refused(
    settings: Settings, classifier: Classifier, headers: dict[str, str], comes_through: bool
) -> None:
    public = settings.model_copy(update={"public_url": "https://queue.example.org"})
    async with running(create_app(public, classifier)) as client:
        form = {"name": "lead", "password": "wrong"}
        response = await client.post("/sign-in", data=form, headers={**HTML, **headers})
    assert (response.status_code == 401) is comes_through
    assert (response.status_code == 403) is not comes_through


async def test_signing_out_ends_the_session_and_the_cookie(
    client: httpx.AsyncClient, services: Services
) -> None:
    await welcome(client, services)
    cookie = client.cookies[COOKIE]
    (form,) = parse((await client.get("/docs")).text).find("form", action="/sign-out")
    assert (await client.post("/sign-out")).status_code == 403
    csrf = form.find("input", name="csrf")[0].attributes["value"]
    response = await client.post("/sign-out", data={"csrf": csrf})
    assert (response.status_code, response.headers["location"]) == (303, "/sign-in")
    assert COOKIE not in client.cookies
    client.cookies.set(COOKIE, cookie)
    assert (await client.get("/review/probe")).status_code == 303
    assert services.sessions.find(cookie) is None


async def test_signing_in_anew_ends_the_session_before(
    client: httpx.AsyncClient, services: Services
) -> None:
    await welcome(client, services)
    earlier = client.cookies[COOKIE]
    await sign_in(client)
    assert services.sessions.find(earlier) is None
    assert services.sessions.find(client.cookies[COOKIE])


async def test_a_disabled_person_is_out_with_the_next_request(
    client: httpx.AsyncClient, services: Services
) -> None:
    await welcome(client, services)
    assert (await client.get("/review/probe")).status_code == 200
    services.users.disable("lead")
    response = await client.get("/review/probe")
    assert urlsplit(response.headers["location"]).path == "/sign-in"


async def test_a_session_opens_no_api_and_a_key_no_page(
    client: httpx.AsyncClient, services: Services
) -> None:
    await welcome(client, services, Role.ADMIN)
    assert (await client.get("/metrics")).status_code == 401
    key = services.keys.create(Role.ADMIN, name="key").key
    client.cookies.clear()
    bearer = {"Authorization": f"Bearer {key}"}
    assert (await client.get("/review/probe", headers=bearer)).status_code == 303
    assert (await client.get("/metrics", headers=bearer)).status_code == 200


@pytest.mark.parametrize("hostile", ['"><script>alert(1)</script>', "\x00", "{{ 7 * 7 }}", "é" * 9])
async def test_a_hostile_name_stays_text(client: httpx.AsyncClient, hostile: str) -> None:
    response = await sign_in(client, hostile, "wrong")
    assert response.status_code == 401
    page = parse(response.text)
    assert not page.find("script")
    assert page.find("input", id="name")[0].attributes["value"] == hostile


@pytest.mark.parametrize("path", ["/sign-in", "/welcome/x"])
async def test_a_form_that_is_none_is_refused_and_not_an_error(
    client: httpx.AsyncClient, path: str
) -> None:
    for content, kind in (
        (b"\xff\xfe", "application/x-www-form-urlencoded"),
        (b"name=" + b"x" * 100_000, "application/x-www-form-urlencoded"),
        (b"--x\r\nbroken", "multipart/form-data; boundary=x"),
        (b"{}", "application/json"),
    ):
        response = await client.post(path, content=content, headers={"Content-Type": kind})
        assert 400 <= response.status_code < 500, (kind, response.status_code)


async def test_a_large_form_of_nobody_is_refused_before_it_is_parsed(
    client: httpx.AsyncClient, services: Services
) -> None:
    link = services.users.create("anna", Role.LEAD)
    for path, most in (("/sign-in", 16_000), (f"/welcome/{link}", 32_000)):
        sent = 0

        async def endless() -> AsyncIterator[bytes]:
            nonlocal sent
            while sent < 4_000_000:
                sent += 1_000
                yield b"x" * 1_000

        for content in (b"x" * (most + 1), endless()):
            response = await client.post(path, content=content, headers=FILLED_IN)
            assert response.status_code == 413
            assert f"{most:,} bytes" in alert(parse(response.text))
        assert sent == most + 1_000


async def test_the_longest_password_of_any_script_fits(
    client: httpx.AsyncClient, services: Services
) -> None:
    link, password = services.users.create("anna", Role.LEAD), "🌊" * 1000
    response = await client.post(f"/welcome/{link}", data={"password": password, "again": password})
    assert response.status_code == 303
    assert (await sign_in(client, "anna", password)).status_code == 303


async def test_a_form_is_bounded_whoever_reads_it_first(
    client: httpx.AsyncClient, services: Services
) -> None:
    await welcome(client, services)
    token = (await client.get("/review/probe")).text
    large = {"csrf": token, "said": "x" * MAX_FORM_BYTES}
    assert (await client.post("/review/probe", data=large)).status_code == 413
    many = {"csrf": token, **{f"field{number}": "x" for number in range(60)}}
    assert (await client.post("/review/probe", data=many)).status_code == 400
    file = {"said": ("name.txt", b"text")}
    sent = await client.post("/review/probe", data={"csrf": token}, files=file)
    assert sent.status_code == 400


async def test_no_token_and_no_password_is_logged(
    client: httpx.AsyncClient, services: Services, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    link = await welcome(client, services)
    await sign_in(client, "lead", "a wrong password")
    said = "".join(str(vars(record)) for record in caplog.records if "lurewatch" in record.name)
    assert "/welcome/{token}" in said
    for secret in (link, client.cookies[COOKIE], PASSWORD, "a wrong password"):
        assert secret not in said
