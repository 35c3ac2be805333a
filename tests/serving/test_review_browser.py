"""The queue in a real browser: worked by keyboard alone, readable by everyone, safe to look at."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from axe_playwright_python.base import AXE_FILE_PATH
from playwright.async_api import Browser, Page
from sqlalchemy import text as sql

from serving.audit.log import AuditLog
from serving.database import Database
from serving.keys.service import KeyService
from serving.pages.guard import COOKIE
from serving.policy import Role
from serving.secret import load_keyring
from serving.settings import Settings
from serving.users.service import UserService
from serving.users.sessions import SessionService
from tests.serving.browsing import LOWEST_CONTRAST, Scheme, visiting
from tests.serving.processes import Server, serving
from tests.serving.running import bearer
from tests.serving.test_browser import ARABIC

pytestmark = pytest.mark.anyio

PASSWORD = "four words in a row"

HOSTILE_KINDS = {
    "script": "<script>alert(1)</script><img src=x onerror=alert(2)>\"'> ",
    "bidirectional": "boat \u202eyadrutaS\u202c \u2066seats\u2069 \u202e",
    "zero-width": "b\u200bo\u200ba\u2060t\ufeff \u200d",
    "combining": "b" + "\u0301\u0316" * 30 + "oat ",
    "one word": "w",
    "lines": "boat\n",
    "emoji": "👨‍👩‍👧🌊➡️🇮🇹",
    "formula": '=HYPERLINK("http://x","pay")+1-2@SUM(A1)\t',
    "right to left": ARABIC,
}

SERIOUS = """
async () => {
  const { violations } = await axe.run(document, { resultTypes: ["violations"] });
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 200)).join(" | ")}`);
}
"""


@dataclass(slots=True)
class Office:
    """A running server, its platform, and a way to sign people in."""

    server: Server
    database: Database
    users: UserService
    sessions: SessionService
    key: str
    posts: int = 0

    def queue(self, text: str, language: str, **fields: object) -> str:
        """A post that waits for a person whatever its score; the id of its item."""
        self.posts += 1
        notice = {"post_id": f"post {self.posts}", "text": text, "language": language, **fields}
        response = httpx.post(
            f"{self.server.address}/v1/notices", json=notice, headers=bearer(self.key), timeout=60
        )
        assert response.status_code == 200, response.text
        return str(response.json()["item_id"])

    def new_language(self) -> str:
        """One that nobody else's posts are in (ISO 639 keeps qaa to qtz for private use)."""
        self.posts += 1
        return f"q{chr(ord('a') + self.posts // 26)}{chr(ord('a') + self.posts % 26)}"

    async def join(self, role: Role = Role.LEAD, *languages: str) -> dict[str, Any]:
        """The cookie of a new person who reads `languages`."""
        reads = frozenset(languages) if languages else None
        link = self.users.create(f"{role}-{len(self.users.list())}", role, reads)
        token = await self.sessions.use_link(link, PASSWORD)
        return {"name": COOKIE, "value": token, "url": self.server.address}


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory, model_folder: Path) -> Iterator[Office]:
    folder = tmp_path_factory.mktemp("server")
    url = f"sqlite:///{folder / 'lurewatch.db'}"
    environment = {"LUREWATCH_DATABASE_URL": url, "LUREWATCH_MODEL": str(model_folder)}
    with serving(folder, environment=environment) as server:
        settings, database = Settings(database_url=url), Database(url)
        keyring = load_keyring(settings, os.environ)
        audit = AuditLog(keyring)
        key = KeyService(database, audit).create(Role.PLATFORM, name="forum", platform="forum").key
        users = UserService(database, audit)
        sessions = SessionService(database, audit, keyring, settings)
        yield Office(server, database, users, sessions, key)
        database.dispose()


@asynccontextmanager
async def working(
    browser: Browser,
    office: Office,
    *texts: str,
    path: str = "/review",
    role: Role = Role.LEAD,
    **options: Any,
) -> AsyncIterator[Page]:
    """A new person at `path`, for whom `texts` wait and nothing else."""
    language = office.new_language()
    for text in texts:
        office.queue(text, language)
    cookie = await office.join(role, language)
    async with visiting(browser, office.server, cookies=[cookie], path=path, **options) as page:
        yield page


async def press(page: Page, *keys: str) -> None:
    for key in keys:
        await page.keyboard.press(key)


async def take(page: Page) -> None:
    await press(page, "c")
    await page.wait_for_selector("#decide")


async def leave(page: Page, key: str) -> None:
    """Press a key that sends a form, and wait for the page it leads to."""
    async with page.expect_navigation():
        await page.keyboard.press(key)


async def shown(page: Page) -> str:
    return (await page.locator(".reading:visible .post").inner_text()).strip()


async def test_the_queue_is_worked_to_its_end_by_keyboard_alone(
    browser: Browser, office: Office
) -> None:
    async with working(browser, office, "boat 1", "boat 2", "boat 3", "boat 4") as page:
        await leave(page, "c")
        first = await shown(page)
        await press(page, "1", "n", "3", "4", "r")
        await leave(page, "Enter")
        assert await shown(page) != first
        await leave(page, "u")  # the first again
        assert await shown(page) == first
        await press(page, "n", "5")  # neither: rescue, advice
        await leave(page, "Enter")
        await press(page, "2", "n", "0", "t", "f")
        await page.keyboard.type("seen before, r s e u 1")
        await page.keyboard.press("Escape")
        await leave(page, "Enter")
        await leave(page, "s")
        await press(page, "e")
        await page.keyboard.type("two accounts")
        await leave(page, "Enter")
        assert "Nothing left" in await page.inner_text("h1")
    with office.database.read() as session:
        query = sql("SELECT action, reason, state FROM items ORDER BY received_at DESC LIMIT 4")
        rows = {tuple(row) for row in session.execute(query)}
    assert rows == {
        ("none", "helps_or_rescues", "decided"),
        ("restrict", "no_real_job", "decided"),
        (None, None, "open"),
        (None, None, "escalated"),
    }


async def test_the_loop_works_without_scripts(browser: Browser, office: Office) -> None:
    async with working(browser, office, "boat 1", "boat 2", java_script_enabled=False) as page:
        await page.click("#next button")
        assert not await page.locator("#kinds-smuggling_service").is_visible()
        await page.check("[name=smuggling_service][value=yes]", force=True)
        await page.check("[name=fake_job][value=no]", force=True)
        assert await page.locator("#kinds-smuggling_service").is_visible()
        assert not await page.locator("#kinds-fake_job").is_visible()
        await page.check("[name=facet][value=transport]")
        await page.check("[name=action][value=remove]", force=True)
        await page.click("button[value=next]")
        assert "to be removed" in await page.inner_text("#undo")
        await page.click("#undo button")
        await page.check("[name=smuggling_service][value=no]", force=True)
        await page.check("[name=fake_job][value=no]", force=True)
        await page.check("[name=reason][value=warns_or_reports]")
        await page.click("button[value=next]")
        await page.click(".skip-why summary")
        await page.fill("#skip-reason", "not today")
        await page.click(".skip-why button")
        assert "Nothing left" in await page.inner_text("h1")


async def test_what_is_missing_is_said_and_gets_the_focus(browser: Browser, office: Office) -> None:
    async with working(browser, office, "boat") as page:
        await take(page)
        for keys, words, focus in (
            ((), "Smuggling service (key 1)", "smuggling_service"),
            (("1",), "Fake job (key 2)", "fake_job"),
            (("n",), "which kind", "facet"),
            (("3",), "what is done", "action"),
        ):
            await press(page, *keys)
            await page.locator("h2").first.click()  # the focus goes back to the page
            await press(page, "Enter")
            assert words in await page.inner_text("#problem")
            assert await page.evaluate("document.activeElement.name") == focus
        await press(page, "r")
        assert not await page.locator("#problem").is_visible()


async def test_no_action_follows_where_no_label_is_true_and_can_be_changed(
    browser: Browser, office: Office
) -> None:
    chosen = "document.querySelector('[name=action]:checked')?.value"
    async with working(browser, office, "boat") as page:
        await take(page)
        await press(page, "n")
        assert await page.evaluate(chosen) == "none"
        await press(page, "1")  # from no to can't tell
        assert await page.evaluate(chosen) == "none"
        await press(page, "1")  # to yes
        assert await page.evaluate(chosen) is None
        await press(page, "t")
        assert await page.evaluate(chosen) == "restrict"


async def test_the_digits_belong_to_the_label_that_was_answered_last(
    browser: Browser, office: Office
) -> None:
    ticked = "[...document.querySelectorAll('[name=facet]:checked')].map((e) => e.value)"
    async with working(browser, office, "boat") as page:
        await take(page)
        await press(page, "1", "3")
        assert await page.evaluate(ticked) == ["transport"]
        await press(page, "2", "3")
        assert await page.evaluate(ticked) == ["transport", "advance_fee"]
        assert await page.locator(".kinds[data-active]").get_attribute("id") == "kinds-fake_job"
        await press(page, "3")
        assert await page.evaluate(ticked) == ["transport"]
        assert "Applicant pays first, not" in (await page.locator("#said").inner_text())


async def test_a_second_enter_sends_nothing(browser: Browser, office: Office) -> None:
    async with working(browser, office, "boat 1", "boat 2") as page:
        await take(page)
        sent: list[str] = []
        page.on("request", lambda request: sent.append(request.method))
        await press(page, "n", "4")
        async with page.expect_navigation():
            await page.evaluate(
                """() => { for (let i = 0; i < 5; i++) document.body.dispatchEvent(
                     new KeyboardEvent("keydown", { key: "Enter", bubbles: true })); }"""
            )
        await page.wait_for_load_state()
        assert sent.count("POST") == 1
        assert await page.locator("#decide").is_visible()


@pytest.mark.parametrize(("key", "code"), [("ؤ", "KeyC"), ("с", "KeyC"), ("C", "KeyC")])
async def test_keyboards_of_other_scripts_have_the_keys_in_the_same_places(
    browser: Browser, office: Office, key: str, code: str
) -> None:
    async with working(browser, office, "boat") as page:
        async with page.expect_navigation():
            await page.evaluate(
                "([key, code]) => document.body.dispatchEvent("
                "new KeyboardEvent('keydown', { key, code, bubbles: true }))",
                [key, code],
            )
        await page.wait_for_selector("#decide")


async def test_the_keys_are_listed_and_can_be_turned_off(browser: Browser, office: Office) -> None:
    async with working(browser, office, "boat") as page:
        await page.keyboard.press("?")
        assert await page.locator("#help").is_visible()
        await press(page, "c")  # means nothing while the list is open
        await page.uncheck("#keys-on")
        await page.keyboard.press("Escape")
        assert not await page.locator("#help").is_visible()
        await press(page, "c", "?")
        assert await page.locator("#next").is_visible()
        assert not await page.locator("#help").is_visible()
        await page.reload()
        await page.click("#help-button")
        await page.check("#keys-on")
        await page.keyboard.press("Escape")
        await take(page)


async def test_the_lease_is_renewed_while_the_page_is_looked_at(
    browser: Browser, office: Office
) -> None:
    async with working(browser, office, "boat") as page:
        await page.clock.install()
        await take(page)
        assert "Yours for" in await page.inner_text("#lease")
        async with page.expect_response("**/heartbeat") as beat:
            await page.clock.run_for(61_000)
        assert (await (await beat.value).json())["seconds"] >= 590
        assert not await page.locator("#lost").is_visible()


async def test_a_page_that_nobody_uses_lets_its_post_go(browser: Browser, office: Office) -> None:
    async with working(browser, office, "boat") as page:
        await page.clock.install()
        await take(page)
        async with page.expect_response("**/heartbeat"):
            await page.clock.run_for(61_000)  # whoever opened it was there
        sent: list[str] = []
        page.on("request", lambda request: sent.append(request.url))
        await page.clock.run_for(300_000)
        assert not await page.locator("#idle").is_visible()
        await page.clock.run_for(150_000)
        assert "goes back to the queue in 3 min" in await page.inner_text("#idle")
        assert sent == []
        async with page.expect_response("**/heartbeat"):
            await page.click("#idle button")
        await page.wait_for_selector("#idle", state="hidden")
        for signs in (
            "document.querySelector('#idle button').click()",  # as a screen reader does
            "for (let turn = 0; turn < 20; turn++) dispatchEvent(new Event('wheel'))",
        ):
            sent.clear()
            await page.clock.run_for(450_000)
            async with page.expect_response("**/heartbeat"):
                await page.evaluate(signs)
            await page.wait_for_selector("#idle", state="hidden")
            assert len(sent) == 1
        await page.clock.run_for(450_000)
        async with page.expect_response("**/heartbeat"):
            await press(page, "h")
        await page.wait_for_selector("#idle", state="hidden")
        sent.clear()
        await page.clock.run_for(610_000)
        assert "ran out" in await page.inner_text("#lost")
        assert not await page.locator("#idle").is_visible()
        assert sent == []


async def test_a_lost_lease_says_so_and_nothing_can_be_sent(
    browser: Browser, office: Office
) -> None:
    async with working(browser, office, "boat") as page:
        await page.clock.install()
        await take(page)
        item = (await page.get_attribute("#decide", "action") or "").split("/")[3]
        with office.database.write() as session:
            statement = sql("UPDATE items SET lease_owner = 'user:other' WHERE id = :id")
            session.execute(statement, {"id": item})
        await page.clock.run_for(61_000)
        await page.wait_for_selector("#lost:visible")
        assert "omeone else" in await page.inner_text("#lost")
        assert await page.evaluate("document.querySelector('.panel').inert")
        await press(page, "n", "4", "Enter", "s")
        assert await page.locator("#lost").is_visible()
        await leave(page, "c")


async def test_the_offer_to_undo_goes_away_without_moving_the_page(
    browser: Browser, office: Office
) -> None:
    top = "document.querySelector('#work').getBoundingClientRect().top"
    async with working(browser, office, "boat 1", "boat 2") as page:
        await page.clock.install()
        await take(page)
        await press(page, "n", "4")
        await leave(page, "Enter")
        before = await page.evaluate(top)
        assert "s" in await page.inner_text("#undo-left")
        await page.clock.run_for(11_000)
        assert not await page.locator("#undo").is_visible()
        assert await page.evaluate(top) == before
        await press(page, "u")
        assert await page.locator("#decide").is_visible()


async def test_a_person_can_judge_before_the_model_speaks(browser: Browser, office: Office) -> None:
    background = "e => getComputedStyle(e).backgroundColor"
    async with working(
        browser, office, "Boat Saturday, 900 a head", path="/review/account"
    ) as page:
        await page.check("[name=hide_score]")
        await page.click("text=Save")
        await page.goto(f"{office.server.address}/review")
        await take(page)
        mark = page.locator(".reading:visible mark").first
        assert not await page.locator(".score").first.is_visible()
        assert not await page.locator(".whys").first.is_visible()
        assert await mark.evaluate(background) == "rgba(0, 0, 0, 0)"
        await press(page, "1")
        assert not await page.locator(".score").first.is_visible()
        await press(page, "2")
        assert await page.locator(".score").first.is_visible()
        assert await page.locator(".whys").first.is_visible()
        assert await mark.evaluate(background) != "rgba(0, 0, 0, 0)"


async def test_a_person_can_see_the_reasons_before_the_text(
    browser: Browser, office: Office
) -> None:
    async with working(
        browser, office, "Boat Saturday, 900 a head", path="/review/account"
    ) as page:
        await page.check("[name=preview_first]")
        await page.click("text=Save")
        await page.goto(f"{office.server.address}/review")
        await take(page)
        assert await page.locator(".reading:visible").count() == 0
        assert "▒▒▒▒ ▒▒▒▒▒▒▒▒" in await page.inner_text(".veiled")
        assert "Names a price per person" in await page.inner_text(".why")
        await press(page, "v")
        assert await shown(page) == "Boat Saturday, 900 a head"
        assert not await page.locator(".veiled").is_visible()


async def test_the_marks_can_be_switched(browser: Browser, office: Office) -> None:
    async with working(browser, office, "Boat Saturday, 900 a head") as page:
        await take(page)
        names = set()
        for _ in range(3):
            names.add(await page.evaluate("document.querySelector('[name=reading]:checked').id"))
            assert await shown(page) == "Boat Saturday, 900 a head"
            await press(page, "h")
        assert names == {"show-smuggling_service", "show-fake_job", "show-plain"}


PAGES = (
    "/review",
    "/review?rest=50",
    "/review/search?language=en",
    "/review/team",
    "/review/settings",
    "/review/audit",
    "/review/account",
    "/review/items/000000000000000000000000",
    "/review/items/{item}",
    "/review?item={item}",
)
"""`{item}` is a post in the hands of whoever looks."""


@dataclass(frozen=True, slots=True)
class Desk:
    """A lead who holds a post, beside others by the same author."""

    cookie: dict[str, Any]
    item: str


@pytest.fixture(scope="module")
async def desk(browser: Browser, office: Office) -> Desk:
    language = office.new_language()
    texts = [f"Boat {number} Saturday, 900 a head, pay on arrival. Sure?" for number in range(3)]
    items = [office.queue(text, language, author="anna", title="No visa") for text in texts]
    cookie = await office.join(Role.LEAD)
    async with visiting(
        browser, office.server, f"/review/items/{items[1]}", cookies=[cookie]
    ) as page:
        await page.click("text=Take it up")
    return Desk(cookie, items[1])


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", PAGES)
async def test_no_page_has_a_serious_accessibility_problem(
    browser: Browser, office: Office, desk: Desk, path: str, scheme: Scheme
) -> None:
    address = path.format(item=desk.item)
    async with visiting(
        browser, office.server, address, cookies=[desk.cookie], color_scheme=scheme
    ) as page:
        await page.evaluate(AXE_FILE_PATH.read_text(encoding="utf-8"))
        assert await page.evaluate(SERIOUS) == []
        lowest = await page.evaluate(LOWEST_CONTRAST)
        assert lowest["ratio"] >= 4.5, lowest  # WCAG 2.2, 1.4.3
        await page.evaluate("document.querySelectorAll('details').forEach((d) => (d.open = true))")
        if "item=" in path:
            await press(page, "1", "2", "r", "Enter")  # the kind is missing
        assert await page.evaluate(SERIOUS) == []
        if await page.locator("#help-button").is_visible():
            await page.keyboard.press("?")
            assert await page.evaluate(SERIOUS) == []


@pytest.mark.parametrize("width", [320, 390, 640])
@pytest.mark.parametrize("path", PAGES)
async def test_no_page_scrolls_sideways_on_a_phone_or_zoomed(
    browser: Browser, office: Office, desk: Desk, path: str, width: int
) -> None:
    # 640 is a 1280 pixel window at 200 %, 320 the same at 400 % (WCAG 2.2, 1.4.10).
    address = path.format(item=desk.item)
    async with visiting(
        browser, office.server, address, cookies=[desk.cookie], width=width
    ) as page:
        await page.evaluate("document.querySelectorAll('details').forEach((d) => (d.open = true))")
        if "item=" in path:
            await press(page, "1", "2")
        assert await page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("kind", HOSTILE_KINDS)
async def test_hostile_text_of_full_length_neither_runs_nor_breaks_the_page(
    browser: Browser, office: Office, kind: str
) -> None:
    piece = HOSTILE_KINDS[kind]
    text = (piece * (20_000 // len(piece) + 1))[:20_000]
    async with working(browser, office, text, width=390) as page:
        await take(page)
        inner = await page.locator(".reading:visible .post p[dir]").last.evaluate(
            "e => e.textContent"
        )
        assert inner == text
        assert await page.evaluate("document.documentElement.scrollWidth") <= 390
        assert await page.locator("main img, article script").count() == 0
        # Nothing of the post is painted outside its box, however high its accents are piled.
        (box,) = [await page.locator(".reading:visible .post").bounding_box()]
        assert box is not None
        assert box["height"] <= 451
        await press(page, "n", "9")
        await leave(page, "Enter")
        assert "Nothing left" in await page.inner_text("h1")


async def test_right_to_left_text_runs_right_to_left_and_stays_joined(
    browser: Browser, office: Office
) -> None:
    # Cut inside a word, a joined letter keeps its form only if the mark adds no space.
    measure = """
    (text) => [text, text.replace(/./gu, (c, i) =>
        i % 3 ? c : `<mark class="for s2">${c}</mark>`)].map((html) => {
        const probe = document.createElement("span");
        probe.innerHTML = html;
        probe.style.whiteSpace = "nowrap";
        document.querySelector(".post p").append(probe);
        const { width } = probe.getBoundingClientRect();
        probe.remove();
        return width;
    })
    """
    direction = "element => getComputedStyle(element).direction"
    async with working(browser, office, ARABIC) as page:
        await take(page)
        assert await page.locator(".reading:visible .post p").evaluate(direction) == "rtl"
        assert await page.locator("h1").evaluate(direction) == "ltr"
        plain, marked = await page.evaluate(measure, ARABIC)
        assert marked == pytest.approx(plain, abs=1.5)
        await press(page, "f")
        await page.keyboard.type(ARABIC)
        assert await page.locator("#note").evaluate(direction) == "rtl"


async def test_choices_and_marks_are_told_apart_without_the_colours_of_the_page(
    browser: Browser, office: Office
) -> None:
    style = "e => { const s = getComputedStyle(e); return [s.backgroundColor, s.color]; }"
    async with working(browser, office, "Boat, 900 a head", forced_colors="active") as page:
        await take(page)
        await press(page, "1")
        chosen = await page.locator("[name=smuggling_service]:checked + span").evaluate(style)
        other = await page.locator("[name=smuggling_service]:not(:checked) + span").first.evaluate(
            style
        )
        assert chosen != other
        mark = page.locator(".reading:visible mark").first
        line = await mark.evaluate("e => getComputedStyle(e).textDecorationLine")
        assert line == "underline"
