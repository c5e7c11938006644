"""What the tests of fetching share: fetchers that reach the local server, names and dials of their own."""

from __future__ import annotations

import socket
from collections.abc import Mapping, Sequence
from zoneinfo import ZoneInfo

from threatstamp.core.news.entry import Fetched
from threatstamp.core.news.feed import Request, Validators
from threatstamp.feeds.fetch import Fetcher

ZONE = ZoneInfo("Asia/Tokyo")
LOCAL = ("127.0.0.0/8",)
MOST = 2_000_000


class Names:
    """A name server in memory: each name's answers in turn, the last one for ever."""

    def __init__(self, **answers: Sequence[Sequence[str]]) -> None:
        self._answers = {name.replace("_", "."): list(turns) for name, turns in answers.items()}
        self.asked: list[str] = []

    def __call__(self, host: str, port: int) -> list[str]:
        self.asked.append(host)
        turns = self._answers.get(host)
        if turns is None:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return list(turns.pop(0) if len(turns) > 1 else turns[0])


class Dials:
    """Leads every address to one local server, and remembers which were dialled."""

    def __init__(self, port: int, *, dead: Mapping[str, type[OSError]] | None = None) -> None:
        self._port = port
        self._dead = dead or {}
        self.dialled: list[str] = []

    def __call__(self, address: str, port: int, seconds: float) -> socket.socket:
        self.dialled.append(address)
        if address in self._dead:
            raise self._dead[address]
        return socket.create_connection(("127.0.0.1", self._port), seconds)


def local_fetcher(*, seconds: float = 20.0) -> Fetcher:
    """A fetcher that may call this machine."""
    return Fetcher(allow_private=LOCAL, environ={}, seconds=seconds)


def request(url: str, validators: Validators | None = None, *, most: int = MOST) -> Request:
    return Request(url=url, zone=ZONE, most=most, validators=validators or Validators())


def reason(fetched: Fetched) -> str:
    """Returns the reason of a fetch that failed."""
    assert fetched.problem is not None
    assert fetched.document is None
    assert not fetched.unchanged
    assert fetched.validators is None
    assert fetched.moved_to is None
    return fetched.problem.reason


def titles(fetched: Fetched) -> list[str | None]:
    assert fetched.problem is None
    assert fetched.document is not None
    return [entry.title for entry in fetched.document.entries]
