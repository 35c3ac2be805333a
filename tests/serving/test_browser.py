"""The page in a real browser: what it shows, how it is used, and what it must never do."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page

from tests.serving.browsing import LOWEST_CONTRAST, Scheme, visiting
from tests.serving.processes import Server, serving
from tests.serving.test_pages import HOSTILE

pytestmark = pytest.mark.anyio

ARABIC = "سفرة بحر لإيطاليا ليلة الجمعة، مركب كبير والعدد محدود"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, model_folder: Path) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("server")
    environment = {
        "LUREWATCH_DATABASE_URL": f"sqlite:///{folder / 'lurewatch.db'}",
        "LUREWATCH_MODEL": str(model_folder),
        "LUREWATCH_PAGE_RATE": "0",
    }
    with serving(folder, environment=environment) as server:
        yield server


async def submit(page: Page, text: str) -> None:
    await page.fill("#text", text)
    await page.click("button[type=submit]")
    await page.wait_for_selector("#verdict")


@pytest.mark.parametrize("script", [True, False])
async def test_a_pasted_text_is_scored_with_and_without_scripts(
    browser: Browser, server: Server, script: bool
) -> None:
    async with visiting(browser, server, java_script_enabled=script) as page:
        await submit(page, "Boat Saturday, 3 seats left, pay on arrival")
        assert await page.input_value("#text") == "Boat Saturday, 3 seats left, pay on arrival"
        assert await page.locator(".score").count() == 2
        assert await page.locator(".reading:visible mark").count() > 0
        assert page.url.endswith("/#result")


async def test_a_sample_can_be_clicked(browser: Browser, server: Server) -> None:
    async with visiting(browser, server, java_script_enabled=False) as page:
        await page.click(".cards a >> nth=2")
        assert await page.locator("#verdict").is_visible()
        assert await page.locator(".cards a[aria-current]").count() == 1
        await page.click("summary:has-text('more')")
        await page.click(".cards >> nth=1 >> a >> nth=5")
        assert await page.locator("#verdict").is_visible()


async def test_the_text_of_each_label_is_a_key_press_away(browser: Browser, server: Server) -> None:
    async with visiting(browser, server, "/?sample=sample-01") as page:
        assert await page.locator(".reading:visible").count() == 1
        await page.check("#show-smuggling_service", force=True)
        await page.focus("#show-smuggling_service")
        await page.keyboard.press("ArrowRight")
        assert await page.locator("#reading-fake_job").is_visible()
        assert not await page.locator("#reading-smuggling_service").is_visible()


async def test_the_keyboard_alone_is_enough(browser: Browser, server: Server) -> None:
    async with visiting(browser, server) as page:
        await page.keyboard.press("Tab")
        assert await page.evaluate("document.activeElement.textContent") == "Skip to content"
        assert await page.locator(".skip").is_visible()
        await page.keyboard.press("Enter")
        await page.keyboard.press("Tab")
        assert await page.evaluate("document.activeElement.id") == "title"
        await page.keyboard.press("Tab")
        await page.keyboard.type("Boat to the island")
        await page.keyboard.press("Control+Enter")
        await page.wait_for_selector("#verdict")


async def test_a_refused_text_is_still_in_the_form(browser: Browser, server: Server) -> None:
    async with visiting(browser, server) as page:
        await page.fill("#text", "a" * 20_001)
        assert "20,001 of 20,000" in (await page.inner_text("#count"))
        await page.click("button[type=submit]")
        await page.wait_for_selector("[role=alert]")
        assert len(await page.input_value("#text")) == 20_001


async def test_hostile_text_runs_nothing(browser: Browser, server: Server) -> None:
    async with visiting(browser, server) as page:
        await submit(page, HOSTILE)
        assert await page.input_value("#text") == HOSTILE
        shown = await page.locator(".reading:visible .post").text_content()
        assert shown is not None
        assert HOSTILE in shown
        assert await page.locator("main img, main script, main b").count() == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", ["/", "/?sample=sample-01", "/docs"])
async def test_all_text_has_contrast(
    browser: Browser, server: Server, path: str, scheme: Scheme
) -> None:
    async with visiting(browser, server, path, color_scheme=scheme) as page:
        lowest = await page.evaluate(LOWEST_CONTRAST)
        assert lowest["ratio"] >= 4.5, lowest  # WCAG 2.2, 1.4.3


@pytest.mark.parametrize("width", [320, 360, 640])
@pytest.mark.parametrize("path", ["/", "/?sample=sample-35", "/docs"])
async def test_no_page_scrolls_sideways_on_a_phone_or_zoomed(
    browser: Browser, server: Server, path: str, width: int
) -> None:
    # 640 is a 1280 pixel window at 200 %, 320 the same at 400 % (WCAG 2.2, 1.4.10).
    async with visiting(browser, server, path, width=width) as page:
        assert await page.evaluate("document.documentElement.scrollWidth") <= width


async def test_a_long_word_does_not_widen_the_page(browser: Browser, server: Server) -> None:
    async with visiting(browser, server, width=360) as page:
        await submit(page, "w" * 600 + " 🌊" * 200)
        assert await page.evaluate("document.documentElement.scrollWidth") <= 360


async def test_right_to_left_text_runs_right_to_left(browser: Browser, server: Server) -> None:
    direction = "element => getComputedStyle(element).direction"
    async with visiting(browser, server) as page:
        await submit(page, ARABIC)
        for selector in ("#text", ".reading:visible .post p"):
            assert await page.locator(selector).evaluate(direction) == "rtl", selector
        assert await page.locator("h2 >> nth=0").evaluate(direction) == "ltr"


async def test_marks_do_not_tear_joined_letters(browser: Browser, server: Server) -> None:
    # Cut inside a word, a joined letter keeps its form only if the mark adds no space.
    measure = """
    (text) => [text, text.replace(/./gu, (c, i) =>
        i % 3 ? c : `<mark class="for s2">${c}</mark>`)].map((html) => {
        const probe = document.createElement("span");
        probe.innerHTML = html;
        document.querySelector(".post p").append(probe);
        const { width } = probe.getBoundingClientRect();
        probe.remove();
        return width;
    })
    """
    async with visiting(browser, server, "/?sample=sample-02", width=4000) as page:
        plain, marked = await page.evaluate(measure, ARABIC)
        assert marked == pytest.approx(plain, abs=1.5)


async def test_both_readings_are_printed(browser: Browser, server: Server) -> None:
    async with visiting(browser, server, "/?sample=sample-01") as page:
        await page.emulate_media(media="print")
        assert await page.locator(".reading:visible").count() == 2
        assert not await page.locator(".samples").is_visible()
