"""The pages, read as markup. How they look and behave is in test_browser.py."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

import serving.pages
from classifier.classifier import Classifier
from serving.app import create_app
from serving.pages.samples import FEATURED, load_samples
from serving.pages.wording import FACET_NAMES, LABEL_NAMES
from serving.settings import Settings
from tests.serving.markup import Element, parse
from tests.serving.running import running

pytestmark = pytest.mark.anyio

HOSTILE = (
    "</textarea></title><script>alert(1)</script><img src=x onerror=alert(2)>\n"
    "\"'><svg onload=alert(3)>{{ 7 * 7 }}{% raw %} javascript:alert(4) <b>bold</b> &lt;i&gt; "
    "\u202e&amp;"
)


@pytest.fixture
async def client(settings: Settings, classifier: Classifier) -> AsyncIterator[httpx.AsyncClient]:
    unlimited = settings.model_copy(update={"page_rate": 0})
    async with running(create_app(unlimited, classifier)) as client:
        yield client


async def submit(client: httpx.AsyncClient, text: str, title: str = "") -> Element:
    response = await client.post("/", data={"text": text, "title": title})
    assert response.status_code == 200, response.text
    return parse(response.text)


def field(page: Element, name: str) -> str:
    if name == "title":
        return page.find("input", id="title")[0].attributes["value"]
    # A browser drops the line break that follows <textarea>.
    return page.find("textarea", id="text")[0].text.removeprefix("\n")


def readings(page: Element) -> list[Element]:
    return [e for e in page.find("div") if e.attributes.get("class") == "reading"]


async def test_the_empty_page_offers_a_form_and_a_dozen_samples(
    client: httpx.AsyncClient,
) -> None:
    page = parse((await client.get("/")).text)
    assert field(page, "text") == ""
    (shown, unfolded) = (e for e in page.find("ul", class_="cards"))
    assert len(shown.find("a")) == FEATURED
    assert len(unfolded.find("a")) == len(load_samples()) - FEATURED


async def test_a_result_shows_scores_thresholds_facets_language_and_model(
    client: httpx.AsyncClient, classifier: Classifier
) -> None:
    page = await submit(client, "Boat Saturday, 3 seats left")
    text = page.text
    for name in (*LABEL_NAMES.values(), *FACET_NAMES.values()):
        assert name in text
    assert text.count("review threshold") == 2
    assert len(page.find("line", class_="threshold")) == 2
    assert classifier.manifest.model in text
    assert "who decides" in text or "Below both review thresholds" in text
    assert "Is this an offer, or someone asking, warning, reporting?" in text
    assert "A person decides." in text


async def test_the_marked_text_is_the_text_as_sent(client: httpx.AsyncClient) -> None:
    text = "  Boat\u200b Saturday,\n\n3 seats left 🌊  سفرة بحر"
    page = await submit(client, text, title="Go <now>")
    assert field(page, "text") == text
    assert field(page, "title") == "Go <now>"
    for reading in readings(page):
        title, marked = reading.find("p", dir="auto")
        assert (title.text, marked.text) == ("Go <now>", text)


async def test_marks_say_what_they_mean_without_colour(client: httpx.AsyncClient) -> None:
    page = await submit(client, "Boat Saturday, 3 seats left, pay on arrival")
    marks = [mark for reading in readings(page) for mark in reading.find("mark")]
    assert any("title" in mark.attributes for mark in marks)
    for mark in marks:
        kind = mark.attributes["class"].split()[0]
        assert kind in {"for", "against"}
        assert mark.attributes.get("title", "Speaks " + kind).startswith(f"Speaks {kind}")


async def test_line_breaks_of_the_form_are_those_that_were_typed(
    client: httpx.AsyncClient,
) -> None:
    unix = await submit(client, "one\ntwo\n\nthree")
    browser = await submit(client, "one\r\ntwo\r\n\r\nthree")
    assert unix.text == browser.text


async def test_what_was_cleaned_up_is_said_in_words(client: httpx.AsyncClient) -> None:
    page = await submit(client, "bo\u200bat to the island")
    assert "1 invisible character removed" in page.text
    assert "boat to the island" in page.text
    assert "Nothing needed to be" in (await submit(client, "boat to the island")).text


async def test_hostile_text_stays_text(client: httpx.AsyncClient) -> None:
    page = await submit(client, HOSTILE, title=HOSTILE.replace("\n", " "))
    assert field(page, "text") == HOSTILE
    (script,) = page.find("script")
    assert script.attributes["src"].startswith("/static/")
    assert not page.find("img")
    assert not page.find("b")
    assert "49" not in readings(page)[0].find("p", dir="auto")[1].text


async def test_nul_and_surrogates_in_a_form_become_replacement_characters(
    client: httpx.AsyncClient,
) -> None:
    response = await client.post(
        "/",
        content=b"text=a%00b+%ED%A0%80&title=",
        headers={"Content-Type": "application/x-www-form-urlencoded"},
    )
    assert response.status_code == 200
    assert field(parse(response.text), "text").startswith("a\ufffdb \ufffd")


@pytest.mark.parametrize(
    ("form", "status", "notice"),
    [
        ({"text": ""}, 422, "The text is empty"),
        ({"text": "\r\n \r\n"}, 422, "The text is empty"),
        ({}, 422, "The text is empty"),
        ({"text": "a" * 20_001}, 413, "The text is too long"),
        ({"text": "a" * 20_000, "title": "bb"}, 413, "The text is too long"),
    ],
)
async def test_a_text_that_cannot_be_scored_comes_back_with_the_reason(
    client: httpx.AsyncClient, form: dict[str, str], status: int, notice: str
) -> None:
    response = await client.post("/", data=form)
    assert response.status_code == status
    page = parse(response.text)
    (alert,) = page.find("p", role="alert")
    assert notice in alert.text
    assert field(page, "text") == form.get("text", "").replace("\r\n", "\n")


async def test_a_form_beyond_any_text_is_refused_on_the_page(client: httpx.AsyncClient) -> None:
    form = {"text": "a" * 600_000}
    response = await client.post("/", data=form, headers={"Accept": "text/html"})
    assert response.status_code == 413
    (alert,) = parse(response.text).find("p", role="alert")
    assert "500,000 bytes" in alert.text


async def test_every_sample_can_be_tried(client: httpx.AsyncClient) -> None:
    home = parse((await client.get("/")).text)
    links = [a.attributes["href"] for a in home.find("a") if "sample=" in a.attributes["href"]]
    assert len(links) == len(load_samples())
    for sample, link in zip(load_samples(), links, strict=True):
        response = await client.get(link)
        assert response.status_code == 200
        page = parse(response.text)
        assert field(page, "text") == sample.post.text
        assert len(readings(page)) == 2
    assert (await client.get("/?sample=nothing")).status_code == 404


async def test_the_public_page_has_a_modest_limit(
    settings: Settings, classifier: Classifier
) -> None:
    limited = settings.model_copy(update={"page_rate": 6})
    async with running(create_app(limited, classifier)) as client:
        statuses = [(await client.post("/", data={"text": "a"})).status_code for _ in range(6)]
        refused = await client.post("/", data={"text": "a"})
    assert statuses == [200] * 5 + [429]
    assert int(refused.headers["retry-after"]) >= 1
    (alert,) = parse(refused.text).find("p", role="alert")
    assert "try again in" in alert.text


async def test_nothing_is_loaded_from_elsewhere(client: httpx.AsyncClient) -> None:
    for path in ("/", "/?sample=sample-01", "/docs"):
        response = await client.get(path)
        page = parse(response.text)
        for tag, attribute in (("script", "src"), ("link", "href"), ("img", "src")):
            for element in page.find(tag):
                address = element.attributes[attribute]
                assert address.startswith("/static/")
                assert (await client.get(address)).status_code == 200
        for element in page.walk():
            assert element.tag not in {"style", "iframe", "object"}
            assert not [name for name in element.attributes if name.startswith(("style", "on"))]
        policy = response.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert response.headers["x-content-type-options"] == "nosniff"
        assert response.headers["cache-control"] == "no-store"


async def test_static_files_may_be_kept_because_their_addresses_change(
    client: httpx.AsyncClient,
) -> None:
    folder = Path(serving.pages.__file__).parent / "static"
    page = (await client.get("/")).text
    for name in ("style.css", "try.js", "icon.svg"):
        assert f"/static/{name}?" in page
    for path in folder.rglob("*.*"):
        response = await client.get(f"/static/{path.relative_to(folder).as_posix()}")
        assert "immutable" in response.headers["cache-control"]
        assert response.content == path.read_bytes()


async def test_the_api_page_describes_every_address_record_and_error(
    client: httpx.AsyncClient,
) -> None:
    document = (await client.get("/openapi.json")).json()
    response = await client.get("/docs")
    page = parse(response.text)
    ids = {element.attributes.get("id") for element in page.walk()}
    for path, operations in document["paths"].items():
        for method in operations:
            assert f"{method}{path}".replace("/", "-") in ids
    for name in document["components"]["schemas"]:
        assert f"schema-{name}" in ids
    for link in page.find("a"):
        if link.attributes["href"].startswith("#schema-"):
            assert link.attributes["href"][1:] in ids
    for code in ("empty_text", "queue_full", "not_found", "internal_error"):
        assert code in ids


async def test_the_openapi_document_refers_only_to_what_it_holds(
    client: httpx.AsyncClient,
) -> None:
    text = (await client.get("/openapi.json")).text
    names = {part.partition('"')[0] for part in text.split("#/components/schemas/")[1:]}
    document = (await client.get("/openapi.json")).json()
    assert names <= set(document["components"]["schemas"])
    assert document["paths"]["/v1/score"]["post"]["security"] == [{"key": []}]
    assert "HTTPValidationError" not in text
