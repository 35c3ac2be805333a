"""What is done with one item over HTTP."""

from __future__ import annotations

import asyncio

import pytest

from serving.policy import Role
from serving.review.api.answers import History, Item, Items, Lease, PlatformItem
from serving.review.reasons import REASONS
from serving.settings import Settings
from tests.serving.review.api.conftest import Api, Starter, Texts, a_decision, ok, refused

pytestmark = pytest.mark.anyio

ACTIONS = ("claim", "heartbeat", "release", "skip", "decision", "undo", "escalate")

UNFIT_DECISIONS: tuple[dict[str, object], ...] = (
    {"labels": {"smuggling_service": False, "fake_job": None}},
    {"labels": {"smuggling_service": True}},
    {"labels": {"smuggling_service": "yes", "fake_job": None}},
    {"labels": {"smuggling_service": True, "fake_job": None, "kidnapping": True}},
    {"facets": {"kidnapping": True}},
    {"facets": {"transport": None}},
    {"action": "escalate"},
    {"reason": "because"},
    {"version": "1"},
    {"version": 0},
    {"version": 2**31},
    {"note": "x" * 5_001},
)


@pytest.fixture
async def waiting(api: Api, texts: Texts) -> str:
    item_id: str = (await api.submit(texts.flagged[0], author="user-8"))["item_id"]
    return item_id


async def test_a_decision_needs_the_lease_and_the_version(api: Api, waiting: str) -> None:
    seen = await api.item(waiting)
    decide = f"/items/{waiting}/decision"
    refused(await api.ask("POST", decide, a_decision(seen)), 409, "conflict")
    held = await api.claim(waiting)
    refused(await api.ask("POST", decide, a_decision(seen)), 409, "conflict")
    other = await api.ask("POST", decide, a_decision(held), name="other")
    happened = refused(other, 409, "conflict")["happened"]
    assert (happened["kind"], happened["actor"]) == ("claimed", held["lease"]["owner"])
    decided = ok(await api.ask("POST", decide, a_decision(held, note="By the metre.")))
    Item.model_validate(decided)
    assert decided["state"] == "decided"
    assert (
        decided["decision"].items()
        >= {
            "by": held["lease"]["owner"],
            "labels": {"smuggling_service": True, "fake_job": None},
            "facets": None,
            "action": "remove",
            "reason_text": REASONS["offers_crossing"].words,
            "note": "By the metre.",
        }.items()
    )
    refused(await api.ask("POST", decide, a_decision(decided)), 409, "conflict")


async def test_of_many_that_claim_an_item_at_once_one_gets_it(api: Api, waiting: str) -> None:
    names = [f"moderator-{number}" for number in range(10)]
    for name in names:
        api.headers(Role.MODERATOR, name)
    answers = await asyncio.gather(
        *(api.ask("POST", f"/items/{waiting}/claim", name=name) for name in names)
    )
    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 9


async def test_a_decision_can_be_undone_until_it_is_final(
    start: Starter, review_settings: Settings, texts: Texts
) -> None:
    quick = review_settings.model_copy(update={"undo_seconds": 0})
    async with start(quick) as api:
        waiting = (await api.submit(texts.flagged[0]))["item_id"]
        held = await api.claim(waiting)
        ok(await api.ask("POST", f"/items/{waiting}/decision", a_decision(held)))
        refused(await api.ask("POST", f"/items/{waiting}/undo"), 409, "conflict")


async def test_an_undone_decision_leaves_the_item_with_who_made_it(api: Api, waiting: str) -> None:
    held = await api.claim(waiting)
    ok(await api.ask("POST", f"/items/{waiting}/decision", a_decision(held)))
    refused(await api.ask("POST", f"/items/{waiting}/undo", name="other"), 409, "conflict")
    undone = ok(await api.ask("POST", f"/items/{waiting}/undo"))
    assert (undone["state"], undone["decision"]) == ("open", None)
    assert undone["lease"]["mine"]
    ok(await api.ask("POST", f"/items/{waiting}/decision", a_decision(undone)))


async def test_a_decision_that_cannot_be_is_refused(local_api: Api, texts: Texts) -> None:
    waiting = (await local_api.submit(texts.flagged[0]))["item_id"]
    held = await local_api.claim(waiting)
    for change in UNFIT_DECISIONS:
        body = a_decision(held, **change)
        response = await local_api.ask("POST", f"/items/{waiting}/decision", body)
        refused(response, 422, "invalid_request")
        assert "kidnapping" not in response.text
    assert (await local_api.item(waiting))["version"] == held["version"]


async def test_an_item_that_is_given_back_goes_to_others(api: Api, waiting: str) -> None:
    held = await api.claim(waiting)
    lease = ok(await api.ask("POST", f"/items/{waiting}/heartbeat"))
    Lease.model_validate(lease)
    assert lease["until"] >= held["lease"]["until"]
    lost = await api.ask("POST", f"/items/{waiting}/heartbeat", name="other")
    refused(lost, 409, "conflict")
    for body in (None, {"reason": "Too much for today."}):
        await api.claim(waiting)
        passed = await api.ask("POST", f"/items/{waiting}/skip", body)
        assert (passed.status_code, passed.content) == (204, b"")
    assert (await api.ask("POST", "/queue/claim")).status_code == 204
    assert ok(await api.ask("POST", "/queue/claim", name="other"))["id"] == waiting


