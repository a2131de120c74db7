"""A real Chromium against a live server, and `look`: what every page must satisfy at every width."""

import atexit
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Response, sync_playwright

from support.accounts.models import User

# Playwright's synchronous API runs an event loop in this thread; the ORM is called from it all the same.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

SHOTS = Path(__file__).resolve().parents[2] / "test-results"
DESKTOP = {"width": 1280, "height": 900}
PHONE = {"width": 360, "height": 740}
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]

Look = Callable[..., None]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)


@cache
def _browser() -> Browser:
    """One for the whole run: a second Playwright in the same thread refuses to start."""
    playwright = sync_playwright().start()
    browser = playwright.chromium.launch(
        executable_path=os.environ.get("CHROMIUM") or shutil.which("chromium"),
        args=["--no-sandbox", "--disable-dev-shm-usage", "--headless"],
    )
    atexit.register(playwright.stop)
    atexit.register(browser.close)
    return browser


@pytest.fixture(scope="session")
def chromium() -> Browser:
    return _browser()


class Troubles(list[str]):
    """What a page complained about since it was last looked at."""

    def watch(self, page: Page) -> None:
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.append(f"script: {error}"))
        page.on("response", self._response)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.append(f"console: {message.text}")

    def _response(self, response: Response) -> None:
        if response.status >= 400:
            self.append(f"{response.status} {response.request.method} {response.url}")


@pytest.fixture
def open_page(chromium: Browser, live_server: Any) -> Iterator[Callable[..., Page]]:
    """open_page(width=1280, mode="elder", scripts=False) → a page in a context of its own."""
    contexts: list[BrowserContext] = []

    def open_(viewport: dict[str, int] = DESKTOP, scripts: bool = True, **cookies: str) -> Page:
        context = chromium.new_context(
            base_url=live_server.url, viewport=viewport, java_script_enabled=scripts, locale="zh-CN"
        )
        context.add_cookies([{"name": k, "value": v, "url": live_server.url} for k, v in cookies.items()])
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.troubles = Troubles()  # type: ignore[attr-defined]
        page.troubles.watch(page)  # type: ignore[attr-defined]
        return page

    yield open_
    for context in contexts:
        context.close()


@pytest.fixture
def page(open_page: Callable[..., Page]) -> Page:
    return open_page(DESKTOP)


@pytest.fixture
def phone(open_page: Callable[..., Page]) -> Page:
    return open_page(PHONE)


@pytest.fixture
def come_in(live_server: Any) -> Callable[[Page, User], None]:
    """come_in(page, user): logged in, without the login page."""

    def come_in_(page: Page, user: User) -> None:
        client = Client()
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        name = settings.SESSION_COOKIE_NAME
        page.context.add_cookies(
            [{"name": name, "value": client.cookies[name].value, "url": live_server.url}]
        )

    return come_in_


@pytest.fixture
def look() -> Look:
    return look_at


def look_at(page: Page, name: str, expected: int = 200) -> None:
    """Keep a picture as test-results/<name>.png; then no axe A/AA violation, no sideways scroll, no trouble.

    `expected`: the status of the page itself where an error page is meant.
    """
    page.wait_for_load_state("networkidle")
    SHOTS.mkdir(exist_ok=True)
    _picture(page, name)
    troubles = [t for t in page.troubles if not t.startswith(f"{expected} ")]  # type: ignore[attr-defined]
    page.troubles.clear()  # type: ignore[attr-defined]
    assert not troubles, f"{name}: {troubles}"
    assert not sticking_out(page), f"{name}: wider than the window: {sticking_out(page)}"
    with _whole(page):
        found = violations(page)
    assert not found, f"{name}: {found}"


def _picture(page: Page, name: str) -> None:
    with _whole(page):
        page.screenshot(path=SHOTS / f"{name}.png", full_page=True)


@contextmanager
def _whole(page: Page) -> Iterator[None]:
    """A window as high as the page: what sticks to its edge is at its place and covers nothing to scroll to."""
    window = page.viewport_size or DESKTOP
    height = page.evaluate("document.documentElement.scrollHeight")
    page.set_viewport_size({"width": window["width"], "height": height})
    yield
    page.set_viewport_size(window)


def violations(page: Page) -> list[str]:
    found = Axe().run(page, options={"resultTypes": ["violations"], "runOnly": RULES}).response["violations"]
    return [
        f"{rule['id']} ({rule['impact']}): {node['target']} {node['failureSummary']}"
        for rule in found
        for node in rule["nodes"]
    ]


def sticking_out(page: Page) -> list[str]:
    """The elements that make the page scroll sideways, or that are cut off at its left edge."""
    return page.evaluate(
        """() => {
            const wide = document.documentElement.scrollWidth > innerWidth;
            return [...document.querySelectorAll('body *')]
                .filter(e => !e.matches('.unseen, .hats label') && e.checkVisibility())
                .filter(e => {
                    const box = e.getBoundingClientRect();
                    return box.left < -1 || (wide && box.right > innerWidth + 1);
                })
                .map(e => e.tagName + '.' + e.className).slice(0, 8);
        }"""
    )


def press_through(page: Page, limit: int = 200) -> list[str]:
    """Tab through the page; the names of what received the focus, in order."""
    names: list[str] = []
    for _ in range(limit):
        page.keyboard.press("Tab")
        name = page.evaluate(
            "() => { const e = document.activeElement; return e === document.body ? '' :"
            " (e.id || e.name || e.textContent.trim()) }"
        )
        if not name:
            break
        names.append(name)
    return names
