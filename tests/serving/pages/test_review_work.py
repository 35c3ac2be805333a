"""Working the queue without a script: claim, decide, undo, skip, escalate, rest."""

from __future__ import annotations

from datetime import timedelta

import pytest

from classifier.classifier import Classifier
from serving.actors import Actor
from serving.clock import utc_now
from serving.pages.review.choices import LABEL_FORMS, LAWFUL
from serving.policy import Role
from serving.review.records import State
from serving.settings import Settings
from tests.serving.pages.conftest import Browser, Office, opened

pytestmark = pytest.mark.anyio

LURE = {
    "smuggling_service": "yes",
    "fake_job": "no",
    "facet": "transport",
    "action": "remove",
}
HARMLESS = {"smuggling_service": "no", "fake_job": "no", "reason": "warns_or_reports"}


async def claim(browser: Browser) -> str:
    """Take the next post; the id of its item."""
    await browser.submit(browser.form("next"))
    return held(browser)


def held(browser: Browser) -> str:
    return browser.form("decide").attributes["action"].split("/")[3]


def state(office: Office, item_id: str) -> State:
    return office.services.queue.view(Actor("key:look", Role.ADMIN), item_id).state


async def test_the_loop_leads_from_post_to_post_to_the_end(office: Office) -> None:
    items = {await office.queue(f"boat {number}") for number in range(3)}
    browser = await office.join(Role.MODERATOR)
    assert "3 posts wait" in browser.page.text
    done = [await claim(browser)]
    for _ in range(2):
        await browser.submit(browser.form("decide"), **LURE, then="next")
        done.append(held(browser))
    await browser.submit(browser.form("decide"), **HARMLESS, then="next")
    assert set(done) == items
    assert "Nothing left" in browser.page.text
    assert {state(office, item) for item in items} == {State.DECIDED}


async def test_a_decision_says_what_was_filled_in(office: Office) -> None:
    await office.queue("boat")
    browser = await office.join()
    item = await claim(browser)
    await browser.submit(browser.form("decide"), **LURE, note="seen before", then="stop")
    await browser.open(f"/review/items/{item}")
    for words in ("Decided", "Remove", "Crossing or transport", "past the controls", "seen before"):
        assert words in browser.page.text


async def test_what_is_missing_is_asked_for_and_what_was_filled_in_stays(office: Office) -> None:
    await office.queue("boat")
    browser = await office.join()
    item = await claim(browser)
    await browser.submit(
        browser.form("decide"), smuggling_service="yes", note="half done", then="next"
    )
    assert browser.status == 422
    assert "fake job (key 2)" in browser.alert()
    form = browser.form("decide")
    chosen = [e.attributes["value"] for e in form.find("input") if "checked" in e.attributes]
    assert chosen == ["yes"]
    assert form.find("textarea")[0].text.strip() == "half done"
    assert held(browser) == item
    await browser.submit(form, **LURE, then="stop")
    assert state(office, item) is State.DECIDED


async def test_a_removal_needs_a_label(office: Office) -> None:
    await office.queue("boat")
    browser = await office.join()
    item = await claim(browser)
    await browser.submit(browser.form("decide"), **HARMLESS, action="remove", then="next")
    assert browser.status == 422
    assert "only for a label that is true" in browser.alert()
    assert state(office, item) is State.OPEN


async def test_undo_brings_the_post_back_and_lets_the_next_one_go(office: Office) -> None:
    await office.queue("boat 1")
    await office.queue("boat 2")
    browser = await office.join()
    first = await claim(browser)
    await browser.submit(browser.form("decide"), **LURE, then="next")
    second = held(browser)
    await browser.submit(browser.form("undo"))
    assert held(browser) == first
    assert state(office, first) is State.OPEN
    other = await office.join()
    assert await claim(other) == second


async def test_an_undo_that_comes_too_late_says_so(office: Office) -> None:
    await office.queue("boat")
    browser = await office.join()
    item = await claim(browser)
    settings = office.services.settings
    await browser.submit(browser.form("decide"), **LURE, then="stop")
    late = utc_now() + timedelta(seconds=settings.undo_seconds + 1)
    office.services.queue._clock = lambda: late
    await browser.submit(browser.form("undo"))
    assert browser.status == 409
    assert "final by now" in browser.alert()
    assert state(office, item) is State.DECIDED


@pytest.mark.parametrize(
    "done",
    [
        "",
        "x",
        f"{'a' * 24}.remove",
        f"{'a' * 24}.remove.soon",
        f"{'a' * 24}.explode.99999999999",
        f"{'a' * 24}.remove.{'9' * 99}",
        f"{'a' * 24}.remove.1",
        "%2F%2Felsewhere.remove.{soon}",
        f"{'a' * 24}%2Fskip%3F.remove.{{soon}}",
    ],
)
async def test_an_address_that_was_tampered_with_offers_no_undo(office: Office, done: str) -> None:
    browser = await office.join()
    soon = int(utc_now().timestamp()) + 9
    await browser.open(f"/review?done={done.replace('{soon}', str(soon))}")
    assert browser.status == 200
    assert not browser.page.find("form", id="undo")


async def test_a_decision_on_a_lost_lease_says_what_happened(office: Office) -> None:
    await office.queue("boat")
    slow = await office.join(Role.MODERATOR)
    item = await claim(slow)
    stale = slow.form("decide")
    later = utc_now() + timedelta(seconds=office.services.settings.lease_seconds + 1)
    office.services.queue._clock = lambda: later
    quick = await office.join(Role.MODERATOR)
    assert await claim(quick) == item
    await quick.submit(quick.form("decide"), **HARMLESS, then="stop")
    await slow.submit(stale, **LURE, then="next")
    assert slow.status == 409
    assert "has been decided" in slow.alert()
    assert "Decided, " in slow.page.text
    assert slow.page.find("form", id="next")


