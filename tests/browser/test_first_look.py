"""The first ten seconds with the demo's page: what the stamps do, and where everything is."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Browser, expect

from tests.browser.visit import visit
from tests.support.town import ALERT, NEWS, YAMADA, Town
from threatstamp.demo.door import Door
from threatstamp.demo.panel import Panel
from threatstamp.demo.world import World
from threatstamp.sandbox import serve
from threatstamp.texts.catalogue import Language, Texts

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(
    ("language", "words"),
    [("ja", "CISOへ（#sec-alert、使える人：セキュリティ担当）"), ("en", "(#sec-alert, Security team only)")],
)
@pytest.mark.parametrize("width", [1280, 400])
def test_the_page_says_what_each_stamp_does_and_axe_finds_nothing(
    browser: Browser, language: str, words: str, width: int
) -> None:
    world = World(Language(language))
    world.workspace.react("U0YAMADA", NEWS, world.posts[1], "wrench")
    world.workspace.note(
        "record", kind="record", data={"channel": NEWS, "ts": world.posts[1], "title": "title"}
    )
    with serve(world.workspace) as sandbox:
        there = visit(browser, sandbox.url, viewport={"width": width, "height": 860})
        expect(there.page.locator("#legend li")).to_have_count(4)
        expect(there.page.locator("#legend li").first).to_contain_text(words)
        for scheme in ("light", "dark"):
            there.page.emulate_media(color_scheme=scheme)
            found = Axe().run(there.page)
            assert found.violations_count == 0, found.generate_report()


def test_a_line_of_the_record_names_its_post_and_jumps_to_it(browser: Browser, town: Town) -> None:
    town.start()
    post = town.post("製品Xに深刻な脆弱性")
    town.workspace.react(YAMADA, NEWS, post, "rotating_light")
    town.wait_for_message(ALERT)
    town.wait_until_quiet()
    Panel(town.workspace, town.store, Texts(Language.JA)).look()
    there = visit(browser, town.sandbox.url)
    page = there.page
    page.locator("#notes li", has_text="転送しました").locator(".jump").click()
    expect(page.locator("#channel-name")).to_have_text("# sec-alert")
    expect(page.locator(".post:focus")).to_contain_text("製品Xに深刻な脆弱性")
    stamped = page.locator("#notes li", has_text="を付けました").locator(".jump")
    expect(stamped).to_have_text("製品Xに深刻な脆弱性")
    stamped.click()
    expect(page.locator(".post:focus")).to_have_attribute("data-ts", post)
    town.workspace.delete(NEWS, post)
    expect(page.locator(f'.post[data-ts="{post}"]')).to_have_count(0)
    stamped.click()
    expect(page.locator("#toast")).to_have_text("その投稿は見つかりません。")
    assert there.wrong == []


def test_a_link_of_an_invented_article_says_that_it_leads_nowhere(browser: Browser) -> None:
    world = World(Language.JA)
    with serve(world.workspace) as sandbox:
        there = visit(browser, sandbox.url)
        there.page.locator(".post a").first.click()
        expect(there.page.locator("#toast")).to_contain_text("リンク先のページはありません")
        assert len(there.page.context.pages) == 1
    assert there.wrong == []


def test_what_only_one_person_is_told_stands_below_the_post_that_they_clicked(browser: Browser) -> None:
    world = World(Language.JA)
    with serve(world.workspace) as sandbox:
        page = visit(browser, sandbox.url).page
        page.locator(f'.post[data-ts="{world.posts[0]}"] [data-part="quick-rotating_light"]').click()
        expect(page.locator(f'.post[data-ts="{world.posts[0]}"] .chip')).to_be_visible()
        world.workspace.put_ephemeral(
            NEWS, YAMADA, {"text": "使える人が決められています", "bot_id": "B0DESK"}
        )
        expect(page.locator(f'.post[data-ts="{world.posts[0]}"] + .post.only')).to_be_in_viewport()


def test_enter_takes_the_first_emoji_and_the_theme_is_remembered(browser: Browser) -> None:
    world = World(Language.JA)
    with serve(world.workspace) as sandbox:
        page = visit(browser, sandbox.url, color_scheme="light").page
        page.locator(f'.post[data-ts="{world.posts[0]}"] [data-part="more"]').click()
        page.keyboard.type("eyes")
        page.keyboard.press("Enter")
        expect(page.locator(f'.post[data-ts="{world.posts[0]}"] [data-emoji="eyes"]')).to_be_visible()
        expect(page.locator("#picker")).to_be_hidden()
        page.locator("#theme").click()
        page.reload()
        expect(page.locator("html")).to_have_attribute("data-theme", "dark")


def test_on_a_phone_the_lists_are_folded_and_the_posts_come_first(browser: Browser) -> None:
    world = World(Language.JA)
    with serve(world.workspace) as sandbox:
        page = visit(browser, sandbox.url, viewport={"width": 400, "height": 860}).page
        expect(page.locator(".post").last).to_be_in_viewport()
        expect(page.locator("#channels")).to_be_hidden()
        expect(page.locator("#notes")).to_be_hidden()
        page.locator(".channels summary").click()
        page.locator('[data-channel="C0ALERT"]').click()
        expect(page.locator("#channel-name")).to_have_text("# sec-alert")


def test_a_sandbox_without_the_demos_desk_lists_what_the_app_writes(browser: Browser, town: Town) -> None:
    town.workspace.shows_calls = True
    there = visit(browser, town.sandbox.url)
    expect(there.page.locator("#desk-hint")).to_contain_text("呼び出しがここに並びます")
    town.start()
    town.workspace.react(YAMADA, NEWS, town.post(), "rotating_light")
    expect(there.page.locator("#notes")).to_contain_text("chat.postMessage #sec-alert: ok")
    assert there.wrong == []


def test_a_japanese_browser_finds_a_japanese_demo_behind_the_door(browser: Browser) -> None:
    door = Door(0, otherwise=Language.EN)
    there = visit(browser, door.url)
    expect(there.page.get_by_role("status")).to_have_text(Texts(Language.JA)("demo.starting"))
    with serve(World(door.wait()).workspace, port=door.port):
        expect(there.page.locator("#legend li")).to_have_count(4)
        expect(there.page.locator("html")).to_have_attribute("lang", "ja")
        expect(there.page.locator("#legend li").first).to_contain_text("使える人")
