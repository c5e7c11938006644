"""Addresses of a name are raced: one that leads nowhere costs a moment and not the fetch (RFC 8305)."""

from __future__ import annotations

import ipaddress
import socket
import threading
from collections.abc import Iterator

import pytest

from tests.feeds.fetching import Dials, Names
from tests.http.asking import failure, question
from tests.support.feedserver import FeedServer, Page, feed_server
from tests.support.forks import HANG
from threatstamp.core.errors import DeskError
from threatstamp.http.client import Client
from threatstamp.http.errors import Fault, StoppedError
from threatstamp.http.racing import MOST_ADDRESSES, alternating

SIX = [f"2400::{n}" for n in range(1, 9)]
FOUR = ["1.2.3.4", "1.2.3.5"]


@pytest.fixture
def server() -> Iterator[FeedServer]:
    with feed_server() as made:
        made.put("/feed", Page(body=b"news"))
        yield made


class Maze(Dials):
    """Some addresses say nothing until the test is over."""

    def __init__(self, port: int, *silent: str, dead: dict[str, type[OSError]] | None = None) -> None:
        super().__init__(port, dead=dead)
        self.silent = silent
        self.over = threading.Event()
        self.late: list[socket.socket] = []

    def __call__(self, address: str, port: int, seconds: float) -> socket.socket:
        if address not in self.silent:
            return super().__call__(address, port, seconds)
        self.dialled.append(address)
        self.over.wait(2 * HANG)
        self.late.append(socket.socket())
        return self.late[-1]


def client(dials: Dials, *addresses: str) -> Client:
    return Client(environ={}, resolve=Names(feeds_test=[addresses]), connect=dials)


def test_ipv4_is_reached_although_many_ipv6_addresses_lead_nowhere(server: FeedServer) -> None:
    dials = Maze(server.port, *SIX)
    with client(dials, *SIX, *FOUR) as asking:
        assert asking.ask(question("http://feeds.test/feed")).body == b"news"
        assert set(dials.dialled) <= {*SIX, FOUR[0]}
        assert FOUR[0] in dials.dialled
        dials.over.set()


def test_addresses_that_fail_at_once_are_passed_over_at_once(server: FeedServer) -> None:
    dials = Dials(server.port, dead=dict.fromkeys(SIX, OSError))
    with client(dials, *SIX, *FOUR) as asking:
        assert asking.ask(question("http://feeds.test/feed")).body == b"news"
    assert dials.dialled == [SIX[0], FOUR[0]]


def test_the_family_that_answered_goes_first_the_next_time(server: FeedServer) -> None:
    dials = Dials(server.port, dead=dict.fromkeys(SIX, OSError))
    with client(dials, *SIX, *FOUR) as asking:
        for _ in range(2):
            asking.ask(question("http://feeds.test/feed", headers=((b"Connection", b"close"),)))
    assert dials.dialled in ([SIX[0], FOUR[0], FOUR[0]], [SIX[0], FOUR[0]])


def test_a_connection_that_comes_too_late_is_closed(server: FeedServer) -> None:
    dials = Maze(server.port, SIX[0])
    with client(dials, SIX[0], FOUR[0]) as asking:
        asking.ask(question("http://feeds.test/feed"))
        dials.over.set()
        for thread in threading.enumerate():
            if thread.name == "connect":
                thread.join(HANG)
    assert [sock.fileno() for sock in dials.late] == [-1]


def test_no_address_that_is_not_public_is_dialled_however_many_there_are(server: FeedServer) -> None:
    private = ["fd00::1", "10.0.0.1", "::1", "127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "169.254.1.1"]
    mixed = [one for pair in zip(SIX, private, strict=False) for one in pair]
    dials = Dials(server.port, dead=dict.fromkeys(SIX, ConnectionRefusedError))
    with client(dials, *mixed) as asking:
        assert failure(asking, question("http://feeds.test/feed")).fault is Fault.REFUSED
    assert dials.dialled == SIX[: len(private)]


@pytest.mark.parametrize(
    ("dead", "expected"),
    [
        ([ConnectionRefusedError, TimeoutError, OSError], Fault.REFUSED),
        ([OSError, TimeoutError], Fault.TIMEOUT),
        ([OSError, OSError], Fault.UNREACHABLE),
    ],
)
def test_of_several_failures_the_most_telling_is_said(dead: list[type[OSError]], expected: Fault) -> None:
    addresses = ["2400::1", "1.2.3.4", "1.2.3.5"][: len(dead)]
    dials = Dials(0, dead=dict(zip(addresses, dead, strict=True)))
    with client(dials, *addresses) as asking:
        assert failure(asking, question("http://feeds.test/feed")).fault is expected
    assert sorted(dials.dialled) == sorted(addresses)


def test_a_race_that_nobody_wins_ends_in_time() -> None:
    dials = Maze(0, *SIX, *FOUR)
    with client(dials, *SIX, *FOUR) as asking:
        error = failure(asking, question("http://feeds.test/feed", seconds=0.3))
        dials.over.set()
    assert (error.fault, error.is_sent) == (Fault.TIMEOUT, False)


def test_closing_ends_a_race() -> None:
    dials = Maze(0, *SIX, *FOUR)
    asking = client(dials, *SIX, *FOUR)
    ended: list[type[DeskError]] = []

    def ask() -> None:
        try:
            asking.ask(question("http://feeds.test/feed", seconds=2 * HANG))
        except DeskError as error:
            ended.append(type(error))

    thread = threading.Thread(target=ask)
    thread.start()
    while not dials.dialled:
        thread.join(0.01)
    asking.close()
    thread.join(HANG)
    dials.over.set()
    assert ended == [StoppedError]


@pytest.mark.parametrize(
    ("first", "expected"),
    [(0, "644466"), (4, "464466"), (6, "646466")],
)
def test_families_alternate_and_keep_their_order(first: int, expected: str) -> None:
    addresses = [ipaddress.ip_address(one) for one in [*SIX[:3], *FOUR, "1.2.3.6"]]
    found = alternating(addresses, first=first)
    assert "".join(str(one.version) for one in found) == ("464646" if first == 4 else "646464")
    for version in (4, 6):
        of_it = [one for one in found if one.version == version]
        assert of_it == [one for one in addresses if one.version == version]
    assert MOST_ADDRESSES >= 2 * 4
