"""The app's home and *Why*, in English, on the sandbox's page; axe looks at both."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from playwright.sync_api import Browser, Locator, expect

from tests.browser.test_newcomer import find_nothing
from tests.browser.visit import visit
from tests.support.commands import TownWithCommands
from tests.support.facts import CVE, kev_entry, write_kev
from tests.support.feedserver import feed_server
from tests.support.town import ALERT, NEWS, SATO, SERVERS, SUZUKI, TANAKA, YAMADA
from tests.test_exposure import PRODUCTS, settle
from tests.test_facts import feed

pytestmark = [pytest.mark.browser, pytest.mark.thorough]


def test_the_home_says_what_waits_for_whom_and_why_opens_with_a_click(
    browser: Browser, town: TownWithCommands
) -> None:
    with feed_server() as server:
        settle(town, server, 'pace = "0s"', PRODUCTS)
        path = town.folder / "threatstamp.toml"
        text = path.read_text("utf-8").replace('language = "ja"', 'language = "en"')
        path.write_text(text.replace("[cases]", '[cases]\ndeciders = ["U0SUZUKI"]'), "utf-8")
        desk, workspace = town.start().desk, town.workspace
        catalogue = write_kev(town.folder / "kev.json", kev_entry())
        assert town.command("vulns", "update", "kev", "--from", str(catalogue)).returncode == 0
        assert town.command("poll").returncode == 0
        server.put("/feed", feed(1))
        assert town.command("poll").returncode == 0
        [post] = town.wait_for_message(NEWS, "1号")
        desk.assess()
        for emoji in ("wrench", "rotating_light"):
            workspace.react(YAMADA, NEWS, str(post["ts"]), emoji)
        town.wait_for_message(ALERT, "#1", "1号")
        town.wait_for_message(SERVERS, "1号", "why_priority")
        overdue = (date.today() - timedelta(days=2)).isoformat()
        for act in (("take", "1"), ("due", "1", overdue), ("assess", "1")):
            done = town.command("case", *act, "--by", SATO)
            assert done.returncode == 0, done.stderr
        town.wait_for_message(ALERT, "waiting for a decision")

        there = visit(browser, town.sandbox.url)
        page, home = there.page, there.page.locator(".home")
        page.locator("#language").click()
        for user, words in (
            (SATO, ("Overdue (1)", "My cases (1)", "1号")),
            (SUZUKI, ("Waiting for a decision (1)", "Overdue (1)", "My cases (0)")),
        ):
            page.locator(f'[data-user="{user}"]').click()
            page.locator('[data-channel="home"]').click()
            _says(home, *words)
            there.take_pictures(f"home-en-{user}")
            find_nothing(page, "light")
        page.locator(f'[data-user="{TANAKA}"]').click()
        _says(home, "My cases (0)")
        expect(home).not_to_contain_text("1号")  # neither theirs, nor for them to decide

        page.locator(f'[data-channel="{SERVERS}"]').click()
        page.get_by_role("button", name="Why").click()
        answer = page.locator(".post.only")
        _says(answer, CVE, "bod-26-04", "KEV")
        there.take_pictures("why-en")
        find_nothing(page, "dark")
        assert there.wrong == []


def _says(place: Locator, *words: str) -> None:
    for one in words:
        expect(place).to_contain_text(one)
