"""Listing and claiming over HTTP."""

from __future__ import annotations

import pytest

from serving.policy import Role
from serving.review.api.answers import Item, Queue
from serving.settings import Settings
from tests.serving.review.api.conftest import Api, Starter, Texts, ok, refused

pytestmark = pytest.mark.anyio

UNFIT_FILTERS: tuple[object, ...] = (
    {"languages": []},
    {"languages": ["english!"]},
    {"languages": "fr"},
    {"label": "both"},
    {"kind": 1},
    {"older_than": "yesterday"},
    {"older_than": "9999-12-31T23:59:59-14:00"},
    {"slot": "first"},
    [],
)
UNFIT_QUERIES = ({"limit": "0"}, {"limit": "101"}, {"state": "decided"}, {"cursor": "x\x00y"})


async def fill(api: Api, texts: Texts, number: int) -> list[str]:
    """Items that wait, all in French so that no guess of the language matters."""
    return [
        (await api.submit(text, post_id=f"post-{place}", language="fr"))["item_id"]
        for place, text in enumerate(texts.flagged[:number])
    ]


async def test_claim_next_brings_each_item_once_and_then_nothing(api: Api, texts: Texts) -> None:
    waiting = await fill(api, texts, 3)
    claimed = []
    for name in ("one", "two", "three"):
        item = ok(await api.ask("POST", "/queue/claim", name=name))
        Item.model_validate(item)
        assert item["lease"]["mine"]
        claimed.append(item["id"])
    assert sorted(claimed) == sorted(waiting)
    nothing = await api.ask("POST", "/queue/claim", name="four")
    assert (nothing.status_code, nothing.content) == (204, b"")


async def test_a_claim_without_a_body_with_an_empty_one_and_with_filters(
    api: Api, texts: Texts
) -> None:
    await fill(api, texts, 2)
    await api.submit(texts.flagged[2], post_id="advert", kind="advert", language="ar")
    for filters in ({"languages": ["AR"]}, {"kind": "advert"}, {"languages": ["ar-EG", "en"]}):
        item = ok(await api.ask("POST", "/queue/claim", filters))
        assert (item["kind"], item["language"]) == ("advert", "ar")
        assert (await api.ask("POST", f"/items/{item['id']}/release")).status_code == 204
    assert (await api.ask("POST", "/queue/claim", {"languages": ["de"]})).status_code == 204
    longer = {"older_than": "2020-01-01T00:00:00Z"}
    assert (await api.ask("POST", "/queue/claim", longer)).status_code == 204
    ok(await api.ask("POST", "/queue/claim", {}))
    ok(await api.ask("POST", "/queue/claim"))


async def test_a_filter_or_a_query_that_cannot_be_is_refused(local_api: Api) -> None:
    for body in UNFIT_FILTERS:
        response = await local_api.ask("POST", "/queue/claim", body)
        refused(response, 422, "invalid_request")
    for query in UNFIT_QUERIES:
        response = await local_api.ask("GET", "/queue", params=query)
        refused(response, 422, "invalid_request")


async def test_the_slot_of_what_was_escalated_is_for_leads(api: Api, texts: Texts) -> None:
    (waiting,) = await fill(api, texts, 1)
    held = await api.claim(waiting)
    escalated = await api.ask(
        "POST", f"/items/{waiting}/escalate", {"version": held["version"], "note": "A minor?"}
    )
    assert ok(escalated)["state"] == "escalated"
    slot = {"slot": "escalated"}
    refused(await api.ask("POST", "/queue/claim", slot), 403, "forbidden")
    assert ok(await api.ask("POST", "/queue/claim", slot, role=Role.LEAD))["id"] == waiting


async def test_the_list_is_counted_filtered_and_cut_into_pages(api: Api, texts: Texts) -> None:
    waiting = await fill(api, texts, 5)
    await api.submit(texts.flagged[5], post_id="other", language="ar")
    await api.claim(waiting[0])
    query = {"languages": ["fr"], "limit": 2}
    found: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        page = ok(await api.ask("GET", "/queue", params={**query, **cursor}))
        Queue.model_validate(page)
        found += [item["id"] for item in page["items"]]
        if page["next"] is None:
            break
        cursor = {"cursor": page["next"]}
    assert sorted(found) == sorted(waiting)
    assert page["counts"] == {
        "open": 6,
        "claimed": 1,
        "escalated": 0,
        "open_by_language": {"fr": 5, "ar": 1},
    }


async def test_a_key_that_asks_too_often_is_told_when_to_come_back(
    start: Starter, sqlite_url: str
) -> None:
    async with start(Settings(database_url=sqlite_url, key_rate=30)) as api:
        statuses = [(await api.ask("GET", "/queue")).status_code for _ in range(6)]
        assert statuses == [200] * 5 + [429]
        response = await api.ask("GET", "/queue")
        refused(response, 429, "rate_limited")
        assert int(response.headers["retry-after"]) >= 1
        ok(await api.ask("GET", "/queue", name="another"))
