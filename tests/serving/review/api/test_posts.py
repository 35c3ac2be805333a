"""Handing posts in over HTTP."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from serving.policy import Role
from serving.review.api.answers import AcceptedPost, AcceptedPosts
from tests.serving.review.api.conftest import Api, Texts, ok, refused

pytestmark = pytest.mark.anyio

UNFIT_FIELDS: tuple[tuple[dict[str, object], list[str]], ...] = (
    ({"post_id": ""}, ["/post_id"]),
    ({"post_id": "x" * 501}, ["/post_id"]),
    ({"post_id": True, "text": 5}, ["/post_id", "/text"]),
    ({"author": "x" * 501}, ["/author"]),
    ({"url": "javascript:alert(1)"}, ["/url"]),
    ({"url": "http://"}, ["/url"]),
    ({"url": "https://example.org/" + "x" * 2_000}, ["/url"]),
    ({"reach": -1}, ["/reach"]),
    ({"reach": 2**53 + 1}, ["/reach"]),
    ({"reach": 5.0}, ["/reach"]),
    ({"kind": "video", "source": "police"}, ["/kind", "/source"]),
    ({"language": "English"}, ["/language"]),
    ({"created_at": 1_700_000_000}, ["/created_at"]),
    ({"created_at": "2026-05-17"}, ["/created_at"]),
    ({"created_at": "2026-05-17T09:30:00"}, ["/created_at"]),
    ({"created_at": "0001-01-01T00:00:00+14:00"}, ["/created_at"]),
    ({"created_at": "9999-12-31T23:59:59Z"}, ["/created_at"]),
)


async def test_a_post_that_is_sent_again_gets_the_same_bytes_and_leaves_no_event(
    api: Api, texts: Texts
) -> None:
    body = {"post_id": "post-1", "text": texts.flagged[0], "title": "Seats", "author": "user-8"}
    first = await api.ask("POST", "/posts", body, role=Role.PLATFORM)
    AcceptedPost.model_validate(ok(first))
    second = await api.ask("POST", "/posts", body, role=Role.PLATFORM)
    assert second.content == first.content
    history = ok(await api.ask("GET", f"/items/{first.json()['item_id']}/history"))
    assert [event["kind"] for event in history["events"]] == ["received", "queued"]


async def test_another_text_is_another_version_of_the_same_item(api: Api, texts: Texts) -> None:
    first = await api.submit(texts.flagged[0])
    second = await api.submit(texts.flagged[1])
    assert second["item_id"] == first["item_id"]
    assert (first["text_version"], second["text_version"]) == (1, 2)


async def test_the_score_says_whether_a_post_is_queued(api: Api, texts: Texts) -> None:
    queued = await api.submit(texts.flagged[0], post_id="flagged")
    cleared = await api.submit(texts.cleared[0], post_id="cleared")
    assert (queued["queued_for"], cleared["queued_for"]) == ("score", None)
    assert queued["score"]["evidence"]
    assert "evidence" not in cleared["score"]
    assert ok(await api.ask("GET", "/queue"))["counts"]["open"] == 1


async def test_a_post_of_every_kind_comes_back_as_it_was_sent(api: Api, texts: Texts) -> None:
    sent: dict[str, Any] = {
        "kind": "job_advert",
        "url": "https://example.org/posts/1?a=b#c",
        "created_at": "2026-05-17T11:30:00.5+02:00",
        "reach": 2**53,
        "source": "trusted_flagger",
        "language": "HI_latn_IN",
        "title": "A title",
    }
    found = await api.item((await api.submit(texts.flagged[0], post_id=17, **sent))["item_id"])
    assert (
        found.items()
        >= {
            **sent,
            "post_id": "17",
            "created_at": "2026-05-17T09:30:00.500000Z",
            "language": "hi",  # the model of the tests does not know its scripts apart
            "platform": "example",
            "has_author": False,
        }.items()
    )


async def test_characters_that_no_database_takes_are_replaced(api: Api, texts: Texts) -> None:
    body = rb'{"post_id": "a\u0000\ud800", "text": "%s \u0000\udfff", "title": "\u0000"}'
    response = await api.client.post(
        "/v1/posts",
        content=body.replace(b"%s", texts.flagged[0].encode()),
        headers={**api.headers(Role.PLATFORM), "Content-Type": "application/json"},
    )
    found = await api.item(ok(response)["item_id"])
    assert found["post_id"] == "a\ufffd\ufffd"
    assert found["text"] == f"{texts.flagged[0]} \ufffd\ufffd"


async def test_a_field_that_cannot_be_is_named(local_api: Api) -> None:
    for fields, pointers in UNFIT_FIELDS:
        body = {"post_id": "post-1", "text": "a boat", **fields}
        response = await local_api.ask("POST", "/posts", body, role=Role.PLATFORM)
        problem = refused(response, 422, "invalid_request")
        found = sorted(error["pointer"] for error in problem["errors"])
        assert found == sorted(pointers), fields


async def test_a_clock_that_is_a_little_fast_is_believed(local_api: Api) -> None:
    soon = datetime.now(UTC) + timedelta(hours=12)
    await local_api.submit("a boat", created_at=soon.isoformat())


async def test_texts_that_cannot_be_scored_are_refused(local_api: Api) -> None:
    for text, status, code in (
        (" \u200b", 422, "empty_text"),
        ("a" * 20_001, 413, "text_too_long"),
    ):
        body = {"post_id": "post-1", "text": text}
        refused(await local_api.ask("POST", "/posts", body, role=Role.PLATFORM), status, code)


async def test_a_key_hands_in_posts_of_its_own_platform_alone(api: Api) -> None:
    body = {"platform": "other", "post_id": "post-1", "text": "a boat"}
    for path in ("/posts", "/notices"):
        refused(await api.ask("POST", path, body, role=Role.PLATFORM), 403, "forbidden")
    own = {**body, "platform": "example"}
    ok(await api.ask("POST", "/posts", own, role=Role.PLATFORM))
    other = await api.ask("POST", "/posts", body, role=Role.PLATFORM, name="other")
    theirs = ok(other)["item_id"]
    assert theirs != ok(await api.ask("POST", "/posts", own, role=Role.PLATFORM))["item_id"]
    refused(await api.ask("GET", f"/items/{theirs}", role=Role.PLATFORM), 404, "not_found")


async def test_a_batch_answers_for_each_post(api: Api, texts: Texts) -> None:
    posts = [
        {"post_id": "a", "text": texts.flagged[0]},
        {"post_id": "b", "text": " "},
        {"post_id": "c", "text": texts.cleared[0], "reach": "many"},
        {"post_id": "d", "text": "a boat", "platform": "other"},
        "not a post",
        {"post_id": "a", "text": texts.flagged[0]},
    ]
    batch = ok(await api.ask("POST", "/posts/batch", {"posts": posts}, role=Role.PLATFORM))
    AcceptedPosts.model_validate(batch)
    first, blank, misshapen, foreign, nothing, again = batch["results"]
    assert again == first
    single = await api.submit(texts.flagged[0], post_id="a")
    assert single == first
    assert (blank["id"], blank["line"], blank["error"]["code"]) == ("b", 2, "empty_text")
    for place, found, name in ((3, misshapen, "c"), (4, foreign, "d"), (5, nothing, "5")):
        assert (found["id"], found["line"]) == (name, place)
        assert found["error"]["code"] == "malformed_row"


async def test_a_batch_has_a_limit(local_api: Api) -> None:
    posts = [{"post_id": str(number), "text": "a boat"} for number in range(1_001)]
    response = await local_api.ask("POST", "/posts/batch", {"posts": posts}, role=Role.PLATFORM)
    refused(response, 422, "invalid_request")


async def test_a_notice_queues_what_the_model_cleared(api: Api, texts: Texts) -> None:
    cleared = await api.submit(texts.cleared[0])
    notice = {"post_id": "post-1", "source": "trusted_flagger", "note": "The same number again."}
    noticed = ok(await api.ask("POST", "/notices", notice, role=Role.PLATFORM))
    assert (noticed["item_id"], noticed["queued_for"]) == (cleared["item_id"], "notice")
    found = await api.item(cleared["item_id"])
    assert (found["state"], found["source"]) == ("open", "trusted_flagger")


async def test_a_notice_brings_the_text_where_it_is_not_held(api: Api, texts: Texts) -> None:
    notice = {"post_id": "new", "source": "user_notice"}
    refused(await api.ask("POST", "/notices", notice, role=Role.PLATFORM), 404, "not_found")
    brought = {**notice, "text": texts.cleared[0]}
    found = ok(await api.ask("POST", "/notices", brought, role=Role.PLATFORM))
    assert found["queued_for"] == "notice"


async def test_a_notice_is_somebody_elses(local_api: Api) -> None:
    notice = {"post_id": "post-1", "source": "voluntary", "text": "a boat"}
    refused(
        await local_api.ask("POST", "/notices", notice, role=Role.PLATFORM), 422, "invalid_request"
    )
