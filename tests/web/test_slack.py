"""Slack's requests at the server: how large, how many, how slow, and where."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.client import HTTPConnection

import pytest

from tests.support.forks import HANG
from tests.web.test_health import ask
from threatstamp.web.health import Answers, health_routes
from threatstamp.web.server import WebServer
from threatstamp.web.slack import AT_ONCE, LARGEST, Answer, slack_routes


@contextmanager
def served(answer: Answer) -> Iterator[WebServer]:
    routes = [*health_routes(Answers(health=list, readiness=list)), *slack_routes(answer)]
    server = WebServer(routes, host="127.0.0.1", port=0)
    server.start()
    try:
        yield server
    finally:
        server.close()


def echo(place: str, headers: Mapping[str, str], body: bytes) -> tuple[int, str]:
    return 200, json.dumps([place, headers.get("x-slack-signature", ""), len(body)])


def post(server: WebServer, body: object, place: str = "events") -> tuple[int, str]:
    connection = HTTPConnection("127.0.0.1", server.port, timeout=HANG)
    connection.request("POST", f"/slack/{place}", body, {"X-Slack-Signature": "v0=1"})  # type: ignore[arg-type]
    answer = connection.getresponse()
    found = answer.status, answer.read().decode()
    assert answer.getheader("connection") == "close"
    connection.close()
    return found


@pytest.mark.parametrize("place", ["events", "interactions", "commands"])
def test_each_place_gets_headers_and_the_body_as_it_came(place: str) -> None:
    with served(echo) as server:
        assert post(server, b"a\xff", place) == (200, json.dumps([place, "v0=1", 2]))


def test_a_body_is_read_up_to_a_limit_whether_it_says_its_length_or_not() -> None:
    with served(echo) as server:
        assert post(server, b"x" * LARGEST)[0] == 200
        with socket.create_connection(("127.0.0.1", server.port), timeout=HANG) as large:
            large.sendall(b"POST /slack/events HTTP/1.1\r\nHost: x\r\nContent-Length: 2097153\r\n\r\n")
            assert large.recv(12) == b"HTTP/1.1 413"
        with socket.create_connection(("127.0.0.1", server.port), timeout=HANG) as endless:
            endless.sendall(b"POST /slack/events HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
            for _ in range(2):
                endless.sendall(b"100000\r\n" + b"x" * 0x100000 + b"\r\n")
            endless.sendall(b"1\r\nx\r\n")
            assert endless.recv(12) == b"HTTP/1.1 413"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/slack/events", 405),
        ("PUT", "/slack/commands", 405),
        ("POST", "/slack/other", 404),
        ("GET", "/", 404),
    ],
)
def test_other_methods_and_places_are_refused(method: str, path: str, status: int) -> None:
    with served(echo) as server:
        assert ask(server, path, method)[0] == status


def test_a_fault_of_ours_is_in_the_log_and_500_so_that_slack_sends_it_again(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def fail(place: str, headers: Mapping[str, str], body: bytes) -> tuple[int, str]:
        raise ValueError("a bug")

    with served(fail) as server:
        assert ask(server, "/slack/events", "POST")[0] == 500
    assert "a bug" in caplog.text


def test_health_answers_although_every_request_of_slack_waits_for_the_database() -> None:
    waiting, release = threading.Semaphore(0), threading.Event()

    def hang(place: str, headers: Mapping[str, str], body: bytes) -> tuple[int, str]:
        waiting.release()
        release.wait(HANG)
        return 200, ""

    with served(hang) as server:
        found: list[int] = []
        askers = [
            threading.Thread(target=lambda: found.append(post(server, b"")[0])) for _ in range(5 * AT_ONCE)
        ]
        for one in askers:
            one.start()
        for _ in range(AT_ONCE):
            assert waiting.acquire(timeout=HANG)
        assert ask(server, "/healthz")[0] == 200
        release.set()
        for one in askers:
            one.join(HANG)
        assert found == [200] * len(askers)
