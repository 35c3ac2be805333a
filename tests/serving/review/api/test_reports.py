"""What those who run the queue ask for over HTTP."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import text as sql

from serving.policy import Role
from serving.review.api.figures import AuditHeads, DecisionLine, Rescored, Team
from serving.settings import Settings
from tests.serving.review.api.conftest import Api, Json, Starter, Texts, a_decision, ok, refused

pytestmark = pytest.mark.anyio


async def test_final_decisions_are_exported_line_by_line(
    start: Starter, review_settings: Settings, texts: Texts
) -> None:
    async with start(review_settings.model_copy(update={"undo_seconds": 0})) as api:
        for number in range(3):
            text = f"{texts.flagged[number]} or write to someone@example.org"
            item_id = (await api.submit(text, post_id=f"post-{number}"))["item_id"]
            notice = {"post_id": f"post-{number}"}
            await api.ask("POST", "/notices", notice, role=Role.PLATFORM)
            held = await api.claim(item_id)
            ok(await api.ask("POST", f"/items/{item_id}/decision", a_decision(held)))
        response = await api.ask("GET", "/exports/decisions", role=Role.RESEARCHER)
        assert response.status_code == 200
        assert response.headers["content-type"].startswith("application/x-ndjson")
        lines = [json.loads(line) for line in response.text.splitlines()]
        assert len(lines) == 3
        for line in lines:
            DecisionLine.model_validate(line)
            assert line["labels"] == {"smuggling_service": True, "fake_job": None}
        assert "someone@example.org" not in response.text
        later = {"since": "2100-01-01T00:00:00Z"}
        empty = await api.ask("GET", "/exports/decisions", role=Role.LEAD, params=later)
        assert (empty.status_code, empty.text) == (200, "")


async def test_a_decision_that_is_not_final_is_not_exported(api: Api, texts: Texts) -> None:
    item_id = (await api.submit(texts.flagged[0]))["item_id"]
    held = await api.claim(item_id)
    ok(await api.ask("POST", f"/items/{item_id}/decision", a_decision(held)))
    response = await api.ask("GET", "/exports/decisions", role=Role.ADMIN)
    assert response.text == ""


async def test_the_figures_of_the_team(api: Api, texts: Texts) -> None:
    await api.submit(texts.flagged[0])
    figures = ok(await api.ask("GET", "/team", role=Role.LEAD, params={"days": 7}))
    Team.model_validate(figures)
    assert figures["open"]["count"] == 1
    for days in ("0", "367", "many"):
        response = await api.ask("GET", "/team", role=Role.LEAD, params={"days": days})
        refused(response, 422, "invalid_request")


async def test_scoring_anew_is_a_dry_run_unless_it_is_asked_for(api: Api, texts: Texts) -> None:
    await api.submit(texts.flagged[0])
    for body, dry in ((None, True), ({}, True), ({"dry_run": False}, False)):
        report = ok(await api.ask("POST", "/rescore", body, role=Role.LEAD))
        Rescored.model_validate(report)
        assert report["dry_run"] is dry
    refused(
        await api.ask("POST", "/rescore", {"dry_run": "no"}, role=Role.LEAD), 422, "invalid_request"
    )


async def test_scoring_anew_goes_on_where_the_request_before_ended(api: Api, texts: Texts) -> None:
    for number in range(3):
        await api.submit(texts.flagged[number], post_id=f"post-{number}")
    with api.database.write() as session:
        session.execute(sql("UPDATE items SET model = 'the one before'"))
        session.execute(sql("UPDATE scores SET model = 'the one before'"))
    body: Json = {"dry_run": False, "limit": 2}
    first = ok(await api.ask("POST", "/rescore", body, role=Role.LEAD))
    assert first["items"] == 2
    rest = ok(await api.ask("POST", "/rescore", {**body, "after": first["next"]}, role=Role.LEAD))
    assert (rest["items"], rest["next"]) == (1, None)
    for wrong in ({"limit": 0}, {"limit": 1_001}, {"limit": "2"}, {"after": "x"}):
        response = await api.ask("POST", "/rescore", wrong, role=Role.LEAD)
        refused(response, 422, "invalid_request")


async def test_the_signed_heads_of_the_audit_log(api: Api, texts: Texts) -> None:
    async def events() -> int:
        heads = ok(await api.ask("GET", "/audit/heads", role=Role.LEAD))
        AuditHeads.model_validate(heads)
        return sum(head["position"] for head in heads["heads"])

    await api.submit(texts.flagged[0])
    before = await events()
    await api.submit(texts.flagged[1])
    assert await events() == before + 2
