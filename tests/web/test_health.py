"""The server for monitoring services: what it answers, to whom, and how it ends."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection

import pytest

from tests.support.forks import HANG
from threatstamp.web.health import Answers, health_routes
from threatstamp.web.server import MOST, WebServer

REASON = {"part": "database", "name": "", "message": "データベース"}


@contextmanager
def served(answers: Answers, host: str = "127.0.0.1") -> Iterator[WebServer]:
    server = WebServer(health_routes(answers), host=host, port=0)
    server.start()
    try:
        yield server
    finally:
        server.close()


def ask(server: WebServer, path: str, method: str = "GET") -> tuple[int, str, dict[str, str]]:
    connection = HTTPConnection("127.0.0.1", server.port, timeout=20)
    connection.request(method, path)
    answer = connection.getresponse()
    found = (
        answer.status,
        answer.read().decode(),
        {name.lower(): value for name, value in answer.getheaders()},
    )
    connection.close()
    return found


def test_each_page_says_what_is_so_now() -> None:
    reasons: list[dict[str, str]] = []
    with served(Answers(health=lambda: reasons, readiness=lambda: [REASON])) as server:
        status, text, headers = ask(server, "/healthz")
        assert (status, json.loads(text)) == (200, {"ok": True, "reasons": []})
        assert headers["cache-control"] == "no-store"
        assert "server" not in headers
        assert ask(server, "/readyz")[0] == 503
        reasons.append(REASON)
        status, text, _ = ask(server, "/healthz")
        assert (status, json.loads(text)) == (503, {"ok": False, "reasons": [REASON]})


def test_metrics_are_there_only_if_they_were_wanted() -> None:
    def nothing() -> list[dict[str, str]]:
        return []

    with served(Answers(health=nothing, readiness=nothing)) as server:
        assert ask(server, "/metrics")[0] == 404
    with served(Answers(health=nothing, readiness=nothing, metrics=lambda: "a 1\n")) as server:
        status, text, headers = ask(server, "/metrics")
        assert (status, text) == (200, "a 1\n")
        assert headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"


@pytest.mark.parametrize(
    ("method", "path", "status"), [("POST", "/healthz", 405), ("GET", "/slack/events", 404)]
)
def test_nothing_else_is_there(method: str, path: str, status: int) -> None:
    with served(Answers(health=list, readiness=list)) as server:
        assert ask(server, path, method)[0] == status


def test_an_answer_that_fails_is_an_answer_and_the_next_one_is_given() -> None:
    answers = [ValueError("a bug")]

    def fail_once() -> list[dict[str, str]]:
        if answers:
            raise answers.pop()
        return []

    with served(Answers(health=fail_once, readiness=list)) as server:
        assert ask(server, "/healthz")[0] == 500
        assert ask(server, "/healthz")[0] == 200


def test_a_port_that_is_taken_is_an_error_at_once() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        server = WebServer(
            health_routes(Answers(health=list, readiness=list)), host="127.0.0.1", port=taken.getsockname()[1]
        )
        with pytest.raises(OSError, match="in use"):
            server.start()
        server.close()


def test_half_a_request_keeps_nobody_out_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("threatstamp.web.server.LONGEST", 0.5)
    with served(Answers(health=list, readiness=list)) as server:
        hanging = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(MOST)]
        for one in hanging:
            one.sendall(b"GET /healthz HTTP/1.1\r\n")
            one.settimeout(HANG)
        assert [one.recv(1) for one in hanging] == [b""] * MOST
        assert ask(server, "/healthz")[0] == 200
        for one in hanging:
            one.close()


def test_it_ends_although_a_client_hangs() -> None:
    with served(Answers(health=list, readiness=list)) as server:
        hanging = socket.create_connection(("127.0.0.1", server.port))
        hanging.sendall(b"GET /healthz HTTP/1.1\r\n")
        assert ask(server, "/healthz")[0] == 200
    assert not server._thread.is_alive()
    hanging.close()
