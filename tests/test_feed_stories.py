"""Feeds in the sandbox: real servers, the real commands, and what people see of it."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, update

from tests.feeds.jvnrss import make_jvnrss
from tests.support.commands import TownWithCommands, open_town_with_commands
from tests.support.desks import wait
from tests.support.feedserver import FeedServer, Page, Send, feed_server
from tests.support.forks import HANG, Forks
from tests.support.town import ALERT, NEWS, YAMADA, Town
from threatstamp.store import open_store
from threatstamp.store.tables import news

FEED = "架空ニュース"


@pytest.fixture
def server() -> Iterator[FeedServer]:
    with feed_server() as made:
        yield made


def rss(*numbers: int, encoding: str = "UTF-8", etag: str | None = None, declared: str = "") -> Page:
    """A feed with these entries, the newest first."""
    items = "".join(
        f"<item><title>記事{number}号</title><link>https://feed.example/{number}</link>"
        f"<guid>{number}</guid></item>"
        for number in sorted(numbers, reverse=True)
    )
    head = f'<?xml version="1.0" encoding="{declared or encoding}"?>'
    text = f'{head}<rss version="2.0"><channel><title>架空</title>{items}</channel></rss>'
    return Page(body=text.encode(encoding), etag=etag, headers={"Content-Type": "application/xml"})


def settle(town: Town, url: str, *, more: str = "", **how: Any) -> None:
    top = f"""[fetch]
