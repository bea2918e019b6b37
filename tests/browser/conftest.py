"""The city behind the real program, and a browser that looks at it; whatever a page complains of fails the test."""

import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

# The cast and the city are those of the tests of pages.
sys.path.insert(0, str(Path(__file__).parents[1] / "web"))

from served_city import ServedCity, served_city
from watched import LOCALES, Watch

OpenPage = Callable[..., Page]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every test of this folder."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedCity]:
    """One city and one server for each process of tests."""
    with served_city(tmp_path_factory.mktemp("browser")) as city:
        yield city


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Debian's own browser, not one that playwright would fetch."""
    program = shutil.which("chromium")
    assert program, "chromium is missing: .ci/browser installs it"
    with sync_playwright() as playwright:
        # Root may not use the browser's own sandbox, and it looks at nothing but our pages.
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


@pytest.fixture
def open_page(city: ServedCity, chromium: Browser) -> Iterator[OpenPage]:
    """Open a page of a browser of its own, in a language, of a width, signed in by a cookie; watched until the end."""
    watches, contexts = [], []

    def opened(cookie: str = "", lang: str = "zh", width: int = 1280, script: bool = True) -> Page:
        context = chromium.new_context(
            base_url=city.url,
            locale=LOCALES[lang],
            timezone_id="Asia/Shanghai",
            viewport={"width": width, "height": 900},
            java_script_enabled=script,
            reduced_motion="reduce",
        )
        context.set_default_timeout(15_000)
        contexts.append(context)
        if cookie:
            context.add_cookies([{"name": "registry", "value": cookie, "url": city.url}])
        page = context.new_page()
        watches.append(Watch(page))
        return page

    yield opened
    complaints = [complaint for watch in watches for complaint in watch.complaints()]
    for context in contexts:
        context.close()
    assert not complaints, complaints
