"""Posts that came by a feed, in the sandbox's page in a real browser."""

from __future__ import annotations

import time
from collections.abc import Iterator
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.visit import visit
from tests.support import feedserver
from tests.support.town import ALERT, NEWS, YAMADA, Town
from threatstamp.app.kinds import renderer
from threatstamp.core.ids import FeedName
from threatstamp.core.news.story import Story, story_id
from threatstamp.core.time import SECOND, Micros
from threatstamp.demo.world import World
from threatstamp.desk.news.publishing import DigestSaying, StorySaying
from threatstamp.desk.ports.slack import Saying
from threatstamp.sandbox import SandboxWorkspace, serve
from threatstamp.slack.blocks.renderer import Renderer
from threatstamp.texts.catalogue import Language, Texts

pytestmark = pytest.mark.browser

FEED = """
[fetch]
allow_private = ["127.0.0.0/8"]
[[feeds]]
name = "架空ニュース"
url = "{url}"
channel = "#security-news"
every = "1m"
"""


def test_a_post_of_a_feed_appears_and_a_click_on_an_emoji_forwards_it(browser: Browser, town: Town) -> None:
    item = (
        "<item><title>製品Yに深刻な脆弱性（CVE-2099-10001）</title><link>https://news.example/y</link>"
        "<pubDate>Tue, 24 Nov 2026 09:00:00 +0900</pubDate></item>"
    )
    with feedserver.feed_server() as server:
        url = server.put("/feed", feedserver.Page(body=feedserver.rss(head=item)))
        town.settle(sources=FEED.format(url=url))
        there = visit(browser, town.sandbox.url)
        page = there.page
        expect(page.locator(".empty")).to_be_visible()
        town.start()
        town.wait_for_message(NEWS, "製品Y")
        post = page.locator(".post", has_text="製品Yに深刻な脆弱性")
        expect(post).to_have_count(1)
        expect(post.locator("a")).to_have_attribute("href", "https://news.example/y")
        expect(post.locator(".context")).to_have_text("架空ニュース／11/24(火) 09:00")
        page.locator(f'[data-user="{YAMADA}"]').click()
        post.locator('[data-part="quick-rotating_light"]').click()
        expect(page.locator(f'[data-channel="{ALERT}"] .count')).to_have_text("1")
        expect(post.locator('[data-emoji="outbox_tray"]')).to_be_visible()
        page.locator(f'[data-channel="{ALERT}"]').click()
        expect(page.locator(".post")).to_contain_text("製品Yに深刻な脆弱性（CVE-2099-10001）")
        expect(page.locator(".post blockquote a").first).to_have_attribute("href", "https://news.example/y")
    assert there.wrong == []


def test_a_new_title_changes_the_post_where_it_stands(browser: Browser, town: Town) -> None:
    made = renderer(Texts(Language.JA), ZoneInfo("Asia/Tokyo"))
    ts = say(town.workspace, made, StorySaying(story=story("前の題名", "https://news.example/1")))
    there = visit(browser, town.sandbox.url)
    expect(there.page.locator(".post")).to_contain_text("前の題名")
    changed = made.message(StorySaying(story=story("新しい題名", "https://news.example/1")))
    town.workspace.change_message(NEWS, ts, {"text": changed.text, "blocks": changed.blocks})
    expect(there.page.locator(".post")).to_contain_text("新しい題名")
    expect(there.page.locator(".post")).to_have_count(1)
    assert there.wrong == []


@pytest.mark.parametrize("language", ["ja", "en"])
def test_pictures_of_feeds_are_taken_and_nothing_is_wider_than_the_window(
    browser: Browser, language: str
) -> None:
    world = World(Language(language))
    said = list(sayings(world))
    made = renderer(Texts(world.language), ZoneInfo("Asia/Tokyo"))
    for saying in said:
        say(world.workspace, made, saying)
    notes(world)
    with serve(world.workspace) as sandbox:
        there = visit(browser, sandbox.url)
        expect(there.page.locator(".post")).to_have_count(len(world.posts) + len(said))
        digest = there.page.locator(".post", has=there.page.locator("li"))
        expect(digest.locator("li")).to_have_count(20)
        assert is_marked(there.page)
        digest.scroll_into_view_if_needed()
        there.take_pictures(f"feeds-{language}")
    assert there.wrong == []


def is_marked(page: Page) -> bool:
    """True if the lines of a list have their marks."""
    return bool(
        page.evaluate("getComputedStyle(document.querySelector('.words li')).listStyleType === 'disc'")
    )


def sayings(world: World) -> Iterator[Saying]:
    """A digest of twenty lines, and a post of each feed."""
    items = [item for one in world.publishers for item in one.items]
    texts = [(item.title, item.link) for item in items] + [
        (one.title, one.link) for one in world.later if one.link
    ]
    lines = tuple(story(title, f"{link}#{number}") for number, (title, link) in enumerate(texts[:20]))
    yield DigestSaying(source=world.publishers[0].name, stories=lines)
    for publisher in world.publishers:
        for item in publisher.first_posted:
            at = Micros(round(item.at.timestamp() * SECOND))
            yield StorySaying(story=story(item.title, item.link, source=publisher.name, at=at))


def story(title: str, link: str, *, source: str = "架空ニュース", at: Micros | None = None) -> Story:
    known = story_id(FeedName(source), link)
    return Story(id=known, title=title, link=link, source=source, published_at=at)


def say(workspace: SandboxWorkspace, renderer: Renderer, saying: Saying) -> str:
    """Posts as the desk does."""
    message = renderer.message(saying)
    own: dict[str, object] = {"user": workspace.app.user_id, "bot_id": "B0DESK"}
    own["bot_profile"] = {"name": "threatstamp"}
    return workspace.put_message(
        NEWS, {"text": message.text, "blocks": message.blocks, **own}, at=time.time()
    )


def notes(world: World) -> None:
    """What the panel says of feeds."""
    texts, broken = Texts(world.language), next(one for one in world.publishers if one.is_broken)
    news = {"channel": "#security-news", "feed": world.publishers[0].name}
    title = world.publishers[0].items[0].title
    words = texts("feeds.read_html")
    world.workspace.note(texts("demo.record_published", **news, title=title, count=1), kind="record")
    world.workspace.note(texts("demo.record_published", **news, title=title, count=20), kind="record")
    world.workspace.note(texts("demo.broken", feed=broken.name, words=words), kind="trouble")
    world.workspace.note(texts("demo.record_revision", **news, title=world.later[1].title), kind="record")
