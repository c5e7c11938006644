"""Every method, with its body and headers, and what is said in return, whatever the status."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator

import pytest

from tests.feeds.fetching import Names
from tests.http.asking import failure, local_client, question, sending
from tests.support.feedserver import FeedServer, Page, feed_server
from threatstamp import __version__
from threatstamp.http.client import Client
from threatstamp.http.errors import Fault
from threatstamp.http.guard import EVERYWHERE
from threatstamp.http.question import Method

REFUSAL = {"error": {"code": 403, "status": "PERMISSION_DENIED", "message": "権限がありません"}}


@pytest.fixture
def server() -> Iterator[FeedServer]:
    with feed_server() as made:
        yield made


@pytest.fixture
def client() -> Iterator[Client]:
    with local_client() as made:
        yield made


@pytest.mark.parametrize("method", Method)
def test_a_question_arrives_with_its_method_headers_and_body(
    server: FeedServer, client: Client, method: Method
) -> None:
    url = server.put("/values?key=1", Page(body=b'{"ok":true}', headers={"Content-Type": "application/json"}))
    headers = ((b"Authorization", b"Bearer secret"), (b"Content-Type", b"application/json"))
    answer = client.ask(question(url, method, headers=headers, body=b'{"values":[["a"]]}'))
    [seen] = server.seen
    assert (seen.method, seen.path, seen.body) == (method.value, "/values?key=1", b'{"values":[["a"]]}')
    assert (seen.headers["authorization"], seen.headers["content-length"]) == ("Bearer secret", "18")
    assert answer.is_success
    assert answer.body == (b"" if method is Method.HEAD else b'{"ok":true}')
    assert answer.headers["content-type"] == "application/json"


@pytest.mark.parametrize("method", Method)
def test_the_length_of_no_body_is_said_where_a_body_is_waited_for(
    server: FeedServer, client: Client, method: Method
) -> None:
    client.ask(question(server.put("/", Page()), method))
    length = server.seen[0].headers.get("content-length")
    assert length == ("0" if method in (Method.POST, Method.PUT, Method.PATCH) else None)


def test_a_large_body_arrives_whole(server: FeedServer, client: Client) -> None:
    body = bytes(range(256)) * 20_000
    assert client.ask(question(server.put("/", Page()), Method.PUT, body=body)).status == 200
    assert server.seen[0].body == body


def test_headers_of_a_question_replace_the_usual_ones(server: FeedServer, client: Client) -> None:
    url = server.put("/", Page()).replace("//", "//user:word@")
    client.ask(question(url))
    own = (
        (b"user-agent", b"mine"),
        (b"accept-encoding", b"identity"),
        (b"authorization", b"Bearer x"),
    )
    client.ask(question(url, headers=own))
    usual, replaced = (seen.headers for seen in server.seen)
    assert usual["user-agent"] == f"Threatstamp/{__version__}"
    assert usual["authorization"].startswith("Basic ")
    assert (replaced["user-agent"], replaced["accept-encoding"]) == ("mine", "identity")
    assert replaced["authorization"] == "Bearer x"
    assert usual.keys() == replaced.keys()


@pytest.mark.parametrize("status", [301, 400, 401, 403, 404, 409, 410, 429, 500, 503])
def test_an_error_says_why_and_its_connection_is_kept(
    server: FeedServer, client: Client, status: int
) -> None:
    page = Page(
        status=status,
        body=gzip.compress(json.dumps(REFUSAL).encode()),
        headers={"Content-Encoding": "gzip", "Retry-After": "7"},
    )
    url = server.put("/", page)
    for _ in range(2):
        answer = client.ask(question(url))
        assert (answer.status, json.loads(answer.body), answer.is_success) == (status, REFUSAL, False)
        assert answer.headers["retry-after"] == "7"
    assert server.connections == 1


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        (b"Content-Length: 100000\r\n\r\n" + b"x" * 100_000, b"x" * 64_000),
        (b"Content-Length: 99999999999\r\n\r\nwhy", b"why"),
        (b"Content-Encoding: br\r\n\r\n\x0b\x01", b""),
        (b"Content-Encoding: gzip\r\n\r\n\x1f\x8bbroken", b""),
        (b"Transfer-Encoding: chunked\r\n\r\n3\r\nwhy\r\nzz", b"why"),
    ],
    ids=["long", "cut", "encoding", "packing", "chunks"],
)
def test_an_error_that_says_why_badly_is_the_same_error(
    server: FeedServer, client: Client, sent: bytes, expected: bytes
) -> None:
    answer = client.ask(question(server.put("/", sending(b"HTTP/1.1 403 Forbidden\r\n" + sent))))
    assert answer.status == 403
    assert answer.body[: len(expected) or None] == expected
    assert len(answer.body) <= 64_000


def test_bodies_that_nobody_wants_are_not_read(server: FeedServer, client: Client) -> None:
    for status in (200, 404):
        url = server.put(f"/{status}", Page(status=status, body=b"words"))
        assert client.ask(question(url, bodies=frozenset({200}))).body == (b"words" if status == 200 else b"")


def test_a_head_says_how_long_the_body_would_be_and_no_limit_minds(
    server: FeedServer, client: Client
) -> None:
    url = server.put("/", Page(body=b"x" * 5_000, headers={"Content-Encoding": "gzip"}))
    for _ in range(2):
        answer = client.ask(question(url, Method.HEAD, most=10))
        assert (answer.headers["content-length"], answer.body) == ("5000", b"")
    assert server.connections == 1


@pytest.mark.parametrize("value", [b"Bearer secret\n", b"Bearer secret\r\nX: y", b"Bearer secret\0"])
def test_a_header_that_cannot_be_sent_is_not_quoted(server: FeedServer, client: Client, value: bytes) -> None:
    error = failure(client, question(server.put("/", Page()), headers=((b"Authorization", value),)))
    assert (error.fault, error.is_sent) == (Fault.UNSENDABLE, False)
    assert error.__suppress_context__
    assert "secret" not in f"{error!r} {error.values} {error.__cause__}"
    assert server.seen == []


def test_behind_a_proxy_nobody_looks_up_what_may_be_anywhere(server: FeedServer) -> None:
    names = Names()
    server.put("http://inside.test/", Page(body=b"here"))
    proxy = {"HTTP_PROXY": f"http://127.0.0.1:{server.port}"}
    with Client(allow_private=EVERYWHERE, environ=proxy, resolve=names) as client:
        assert client.ask(question("http://inside.test/", Method.POST, body=b"x")).body == b"here"
    assert names.asked == []
    assert server.seen[0].body == b"x"
