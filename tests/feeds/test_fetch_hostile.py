"""Servers that mean harm, or are broken: each costs a little time and memory, and is a problem that is shown."""

from __future__ import annotations

import json
import socket
import time
import zlib
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.feeds.fetching import MOST, local_fetcher, reason, request, titles
from tests.support.feedserver import FeedServer, Page, Send, feed_server, rss
from tests.support.forks import HANG, Forks
from threatstamp.core.news.feed import ProblemKind, Validators
from threatstamp.feeds.fetch import Fetcher

BODY = rss("One")
OK = b"HTTP/1.1 200 OK\r\n"


@pytest.fixture
def server() -> Iterator[FeedServer]:
    with feed_server() as made:
        yield made


@pytest.fixture
def fetcher() -> Iterator[Fetcher]:
    with local_fetcher(seconds=HANG) as made:
        yield made


def sending(*pieces: bytes) -> Page:
    """A page that sends just these bytes and hangs up."""
    return Page(raw=lambda send: [send(piece) for piece in pieces])


def endless(start: bytes, piece: bytes, *, pause: float = 0.0) -> Page:
    """A page that never ends."""

    def run(send: Send) -> None:
        send(start)
        while send(piece):
            time.sleep(pause)

    return Page(raw=run)


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


# Time


@pytest.mark.parametrize(
    "page",
    [
        endless(b"", b""),
        endless(b"HTTP/1.1", b"", pause=0.02),
        endless(OK + b"X: ", b"a", pause=0.02),
        endless(OK, b"X: y\r\n", pause=0.02),
        endless(OK + b"\r\n", b" ", pause=0.02),
        endless(OK + b"Content-Length: 1000000\r\n\r\n", b" ", pause=0.02),
        endless(OK + b"Transfer-Encoding: chunked\r\n\r\n", chunk(b" "), pause=0.02),
        endless(OK + b"Transfer-Encoding: chunked\r\n\r\n0\r\n", b"X: y\r\n", pause=0.02),
        endless(b"", b"HTTP/1.1 100 Continue\r\n\r\n", pause=0.02),
        endless(OK + b"Content-Encoding: gzip\r\n\r\n\x1f\x8b\x08\0\0\0\0\0\0\xff", b"\0\0\0\xff\xff", pause=0.02),
        Page(delay=2 * HANG, body=BODY),
    ],
    ids=["nothing", "status", "header", "headers", "body", "length", "chunks", "trailer", "100", "gzip", "late"],
)  # fmt: skip
def test_a_server_that_only_drips_is_left_in_time(server: FeedServer, page: Page) -> None:
    url = server.put("/feed", page)
    with local_fetcher(seconds=0.3) as fetcher:
        found = fetcher.fetch(request(url))  # who waited for the end of such a page would wait for ever
    assert reason(found) == "timeout"
    assert found.problem is not None
    assert found.problem.kind is ProblemKind.TIMEOUT


def test_redirects_share_one_time(server: FeedServer) -> None:
    for number in range(6):
        slow = Page(status=302, headers={"Location": f"/{number + 1}"}, delay=0.3)
        server.put(f"/{number}", slow)
    with local_fetcher(seconds=0.7) as fetcher:
        assert reason(fetcher.fetch(request(server.url("/0")))) == "timeout"
    assert len(server.seen) <= 4


# Size


def test_what_is_too_long_by_its_own_words_is_not_read(server: FeedServer, fetcher: Fetcher) -> None:
    url = server.put("/feed", endless(OK + b"Content-Length: 99999999999999999999\r\n\r\n", b"x" * 1000))
    assert reason(fetcher.fetch(request(url))) == "answer_too_large"


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        (endless(OK + b"\r\n", b"x" * 50_000), "answer_too_large"),
        (endless(OK + b"Transfer-Encoding: chunked\r\n\r\n", chunk(b"x" * 50_000)), "answer_too_large"),
        (endless(OK + b"Transfer-Encoding: chunked\r\n\r\n", chunk(b"x") * 5_000), "answer_too_much"),
        (endless(OK, b"X: y\r\n" * 100), "answer_head"),
        (endless(OK + b"X: ", b"y" * 1000), "answer_head"),
        (endless(b"", b"y" * 1000), "answer_head"),
        (endless(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 100), "answer_too_much"),
        (endless(OK + b"Content-Encoding: gzip\r\n\r\n", b"\x1f\x8b\x08\0\0\0\0\0\0\xff\3\0" + b"\0" * 8), "answer_too_much"),
    ],
    ids=["body", "chunks", "tiny chunks", "headers", "header", "status", "100", "empty gzips"],
)  # fmt: skip
def test_what_has_no_end_is_cut_at_its_limit(
    server: FeedServer, fetcher: Fetcher, page: Page, expected: str
) -> None:
    found = fetcher.fetch(request(server.put("/feed", page), most=100_000))
    assert reason(found) == expected
    assert found.problem is not None
    assert found.problem.kind is ProblemKind.TOO_LARGE


