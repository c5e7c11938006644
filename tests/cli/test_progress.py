"""Work that lasts shows how far it is, to somebody at a terminal only, and no log line tears it."""

from __future__ import annotations

import contextlib
import io
import os
import pty
import signal
import threading
from collections.abc import Callable

import pytest

from tests.support.commands import TownWithCommands as Town
from tests.support.feedserver import Page, feed_server
from tests.support.forks import HANG, Forked
from tests.support.town import ALERT, NEWS, YAMADA
from tests.test_feed_stories import rss
from tests.test_feed_stories import settle as settle_feed
from threatstamp.cli.progress import counted
from threatstamp.texts.catalogue import Language, Texts

SHOW_CURSOR, HIDE_CURSOR = "\x1b[?25h", "\x1b[?25l"


Shown = dict[str, Callable[[Forked], object]]


def release(event: threading.Event) -> Callable[[Forked], object]:
    """Lets go on what waits for the words to be shown."""
    return lambda _: event.set()


def at_a_terminal(town: Town, *args: str, shown: Shown | None = None, **environ: str) -> tuple[int, str, str]:
    """Runs a command with standard error at a terminal; returns its code, its output, and what the terminal got.

    shown: what is done once words are shown.
    """
    try:
        ours, theirs = pty.openpty()
    except OSError:
        pytest.skip("this machine has no pseudo-terminals: mount devpts on /dev/pts")
    process = town.begin(*args, environ={"TERM": "xterm", "COLUMNS": "100", **environ}, stderr=theirs)
    os.close(theirs)
    got: list[bytes] = []
    waiting = dict(shown or {})

    def listen() -> None:
        with contextlib.suppress(OSError):  # Linux says so when the other side is closed
            while chunk := os.read(ours, 65536):
                got.append(chunk)
                for words in [words for words in waiting if words.encode() in b"".join(got)]:
                    waiting.pop(words)(process)

    listener = threading.Thread(target=listen)
    listener.start()
    code = process.wait()
    listener.join()
    os.close(ours)
    return code, process.out(), b"".join(got).decode()


def test_a_sweep_shows_its_channel_and_posts_and_leaves_the_terminal_as_it_was(town: Town) -> None:
    town.settle()
    post = town.post()
    town.command("sweep")
    town.workspace.react(YAMADA, NEWS, post, "rotating_light")
    looked, delivered = threading.Event(), threading.Event()
    town.workspace.faults.add("conversations.history", "slow", seconds=HANG, until=looked)
    town.workspace.faults.add("chat.postMessage", "slow", seconds=HANG, until=delivered)
    shown = {
        "見回っています：チャンネル1/1": release(looked),
        "送信しています：残り": release(delivered),
    }
    code, out, terminal = at_a_terminal(town, "sweep", shown=shown)
    assert code == 0, terminal
    assert "チャンネル1件" in out
    assert all(words in terminal for words in shown)
    assert "INFO" not in terminal
    assert terminal.rindex(SHOW_CURSOR) > terminal.rindex(HIDE_CURSOR)
    assert len(town.workspace.messages(ALERT)) == 1


def test_without_a_terminal_a_sweep_says_its_summary_and_nothing_else(town: Town) -> None:
    town.settle()
    done = town.by_python("sweep")  # whatever its libraries might say as they are loaded
    assert (done.returncode, done.stderr) == (0, "")
    assert "\x1b" not in done.stdout
    assert "INFO threatstamp" in town.command("sweep", THREATSTAMP_LOG="INFO").stderr


def test_who_asks_for_a_log_at_a_terminal_gets_it_above_the_line(town: Town) -> None:
    town.settle()
    _, _, terminal = at_a_terminal(town, "sweep", THREATSTAMP_LOG="INFO")
    lines = [line for line in terminal.replace("\r", "\n").split("\n") if "INFO threatstamp" in line]
    assert lines
    assert not [line for line in lines if "見回っています" in line]


def test_a_terminal_that_cannot_write_a_line_anew_gets_none(town: Town) -> None:
    town.settle()
    assert "\x1b" not in at_a_terminal(town, "sweep", TERM="dumb")[2]


def test_a_poll_shows_how_many_feeds_have_answered(town: Town) -> None:
    answered, delivered = threading.Event(), threading.Event()
    page = rss(1, 2)
    late = Page(raw=lambda send: answered.wait(HANG) and send(page.answer({})))
    town.workspace.faults.add("chat.postMessage", "slow", seconds=HANG, until=delivered)
    shown = {
        "フィードを確認しています：1件中0件": release(answered),
        "送信しています：残り2件": release(delivered),
    }
    with feed_server() as server:
        settle_feed(town, server.put("/feed", late))
        code, out, terminal = at_a_terminal(town, "poll", shown=shown)
    assert code == 0, terminal
    assert "新着2件" in out
    assert all(words in terminal for words in shown)


def test_a_sweep_that_is_asked_to_end_gives_the_cursor_back(town: Town) -> None:
    town.settle()
    town.workspace.faults.add("conversations.history", "slow", seconds=2 * HANG)
    shown: Shown = {"見回っています": Forked.terminate}
    code, _, terminal = at_a_terminal(town, "sweep", shown=shown)
    assert code == 0
    assert "中断しました" in terminal
    assert terminal.rindex(SHOW_CURSOR) > terminal.rindex(HIDE_CURSOR)


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("patience", "is_shown"), [(0.0, True), (60.0, False)])
def test_what_is_counted_is_given_on_and_shown_once_it_takes_long(
    monkeypatch: pytest.MonkeyPatch, patience: float, is_shown: bool
) -> None:
    terminal = _Terminal()
    monkeypatch.setenv("TERM", "xterm")
    with contextlib.redirect_stderr(terminal):
        given = list(counted(range(1_200), Texts(Language.EN), "cli.progress_verify", patience=patience))
    assert given == list(range(1_200))
    assert ("entries so far" in terminal.getvalue()) == is_shown
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
