"""Connections to servers, and those that are kept until their server is asked again."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass

import httpcore2

from threatstamp.http.guard import is_public
from threatstamp.http.question import Question
from threatstamp.http.wire import Wire

MOST_IDLE = 32
IDLE_SECONDS = 15.0

Origin = tuple[str, str, int]


@dataclass(slots=True)
class Connection:
    """A connection and its wire; it is dialled by its first question.

    is_public_by_proxy: what is known of the server behind a proxy; None without a proxy.
    """

    origin: Origin
    wire: Wire
    http: httpcore2.ConnectionInterface
    is_public_by_proxy: bool | None = None
    is_used: bool = False
    idle_at: float = 0.0

    @property
    def is_public(self) -> bool:
        """True if a public server is at the other end, or behind the proxy as far as can be told."""
        if self.is_public_by_proxy is None:
            return self.wire.peer is not None and is_public(self.wire.peer)
        return self.is_public_by_proxy

    def close(self) -> None:
        self.http.close()

    def can_be_asked(self, question: Question) -> bool:
        """True for an idle one that is young, still open, and leads where the question may go."""
        is_young = time.monotonic() - self.idle_at <= IDLE_SECONDS
        return is_young and (self.is_public or not question.only_public) and not self.http.has_expired()


class Idle:
    """The idle connections: one for each server, the youngest few of them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: dict[Origin, Connection] = {}
        self._is_closed = False

    def __len__(self) -> int:
        return len(self._kept)

    def take(self, question: Question) -> Connection | None:
        """Returns a connection for a question, which nobody else has from now on, if there is one."""
        with self._lock:
            connection = self._kept.pop(question.target.origin, None)
        if connection is None or connection.can_be_asked(question):
            return connection
        connection.close()
        return None

    def keep(self, connection: Connection) -> None:
        """Keeps a connection for the next question, if it is free for one."""
        if not connection.http.is_idle():
            connection.close()
            return
        connection.is_used, connection.idle_at = True, time.monotonic()
        for other in self._exchanged(connection):
            other.close()

    def close(self) -> None:
        """Closes all, and whatever is to be kept from now on."""
        with self._lock:
            self._is_closed = True
            kept, self._kept = self._kept, {}
        for connection in kept.values():
            connection.close()

    def _exchanged(self, connection: Connection) -> list[Connection]:
        """Takes one in, and returns those that there is no room for."""
        with self._lock:
            if self._is_closed:
                return [connection]
            known = self._kept.pop(connection.origin, None)
            self._kept[connection.origin] = connection
            extra = [known] if known else []
            if len(self._kept) > MOST_IDLE:
                extra.append(self._kept.pop(next(iter(self._kept))))
            return extra