def test_a_document_of_exactly_the_limit_is_read(server: FeedServer, fetcher: Fetcher) -> None:
    url = server.put("/feed", Page(body=BODY))
    assert titles(fetcher.fetch(request(url, most=len(BODY)))) == ["One"]
    assert reason(fetcher.fetch(request(url, most=len(BODY) - 1))) == "answer_too_large"


def test_large_headers_within_reason_pass(server: FeedServer, fetcher: Fetcher) -> None:
    url = server.put("/feed", Page(body=BODY, headers={"X": "y" * 30_000, "ETag": "e" * 2_000}))
    found = fetcher.fetch(request(url))
    assert titles(found) == ["One"]
    assert found.validators is not None
    assert found.validators.etag is None  # nobody keeps such a tag


@cache
def bomb() -> bytes:
    """200 MB of nothing, deflated."""
    packer = zlib.compressobj(9, wbits=-15)
    block = b"\0" * 1_000_000
    return b"".join(packer.compress(block) for _ in range(200)) + packer.flush()


@pytest.mark.parametrize(
    ("encoding", "head", "wbits"),
    [("gzip", b"\x1f\x8b\x08\0\0\0\0\0\0\xff", 31), ("deflate", b"\x78\xda", 15), ("deflate", b"", -15)],
)
def test_a_bomb_of_200_megabytes_does_not_go_off(
    server: FeedServer, readers: Forks, tmp_path: Path, encoding: str, head: bytes, wbits: int
) -> None:
    body = head + bomb()  # without a sum at its end: nobody gets so far
    assert len(body) < 300_000
    packed = tmp_path / "packed"
    packed.write_bytes(body)
    url = server.put("/feed", Page(body=body, headers={"Content-Encoding": encoding}))
    done = readers.run("tests.feeds.cost:fetch", url, str(packed), str(wbits))
    said, tenths, megabytes = json.loads(done.stdout)
    assert said == "answer_too_large"
    assert tenths < 1, "it costs more than to unpack a tenth of it"
    assert megabytes < 200


