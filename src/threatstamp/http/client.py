"""The client: one address asked once, by a guarded wire; connections are kept for the next question."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from types import TracebackType
from typing import Self

from threatstamp.http.connections import Connection, Idle
from threatstamp.http.dialling import Dialling
from threatstamp.http.errors import ExchangeError, Fault, StoppedError
from threatstamp.http.exchange import exchange
from threatstamp.http.guard import Network, Resolve, system_resolve
from threatstamp.http.question import Answer, Question
from threatstamp.http.racing import Connect, system_connect
from threatstamp.http.wire import Wire

_BY_PROXY = (Fault.PROXY_REFUSED, Fault.PROXY_AUTHENTICATION)
_HUNG_UP = (Fault.CUT, Fault.PROTOCOL)
"""What it looks like when a server has hung up while its connection was idle."""


class Client:
    """Asks addresses; safe to be used by many threads. It keeps no cookies and follows nothing.

    allow_private: networks that may be called although they are not public; EVERYWHERE for addresses that
    the operator chose. resolve, connect: the way to the network, another one in tests. Raises PolicyError if
    SSL_CERT_FILE cannot be used.
    """

    def __init__(
        self,
        *,
        allow_private: Iterable[str | Network] = (),
        environ: Mapping[str, str] = os.environ,
        resolve: Resolve = system_resolve,
        connect: Connect = system_connect,
    ) -> None:
        self._dialling = Dialling(
            allow_private=allow_private, environ=environ, resolve=resolve, connect=connect
        )
        self._idle = Idle()
        self._lock = threading.Lock()
        self._busy: set[Wire] = set()
        self._is_closed = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Hangs up everywhere; whoever waits for an answer gets a StoppedError."""
        with self._lock:
            self._is_closed = True
            busy = tuple(self._busy)
        for wire in busy:
            wire.stop()
        self._idle.close()

    @property
    def is_closed(self) -> bool:
        return self._is_closed

    def ask(self, question: Question) -> Answer:
        """Asks once. Raises ExchangeError; StoppedError if the client is closed meanwhile.

        A server may hang up on an idle connection in the very moment that it is asked, and then nobody can
        tell whether it took the question (RFC 9112, 9.3.1). What may be asked twice is asked again; what may
        not, a POST above all, never goes over a kept connection, so that it cannot happen to it.
        """
        kept = self._idle.take(question) if question.method.is_idempotent else None
        if kept is not None:
            with suppress(_StaleError):
                return self._ask(kept, question)
        return self._ask(self._dialling.connection(question), question)

    def _ask(self, connection: Connection, question: Question) -> Answer:
        wire = connection.wire
        self._register(wire)
        try:
            wire.begin(until=question.until, most=question.most, only_public=question.only_public)
            answer = exchange(connection.http, question)
        except ExchangeError as error:
            connection.close()
            wire.check()
            if connection.is_used and not wire.received and error.fault in _HUNG_UP:
                raise _StaleError from error
            error.is_sent = wire.is_sent and error.fault not in (
                Fault.PROXY_REFUSED,
                Fault.PROXY_AUTHENTICATION,
            )
            raise
        except BaseException:
            connection.close()
            raise
        finally:
            with self._lock:
                self._busy.discard(wire)
        if not wire.received:  # it was sent ahead of the question, with an earlier answer
            connection.close()
            raise _StaleError
        self._idle.keep(connection)
        return replace(answer, is_public=connection.is_public)

    def _register(self, wire: Wire) -> None:
        with self._lock:
            if self._is_closed:
                raise StoppedError
            self._busy.add(wire)


class _StaleError(Exception):
    """A kept connection was dead before it said anything, or had said it before it was asked."""