allow_private = ["127.0.0.0/8"]
[[feeds]]
name = "{FEED}"
url = "{url}"
channel = "#security-news"
{more}
"""
    town.settle(top=top, **how)


def poll(town: Town, code: int = 0, *options: str) -> str:
    done = town.command("poll", *options)
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout + done.stderr


def release(town: Town) -> None:
    """Time passes: what held the feed back is over."""
    store = open_store(town.database)
    with store.engine.begin() as connection:
        connection.execute(update(news.feeds).values(held_until=0))
    store.close()


def status(town: Town) -> dict[str, Any]:
    [feed] = json.loads(town.command("status", "--json").stdout)["feeds"]
    found: dict[str, Any] = feed
    return found


def revisions(town: Town) -> list[Any]:
    """The times of publication of entries that changed, as they are on record."""
    entries = json.loads(town.command("ledger", "export", "--format", "json").stdout)["entries"]
    return [json.loads(one["body_text"])["published_at"] for one in entries if one["kind"] == "revision"]


def test_poll_delivers_its_posts_before_it_ends_also_without_a_run(town: Town, server: FeedServer) -> None:
    settle(town, server.put("/feed", rss(1, 2)))
    assert "新着2件" in poll(town)
    assert len(town.workspace.messages(NEWS)) == 2


def test_run_asks_every_feed_soon_after_its_start_and_a_stamp_on_its_post_is_forwarded(
    town: Town, server: FeedServer
) -> None:
    settle(town, server.put("/feed", rss(1)))
    town.start()
    [message] = town.wait_for_message(NEWS, "記事1号")
    town.wait_until_quiet()  # nobody stamps a post within the milliseconds in which it is recorded
    town.workspace.react(YAMADA, NEWS, str(message["ts"]), "rotating_light")
    [forward] = town.wait_for_message(ALERT, YAMADA)
    said = json.dumps(forward, ensure_ascii=False)
    assert "記事1号" in said
    assert "https://feed.example/1" in said
    assert FEED in said
    assert "threatstamp／" not in said


def test_a_feed_whose_zone_changes_is_read_again_and_nothing_is_said(town: Town, server: FeedServer) -> None:
    dated = b"<guid>1</guid><pubDate>24 Nov 2026 09:00</pubDate>"
    page = rss(1, etag='"1"')
    settle(town, server.put("/feed", replace(page, body=page.body.replace(b"<guid>1</guid>", dated))))
    poll(town)
    settle(town, server.url("/feed"), more='timezone = "UTC"')
    poll(town)
    assert revisions(town) == [1_795_510_800_000_000]  # 09:00 in UTC, and no longer in Tokyo
    poll(town)
    conditions = [one.headers.get("if-none-match") for one in server.asked("/feed")]
    assert conditions == [None, None, '"1"']
    assert len(revisions(town)) == 1
    assert len(town.workspace.messages(NEWS)) == 1


def test_poll_asks_a_failing_feed_each_time_that_a_person_asks_and_says_that_it_still_fails(
    town: Town, server: FeedServer
) -> None:
    settle(town, server.put("/feed", Page(status=503)))
    for times in (1, 2):
        assert "503" in poll(town, 1)
        assert len(server.asked("/feed")) == times
    assert "503" in poll(town, 1, "--respect-backoff")
    assert len(server.asked("/feed")) == 2
    server.put("/feed", rss(1))
    assert "新着1件" in poll(town)


def test_poll_keeps_to_what_a_server_asked_for_and_says_so(town: Town, server: FeedServer) -> None:
    settle(town, server.put("/feed", replace(rss(1), headers={"Retry-After": "7200"})))
    poll(town)
    assert "Retry-After" in poll(town)
    assert len(server.asked("/feed")) == 1
    settle(town, server.put("/other", Page(status=429, headers={"Retry-After": "7200"})))
    for _ in range(2):
        said = poll(town, 1)
    assert "429" in said
    assert "Retry-After" in said
    assert len(server.asked("/other")) == 1


def test_poll_tries_a_feed_that_ended_once_more(town: Town, server: FeedServer) -> None:
    settle(town, server.put("/feed", Page(status=410)))
    poll(town, 1)
    assert "410" in poll(town, 1, "--respect-backoff")
    assert len(server.asked("/feed")) == 1
    server.put("/feed", rss(1))
    assert "新着1件" in poll(town)


def test_a_page_of_advisories_without_ids_brings_each_of_them_although_the_answer_breaks_off(
    town: Town, server: FeedServer
) -> None:
    def advisories(*numbers: int) -> bytes:
        items = "".join(
            f"<item><title>勧告{n}：製品{n}に欠陥</title><link>https://maker.example/security</link>"
            f"<guid>N/A</guid><pubDate>{n:02d} Nov 2026 09:00:00 +0900</pubDate></item>"
            for n in numbers
        )
        return f'<rss version="2.0"><channel><title>Maker</title>{items}</channel></rss>'.encode()

    def broken_off(send: Send) -> None:
        send(b"HTTP/1.1 200 OK\r\nServer : x\r\nContent-Encoding: utf-8\r\nContent-Length: 9999\r\n\r\n")
        send(advisories(3, 2, 1)[:-60])

    settle(town, server.put("/feed", Page(body=advisories(2, 1))))
    poll(town)
    server.put("/feed", Page(raw=broken_off))
    poll(town, 1)
    server.put("/feed", Page(body=advisories(4)))
    release(town)
    poll(town)
    posts = json.dumps(town.workspace.messages(NEWS), ensure_ascii=False)
    assert len(town.workspace.messages(NEWS)) == 4
    assert [f"勧告{n}：" in posts for n in range(1, 5)] == [True] * 4
    assert revisions(town) == []


def test_a_life_of_a_feed_and_what_status_says_at_each_step(town: Town, server: FeedServer) -> None:
    settle(town, server.put("/feed", rss(1, 2, etag='"1"')))
    poll(town)
    assert (status(town)["ok"], status(town)["problem"]) == (True, None)

    server.put("/feed", Page(status=503))  # it goes down
    assert "503" in poll(town, 1)
    said = status(town)
    assert (said["ok"], said["problem"]["kind"]) == (False, "http")
    assert said["problem_since"]
    assert said["held_until"]
    assert "確認しませんでした" in poll(town, 1, "--respect-backoff")
    assert len(server.asked("/feed")) == 2, "cron leaves it alone for a while"

    server.put("/feed", rss(8, 9, etag='"2"'))  # it comes back with other entries
    release(town)
    poll(town)
    said = status(town)
    assert (said["ok"], said["problem"]) == (False, None)
    assert said["overflow_at"]
    assert "取りこぼした可能性" in town.command("status").stdout

    server.put("/feed", rss(8, 9, 10, etag='"2"'))  # it says "unchanged" for ever, and is not
    poll(town)
    said = status(town)
    assert (said["ok"], said["problem"]) == (False, None)  # the overflow stays until entries follow on
    store = open_store(town.database)
    with store.engine.begin() as connection:  # a day passes
        body = json.dumps({**json.loads(_body(connection)), "asked_whole_at": 0})
        connection.execute(update(news.feeds).values(state=body))
    store.close()
    assert "新着1件" in poll(town)
    assert status(town)["ok"]

    server.put("/new", rss(9, 10, 11))  # it changes its address for good
    server.put("/feed", Page(status=301, headers={"Location": "/new"}))
    poll(town)
    assert status(town)["url"].endswith("/new")
    assert "移転しました" in town.command("status").stdout

    server.put("/new", rss(10, 11, 12, encoding="EUC-JP", declared="Shift_JIS"))  # it loses its encoding
    town.command("poll")
    said = status(town)
    texts = [str(one["text"]) for one in town.workspace.messages(NEWS)]
    assert any("記事12号" in text for text in texts), texts
    assert said["problem"] is None or said["problem"]["kind"] == "encoding"

    server.put("/new", Page(body=b"<html><body>maintenance</body></html>"))
    release(town)
    assert "Webページ" in poll(town, 1)
    assert status(town)["problem"]["kind"] == "not_a_feed"

    server.put("/new", Page(status=410))  # it ends
    release(town)
    poll(town, 1)
    assert status(town)["gone"]
    assert "410" in town.command("status").stdout
    asked = len(server.asked("/new"))
    release(town)
    poll(town, 1, "--respect-backoff")
    assert len(server.asked("/new")) == asked


def _body(connection: Connection) -> str:
    body: str = connection.execute(news.feeds.select()).mappings().one()["state"]
    return body


def test_a_feed_in_a_private_network_is_refused_unless_the_file_allows_it(
    town: Town, server: FeedServer
) -> None:
    settle(town, server.put("/feed", rss(1)))
    path = town.folder / "threatstamp.toml"
    path.write_text(
        path.read_text(encoding="utf-8").replace('allow_private = ["127.0.0.0/8"]', ""), encoding="utf-8"
    )
    poll(town, 1)
    assert status(town)["problem"]["kind"] == "forbidden_address"
    assert server.asked("/feed") == []
    done = town.command("check")
    assert done.returncode == 1
    assert "allow_private" in done.stdout


def test_a_feed_whose_channel_is_not_found_waits_and_loses_nothing(town: Town, server: FeedServer) -> None:
    settle(town, server.put("/feed", rss(1)))
    path = town.folder / "threatstamp.toml"
    lost = path.read_text(encoding="utf-8").replace('channel = "#security-news"', 'channel = "#nowhere"', 1)
    path.write_text(lost, encoding="utf-8")
    assert "チャンネル" in poll(town, 1)
    assert server.asked("/feed") == []
    assert status(town)["channel_found"] is False
    town.workspace.add_channel("C0NOWHERE", "nowhere")
    poll(town)
    assert len(town.workspace.messages("C0NOWHERE")) == 1


def test_a_post_that_slack_refuses_can_be_tried_again(town: Town, server: FeedServer) -> None:
    settle(town, server.put("/feed", rss(1)))
    town.workspace.faults.add("chat.postMessage", "error", channel=NEWS, error="restricted_action")
    poll(town)
    said = json.loads(town.command("status", "--json").stdout)
    [left] = said["undeliverable"]
    assert (left["kind"], left["error"]) == ("story", "restricted_action")
    town.workspace.faults.clear()
    assert town.command("retry", "--all").returncode == 0
    poll(town)
    assert len(town.workspace.messages(NEWS)) == 1


@pytest.mark.thorough
def test_500_entries_at_first_contact_and_250_new_ones_a_day_later_flood_nobody(
    town: Town, server: FeedServer
) -> None:
    settle(town, server.put("/feed", Page(body=make_jvnrss(500))))
    assert "新着500件" in poll(town)
    assert len(town.workspace.messages(NEWS)) == 3
    server.put("/feed", Page(body=make_jvnrss(500, first=251)))
    assert "新着250件" in poll(town)
    texts = [str(one["text"]) for one in town.workspace.messages(NEWS)]
    assert len(texts) == 3 + 1 + 5
    assert "新着245件をまとめて" in texts[3]
    assert town.command("ledger", "verify").returncode == 0
    store = open_store(town.database)
    with store.engine.connect() as connection:
        row = connection.execute(news.entries.select().limit(1)).mappings().one()
    store.close()
    names = [element["name"] for element in json.loads(row["body"])["elements"]]
    assert (names.count("sec:references"), names.count("sec:cvss")) == (4, 2)


def test_run_ends_while_a_feeds_server_hangs(town: TownWithCommands, server: FeedServer) -> None:
    settle(town, server.put("/feed", Page(body=b"x", delay=2 * HANG)))
    desk = town.begin("run")
    assert wait(lambda: server.asked("/feed"), HANG)
    desk.terminate()
    assert desk.wait() == 0


@pytest.mark.thorough
@pytest.mark.postgres
def test_two_polls_beside_two_runs_post_nothing_twice(
    pg_url: str, tmp_path: Path, programs: Forks, server: FeedServer
) -> None:
    with open_town_with_commands(tmp_path, programs, pg_url) as town:
        settle(town, server.put("/feed", rss(*range(5))))
        town.start()
        town.start()
        for number in range(5, 20, 3):
            server.put("/feed", rss(*range(number)))
            polls = [threading.Thread(target=town.command, args=("poll",)) for _ in range(2)]
            for one in polls:
                one.start()
            for run in town.runs:
                run.desk.poll(due_only=False)
            for one in polls:
                one.join()
        town.wait_until_quiet()
        texts = [str(one["text"]).split("／")[0] for one in town.workspace.messages(NEWS)]
        assert texts == [f"記事{number}号" for number in range(2, 17)]
