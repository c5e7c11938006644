"""A visit to the page in a real browser, which notes all that the page should not have done."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Browser, ConsoleMessage, Page, Request

from tests.support.forks import HANG

PICTURES = Path(__file__).parents[2] / "artefacts"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@dataclass
class Visit:
    """A page, and all that it should not have done."""

    page: Page
    origin: str
    wrong: list[str] = field(default_factory=list)

    def watch(self) -> None:
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.wrong.append(str(error)))
        self.page.on("request", self._see)

    def take_pictures(self, name: str) -> None:
        """Takes one of each scheme and width; in each nothing may be wider than the window."""
        PICTURES.mkdir(exist_ok=True)
        for scheme in ("light", "dark"):
            self.page.emulate_media(color_scheme=scheme)
            for size, width in (("wide", 1280), ("narrow", 400)):
                self.page.set_viewport_size({"width": width, "height": 860})
                self.page.screenshot(path=PICTURES / f"{name}-{scheme}-{size}.png")
                overflow = self.page.evaluate("document.documentElement.scrollWidth - innerWidth")
                assert overflow <= 0, (scheme, size)

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.wrong.append(message.text)

    def _see(self, request: Request) -> None:
        if not request.url.startswith(self.origin):
            self.wrong.append(f"asked another origin: {request.url}")


def visit(browser: Browser, url: str, **options: object) -> Visit:
    still = {"reduced_motion": "reduce", **options}  # what moves keeps a machine without a graphics card busy
    page = browser.new_context(locale="ja-JP", timezone_id="Asia/Tokyo", **still).new_page()  # type: ignore[arg-type]
    page.set_default_timeout(HANG * 1000)
    made = Visit(page=page, origin=url)
    made.watch()
    page.goto(url)
    return made
