"""The buttons, the menu and the forms of a card, used on the sandbox's page by a person."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.visit import visit
from tests.support.town import ALERT, NEWS, SATO, SUZUKI, TANAKA, YAMADA, Town
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
    page.locator('[data-part="case_menu"]').select_option(label="判断する")
    page.get_by_label("即時対応").check()
    page.get_by_role("button", name="記録する").click()
    expect(page.locator(".post.only")).to_contain_text("「即時対応」ができるのは")
    there.take_pictures("case")
    assert there.wrong == []


@pytest.mark.parametrize("language", ["ja", "en"])
def test_a_decider_fills_in_the_form_corrects_it_and_the_card_says_so(
    browser: Browser, town: Town, language: str
) -> None:
    path = town.settle(ROUTES)
    path.write_text(path.read_text("utf-8").replace('"ja"', f'"{language}"'), "utf-8")
    town.start()
    ja = language == "ja"
    town.workspace.react(
        YAMADA, NEWS, town.post("リモートアクセス製品「製品X」に深刻な脆弱性（CVE-2099-10001）"), "wrench"
    )
    town.wait_for_message(ALERT, "未着手" if ja else "new")
    there = visit(browser, town.sandbox.url)
    page = there.page
    if not ja:
        page.locator("#language").click()
    page.locator(f'[data-channel="{ALERT}"]').click()
    page.locator(f'[data-user="{SUZUKI}"]').click()
    page.get_by_role("button", name="担当する" if ja else "Take").click()
    expect(page.locator(".post").first).to_contain_text("確認中" if ja else "assessing")
    there.take_pictures(f"card-{language}")
    page.locator('[data-part="case_menu"]').select_option(label="判断する" if ja else "Decide")
    dialog = page.locator("#view")
    dialog.get_by_label("計画対応" if ja else "Plan it").check()
    dialog.locator("#view-effort").fill("9人")
    save = "記録する" if ja else "Save"
    dialog.get_by_role("button", name=save).click()
    expect(dialog.locator('[data-block="until"] .problem')).to_have_text(
        "期日を選んでください。" if ja else "Choose a date."
    )
    there.take_pictures(f"form-{language}")
    dialog.locator("#view-until").fill("2099-12-24")
    dialog.locator("#view-effort").fill("6h")
    dialog.locator("#view-reason").fill("次の保守で更新します。")
    dialog.get_by_role("button", name=save).click()
    expect(dialog).to_be_hidden()
    card = page.locator(".post").first
    expect(card).to_contain_text("期限：12/24(木)" if ja else "due: Thu 24 Dec")
    expect(card).to_contain_text("6人時" if ja else "effort: 6 h")
    history = "履歴・リスクの登録" if ja else "History, make it a risk"
    page.locator('[data-part="case_menu"]').select_option(label=history)
    expect(dialog).to_contain_text("次の保守で更新します。")
    there.take_pictures(f"history-{language}")
    dialog.get_by_role("button", name="リスクに登録…" if ja else "Make it a risk…").click()
    dialog.get_by_label("残るリスク" if ja else "Risk that is left").select_option("low")
    dialog.locator("#view-reason").fill("旧機種が残ります。")
    there.take_pictures(f"risk-{language}")
    dialog.get_by_role("button", name=save).click()
    expect(dialog).to_be_hidden()
    page.locator("#text").fill("/threatstamp case show 1")
    page.locator("#text").press("Enter")
    expect(page.locator(".post.only")).to_contain_text("対応中" if ja else "responding")
    there.take_pictures(f"command-{language}")
    assert there.wrong == []


def test_the_steps_of_a_checklist_are_ticked_and_unticked_on_the_page(browser: Browser, town: Town) -> None:
    town.settle(ROUTES.replace('case = "product"', 'case = "investigate"'))
    town.start()
    town.workspace.react(YAMADA, NEWS, town.post("製品Xの脆弱性が悪用されています"), "wrench")
    town.wait_for_message(ALERT, "未着手", "0/3")
    there = visit(browser, town.sandbox.url)
    page = there.page
    page.locator(f'[data-channel="{ALERT}"]').click()
    page.locator(f'[data-user="{SATO}"]').click()
    card, dialog = page.locator(".post").first, page.locator("#view")
    for ticked, said in (((1, 2), "2/3"), ((2,), "1/3"), ((), "0/3")):
        page.get_by_role("button", name="チェックリスト").click()
        for number in (1, 2):
            dialog.get_by_role("checkbox").nth(number - 1).set_checked(number in ticked)
        there.take_pictures("checklist")
        dialog.get_by_role("button", name="記録する").click()
        expect(dialog).to_be_hidden()
        expect(card).to_contain_text(said)
    assert there.wrong == []
