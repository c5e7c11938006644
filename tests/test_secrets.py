"""The tokens of the environment leave the desk on no way, whatever goes wrong and whoever repeats them."""

from __future__ import annotations

import importlib
import logging
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.support.commands import TownWithCommands as Town
from tests.support.failing import fail, fail_in_thread
from tests.support.feedserver import FeedServer, Page, feed_server
from tests.support.forks import HANG, Forks
from tests.support.town import ALERT, NEWS, OPS, SERVERS, YAMADA
from threatstamp.engine import log_through_root

BOT, APP = "xoxb-PLANTED-0123456789", "xapp-1-PLANTED-9876543210"
COMMANDS = (
    ("check",),
    ("check", "--json"),
    ("status",),
    ("status", "--json"),
    ("retry", "--all"),
    ("poll",),
    ("sweep",),
    ("ledger", "list"),
    ("ledger", "export", "--format", "csv"),
    ("ledger", "export", "--format", "json"),
    ("ledger", "export", "--format", "csv", "--output", "record.csv"),
    ("ledger", "export", "--format", "json", "--output", "record.json"),
    ("ledger", "list", "--json"),
    ("ledger", "verify"),
    ("config", "show"),
    ("config", "show", "--json"),
    ("handover",),
)


def plant(town: Town) -> None:
    """Gives the workspace tokens that are easily found again; `town.environ` has them from then on."""
    town.workspace.app.bot_token, town.workspace.app.app_token = BOT, APP


def said_by_commands(town: Town) -> str:
    """Runs every command that displays or exports something, as talkative as it can be."""
    done = [town.command(*command, THREATSTAMP_LOG="DEBUG") for command in COMMANDS]
    return "".join(one.stdout + one.stderr for one in done)


def files_below(folder: Path) -> bytes:
    """Returns all that the desk wrote into files: the database with its log, copies, exports."""
    written = (file for file in folder.rglob("*") if file.is_file() and file.suffix != ".toml")
    return b"".join(file.read_bytes() for file in written)


@pytest.mark.thorough
def test_a_server_that_repeats_our_token_in_its_errors_makes_nobody_say_it(town: Town) -> None:
    plant(town)
    town.settle()
    desk = town.begin("run", environ={"THREATSTAMP_LOG": "DEBUG"})
    town.workspace.wait_for(lambda: town.workspace.sockets.count, HANG)
    faults = town.workspace.faults
    faults.add("chat.postMessage", "error", channel=SERVERS, times=1, error=BOT)
    faults.add("chat.postMessage", "error", channel=ALERT, times=1, error="not_in_channel")
    faults.add("conversations.history", "error", times=2, error=APP)
    for emoji in ("rotating_light", "wrench"):
        town.workspace.react(YAMADA, NEWS, town.post(), emoji)
    town.wait_for_message(OPS, "not_in_channel")
    town.wait_for_message(SERVERS)
    said = said_by_commands(town)
    desk.terminate()
    assert desk.wait() == 0
    alerts = str(town.workspace.everything(OPS))
    for where in (said, desk.out() + desk.err(), alerts, files_below(town.folder).decode(errors="replace")):
        assert where
        assert "PLANTED" not in where


def test_tokens_that_slack_refuses_are_not_said(town: Town) -> None:
    town.settle()
    assert town.command("sweep").returncode == 0
    wrong = {"SLACK_BOT_TOKEN": BOT, "SLACK_APP_TOKEN": APP, "THREATSTAMP_LOG": "DEBUG"}
    said = ""
    for command in COMMANDS:
        done = town.begin(*command, environ=wrong)
        done.wait()
        said += done.out() + done.err()
    desk = town.begin("run", environ={**wrong, "SLACK_BOT_TOKEN": town.workspace.app.bot_token})
    assert desk.wait() == 1
    assert "SLACK_APP_TOKEN" in desk.err()
    assert "SLACK_BOT_TOKEN" in said
    assert "PLANTED" not in said + desk.out() + desk.err()


