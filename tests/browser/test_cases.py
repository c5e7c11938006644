"""The buttons of a card, pressed on the sandbox's page by a person."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.visit import visit
from tests.support.town import ALERT, NEWS, SATO, TANAKA, YAMADA, Town
from tests.test_cases import ROUTES

pytestmark = pytest.mark.browser


def test_a_click_takes_the_case_and_one_that_does_not_count_is_answered_privately(
    browser: Browser, town: Town
) -> None:
    town.settle(ROUTES)
    town.start()
    town.workspace.react(YAMADA, NEWS, town.post("製品Xに深刻な脆弱性"), "wrench")
    town.wait_for_message(ALERT, "未着手")
    there = visit(browser, town.sandbox.url)
    page = there.page
    page.locator(f'[data-channel="{ALERT}"]').click()
    page.locator(f'[data-user="{SATO}"]').click()
    page.get_by_role("button", name="担当する").click()
    card = page.locator(".post").first
    expect(card).to_contain_text("確認中／担当：@佐藤さん")
    page.locator(f'[data-user="{TANAKA}"]').click()
    page.get_by_role("button", name="即時対応").click()
    expect(page.locator(".post.only")).to_contain_text("判断ができるのは")
    there.take_pictures("case")
    assert there.wrong == []
