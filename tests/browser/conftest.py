"""A headless Chromium, and the sample book in both languages rendered for it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

SAMPLES = Path(__file__).resolve().parents[1] / "publish"


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The rendered sample: a folder with zh/ and en/."""
    if str(SAMPLES) not in sys.path:
        sys.path.insert(0, str(SAMPLES))
    from book_sample import stage_sample, write_sources

    from analysis.publish.book.render import render_book

    folder = tmp_path_factory.mktemp("site")
    for lang in ("zh", "en"):
        write_sources(folder, lang)
    for lang in ("zh", "en"):
        render_book(stage_sample(folder, lang), folder / "report" / lang, renderer="embedded")
    return folder / "report"


@pytest.fixture
def faults() -> list[str]:
    """What went wrong in the pages of a test: console errors, exceptions, failed and outside requests."""
    return []


@pytest.fixture
def page(browser: Browser, site: Path, faults: list[str]) -> Iterator[Page]:
    """A desktop page that notes every fault; the test fails at its end when there was one."""
    opened = browser.new_page(viewport={"width": 1440, "height": 900})
    inside = (site.as_uri(), "data:", "http://127.0.0.1:")
    opened.on("console", lambda message: faults.append(message.text) if message.type in ("error", "warning") else None)
    opened.on("pageerror", lambda error: faults.append(str(error)))
    opened.on("requestfailed", lambda request: faults.append(f"failed: {request.url}"))
    opened.on(
        "request", lambda request: None if request.url.startswith(inside) else faults.append(f"outside: {request.url}")
    )
    yield opened
    opened.close()
    assert faults == []
