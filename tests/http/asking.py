"""What the tests of the client share: a client that reaches this machine, and questions to it."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from tests.support.feedserver import Page, Send
from threatstamp.http.client import Client
from threatstamp.http.errors import ExchangeError
from threatstamp.http.guard import EVERYWHERE
from threatstamp.http.question import Answer, Headers, Method, Question, Writer
from threatstamp.http.target import read_target

MOST = 2_000_000


def local_client() -> Client:
    return Client(allow_private=EVERYWHERE, environ={})


def question(
    url: str,
    method: Method = Method.GET,
    *,
    headers: Headers = (),
    body: bytes | None = None,
    most: int = MOST,
    seconds: float = 30.0,
    bodies: frozenset[int] | None = None,
    into: Callable[[Answer], Writer] | None = None,
) -> Question:
    return Question(
        target=read_target(url),
        method=method,
        headers=headers,
        body=body,
        most=most,
        until=time.monotonic() + seconds,
        bodies=bodies,
        into=into,
    )


def failure(client: Client, asked: Question) -> ExchangeError:
    """Asks, and returns why there was no answer."""
    with pytest.raises(ExchangeError) as caught:
        client.ask(asked)
    return caught.value


def sending(*pieces: bytes) -> Page:
    """A page that sends just these bytes and hangs up."""

    def run(send: Send) -> None:
        for piece in pieces:
            send(piece)

    return Page(raw=run)
