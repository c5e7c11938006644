"""A newcomer's way through one case, by clicking and by the keyboard alone, on a phone's width."""

from __future__ import annotations

from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Browser, Page, expect

from tests.browser.visit import visit
from tests.support.town import ALERT, NEWS, SATO, SUZUKI, YAMADA, Town
from tests.test_cases import ROUTES

pytestmark = pytest.mark.browser

PHONE = {"width": 390, "height": 844}


def test_a_newcomer_brings_a_case_from_the_stamp_to_its_end(browser: Browser, town: Town) -> None:
    town.settle(ROUTES)
    town.start()
    town.workspace.shortcuts.append({"callback_id": "threatstamp_case", "words": "対応案件にする"})
    post = town.post("リモートアクセス製品「製品X」に深刻な脆弱性（CVE-2099-10001）")
    there = visit(browser, town.sandbox.url, viewport=PHONE)
    page = there.page
    page.locator(f'[data-user="{YAMADA}"]').click()
    menu = page.locator(f'.post[data-ts="{post}"] [data-part="shortcuts"]')
    menu.select_option(label="対応案件にする")
    expect(page.locator("#view")).to_contain_text("🔧")
    page.keyboard.press("Escape")
    expect(page.locator("#view")).to_be_hidden()
    page.locator(f'.post[data-ts="{post}"] [data-part="quick-wrench"]').click()
    page.locator(".channels summary").click()
    page.locator(f'[data-channel="{ALERT}"]').click()
    card = page.locator(".post").first
    expect(card).to_contain_text("未着手")
    page.locator(f'[data-user="{SATO}"]').click()
    page.locator("#channel-name").focus()
    press(page, "担当する")
    expect(card).to_contain_text("確認中／担当：@佐藤さん")
    page.locator("#channel-name").focus()
    press(page, "判断を依頼")
    expect(card).to_contain_text("判断待ち")
    page.locator(f'[data-user="{SUZUKI}"]').click()
    page.locator('[data-channel="home"]').click()
    home = page.locator(".home")
    expect(home).to_contain_text("判断を待っている案件（1件）")
    expect(home).to_contain_text("製品X")
    find_nothing(page, "light")
    page.locator(f'[data-channel="{ALERT}"]').click()
    page.get_by_role("button", name="判断する").click()
    dialog = page.locator("#view")
    dialog.get_by_label("即時対応").focus()
    page.keyboard.press("Space")
    find_nothing(page, "dark")
    page.keyboard.press("Enter")
    expect(card).to_contain_text("対応中")
    page.locator(f'[data-user="{SATO}"]').click()
    page.get_by_role("button", name="完了").click()
    dialog.locator("#view-effort").fill("5h")
    dialog.get_by_role("button", name="記録する").click()
    expect(card).to_contain_text("対応完了")
    page.locator('[data-channel="home"]').click()
    expect(home).to_contain_text("担当している案件（0件）")
    page.locator(f'[data-channel="{NEWS}"]').click()
    expect(page.locator(f'.post[data-ts="{post}"]')).to_be_visible()
    assert there.wrong == []


def press(page: Page, words: str) -> None:
    """Goes on by Tab until the button has the focus, and presses it."""
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent") == words:
            page.keyboard.press("Enter")
            return
    raise AssertionError(f"Tab does not come to {words}")


def find_nothing(page: Page, scheme: Literal["light", "dark"]) -> None:
    """axe finds nothing in the page as it is."""
    page.emulate_media(color_scheme=scheme)
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
