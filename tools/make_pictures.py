"""Draws the README's pictures: the news channel with a stamp, and the forward that it made.

What is drawn is the demo's page with the real desk behind it: `python -m tools.make_pictures [FOLDER]`.
"""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from threatstamp.demo.company import Company
from threatstamp.demo.world import NEWS, World
from threatstamp.texts.catalogue import Language

ALERT, WHO = "C0ALERT", "U0YAMADA"
SIZE = {"width": 1200, "height": 560}
QUALITY = 72
"""Of the JPEG: the words can be read, and a picture takes about 50 KB."""


def draw(folder: Path) -> None:
    """Writes NAME-LANGUAGE-SCHEME.jpg for each picture, language and scheme."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for language in Language:
            with Company(World(language)) as company:
                post = company.world.posts[-2]
                _wait(company.has_said_it_runs)
                company.workspace.react(WHO, NEWS, post, "rotating_light")
                _wait(lambda company=company: bool(company.entries("delivered")))
                for scheme in ("light", "dark"):
                    page = browser.new_context(color_scheme=scheme, viewport=SIZE).new_page()  # type: ignore[arg-type]
                    page.goto(company.sandbox.url)
                    page.locator('.post [data-emoji="outbox_tray"]').first.wait_for()
                    stamped = page.locator(f'.post[data-ts="{post}"]')
                    stamped.evaluate("element => element.scrollIntoView({ block: 'center' })")
                    _take(page, folder / f"news-{language.value}-{scheme}.jpg")
                    page.locator(f'[data-channel="{ALERT}"]').click()
                    page.locator(".post").first.wait_for()
                    _take(page, folder / f"forward-{language.value}-{scheme}.jpg")
                    page.context.close()
        browser.close()


def _wait(is_so: Callable[[], bool], patience: float = 60) -> None:
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
