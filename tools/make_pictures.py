"""Draws the README's pictures: a post with its priority and a stamp, the forward that it made, and a case.

What is drawn is the demo's page with the real desk behind it: `python -m tools.make_pictures [FOLDER]`.
"""

from __future__ import annotations

import json
import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, Page, sync_playwright

from threatstamp.demo.company import Company
from threatstamp.demo.world import NEWS, World
from threatstamp.texts.catalogue import Language, Texts

ALERT, SERVER = "C0ALERT", "C0SERVER"
STAMPER, OWNER, DECIDER = "U0YAMADA", "U0SATO", "U0SUZUKI"
SIZE = {"width": 1280, "height": 540}
QUALITY = 55
"""Of the JPEG: the words can be read, and a picture takes at most 75 KB."""


def draw(folder: Path) -> None:
    """Writes NAME-LANGUAGE-SCHEME.jpg for each picture, language and scheme."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for language in Language:
            with Company(World(language)) as company:
                post = _play(company, Texts(language))
                _draw(browser, company, "light", post, folder)
                _draw(browser, company, "dark", post, folder)
        browser.close()


def _play(company: Company, texts: Texts) -> str:
    """A story's flaw is listed in the KEV catalogue and stamped twice; returns the post's ts."""
    company.feeds.go_on(by_itself=False)
    listed = next(one for one in company.world.later if one.listed)
    post = _find(company, NEWS, listed.listed, "why_priority")
    company.load_listing(listed)
    _find(company, NEWS, listed.listed, texts("concern.priority_critical"))
    workspace = company.workspace
    workspace.react(STAMPER, NEWS, post, "rotating_light")
    _find(company, ALERT, listed.listed)
    workspace.react(STAMPER, NEWS, post, "wrench")
    card = _find(company, SERVER, "case_take")
    workspace.click(OWNER, SERVER, card, "case_take")
    _find(company, SERVER, texts("cases.state_assessing"))
    workspace.click(OWNER, SERVER, card, "case_open_impact")
    _wait(lambda: bool(workspace.view(OWNER)))
    workspace.submit(OWNER, {"impact": "yes", "effort": "6h", "reason": texts("demo.case_reason")})
    _find(company, SERVER, texts("cases.state_waiting"))
    return post


def _draw(
    browser: Browser, company: Company, scheme: Literal["light", "dark"], post: str, folder: Path
) -> None:
    page = browser.new_context(color_scheme=scheme, viewport=SIZE).new_page()  # type: ignore[arg-type]
    name = f"{company.world.language.value}-{scheme}.jpg"
    page.goto(company.sandbox.url)
    page.locator('.post [data-emoji="outbox_tray"]').first.wait_for()
    stamped = page.locator(f'.post[data-ts="{post}"]')
    stamped.evaluate("element => element.scrollIntoView({ block: 'center' })")
    _take(page, folder / f"news-{name}")
    page.locator(f'[data-channel="{ALERT}"]').click()
    page.locator(".post").first.wait_for()
    _take(page, folder / f"forward-{name}")
    page.locator(f'[data-user="{DECIDER}"]').click()
    page.locator(f'[data-channel="{SERVER}"]').click()
    page.locator('[data-part="case_open_decide"]').first.wait_for()
    page.locator("#posts").evaluate("element => element.scrollTop = 0")
    _take(page, folder / f"case-{name}")
    page.context.close()


def _find(company: Company, channel: str, *words: str) -> str:
    """Waits for a message of the desk's with all these words; returns its ts."""
    found: list[str] = []

    def is_there() -> bool:
        for message in company.workspace.messages(channel):
            text = json.dumps(message, ensure_ascii=False)
            if message.get("user") == company.workspace.app.user_id and all(one in text for one in words):
                found.append(str(message["ts"]))
        return bool(found)

    _wait(is_there)
    return found[0]


def _wait(is_so: Callable[[], bool], patience: float = 180) -> None:
    until = time.monotonic() + patience
    while not is_so():
        if time.monotonic() > until:
            sys.exit("the desk does not get there")
        time.sleep(0.1)


def _take(page: Page, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=path, type="jpeg", quality=QUALITY)


if __name__ == "__main__":
    draw(Path(sys.argv[1] if len(sys.argv) > 1 else "docs/pictures"))
