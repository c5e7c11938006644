"""Somebody is told also if no process takes events at all: those that are gone cannot say so themselves."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest

from tests.desk.stamps.test_any_order import POLICY
from tests.support.fakes import FakeClock, FakeSlack, memory_store, tools_of
from tests.support.times import S
from threatstamp.app.health import CONNECTED_WITHIN
from threatstamp.app.line import RECOUNT, Line
from threatstamp.app.vitals import ProcessVitals
from threatstamp.core.time import Micros
from threatstamp.core.trouble import TroubleKind
from threatstamp.desk.ports.tools import Tools
from threatstamp.desk.views.running import HTTP, NO_EVENTS, SOCKET
from threatstamp.slack.socket import SocketState
from threatstamp.texts.catalogue import Language, Texts


def process(
    tools: Tools, name: str, mode: str, *, connected: bool = False
) -> tuple[Line, ProcessVitals, Tools]:
    """A process on the same database, which has written down that it lives."""
    mine, now = replace(tools, holder=name), tools.clock.now()
    vitals = ProcessVitals(started_at=now, mode=mode)
    vitals.socket = None if mode == NO_EVENTS else SocketState(connected=connected, since=now)
    vitals.write(mine, host_ahead=0)
    line = Line(mine, vitals, texts=Texts(Language.EN), ended=threading.Event(), on_change=lambda: None)
    return line, vitals, mine


def lost(tools: Tools) -> bool:
    with tools.store.reading() as read:
        return bool(read.troubles.unfixed(TroubleKind.SOCKET))


@pytest.mark.parametrize("mode", [SOCKET, HTTP])
def test_helpers_say_so_when_nobody_takes_events_and_when_somebody_does_again(mode: str) -> None:
    clock = FakeClock(100 * S)
    tools = tools_of(POLICY, store=memory_store(), slack=FakeSlack(clock), clock=clock)
    helper, vitals, mine = process(tools, "helper", NO_EVENTS)
    process(tools, "taker", mode, connected=True)
    helper.watch()
    clock.wait(CONNECTED_WITHIN)  # the other was killed: it counts as alive for a minute
    vitals.write(mine, host_ahead=0)
    helper.watch()
    assert not lost(tools)
    clock.wait(CONNECTED_WITHIN + 1)
    vitals.write(mine, host_ahead=0)
    helper.watch()
    assert lost(tools)
    _, other, its = process(tools, "next", mode)
    helper.watch()
    assert lost(tools)
    other.socket = SocketState(connected=True, since=Micros(clock.now()))
    other.write(its, host_ahead=0)
    helper.watch()
    assert not lost(tools)


def test_a_helper_leaves_alone_what_a_process_that_takes_events_says_of_its_own_line() -> None:
    clock = FakeClock(100 * S)
    tools = tools_of(POLICY, store=memory_store(), slack=FakeSlack(clock), clock=clock)
    cut, cut_vitals, its = process(tools, "cut", SOCKET)
    helper, _, _ = process(tools, "helper", NO_EVENTS)
    clock.wait(CONNECTED_WITHIN + 1)
    cut.watch()
    cut_vitals.write(its, host_ahead=0)
    process(tools, "well", SOCKET, connected=True)
    helper.watch()
    assert lost(tools)


def test_more_connections_than_processes_are_said_once_they_are_counted_twice() -> None:
    clock = FakeClock(100 * S)
    tools = tools_of(POLICY, store=memory_store(), slack=FakeSlack(clock), clock=clock)
    line, vitals, mine = process(tools, "ours", SOCKET, connected=True)
    recounts: list[int] = []
    line.recount = lambda: recounts.append(1)

    def count(connections: int, counted: int, *, after: float = 5.0) -> bool:
        clock.wait(after)
        state = SocketState(connected=True, since=clock.now(), connections=connections, counted=counted)
        vitals.socket = state
        vitals.write(mine, host_ahead=0)
        line.watch()
        with tools.store.reading() as read:
            return bool(read.troubles.unfixed(TroubleKind.CONNECTIONS))

    assert not count(2, 1)  # perhaps the connection before, or that of a process that crashed
    assert not count(2, 1, after=RECOUNT + 1)
    assert not count(1, 2)
    assert len(recounts) == 1
    assert not count(2, 3)
    assert not count(2, 3, after=RECOUNT + 1)
    assert count(2, 4)
    assert count(2, 4, after=RECOUNT + 1)
    assert len(recounts) == 2  # it is said; Slack counts again when it renews the connection
    assert count(3, 5)
    assert count(3, 5, after=RECOUNT + 1)
    assert not count(1, 6)
    assert len(recounts) == 3
    process(tools, "another", SOCKET, connected=True)
    assert not count(2, 7)
    assert not count(2, 7, after=30)
    assert len(recounts) == 3