async def test_an_id_that_no_item_has_is_not_found(api: Api) -> None:
    body = a_decision({"version": 1})
    for unknown in ("0" * 24, "x", "%00", "a%2Fb", "%F0%9F%9A%A4", "y" * 500):
        for action in ACTIONS:
            response = await api.ask("POST", f"/items/{unknown}/{action}", body)
            refused(response, 404, "not_found")
        for path in (f"/items/{unknown}", f"/items/{unknown}/history"):
            refused(await api.ask("GET", path), 404, "not_found")
        refused(await api.ask("DELETE", f"/items/{unknown}", role=Role.ADMIN), 404, "not_found")


async def test_a_platform_sees_its_item_and_its_decision_once_that_is_final(
    start: Starter, review_settings: Settings, texts: Texts
) -> None:
    async with start(review_settings.model_copy(update={"undo_seconds": 1})) as api:
        item_id = (await api.submit(texts.flagged[0]))["item_id"]
        held = await api.claim(item_id)
        ok(await api.ask("POST", f"/items/{item_id}/decision", a_decision(held, note="Mine.")))
        waits = await api.item(item_id, role=Role.PLATFORM)
        PlatformItem.model_validate(waits)
        assert (waits["state"], waits["decision"]) == ("open", None)
        await asyncio.sleep(1.1)
        response = await api.ask("GET", f"/items/{item_id}", role=Role.PLATFORM)
        seen = ok(response)
        PlatformItem.model_validate(seen)
        assert seen["state"] == "decided"
        assert seen["decision"]["action"] == "remove"
        assert held["lease"]["owner"] not in response.text
        assert "Mine." not in response.text
        for path in ("history", "claim"):
            method = "GET" if path == "history" else "POST"
            other = await api.ask(method, f"/items/{item_id}/{path}", role=Role.PLATFORM)
            refused(other, 403, "forbidden")


async def test_the_history_tells_what_happened_in_order(api: Api, waiting: str) -> None:
    held = await api.claim(waiting)
    await api.ask("POST", f"/items/{waiting}/decision", a_decision(held, note="A note."))
    history = ok(await api.ask("GET", f"/items/{waiting}/history", name="other"))
    History.model_validate(history)
    kinds = [event["kind"] for event in history["events"]]
    assert kinds[:4] == ["received", "queued", "claimed", "decided"]
    assert history["events"][3]["note"] == "A note."
    assert all(event["at"].endswith("Z") for event in history["events"])


async def test_a_search_finds_items_in_every_state(api: Api, texts: Texts, waiting: str) -> None:
    await api.submit(texts.cleared[0], post_id="cleared")
    await api.submit(texts.cleared[1], post_id="theirs", kind="message")
    queries: list[tuple[dict[str, object], set[str]]] = [
        ({}, {"post-1", "cleared", "theirs"}),
        ({"state": "cleared"}, {"cleared", "theirs"}),
        ({"post_id": "cleared", "platform": "example"}, {"cleared"}),
        ({"words": texts.cleared[0]}, {"cleared"}),
        ({"kind": "message", "received_from": "2020-01-01T00:00:00Z"}, {"theirs"}),
        ({"received_before": "2020-01-01T00:00:00Z"}, set()),
        ({"words": "% _ \x00"}, set()),
        ({"platform": "other"}, set()),
    ]
    for query, expected in queries:
        found = ok(await api.ask("GET", "/items", params=query))
        Items.model_validate(found)
        assert {item["post_id"] for item in found["items"]} == expected, query
    first = ok(await api.ask("GET", "/items", params={"limit": 2}))
    rest = ok(await api.ask("GET", "/items", params={"limit": 2, "cursor": first["next"]}))
    assert (len(first["items"]), len(rest["items"]), rest["next"]) == (2, 1, None)


async def test_an_erased_post_is_gone_and_its_item_stays(api: Api, waiting: str) -> None:
    refused(await api.ask("DELETE", f"/items/{waiting}", role=Role.LEAD), 403, "forbidden")
    erased = ok(await api.ask("DELETE", f"/items/{waiting}", role=Role.ADMIN))
    assert erased == {"item_id": waiting, "texts": 1, "notes": 0}
    again = ok(await api.ask("DELETE", f"/items/{waiting}", role=Role.ADMIN))
    assert again["texts"] == 0
    found = await api.item(waiting)
    Item.model_validate(found)
    assert {found[name] for name in ("post_id", "title", "text", "url")} == {None}
    assert found["erased_at"]
    refused(await api.ask("POST", f"/items/{waiting}/claim"), 409, "conflict")
