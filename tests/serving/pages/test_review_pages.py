"""The other pages of the queue: who may open them and what they show."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta

import pytest
from sqlalchemy import event, select, update
from sqlalchemy import text as sql

from classifier.classifier import Classifier
from serving.audit.models import Event
from serving.clock import utc_now
from serving.pages.review.charts import HEIGHT, WIDTH, columns, every_day, parts
from serving.pages.review.history import who_words
from serving.pages.review.model_card import read_card
from serving.pages.review.wording import span_words
from serving.pages.wording import FACET_NAMES
from serving.policy import Role
from serving.review.reasons import REASONS
from serving.settings import Settings
from serving.users.models import Session
from tests.serving.pages.conftest import PASSWORD, Browser, Office, opened
from tests.serving.test_pages import HOSTILE

pytestmark = pytest.mark.anyio

PAGES = {
    "/review": {Role.MODERATOR, Role.LEAD, Role.ADMIN},
    "/review/search": {Role.MODERATOR, Role.LEAD, Role.ADMIN},
    "/review/team": {Role.LEAD, Role.ADMIN},
    "/review/settings": {Role.MODERATOR, Role.LEAD, Role.ADMIN, Role.RESEARCHER},
    "/review/audit": {Role.LEAD, Role.ADMIN},
    "/review/account": {Role.MODERATOR, Role.LEAD, Role.ADMIN, Role.RESEARCHER},
}

PEOPLE = [Role.MODERATOR, Role.LEAD, Role.ADMIN, Role.RESEARCHER]


async def holding(office: Office, item_id: str) -> Browser:
    browser = await office.join()
    await browser.post(f"/review/items/{item_id}/claim")
    return browser


@pytest.mark.parametrize("role", PEOPLE)
async def test_the_navigation_offers_what_the_role_may_open(office: Office, role: Role) -> None:
    browser = await office.join(role)
    offered = {
        a.attributes["href"] for a in browser.page.find("nav", class_="sections")[0].find("a")
    }
    assert offered == {path for path, roles in PAGES.items() if role in roles} - {"/review/account"}
    for path, roles in PAGES.items():
        await browser.open(path)
        assert browser.status == (200 if role in roles else 403), path


async def test_nobody_else_sees_anything(office: Office) -> None:
    item = await office.queue("boat")
    browser = await office.join()
    browser.client.cookies.clear()
    for path in (*PAGES, f"/review/items/{item}"):
        await browser.open(path)
        assert browser.address.startswith("/sign-in"), path


async def test_an_item_that_is_not_there_is_a_page(office: Office) -> None:
    browser = await office.join()
    for item in ("0" * 24, "nothing", "%3Cb%3E", "%00"):
        await browser.open(f"/review/items/{item}")
        assert browser.status == 404
        assert "no item with this id" in browser.alert()


async def test_the_card_says_what_there_is_to_know(office: Office) -> None:
    await office.queue("Another boat", author="anna")
    item = await office.queue(
        "Boat Saturday, 900 a head, pay on arrival. Is it safe?",
        title="No passport",
        author="anna",
        reach=12_345,
        language="en",
    )
    browser = await holding(office, item)
    text = browser.page.text
    for words in (
        "Is this an offer, or someone asking, warning, reporting?",
        "Names a price per person",
        "Pay on arrival",
        "No passport or visa needed",
        "Asks a question",
        "12\u202f345 people",
        "Reported by a user",
        "English",
        "review threshold",
        "from 200 decisions on",
        "Why it is here",
        "Another boat",
        "someone complained",
        "Taken up",
    ):
        assert words in text, words


async def test_the_marked_text_is_the_text_as_sent(office: Office) -> None:
    text = "  Boat\u200b Saturday,\n\n3 seats 🌊  سفرة بحر"
    browser = await holding(office, await office.queue(text, title="Go <now>"))
    readings = [e for e in browser.page.find("div") if "reading" in e.attributes.get("class", "")]
    assert len(readings) == 2
    for reading in readings:
        title, marked = reading.find("p", dir="auto")
        assert (title.text, marked.text) == ("Go <now>", text)


async def test_hostile_text_stays_text_on_every_page(office: Office) -> None:
    item = await office.queue(HOSTILE, title=HOSTILE, author=HOSTILE, language="<b>", url=HOSTILE)
    browser = await office.join()
    paths = (
        f"/review/items/{item}",
        "/review",
        "/review/search?words=script",
        "/review/search?words=%3Cb%3E&language=%22%3E%3Cscript%3E&platform='\"",
        "/review?language=%22%3E%3Cscript%3Ealert(1)%3C/script%3E",
    )
    await browser.post(f"/review/items/{item}/claim")
    await browser.post(
        f"/review/items/{item}/decision",
        version=browser.form("decide").find("input", name="version")[0].attributes["value"],
        smuggling_service="no",
        fake_job="no",
        reason="something_else",
        note=HOSTILE,
    )
    for path in paths:
        await browser.open(path)
        assert browser.status == 200
        for script in browser.page.find("script"):
            assert script.attributes["src"].startswith("/static/")
        for tag in ("img", "b"):
            for element in browser.page.find(tag):
                assert "onerror" not in element.attributes
                assert "bold" not in element.text
    await browser.open(f"/review/items/{item}")
    assert HOSTILE in browser.page.text
    assert browser.page.find("p", class_="note")[0].text == HOSTILE
    for element in browser.page.walk():
        assert "<" not in element.attributes.get("lang", "")


async def test_nothing_is_loaded_from_elsewhere(office: Office) -> None:
    item = await office.queue("boat")
    browser = await holding(office, item)
    for path in ("/review", *PAGES, f"/review/items/{item}"):
        page = await browser.open(path)
        for tag, attribute in (("script", "src"), ("link", "href"), ("img", "src")):
            for element in page.find(tag):
                address = element.attributes[attribute]
                assert address.startswith("/static/")
                assert (await browser.client.get(address)).status_code == 200
        for element in page.walk():
            assert element.tag not in {"style", "iframe", "object"}
            assert not [name for name in element.attributes if name.startswith(("style", "on"))]


async def test_an_erased_text_is_not_missed(office: Office) -> None:
    item = await office.queue("boat", title="Go")
    with office.services.database.write() as session:
        session.execute(sql("DELETE FROM post_texts"))
    browser = await office.join()
    await browser.open(f"/review/items/{item}")
    assert browser.status == 200
    assert "The text is erased" in browser.page.text
    await browser.open("/review/search?state=open")
    assert "The text is erased" in browser.page.text


async def test_the_search_finds_by_words_platform_state_and_day(office: Office) -> None:
    await office.queue("A boat for Thursday")
    await office.queue("قارب", language="ar")
    browser = await office.join()
    today = f"{utc_now():%Y-%m-%d}"
    for query, found in (
        ("words=Thursday", 1),
        ("words=nothing+like+it", 0),
        ("language=ar", 1),
        ("state=open&kind=post", 2),
        ("state=decided", 0),
        (f"from={today}&before={today}", 2),
        ("from=2001-01-01&before=2001-01-02", 0),
        ("from=0001-01-01&before=9999-12-31", 2),
        ("from=yesterday&state=nonsense&label=x&action=y", 2),
        ("platform=harbour-forum", 2),
        ("platform=elsewhere", 0),
    ):
        await browser.open(f"/review/search?{query}")
        assert browser.status == 200
        lists = browser.page.find("ul", class_="entries")
        assert (len(lists[0].find("a")) if lists else 0) == found, query


async def test_a_long_list_goes_on(office: Office) -> None:
    for number in range(21):
        await office.queue(f"boat {number}")
    browser = await office.join()
    await browser.open("/review/search?state=open")
    (more,) = (a for a in browser.page.find("a") if a.text == "Further ones")
    await browser.open(more.attributes["href"])
    assert len(browser.page.find("ul", class_="entries")[0].find("a")) == 1
    await browser.open("/review/search?state=open&cursor=nonsense")
    assert browser.status == 422
    assert browser.alert()


async def test_the_team_page_counts_what_is_final(
    settings: Settings, classifier: Classifier
) -> None:
    async with opened(settings.model_copy(update={"undo_seconds": 0}), classifier) as office:
        browser = await holding(office, await office.queue("boat", language="ar"))
        await office.queue("mashua", language="sw")
        await browser.submit(
            browser.form("decide"),
            smuggling_service="yes",
            fake_job="no",
            facet="transport",
            action="remove",
            then="stop",
        )
        await browser.open("/review/team?days=7")
        text = " ".join(browser.page.text.split())
    for words in ("Decided 1 final", "Waiting 1 the oldest", "Arabic 1", "Remove 1", "yes 1"):
        assert words in text, words
    assert len(browser.page.find("svg", class_="chart")[0].find("rect")) == 8
    assert browser.page.find("table")  # beside the chart


async def test_a_span_that_is_not_offered_is_the_usual_one(office: Office) -> None:
    browser = await office.join()
    for days in ("12", "-1", "999999999999"):
        await browser.open(f"/review/team?days={days}")
        assert "Decided in 30 days" in browser.page.text
    await browser.open("/review/team?days=soon")
    assert browser.status == 422


async def test_the_settings_page_shows_policy_model_and_server_without_secrets(
    office: Office,
) -> None:
    browser = await office.join()
    await browser.open("/review/settings")
    text = browser.page.text
    for words in (*FACET_NAMES.values(), *(reason.words for reason in REASONS.values())):
        assert words in text
    manifest = office.services.engine.classifier.manifest
    assert manifest.model in text
    assert "LUREWATCH_BREAK_AFTER" in text
    assert "sqlite" in text
    assert office.services.settings.database_url not in text


async def test_a_lead_sees_what_scoring_anew_would_change(office: Office) -> None:
    await office.queue("boat")
    with office.services.database.write() as session:
        session.execute(sql("UPDATE items SET model = 'the one before'"))
        session.execute(sql("UPDATE scores SET model = 'the one before'"))
    browser = await office.join()
    await browser.open("/review/settings")
    await browser.post("/review/settings/rescore")
    assert "1 waiting posts were scored by another model" in browser.page.text
    moderator = await office.join(Role.MODERATOR)
    await moderator.post("/review/settings/rescore")
    assert moderator.status in {403, 405}


async def test_the_audit_page_checks_the_log(office: Office) -> None:
    item = await office.queue("boat")
    browser = await office.join()
    await browser.open("/review/audit")
    assert "Reported" in browser.page.text
    await browser.post("/review/audit/verify")
    assert "are as they were written" in browser.page.text
    with office.services.database.write() as session:
        statement = sql(
            "UPDATE events SET actor = 'someone' WHERE item_id = :id AND kind = 'notice'"
        )
        session.execute(statement, {"id": item})
    await browser.post("/review/audit/verify")
    assert "1 lane is not as written" in browser.page.text


def looks(office: Office) -> list[Event]:
    with office.services.database.read() as session:
        query = select(Event).where(Event.kind == "viewed").order_by(Event.id)
        found = list(session.scalars(query))
        session.expunge_all()
        return found


async def test_a_page_is_one_look_whatever_it_shows(office: Office) -> None:
    item, other = [await office.queue(f"boat {n}", author="anna") for n in range(2)]
    browser = await office.join()
    for number, path in enumerate(
        (f"/review/items/{item}", "/review/search?state=open", "/review/search", "/review"), 1
    ):
        await browser.open(path)
        assert len(looks(office)) == min(number, 2), path
    await browser.post(f"/review/items/{item}/claim")
    assert [look.item_id for look in looks(office)] == [item, None, None]
    assert other in looks(office)[-1].body
    assert item not in looks(office)[-1].body


async def test_no_page_takes_a_second_connection_while_it_has_one(office: Office) -> None:
    item = await office.queue("boat", author="anna")
    browser = await office.join()
    holders: dict[int, int] = {}
    crowded: list[str] = []

    def take(_connection: object, record: object, _proxy: object) -> None:
        if threading.get_ident() in holders.values():
            crowded.append(path)
        holders[id(record)] = threading.get_ident()

    def give_back(_connection: object, record: object) -> None:
        holders.pop(id(record), None)

    event.listen(office.services.database.engine, "checkout", take)
    event.listen(office.services.database.engine, "checkin", give_back)
    for path in (*PAGES, f"/review/items/{item}", "/review/search?state=open"):
        await browser.open(path)
        assert browser.status == 200
    await browser.open("/review/audit")
    await browser.post("/review/audit/verify")
    assert crowded == []


async def test_the_script_that_keeps_a_post_does_not_keep_the_session(office: Office) -> None:
    item = await office.queue("boat")
    browser = await holding(office, item)
    earlier = utc_now() - timedelta(hours=3)

    def seen_at() -> datetime:
        with office.services.database.read() as session:
            return session.scalars(select(Session.seen_at)).one()

    with office.services.database.write() as session:
        session.execute(update(Session).values(seen_at=earlier))
    await browser.post(f"/review/items/{item}/heartbeat")
    assert browser.status == 200
    assert seen_at() == earlier
    await browser.open("/review")
    assert seen_at() > earlier


async def test_people_set_what_they_read(office: Office) -> None:
    browser = await office.join(Role.MODERATOR)
    await browser.open("/review/account")
    assert "every language" in browser.page.text
    await browser.post("/review/account/languages", languages="hi-Latn, ar")
    assert browser.status == 200
    assert "Arabic; Hindi, Latin letters" in browser.page.text
    assert browser.page.find("input", id="languages")[0].attributes["value"] == "ar, hi-Latn"
    await browser.post("/review/account/languages", languages="Arabic")
    assert browser.status == 422
    assert "no language tag" in browser.alert()
    assert browser.page.find("input", id="languages")[0].attributes["value"] == "Arabic"
    await browser.post("/review/account/languages", languages=" ")
    assert "every language" in browser.page.text


async def test_a_refusal_offers_the_queue_to_whoever_may_work_it(office: Office) -> None:
    for role in PEOPLE:
        browser = await office.join(role)
        await browser.open("/review/account")
        await browser.post("/review/account/view", hide_score="x" * 100_000)
        assert browser.status == 413
        assert bool(browser.page.find("form", id="next")) is (role is not Role.RESEARCHER)


async def test_a_password_is_changed_by_who_knows_it(office: Office) -> None:
    browser = await office.join()
    await browser.open("/review/account")
    new = "another four words"
    wrong = {"current": "not this one", "password": new, "again": new}
    await browser.post("/review/account/password", **wrong)
    assert browser.status == 401
    await browser.post("/review/account/password", current=PASSWORD, password=new, again="other")
    assert browser.status == 422
    assert "not the same" in browser.alert()
    await browser.post("/review/account/password", current=PASSWORD, password=new, again=new)
    assert browser.status == 200
    assert "The password is changed" in browser.page.text


def test_columns_fill_the_chart() -> None:
    drawn = columns([("a", 0), ("b", 5), ("c", 10)])
    assert [column.height for column in drawn] == [0, HEIGHT / 2, HEIGHT]
    assert all(column.y + column.height == pytest.approx(HEIGHT) for column in drawn)
    assert drawn[-1].x + drawn[-1].width < WIDTH
    assert columns([("a", 0)])[0].height == 0
    assert columns([]) == ()


def test_parts_make_up_the_whole_bar() -> None:
    drawn = parts([("yes", 3, "yes"), ("none", 0, "no"), ("no", 1, "no")])
    assert [(part.x, part.width) for part in drawn] == [(0, 75), (75, 25)]
    assert parts([("yes", 0, "yes")]) == ()


def test_days_without_decisions_are_drawn_as_none() -> None:
    today = utc_now().date()
    days = every_day({today: 3}, today.replace(day=1), today)
    assert len(days) == today.day
    assert days[-1][1] == 3
    assert sum(count for _, count in days) == 3


def test_the_model_card_becomes_headings_lists_tables_and_paragraphs() -> None:
    card = read_card(
        "# name\n\nA **bold** line\nwith `code`.\n\n## Limits\n\n- one\n  and more\n- two\n\n"
        "| a | b |\n| --- | --- |\n| 1 | `2` |\n"
    )
    assert [block.kind for block in card] == ["paragraph", "heading", "list", "table"]
    paragraph, heading, entries, table = card
    assert [span.style for span in paragraph.lines[0]] == [
        "plain",
        "strong",
        "plain",
        "code",
        "plain",
    ]
    assert "".join(span.text for span in paragraph.lines[0]) == "A bold line with code."
    assert heading.lines[0][0].text == "Limits"
    assert [line[0].text for line in entries.lines] == ["one and more", "two"]
    assert [[cell[0].text for cell in row] for row in table.rows] == [["a", "b"], ["1", "2"]]
    assert read_card("") == ()


@pytest.mark.parametrize(
    ("minutes", "words"),
    [
        (0.5, "under a minute"),
        (12, "12 min"),
        (60, "1 h"),
        (95, "1 h 35 min"),
        (60 * 11 + 5, "11 h"),
        (60 * 49, "2 d 1 h"),
        (60 * 24 * 30, "30 d"),
    ],
)
def test_a_span_is_told_in_its_largest_units(minutes: float, words: str) -> None:
    assert span_words(timedelta(minutes=minutes)).replace("\u202f", " ") == words


def test_actors_have_names() -> None:
    names = {"user:1": "anna"}
    assert [
        who_words(who, names) for who in ("user:1", "user:2", "key:9", "system", "operator")
    ] == [
        "anna",
        "user:2",
        "key 9",
        "the system",
        "an operator",
    ]
