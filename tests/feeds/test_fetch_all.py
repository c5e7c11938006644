"""A round: many hosts at once, one request at a time a host, and an end that does not wait."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator

import pytest

from tests.feeds.fetching import LOCAL, local_fetcher, reason, request, titles
from tests.support.feedserver import FeedServer, Page, feed_server, rss
from tests.support.forks import HANG
from threatstamp.core.news.entry import Fetched
from threatstamp.core.news.feed import Request
from threatstamp.feeds.fetch import Fetcher
from threatstamp.http.errors import StoppedError
from threatstamp.http.rounds import Round

NEWS = Page(body=rss("One"))
NEVER = 2 * HANG
"""Seconds until an answer: who waited for it would count as hanging."""


@pytest.fixture
def server() -> Iterator[FeedServer]:
    with feed_server() as made:
        yield made


@pytest.fixture
def fetcher() -> Iterator[Fetcher]:
    """Every name leads to this machine."""
    with Fetcher(allow_private=LOCAL, environ={}, resolve=lambda *_: ["127.0.0.1"]) as made:
        yield made


def feeds(server: FeedServer, *, hosts: int, each: int, page: Page) -> dict[str, Request]:
    """Feeds of hosts h0.test, h1.test and so on."""
    found = {}
    for number in range(hosts * each):
        path = f"/{number}"
        server.put(path, page)
        found[path] = request(server.url(path, f"h{number % hosts}.test"))
    return found


def test_each_feed_is_told_once_with_its_key(server: FeedServer, fetcher: Fetcher) -> None:
    wanted = feeds(server, hosts=10, each=5, page=NEWS)
    outcomes = list(fetcher.fetch_all(wanted.items(), workers=8))
    assert Counter(key for key, _ in outcomes) == dict.fromkeys(wanted, 1)
    assert all(titles(found) == ["One"] for _, found in outcomes)
    assert server.counts() == dict.fromkeys(wanted, 1)


def test_hosts_are_asked_at_once_and_each_one_at_a_time(server: FeedServer, fetcher: Fetcher) -> None:
    wanted = feeds(server, hosts=4, each=3, page=NEWS)
    meeting = threading.Barrier(4)
    for number in range(4):  # the first feed of each host is answered once those of the others are asked too
        server.put(f"/{number}", Page(raw=lambda send: meeting.wait(HANG) + 1 and send(NEWS.answer({}))))
    assert all(titles(found) == ["One"] for _, found in fetcher.fetch_all(wanted.items(), workers=8))
    most = dict(server.most_at_once)
    assert most.pop("*") >= 4
    assert set(most.values()) == {1}


def test_no_more_are_asked_at_once_than_there_are_workers(server: FeedServer, fetcher: Fetcher) -> None:
    wanted = feeds(server, hosts=12, each=1, page=Page(body=NEWS.body, delay=0.05))
    list(fetcher.fetch_all(wanted.items(), workers=3))
    assert server.most_at_once["*"] <= 3


def test_nothing_to_fetch_is_a_round_too(fetcher: Fetcher) -> None:
    assert list(fetcher.fetch_all([])) == []


def test_what_is_no_address_is_told_with_the_others(server: FeedServer, fetcher: Fetcher) -> None:
    wanted = [
        ("bad", request("nonsense")),
        ("good", request(server.put("/feed", NEWS))),
        ("worse", request("\0")),
    ]
    found = dict(fetcher.fetch_all(wanted))
    assert reason(found["bad"]) == "address_scheme"
    assert reason(found["worse"]) == "address_wrong"
    assert titles(found["good"]) == ["One"]


def test_slow_hosts_hold_back_no_other(server: FeedServer, fetcher: Fetcher) -> None:
    """More of them than workers: they wait on their own time, and the others are done long before."""
    slow = {
        f"/slow{n}": request(server.put(f"/slow{n}", Page(delay=NEVER)).replace("127.0.0.1", f"s{n}.test"))
        for n in range(6)
    }
    wanted = {**slow, **feeds(server, hosts=20, each=2, page=NEWS)}
    round_ = fetcher.fetch_all(wanted.items(), workers=2)
    told = {key for key, _ in (next(round_) for _ in range(40))}
    assert told == set(wanted) - set(slow)
    round_.close()  # type: ignore[attr-defined]


def close_once_busy(server: FeedServer, fetcher: Fetcher, count: int) -> None:
    """Closes the fetcher as soon as so many of its requests wait for their answers."""

    def close() -> None:
        server.wait_until_busy(count)
        fetcher.close()

    threading.Thread(target=close, daemon=True).start()


def test_closing_ends_a_round_while_servers_hang(server: FeedServer, fetcher: Fetcher) -> None:
    hanging = feeds(server, hosts=8, each=2, page=Page(delay=NEVER))
    hanging["/quick"] = request(server.put("/quick", NEWS))
    told: list[tuple[str, Fetched]] = []
    close_once_busy(server, fetcher, 4)
    told.extend(fetcher.fetch_all(hanging.items(), workers=4))  # it ends, although nothing is answered
    assert {key for key, _ in told} <= {"/quick"}  # what was cut short is not told as a failure


def test_closing_ends_a_fetch_that_waits(server: FeedServer, fetcher: Fetcher) -> None:
    url = server.put("/feed", Page(delay=NEVER))
    close_once_busy(server, fetcher, 1)
    with pytest.raises(StoppedError):
        fetcher.fetch(request(url))


def test_a_closed_fetcher_asks_nobody(server: FeedServer, fetcher: Fetcher) -> None:
    url = server.put("/feed", NEWS)
    fetcher.fetch(request(url))
    fetcher.close()
    fetcher.close()
    with pytest.raises(StoppedError):
        fetcher.fetch(request(url))
    assert list(fetcher.fetch_all([("feed", request(url))])) == []
    assert len(server.seen) == 1


def test_a_reader_that_leaves_early_ends_the_round(server: FeedServer, fetcher: Fetcher) -> None:
    wanted = feeds(server, hosts=1, each=30, page=Page(body=NEWS.body, delay=0.02))
    for _ in fetcher.fetch_all(wanted.items()):
        break
    time.sleep(0.3)
    assert len(server.seen) < 10


LEAVING = """
import sys, threading
from zoneinfo import ZoneInfo
from threatstamp.core.news.feed import Request
from threatstamp.feeds.fetch import Fetcher
fetcher = Fetcher(allow_private=["127.0.0.0/8"], environ={})
wanted = [(n, Request(url=sys.argv[1], zone=ZoneInfo("UTC"), most=1000)) for n in range(3)]
threading.Timer(0.3, fetcher.close).start()
print(list(fetcher.fetch_all(wanted)))
"""


def test_a_process_ends_although_a_server_hangs(server: FeedServer) -> None:
    url = server.put("/feed", Page(delay=NEVER))
    command = [sys.executable, "-W", "error", "-c", LEAVING, url]
    done = subprocess.run(command, capture_output=True, check=True, timeout=HANG)
    assert (done.stdout, done.stderr) == (b"[]\n", b"")


def test_many_threads_may_use_one_fetcher(server: FeedServer) -> None:
    url = server.put("/feed", NEWS)
    found: list[list[str | None]] = []

    def fetch_often(fetcher: Fetcher) -> None:
        for _ in range(20):
            found.append(titles(fetcher.fetch(request(url))))

    with local_fetcher() as fetcher:
        threads = [threading.Thread(target=fetch_often, args=(fetcher,)) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(HANG)
    assert found == [["One"]] * 160


def test_a_thousand_feeds_leave_few_connections_open(server: FeedServer, fetcher: Fetcher) -> None:
    wanted = feeds(server, hosts=500, each=2, page=Page(body=NEWS.body, etag='"v"'))
    assert sum(found.document is not None for _, found in fetcher.fetch_all(wanted.items())) == 1000
    assert len(fetcher._client._idle) <= 32
    assert server.connections < 1100


# The round by itself


def test_what_a_task_raises_is_raised_where_the_round_is_read() -> None:
    def fail() -> int:
        raise LookupError("one")

    this: Round[str, int] = Round(workers=2, is_stopped=lambda: False)
    with pytest.raises(LookupError):
        list(this.run([("a", "x", fail), ("b", "y", lambda: 1)]))


def test_a_slow_reader_is_not_flooded() -> None:
    done: list[int] = []
    this: Round[int, None] = Round(workers=2, is_stopped=lambda: False)
    tasks = [(f"h{n}", n, lambda n=n: done.append(n)) for n in range(200)]
    outcomes = this.run(tasks)
    next(outcomes)
    time.sleep(0.5)
    assert len(done) < 20
    assert len(list(outcomes)) == 199