def test_a_token_in_the_wrong_place_is_named_and_not_said(town: Town) -> None:
    path = town.settle(top=f'heartbeat = "{BOT}"\n["{APP}"]\n["{APP}"]')
    done = town.command("check")
    assert done.returncode == 2
    assert "PLANTED" not in done.stdout + done.stderr
    path.write_text(f'alerts = "{BOT}"\n"{APP}" = 1\nlanguage = "{APP}"\n', encoding="utf-8")
    done = town.command("check", SLACK_BOT_TOKEN=APP, SLACK_APP_TOKEN=BOT)
    assert "threatstamp.toml:1" in done.stdout
    assert "PLANTED" not in done.stdout + done.stderr
    town.settle()
    done = town.command("check", SLACK_BOT_TOKEN=APP, SLACK_APP_TOKEN=f"{BOT} x")
    assert "環境変数" in done.stdout
    assert "PLANTED" not in done.stdout + done.stderr


def test_a_token_on_the_command_line_is_not_repeated(town: Town) -> None:
    town.settle()
    for words in (
        (BOT,),
        ("retry", BOT),
        ("ledger", "list", "--kind", APP),
        ("read", BOT),
        ("--config", BOT, "check"),
    ):
        done = town.command(*words)
        assert done.returncode == 2
        assert "PLANTED" not in done.stdout + done.stderr, words


ITEM = "<item><title>記事</title><guid>1</guid><link>{link}</link></item>"
ENTRY = '<rss version="2.0"><channel><title>架空</title>{items}</channel></rss>'


@pytest.fixture
def server() -> Iterator[FeedServer]:
    with feed_server() as made:
        yield made


def feeds(*tables: str) -> str:
    """Returns the tables of feeds that post into the news channel, for the top of the file."""
    head = '[fetch]\nallow_private = ["127.0.0.0/8"]\n'
    return head + "".join(f'[[feeds]]\nchannel = "#security-news"\n{table}\n' for table in tables)


def rss(link: str = "") -> Page:
    text = ENTRY.format(items=ITEM.format(link=link))
    return Page(body=text.encode(), headers={"Content-Type": "application/xml"})


def test_a_key_in_the_address_of_a_feed_is_sent_to_its_server_and_nowhere_else(
    town: Town, server: FeedServer
) -> None:
    query = "?key=PLANTED-1&format=rss"
    server.put(f"/good{query}", rss("#top"))  # a link that is resolved against the address of the feed
    server.put(f"/old{query}", Page(status=301, headers={"Location": f"/new{query}"}))
    server.put(f"/new{query}", rss("https://news.example/2"))
    server.put(f"/given{query}", Page(status=301, headers={"Location": "/gave?token=PLANTED-2"}))
    server.put("/gave?token=PLANTED-2", rss("https://news.example/3"))
    server.put(f"/gone{query}", Page(status=410))
    server.put("/PLANTED-3/rss", rss("https://news.example/4"))
    server.put(f"/bad{query}", Page(body=b"<html></html>"))
    tables = [
        f'name = "{name}"\nurl = "{server.url(f"/{name}{query}")}"' for name in ("good", "old", "given")
    ]
    tables += [f'name = "{name}"\nurl = "{server.url(f"/{name}{query}")}"' for name in ("gone", "bad")]
    town.settle(top=feeds(*tables, 'name = "env"\nurl_env = "FEED_URL"'))
    environ: dict[str, Any] = {"FEED_URL": server.url("/PLANTED-3/rss"), "THREATSTAMP_LOG": "DEBUG"}
    desk = town.begin("run", environ=environ)
    town.wait_for_message(OPS, "410")
    town.wait_for_message(NEWS, count=4)
    said = ""
    for command in COMMANDS:
        done = town.command(*command, **environ)
        said += done.stdout + done.stderr
    desk.terminate()
    assert desk.wait() == 0
    assert server.asked(f"/new{query}")
    by_check = COMMANDS.count(("check",)) + COMMANDS.count(("check", "--json"))
    assert len(server.asked(f"/old{query}")) == by_check + 1, "where it moved to is remembered"
    assert len(server.asked(f"/given{query}")) == by_check + 2, "a new key is not remembered, but followed"
    assert "key=***&format=***" in said
    slack = str(town.workspace.everything(OPS)) + str(town.workspace.everything(NEWS))
    for where in (said, desk.out() + desk.err(), slack, files_below(town.folder).decode(errors="replace")):
        assert where
        assert "PLANTED" not in where