# Lies


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        (sending(), "network_protocol"),
        (sending(b"\r\n\r\n"), "network_protocol"),
        (sending(b"SSH-2.0-OpenSSH_9.2\r\n"), "network_protocol"),
        (sending(b"<rss></rss>"), "network_protocol"),
        (sending(b"HTTP/1.1 abc OK\r\n\r\n"), "network_protocol"),
        (sending(b"HTTP/9.9 200 OK\r\n\r\n"), None),
        (sending(OK + b"bad header\r\n\r\n"), "network_protocol"),
        (sending(OK + b"X\0Y: z\r\n\r\n"), "network_protocol"),
        (sending(OK + b"Content-Length: -1\r\n\r\n"), "network_protocol"),
        (sending(OK + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nx"), "network_protocol"),
        (sending(OK + b"Content-Length: 5\r\n\r\n" + BODY), None),
        (sending(OK + b"Transfer-Encoding: chunked\r\n\r\n" + chunk(BODY)[:-60]), "network_protocol"),
        (sending(OK + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n"), "network_protocol"),
        (sending(OK + b"Transfer-Encoding: gzip, chunked\r\n\r\n"), "network_protocol"),
        (sending(OK + b"Content-Encoding: br\r\n\r\n" + BODY), "answer_encoding_unknown"),
        (sending(OK + b"Content-Encoding: gzip\r\n\r\n\x1f\x8b" + BODY), "answer_encoding_broken"),
        (sending(OK + b"Content-Encoding: gzip\r\n\r\n" + zlib.compress(BODY, wbits=31)[:20]), "answer_encoding_broken"),
        (sending(OK + b"Content-Encoding: deflate\r\n\r\n" + BODY), "answer_encoding_broken"),
    ],
)  # fmt: skip
def test_what_is_no_http_is_a_problem(
    server: FeedServer, fetcher: Fetcher, page: Page, expected: str | None
) -> None:
    found = fetcher.fetch(request(server.put("/feed", page)))
    if expected is None:
        assert found.document is not None
    else:
        assert reason(found) == expected


TWO = rss("One", "Two")
PACKED = zlib.compress(TWO, wbits=31)
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
GZIP = OK + b"Content-Encoding: gzip\r\n\r\n"


@pytest.mark.parametrize(
    ("page", "expected", "problem"),
    [
        (sending(OK + b"Content-Length: 99999\r\n\r\n" + TWO), ["One", "Two"], "network_protocol"),
        (sending(OK + b"Content-Length: 99999\r\n\r\n" + TWO[:-40]), ["One"], "network_protocol"),
        (sending(CHUNKED + chunk(TWO)), ["One", "Two"], "network_protocol"),
        (sending(CHUNKED + chunk(TWO)[:-40]), ["One"], "network_protocol"),
        (sending(CHUNKED + chunk(TWO) + b"zz\r\n"), ["One", "Two"], "network_protocol"),
        (Page(raw=lambda send: send(CHUNKED + chunk(TWO)), is_reset=True), ["One", "Two"], None),
        (sending(GZIP + PACKED[:-1] + b"!"), ["One", "Two"], ""),
        (sending(GZIP + PACKED[:-8]), ["One", "Two"], ""),
        (sending(GZIP + PACKED[:-3]), ["One", "Two"], ""),
        (sending(GZIP + zlib.compress(TWO[:-40], wbits=31)[:-8]), ["One"], "answer_encoding_broken"),
    ],
)  # fmt: skip
def test_what_arrived_of_a_document_is_saved_with_its_problem(
    server: FeedServer, fetcher: Fetcher, page: Page, expected: list[str], problem: str | None
) -> None:
    found = fetcher.fetch(request(server.put("/feed", page)))
    assert found.document is not None
    assert found.problem is None
    assert [entry.title for entry in found.document.entries] == expected
    if problem != "":
        assert found.document.problem is not None
        assert found.validators is None
        assert problem is None or found.document.problem.reason == problem


def test_what_arrived_before_the_time_was_over_is_saved(server: FeedServer) -> None:
    url = server.put("/feed", endless(OK + b"\r\n" + TWO[:-40], b" ", pause=0.02))
    with local_fetcher(seconds=0.3) as fetcher:
        found = fetcher.fetch(request(url))
    assert found.document is not None
    assert [entry.title for entry in found.document.entries] == ["One"]
    assert found.document.problem is not None
    assert found.document.problem.kind is ProblemKind.TIMEOUT


@pytest.mark.parametrize(
    "head",
    [
        OK + b"\r\n",
        OK + b"Content-Encoding: utf-8\r\n\r\n",
        OK + b"Content-Encoding: none\r\n\r\n",
        OK + b"Content-Encoding: aws-chunked\r\n\r\n",
        OK + b"Content-Encoding: gzip, gzip\r\n\r\n",
        OK + b"Server : x\r\n\r\n",
        OK + b"Transfer-Encoding: identity\r\n\r\n",
        b"HTTP/1.0 200 OK\r\n\r\n",
        b"HTTP/1.1 200\r\n\r\n",
        b"HTTP/1.1 200 \xe3\x81\x82\r\n\r\n",
        b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + OK + b"\r\n",
        OK + b"Content-Encoding: gzip\r\n\r\n",
        OK + b"Content-Encoding: identity\r\n\r\n",
        OK + b"Content-Type: text/html; charset=nonsense\r\n\r\n",
        OK + b"X: \xff\xfe\r\nETag: \xe9\r\n\r\n",
        OK + b"Retry-After: never\r\nDate: \xe9\r\n\r\n",
    ],
)
def test_what_is_merely_odd_is_read(server: FeedServer, fetcher: Fetcher, head: bytes) -> None:
    assert titles(fetcher.fetch(request(server.put("/feed", sending(head + BODY))))) == ["One"]


def test_what_follows_an_answer_is_not_taken_for_the_next_answer(
    server: FeedServer, fetcher: Fetcher
) -> None:
    wrong = OK + b"Content-Length: 5\r\n\r\nwrong"

    def smuggle(send: Send) -> None:
        send(b'HTTP/1.1 204 No Content\r\nETag: "a"\r\n\r\n' + wrong)
        time.sleep(0.5)

    url = server.put("/feed", Page(raw=smuggle), Page(body=BODY))
    assert reason(fetcher.fetch(request(url))) == "http_status"
    assert titles(fetcher.fetch(request(url))) == ["One"]


@pytest.mark.parametrize("start", [b"", OK, OK + b"Content-Length: 100\r\n\r\nabc"])
def test_a_connection_that_breaks_is_a_problem_of_the_network(
    server: FeedServer, fetcher: Fetcher, start: bytes
) -> None:
    page = Page(raw=lambda send: send(start), is_reset=True)
    found = fetcher.fetch(request(server.put("/feed", page)))
    assert reason(found) in ("network_cut", "network_protocol")
    assert found.problem is not None
    assert found.problem.kind is ProblemKind.NETWORK


def test_a_page_that_fails_once_does_not_spoil_the_next_fetch(server: FeedServer, fetcher: Fetcher) -> None:
    makers: list[Callable[[], Page]] = [
        lambda: sending(OK + b"Content-Length: 9999\r\n\r\nshort"),
        lambda: Page(status=500, body=b"x" * 100),
        lambda: Page(status=404),
        lambda: Page(body=b"y" * (MOST + 1)),
    ]
    for make in makers:
        url = server.put("/feed", make(), Page(body=BODY))
        assert reason(fetcher.fetch(request(url)))
        assert titles(fetcher.fetch(request(url))) == ["One"]


def _saying(said: bytes) -> Callable[[str, int, float], socket.socket]:
    """A way to a server that says this to whatever is asked, and hangs up."""

    def connect(address: str, port: int, seconds: float) -> socket.socket:
        ours, theirs = socket.socketpair()
        with theirs:
            theirs.sendall(said)
            theirs.shutdown(socket.SHUT_WR)
        return ours

    return connect


HEADS = st.sampled_from(
    [b"Content-Length: ", b"Transfer-Encoding: ", b"Content-Encoding: ", b"Location: ", b"Retry-After: ", b"ETag: ", b"Date: ", b"Last-Modified: ", b"Content-Type: "]
)  # fmt: skip
VALUES = st.one_of(
    st.binary(max_size=20),
    st.sampled_from([b"chunked", b"gzip", b"deflate", b"0", b"5", b"-1", b"/", b"//", b"http://", b"http://[", b"http://1.2.3.4/%", b"text/xml; charset=x", b"Tue, 24 Nov 2026 10:00:00 GMT", b"Tue, 24 Nov 0001 10:00:00 +2400"]),
)  # fmt: skip


@given(
    status=st.integers(0, 999),
    heads=st.lists(st.tuples(HEADS, VALUES), max_size=4),
    body=st.one_of(st.binary(max_size=60), st.just(BODY), st.just(zlib.compress(BODY, wbits=31))),
)
def test_whatever_a_server_says_is_an_outcome(
    status: int, heads: list[tuple[bytes, bytes]], body: bytes
) -> None:
    lines = b"".join(name + value + b"\r\n" for name, value in heads)
    said = b"HTTP/1.1 %03d OK\r\n%b\r\n%b" % (status, lines, body)
    with Fetcher(environ={}, connect=_saying(said), seconds=5) as fetcher:
        found = fetcher.fetch(request("http://1.2.3.4/feed", Validators(etag='"a"')))
    assert (found.document is not None) + found.unchanged + (found.problem is not None) == 1
    if found.validators is not None:
        assert found.validators.digest
