"""The browser of these tests: Debian's chromium, one for each module."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from tests.browser.visit import FLAGS
from tests.support.forks import HANG

expect.set_options(timeout=HANG * 1000)  # playwright's own five seconds are too few for a busy machine


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("there is no chromium here: sudo apt-get install chromium")
    with sync_playwright() as playwright:
        made = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield made
        made.close()


@pytest.fixture(autouse=True)
def closed_pages(browser: Browser) -> Iterator[None]:
    """A page that nobody looks at any more would ask for news of a sandbox that is closed."""
    yield
    for context in browser.contexts:
        context.close()
