"""Looking at pages in a real browser."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, Literal

import pytest
from playwright.async_api import Browser, Page, async_playwright

from tests.serving.processes import Server

FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

Scheme = Literal["light", "dark"]

LOWEST_CONTRAST = """
() => {
  const channels = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const luminance = ([r, g, b]) => {
    const linear = [r, g, b].map((c) =>
      (c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2];
  };
  const behind = (element) => {
    for (let e = element; e; e = e.parentElement) {
      const colour = channels(getComputedStyle(e).backgroundColor);
      if (colour.length === 3 || colour[3] > 0) return colour;
    }
    return [255, 255, 255];
  };
  let lowest = { ratio: 21 };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || !element.checkVisibility()) continue;
    const [light, dark] = [getComputedStyle(element).color, null]
      .map((colour) => luminance(colour ? channels(colour) : behind(element)))
      .sort((a, b) => b - a);
    const ratio = (light + 0.05) / (dark + 0.05);
    if (ratio < lowest.ratio) lowest = { ratio, text: walker.currentNode.data.trim() };
  }
  return lowest;
}
"""


@asynccontextmanager
async def launched() -> AsyncIterator[Browser]:
    """Chromium, which fails the test where it is not installed."""
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.fail(
            "The browser tests need Chromium: install Debian's package `chromium`, so that "
            "`chromium` is on the PATH."
        )
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=list(FLAGS))
        yield browser
        await browser.close()


@asynccontextmanager
async def visiting(
    browser: Browser,
    server: Server,
    path: str = "/",
    *,
    width: int = 1280,
    cookies: Sequence[Any] = (),
    **options: Any,
) -> AsyncIterator[Page]:
    """A page that may ask nothing of other servers, and on which nothing may go wrong."""
    context = await browser.new_context(viewport={"width": width, "height": 900}, **options)
    await context.add_cookies(cookies)
    page = await context.new_page()
    wrong: list[str] = []
    # The statuses that a page shows its notices with are logged by the browser; they are meant.
    page.on("console", lambda m: wrong.append(m.text) if "status of 4" not in m.text else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("dialog", lambda dialog: wrong.append(dialog.message))
    page.on(
        "request",
        lambda request: (
            None if request.url.startswith(server.address) else wrong.append(request.url)
        ),
    )
    await page.goto(server.address + path)
    yield page
    await context.close()
    assert wrong == []
