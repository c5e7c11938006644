"""The journal of `run`: what happened to each stamp and each feed, in one line each, and nothing else."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest

from tests.support.commands import TownWithCommands as Town
from tests.support.desks import wait
from tests.support.fakes import memory_store
from tests.support.feedserver import FeedServer, Page, feed_server
from tests.support.forks import HANG, Forked
from tests.support.times import at
from tests.support.town import ALERT, ITO, NEWS, SERVERS, TANAKA, YAMADA
from threatstamp.app.journal import Journal
from threatstamp.core.errors import LedgerError
from threatstamp.core.ledger.kinds import Kind
from threatstamp.store.rows.base import Note
from threatstamp.store.store import SqlStore
from threatstamp.texts.catalogue import Language, Texts

ROUTES = """
[[routes]]
name = "ciso"
reaction = "rotating_light"
to = ["#sec-alert"]
allow = ["U0YAMADA", "S0TEAM"]

[[routes]]
name = "servers"
reaction = "wrench"
to = ["#server-team"]
"""
TITLE = "だれも知らない題"


@pytest.fixture
def server() -> Iterator[FeedServer]:
    with feed_server() as made:
        yield made


def wait_for_line(desk: Forked, *words: str) -> str:
    """Waits until a line of the log has all the words; returns it."""
    found: list[str] = []

    def there() -> bool:
        found[:] = [line for line in desk.err().splitlines() if all(word in line for word in words)]
        return bool(found)

    assert wait(there, HANG), (words, desk.err())
    return found[0]


def test_the_journal_says_what_happened_to_each_stamp_and_each_feed(town: Town, server: FeedServer) -> None:
    url = server.put("/feed?key=PLANTED", Page(status=503))
    feed = f'[[feeds]]\nname = "架空"\nurl = "{url}"\nchannel = "#security-news"\nevery = "1m"'
    top = f'[fetch]\nallow_private = ["127.0.0.0/8"]\n{feed}'
    town.settle(ROUTES, top=top)
    town.workspace.faults.add("usergroups.users.list", "error", times=99, error="internal_error")
    desk = town.begin("run")
    town.workspace.wait_for(lambda: town.workspace.sockets.count, HANG)
    wait_for_line(desk, "架空", "503")
    post = town.post(title=TITLE)
    town.workspace.react(TANAKA, NEWS, post, "rotating_light")
    wait_for_line(desk, "待機", TANAKA, "ciso")
    town.workspace.faults.clear()
    wait_for_line(desk, "不許可", TANAKA, "ciso")
    town.workspace.react(YAMADA, NEWS, post, "rotating_light")
    wait_for_line(desk, "スタンプ", YAMADA, post)
    number = wait_for_line(desk, "転送の登録", ALERT, YAMADA).partition("#")[2].split()[0]
    wait_for_line(desk, "転送完了", f"#{number} ", ALERT)
    town.workspace.unreact(YAMADA, NEWS, post, "rotating_light")
    wait_for_line(desk, "取り消し", YAMADA, post)
    town.workspace.faults.add("chat.postMessage", "error", channel=SERVERS, error="is_archived")
    town.workspace.react(ITO, NEWS, post, "wrench")
    wait_for_line(desk, "WARNING", "転送できず", SERVERS, "is_archived")
    desk.terminate()
    assert desk.wait() == 0
    said = desk.out() + desk.err()
    for hidden in (TITLE, "PLANTED", "山田", "Traceback"):
        assert hidden not in said


STAMP: Note = (
    "stamp",
    {"team": "T1", "channel": "C1", "ts": "1.0", "made_on": None, "reaction": "eyes", "user": "U1"},
)


def test_a_message_that_waits_is_a_line_once_for_each_reason(caplog: pytest.LogCaptureFixture) -> None:
    journal = Journal(Texts(Language.EN))
    for error in ("timeout", "timeout", "ratelimited", "timeout"):
        journal([("put_off", {"departure": 7, "error": error})])
    said = [one.getMessage() for one in caplog.records if one.levelno == logging.WARNING]
    assert ["ratelimited" in one for one in said] == [False, True, False]


def record(store: SqlStore, *bodies: dict[str, object]) -> None:
    with store.transaction() as tx:
        for body in bodies:
            tx.ledger.append(Kind.CONTACT, body, now=at(1))


def test_nothing_is_said_of_what_was_not_committed_and_no_line_can_undo_what_was() -> None:
    said: list[Note] = []
    plain = memory_store()
    store = SqlStore(plain.engine, said.extend)
    body: dict[str, object] = {"team": "T1", "channel": "C1", "route": "ciso"}
    with pytest.raises(LedgerError):
        record(store, body, {})
    assert said == []
    record(store, body)
    assert said == [("contact", body)]
    Journal(Texts(Language.EN))([("forward", {}), ("put_off", {}), STAMP, ("nonsense", {})])


@pytest.mark.parametrize("language", Language)
def test_posts_and_entries_are_not_said_for_they_have_titles(
    language: Language, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    snapshot = {"title": TITLE, "text": TITLE, "link": "", "channel": "C1", "ts": "1.0"}
    Journal(Texts(language))([(kind, snapshot) for kind in ("post", "post_edited", "entry", "revision")])
    assert caplog.records == []
