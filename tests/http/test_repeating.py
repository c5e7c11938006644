"""A server may hang up at any moment: what is asked again then, and what never is."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.feeds.fetching import Dials, Names
from tests.http.asking import failure, local_client, question, sending
from tests.support.feedserver import FeedServer, Page, Send, feed_server
from tests.support.tunnel import tunnel
from threatstamp.http.client import Client
from threatstamp.http.errors import Fault, StoppedError
from threatstamp.http.guard import EVERYWHERE
from threatstamp.http.question import Method

REPEATABLE = [Method.GET, Method.HEAD, Method.PUT, Method.DELETE]
ONCE = [Method.POST, Method.PATCH]
BAD_ENDS = {
    "silence": Page(raw=lambda send: None),
    "reset": Page(raw=lambda send: None, is_reset=True),
    "half": sending(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf"),
    "noise": sending(b"\r\nnoise"),
}


@pytest.fixture
def server() -> Iterator[FeedServer]:
    with feed_server() as made:
        yield made


@pytest.fixture
def client() -> Iterator[Client]:
    with local_client() as made:
        yield made


@pytest.mark.parametrize("is_reset", [False, True])
@pytest.mark.parametrize("method", REPEATABLE)
def test_what_may_be_asked_twice_is_asked_again_when_a_kept_connection_was_dead(
    server: FeedServer, client: Client, method: Method, is_reset: bool
) -> None:
    url = server.put("/", Page(), Page(raw=lambda send: None, is_reset=is_reset), Page(status=204))
    client.ask(question(url))
    assert client.ask(question(url, method)).status == 204
    assert [(seen.method, seen.connection) for seen in server.seen] == [
        ("GET", 1),
        (method.value, 1),
        (method.value, 2),
    ]


@pytest.mark.parametrize("end", BAD_ENDS)
@pytest.mark.parametrize("is_kept", [False, True])
@pytest.mark.parametrize("method", ONCE)
def test_a_post_is_never_sent_twice(
    server: FeedServer, client: Client, method: Method, is_kept: bool, end: str
) -> None:
    if is_kept:
        client.ask(question(server.put("/before", Page())))
    url = server.put("/", BAD_ENDS[end], Page(body=b"twice"))
    error = failure(client, question(url, method, body=b"once"))
    assert error.fault in (Fault.CUT, Fault.PROTOCOL)
    assert error.is_sent
    assert [seen.body for seen in server.asked("/")] == [b"once"]


@pytest.mark.parametrize("method", ONCE)
def test_a_post_goes_over_a_connection_of_its_own_so_that_it_meets_no_dead_one(
    server: FeedServer, client: Client, method: Method
) -> None:
    url = server.put("/", Page())
    for asked in (Method.GET, method, method, Method.GET, Method.GET):
        client.ask(question(url, asked))
    assert [seen.connection for seen in server.seen] == [1, 2, 3, 3, 3]


def test_a_new_connection_that_ends_is_an_error_and_not_asked_again(
    server: FeedServer, client: Client
) -> None:
    url = server.put("/", Page(raw=lambda send: None), Page())
    assert failure(client, question(url)).fault in (Fault.CUT, Fault.PROTOCOL)
    assert len(server.seen) == 1


def test_an_answer_that_came_in_part_is_not_asked_for_again(server: FeedServer, client: Client) -> None:
    url = server.put("/", Page(), BAD_ENDS["half"], Page())
    client.ask(question(url))
    assert failure(client, question(url)).received == 4
    assert len(server.seen) == 2


def test_it_is_said_whether_a_question_may_have_arrived(server: FeedServer) -> None:
    dead = {"1.2.3.4": ConnectionRefusedError, "1.2.3.5": TimeoutError, "1.2.3.6": OSError}
    with Client(environ={}, resolve=Names(), connect=Dials(server.port, dead=dead)) as client:
        for host in (*dead, "unknown.test", "10.0.0.1"):
            assert not failure(client, question(f"http://{host}/", Method.POST)).is_sent


def test_what_a_proxy_was_told_is_not_what_its_server_was_told(server: FeedServer) -> None:
    proxy = {"HTTPS_PROXY": f"http://127.0.0.1:{server.port}"}
    with Client(allow_private=EVERYWHERE, environ=proxy) as client:
        error = failure(client, question("https://feeds.test/", Method.POST, body=b"x"))
    assert (error.fault, error.is_sent) == (Fault.PROXY_REFUSED, False)
    assert [seen.method for seen in server.seen] == ["CONNECT"]


def test_what_a_tunnel_was_opened_for_was_not_sent_before_the_certificate_is_trusted(
    certificate: Path,
) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with feed_server(tls=context) as server, tunnel(server.port) as (port, asked):
        proxy = {"HTTPS_PROXY": f"http://127.0.0.1:{port}"}
        with Client(allow_private=EVERYWHERE, environ=proxy) as client:
            error = failure(client, question("https://feeds.test/", Method.POST, body=b"x"))
    assert (error.fault, error.is_sent) == (Fault.CERTIFICATE, False)
    assert len(asked) == 1


def test_a_certificate_that_is_not_trusted_means_that_nothing_was_sent(certificate: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with feed_server(tls=context) as server, local_client() as client:
        error = failure(client, question(server.put("/", Page()), Method.POST, body=b"x"))
        assert (error.fault, error.is_sent) == (Fault.CERTIFICATE, False)
        assert server.seen == []


def test_closing_ends_a_post_that_waits(server: FeedServer, client: Client) -> None:
    arrived = threading.Event()
    ended: list[type[BaseException]] = []

    def hang(send: Send) -> None:
        arrived.set()
        server.closing.wait()

    def ask() -> None:
        try:
            client.ask(question(server.put("/", Page(raw=hang)), Method.POST))
        except BaseException as error:
            ended.append(type(error))

    thread = threading.Thread(target=ask)
    thread.start()
    assert arrived.wait(30)
    client.close()
    thread.join(30)
    assert ended == [StoppedError]