async def test_a_skipped_post_goes_to_someone_else(office: Office) -> None:
    item = await office.queue("boat")
    browser = await office.join()
    await claim(browser)
    await browser.submit(browser.form("skip"))
    assert "Nothing left" in browser.page.text
    other = await office.join()
    assert await claim(other) == item


async def test_an_escalated_post_is_for_leads_alone(office: Office) -> None:
    item = await office.queue("boat")
    moderator = await office.join(Role.MODERATOR)
    await claim(moderator)
    await moderator.post(
        f"/review/items/{item}/escalate",
        version=moderator.form("decide").find("input", name="version")[0].attributes["value"],
        note="two accounts",
    )
    assert "Nothing left" in moderator.page.text
    await moderator.post(f"/review/items/{item}/claim")
    assert moderator.status == 403
    lead = await office.join(Role.LEAD)
    await lead.open("/review?escalated=1")
    assert await claim(lead) == item
    assert "two accounts" in lead.page.text
    assert "escalated=1" in lead.address


async def test_a_post_that_is_put_back_waits_again(office: Office) -> None:
    item = await office.queue("boat")
    browser = await office.join()
    await claim(browser)
    await browser.submit(browser.form("release"))
    assert "1 post waits" in browser.page.text
    assert await claim(browser) == item


async def test_people_get_the_languages_they_read_and_see_which_others_wait(
    office: Office,
) -> None:
    await office.queue("boat", language="sw")
    arabic = await office.queue("سفرة", language="ar")
    browser = await office.join(Role.MODERATOR, frozenset({"ar", "en"}))
    assert "not yours" in browser.page.text
    assert await claim(browser) == arabic
    await browser.submit(browser.form("decide"), **HARMLESS, then="next")
    assert "that you can read" in browser.page.text


async def test_a_filter_goes_on_from_post_to_post(office: Office) -> None:
    await office.queue("boat", language="sw")
    arabic = await office.queue("سفرة", language="ar")
    browser = await office.join()
    await browser.open("/review?language=ar")
    assert await claim(browser) == arabic
    await browser.submit(browser.form("decide"), **HARMLESS, then="next")
    assert "Nothing left for this filter" in browser.page.text
    assert "language=ar" in browser.address


async def test_the_heartbeat_renews_the_lease_and_says_when_it_is_lost(office: Office) -> None:
    await office.queue("boat")
    browser = await office.join()
    item = await claim(browser)
    work = browser.page.find("div", id="work")[0].attributes
    headers = {"X-CSRF-Token": work["data-csrf"], "Accept": "application/json"}
    beat = await browser.client.post(work["data-heartbeat"], headers=headers)
    assert beat.status_code == 200
    assert 590 <= beat.json()["seconds"] <= 600
    await browser.submit(browser.form("release"))
    lost = await browser.client.post(work["data-heartbeat"], headers=headers)
    assert lost.status_code == 409
    assert lost.json()["detail"]
    assert (await browser.client.post(f"/review/items/{item}/heartbeat")).status_code == 403


async def test_a_break_is_suggested_after_many_decisions(
    settings: Settings, classifier: Classifier
) -> None:
    async with opened(settings.model_copy(update={"break_after": 2}), classifier) as office:
        for number in range(4):
            await office.queue(f"boat {number}")
        browser = await office.join()
        await claim(browser)
        await browser.submit(browser.form("decide"), **HARMLESS, then="next")
        await browser.submit(browser.form("decide"), **HARMLESS, then="next")
        assert "Time for a break" in browser.page.text
        await claim(browser)
        await browser.submit(browser.form("decide"), **HARMLESS, then="next")
        assert held(browser)


async def test_the_day_so_far_is_counted(office: Office) -> None:
    await office.queue("boat 1")
    await office.queue("boat 2")
    browser = await office.join()
    await claim(browser)
    (line,) = browser.page.find("p", class_="quiet exposure")
    assert "1 seen, 0 decided" in line.text


async def test_wishes_of_a_person_change_how_a_post_is_shown(office: Office) -> None:
    await office.queue("boat to the island")
    browser = await office.join()
    await browser.open("/review/account")
    await browser.post("/review/account/view", hide_score="on", preview_first="on")
    await browser.open("/review")
    await claim(browser)
    assert browser.page.find("div", id="desk", class_="blind")
    (veiled,) = browser.page.find("p", class_="post veiled")
    assert veiled.text == "▒▒▒▒ ▒▒ ▒▒▒ ▒▒▒▒▒▒"
    # After a slip the form comes back with the answers, and no reason to hide anything again.
    await browser.submit(browser.form("decide"), smuggling_service="yes", then="next")
    assert not browser.page.find("div", id="desk", class_="blind")


async def test_a_form_without_the_token_of_the_session_changes_nothing(office: Office) -> None:
    item = await office.queue("boat")
    browser = await office.join()
    await claim(browser)
    for verb in ("decision", "undo", "skip", "escalate", "release", "claim"):
        response = await browser.client.post(f"/review/items/{item}/{verb}", data=LURE)
        assert response.status_code == 403, verb
    assert state(office, item) is State.OPEN


async def test_keys_are_unique_where_they_mean_something() -> None:
    for form in LABEL_FORMS:
        keys = [kind.key for kind in form.kinds]
        assert len(set(keys)) == len(keys)
        assert not {"1", "2"} & set(keys)
    assert [reason.key for reason in LAWFUL] == ["3", "4", "5", "6", "7", "8", "9"]