def test_an_address_of_an_earlier_version_is_known_again_and_loses_its_key(
    town: Town, server: FeedServer
) -> None:
    url = server.put("/feed?key=PLANTED-1", rss("https://news.example/1"))
    town.settle(top=feeds(f'name = "架空"\nurl = "{url}"'))
    assert town.command("poll").returncode == 0
    with closing(sqlite3.connect(town.folder / "desk.db")) as connection, connection:
        connection.execute("UPDATE desk_feeds SET url = ?, named = ?", (url, url))
    assert town.command("poll").returncode == 0
    assert len(town.workspace.messages(NEWS)) == 1
    assert "PLANTED" not in files_below(town.folder).decode(errors="replace")


def test_a_password_in_the_query_of_the_databases_address_is_not_said(town: Town) -> None:
    address = "postgresql://desk@127.0.0.1:1/desk?password=PLANTED-1&connect_timeout=1"
    town.database = address
    town.settle()
    for command in COMMANDS:
        done = town.command(*command, THREATSTAMP_LOG="DEBUG")
        needs_none = command == ("poll",) or command[0] == "config"  # there are no feeds
        assert done.returncode == (0 if needs_none else 1), done.stdout
        assert "PLANTED" not in done.stdout + done.stderr


def test_an_address_on_the_command_line_is_repeated_without_its_secrets(town: Town) -> None:
    address = "http://127.0.0.1:1/feed?key=PLANTED-1"
    done = town.command("read", address, address.replace("http://", "http://me:PLANTED-2@"))
    assert "key=***" in done.stdout
    assert "PLANTED" not in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ('url_env = "NOWHERE"', "NOWHERE_FILE"),
        ('url_env = "FEED_URL"\nurl = "https://feed.example/"', "url_env"),
        ('url_env = "not a name"', "FEED_URL"),
        ('url_env = "PLANTED_URL"', "PLANTED_URL"),
        ('url_env = "UNREADABLE"', "UNREADABLE_FILE"),
    ],
)
def test_what_is_wrong_with_an_address_in_the_environment_is_said(town: Town, table: str, words: str) -> None:
    town.settle(top=feeds(f'name = "架空"\n{table}'))
    environ: dict[str, Any] = {
        "FEED_URL": "https://feed.example/",
        "PLANTED_URL": "ftp://PLANTED",
        "UNREADABLE_FILE": "/nowhere",
    }
    done = town.command("check", **environ)
    assert (done.returncode, words in done.stdout) == (2, True), done.stdout
    assert "ftp" not in done.stdout


def test_the_schedulers_log_goes_through_ours_where_secrets_are_hidden(
    caplog: pytest.LogCaptureFixture,
) -> None:
    importlib.import_module("dbos")  # brings a handler of its own, which writes past every filter of ours
    log_through_root()
    found = logging.getLogger("dbos")
    assert found.propagate
    assert all(isinstance(one, logging.NullHandler) for one in found.handlers)
    found.warning("said")
    assert caplog.messages == ["said"]


def test_a_traceback_that_nobody_expected_holds_no_secret(programs: Forks) -> None:
    for entry in (fail, fail_in_thread):
        done = programs.run(f"tests.support.failing:{entry.__name__}")
        assert "RuntimeError" in done.stderr
        assert "PLANTED" not in done.stderr
