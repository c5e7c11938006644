"""The sandbox's page in a real browser, with the real desk behind it."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser, Route, expect

from tests.browser.visit import visit
from tests.support.town import ALERT, NEWS, YAMADA, Town
from threatstamp.app.kinds import renderer
from threatstamp.core.ids import Emoji, UserId
from threatstamp.demo.world import World
from threatstamp.desk.stamps.refusing import Refusal
from threatstamp.sandbox import serve
from threatstamp.texts.catalogue import Language, Texts

pytestmark = pytest.mark.browser


def test_a_click_on_an_emoji_brings_the_forward_and_its_record(browser: Browser, town: Town) -> None:
    town.start()
    post = town.post("製品Xに深刻な脆弱性")
    there = visit(browser, town.sandbox.url)
    page = there.page
    page.locator(f'[data-user="{YAMADA}"]').click()
    page.locator(f'.post[data-ts="{post}"] [data-part="quick-rotating_light"]').click()
    expect(page.locator(f'[data-channel="{ALERT}"] .count')).to_have_text("1")
    expect(page.locator(f'.post[data-ts="{post}"] [data-emoji="outbox_tray"]')).to_be_visible()
    page.locator(f'[data-channel="{ALERT}"]').click()
    forward = page.locator(".post")
    expect(forward).to_have_count(1)
    expect(forward).to_contain_text("@鈴木 @here 重大な脅威情報です。")
    expect(forward).to_contain_text("製品Xに深刻な脆弱性")
    expect(forward).to_contain_text("@山田さん")
    page.locator(f'[data-channel="{NEWS}"]').click()
    page.locator(f'.post[data-ts="{post}"] [data-emoji="rotating_light"]').click()
    page.locator(f'[data-channel="{ALERT}"]').click()
    expect(page.locator(".post s")).to_contain_text("重大な脅威情報です。")
    expect(page.locator(".post")).to_contain_text("スタンプを外しました")
    assert there.wrong == []


def test_people_are_called_by_name_with_san_the_app_without_and_a_refusal_is_a_sentence(
    browser: Browser, town: Town
) -> None:
    town.start()
    post = town.post()
    there = visit(browser, town.sandbox.url)
    page = there.page
    page.locator(f'[data-user="{YAMADA}"]').click()
    stamp = page.locator(f'.post[data-ts="{post}"] [data-part="quick-rotating_light"]')
    stamp.click()
    chip = page.locator(f'.post[data-ts="{post}"] [data-emoji="rotating_light"]')
    expect(chip).to_have_attribute("title", ":rotating_light: 山田さん")
    confirmed = page.locator(f'.post[data-ts="{post}"] [data-emoji="outbox_tray"]')
    expect(confirmed).to_have_attribute("title", f":outbox_tray: {town.workspace.app.name}")
    stamp.click()
    expect(page.locator("#toast")).to_have_text("すでに付けています。")
    assert all("400" in words for words in there.wrong)  # the refusal, as browsers report it


def test_a_hostile_post_is_only_text(browser: Browser, town: Town) -> None:
    town.workspace.post(
        NEWS, "&lt;img src=x onerror=alert(1)&gt; <javascript:alert(1)|click> *<b>*", user=YAMADA
    )
    there = visit(browser, town.sandbox.url)
    expect(there.page.locator(".post")).to_contain_text("<img src=x onerror=alert(1)>")
    assert there.page.locator(".post img").count() == 0
    assert there.page.locator('.post a[href^="javascript"]').count() == 0
    assert there.wrong == []


def test_a_post_that_comes_while_the_page_opens_is_shown(browser: Browser, town: Town) -> None:
    there = visit(browser, town.sandbox.url)
    page = there.page
    expect(page.locator(".empty")).to_be_visible()

    def answer_late(route: Route) -> None:
        response = route.fetch()
        town.post("間に届いた記事")
        route.fulfill(response=response)

    page.route("**/sandbox/state", answer_late, times=1)
    page.reload()
    expect(page.locator(".post")).to_contain_text("間に届いた記事")
    assert there.wrong == []


def test_it_can_be_used_by_keyboard_alone(browser: Browser, town: Town) -> None:
    post = town.post()
    there = visit(browser, town.sandbox.url)
    page = there.page
    expect(page.locator(".post")).to_have_count(1)
    page.keyboard.press("j")
    expect(page.locator(f'.post[data-ts="{post}"]')).to_be_focused()
    page.keyboard.press("r")
    page.keyboard.type("eyes")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator('[data-emoji="eyes"]')).to_be_visible()
    assert there.wrong == []


def test_people_write_and_answer(browser: Browser, town: Town) -> None:
    there = visit(browser, town.sandbox.url)
    page = there.page
    expect(page.locator(".empty")).to_have_text("まだ投稿がありません。")
    page.locator("#text").fill("これは <b>大事</b> です")
    page.locator("#text").press("Enter")
    expect(page.locator(".post")).to_contain_text("これは <b>大事</b> です")
    page.on("dialog", lambda dialog: dialog.accept("了解です"))
    page.locator('[data-part="reply"]').click()
    expect(page.locator(".post.reply")).to_contain_text("了解です")
    assert there.wrong == []


@pytest.mark.parametrize("language", ["ja", "en"])
def test_pictures_are_taken_and_nothing_is_wider_than_the_window(browser: Browser, language: str) -> None:
    world = World(Language(language))
    workspace = world.workspace
    workspace.react("U0YAMADA", NEWS, world.posts[1], "wrench")
    workspace.react("U0TANAKA", NEWS, world.posts[1], "wrench")
    say = Texts(Language(language))
    refused = renderer(say, ZoneInfo("Asia/Tokyo")).message(
        Refusal(user=UserId("U0YAMADA"), route_name="CISO", reaction=Emoji("rotating_light"))
    )
    own = {"user": workspace.app.user_id, "bot_id": "B0DESK", "bot_profile": {"name": "threatstamp"}}
    workspace.put_ephemeral(NEWS, "U0YAMADA", {"text": refused.text, **own})
    workspace.note(say("demo.record_post", title="Hakobune FTP"), kind="record")
    workspace.note(
        say("demo.record_stamp", person=world.name_of("U0YAMADA"), emoji=":wrench:"), kind="record"
    )
    workspace.note(say("demo.step_crash"), kind="step")
    with serve(workspace) as sandbox:
        there = visit(browser, sandbox.url)
        expect(there.page.locator(".post")).to_have_count(6)
        there.take_pictures(f"sandbox-{language}")
    assert there.wrong == []
