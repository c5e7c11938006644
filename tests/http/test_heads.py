"""Heads as servers write them: what browsers overlook is overlooked, and what is told apart stays told apart."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

import h11
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.http.asking import failure, local_client, question, sending
from tests.support.feedserver import FeedServer, feed_server
from threatstamp.http.client import Client
from threatstamp.http.errors import ExchangeError, Fault
from threatstamp.http.heads import MOST_INTERIM, Head

OK = b"HTTP/1.1 200 OK\r\n"


@pytest.fixture
def server() -> Iterator[FeedServer]:
    with feed_server() as made:
        yield made


@pytest.fixture
def client() -> Iterator[Client]:
    with local_client() as made:
        yield made


def taken(said: bytes, step: int = 1) -> bytes:
    """Returns what the parser gets of this, cut into pieces, and of the end after it."""
    head = Head()
    pieces = [said[start : start + step] for start in range(0, len(said), step)]
    return b"".join(head.take(piece) for piece in (*pieces, b""))


@pytest.mark.parametrize(
    ("fields", "body"),
    [
        (b"Server : x\r\nContent-Length\t: 4\r\n", b"newsX"),
        (b"Transfer-Encoding: identity\r\n", b"news"),
        (b"Transfer-Encoding: identity\r\nContent-Length: 4\r\n", b"newsX"),
        (b"transfer-encoding: Chunked\r\nTransfer-Encoding: identity\r\n", b"4\r\nnews\r\n0\r\n\r\n"),
        (b"Transfer-Encoding: identity, chunked\r\n", b"4\r\nnews\r\n0\r\n\r\n"),
        (b"Transfer-Encoding: chunked, chunked\r\n", b"4\r\nnews\r\n0\r\n\r\n"),
        (b"Transfer-Encoding:\r\n", b"news"),
        (b"Content-Length: \r\n", b"news"),
        (b"Content-Length: 4, 4\r\n", b"newsX"),
        (b"X-Long: a\r\n b\r\nContent-Length : 4\r\n", b"newsX"),
    ],
)
@pytest.mark.parametrize("line", [b"\r\n", b"\n"])
def test_a_head_that_browsers_read_is_read(
    server: FeedServer, client: Client, fields: bytes, body: bytes, line: bytes
) -> None:
    head = (OK + fields + b"\r\n").replace(b"\r\n", line)
    assert client.ask(question(server.put("/", sending(head + body)))).body == b"news"


@pytest.mark.parametrize(
    "fields",
    [
        b"no colon\r\n",
        b"Bad\0Name: x\r\n",
        b"Content-Length: 4\r\nContent-Length: 5\r\n",
        b"Content-Length : 4\r\nContent-Length: 5\r\n",
        b"Content-Length: four\r\n",
        b"Transfer-Encoding: gzip, chunked\r\n",
        b"Transfer-Encoding: rot13\r\n",
    ],
)
def test_what_decides_how_long_a_body_is_must_be_clear(
    server: FeedServer, client: Client, fields: bytes
) -> None:
    url = server.put("/", sending(OK + fields + b"\r\nnews!"))
    assert failure(client, question(url)).fault is Fault.PROTOCOL


def test_interim_answers_are_few(server: FeedServer, client: Client) -> None:
    interim = b"HTTP/1.1 100 Continue\r\n\r\n"
    end = OK + b"Content-Length: 4\r\n\r\nnews"
    few = server.put("/few", sending(interim * MOST_INTERIM + end))
    assert client.ask(question(few)).body == b"news"
    many = server.put("/many", sending(interim * (MOST_INTERIM + 1) + end))
    assert failure(client, question(many)).fault is Fault.TOO_MUCH_SENT


def test_interim_answers_cost_nothing_more_than_their_number() -> None:
    """Nothing of a flood reaches the parser, whatever the pieces, and it ends at the limit."""
    flood = b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" * 10_000
    for step in (1, 10, len(flood)):
        head, passed = Head(), []
        with suppress(ExchangeError):
            for start in range(0, len(flood), step):
                passed.append(head.take(flood[start : start + step]))
        assert len(passed) * step <= 1_000
        assert not any(passed)


@given(
    st.lists(st.tuples(st.text("abcX-", min_size=1, max_size=9), st.text("abc :,;", max_size=9)), max_size=5),
    st.integers(1, 50),
)
def test_a_proper_head_says_the_same_after_it_was_mended(fields: list[tuple[str, str]], step: int) -> None:
    lines = b"".join(f"{name}: {value}\r\n".encode() for name, value in fields)
    said = OK + lines + b"\r\nbody : as it is\n\n"
    parsed = []
    for given_to_it in (said, taken(said, step)):
        parser = h11.Connection(h11.CLIENT)
        parser.send(h11.Request(method="GET", target="/", headers=[("Host", "a")]))
        parser.receive_data(given_to_it)
        parsed.append((parser.next_event(), parser.next_event()))
    assert parsed[0] == parsed[1]


@given(st.binary(max_size=80), st.integers(1, 20))
def test_whatever_comes_is_handed_on_in_the_end(said: bytes, step: int) -> None:
    assert taken(said, step).endswith(said[-1:])
