"""Socket Mode: each event goes to one of the connections, and again until it is acknowledged."""

from __future__ import annotations

import asyncio
import itertools
import json
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import cast

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from threatstamp.sandbox import events
from threatstamp.sandbox.people import TestedApp

MOST = 10


@dataclass(slots=True, kw_only=True)
class Delivery:
    """An event on its way: sent again under the same id while nobody acknowledges it."""

    payload: dict[str, object]
    attempt: int = 0
    timer: asyncio.TimerHandle | None = field(default=None)


class Sockets:
    """The open connections. Without any, what happens is lost: Socket Mode has no memory.

    touch: is called when something changed that others may wait for.
    """

    def __init__(self, app: TestedApp, touch: Callable[[], None]) -> None:
        self._app = app
        self._touch = touch
        self._loop: asyncio.AbstractEventLoop | None = None
        self._connections: list[ServerConnection] = []
        self._turn = itertools.count()
        self._waiting: dict[str, Delivery] = {}
        self._asked: dict[str, Callable[[dict[str, object] | None], None]] = {}
        self._tickets: set[str] = set()
        self._refused = 0
        self._dies = ""
        self._lost: set[str] = set()
        self._lock = threading.Lock()
        self.redeliver_after = 3.0
        self.most_attempts = 4
        self.port = 0

    @property
    def count(self) -> int:
        return len(self._connections)

    def new_ticket(self) -> str | None:
        """Returns a ticket for one connection; None while connections are refused."""
        with self._lock:
            if self._refused:
                self._refused -= 1
                return None
            ticket = secrets.token_hex(8)
            self._tickets.add(ticket)
            return ticket

    def refuse(self, times: int) -> None:
        """The next `times` apps.connections.open fail."""
        with self._lock:
            self._refused = times

    def cut(self) -> None:
        """Every connection breaks off, without a word."""
        self._soon(self._abort_all)

    def die_over_interaction(self, kind: str) -> None:
        """The connection dies over the next interaction, as networks do it.

        unreached: the app never gets it. unanswered: the app gets it, and its answer is lost.
        """
        if kind not in ("unreached", "unanswered"):
            raise ValueError(f"no fault {kind!r}; there are unanswered, unreached")
        self._dies = kind

    def refresh(self) -> None:
        """Slack asks for every connection to be renewed, as it does every few hours."""
        body: dict[str, object] = {
            "type": "disconnect",
            "reason": "refresh_requested",
            "debug_info": {"host": "sandbox"},
        }
        self._soon(lambda: self._send_all(body))

    def emit(self, payload: dict[str, object]) -> None:
        """Sends an event to one connection."""
        if self._connections:
            self._soon(lambda: self._attempt(Delivery(payload=payload)))

    def interact(
        self,
        payload: dict[str, object],
        *,
        kind: str,
        answered: Callable[[dict[str, object] | None], None],
    ) -> None:
        """Sends an interaction to one connection. Slack does not send it again if nobody acknowledges it.

        kind: interactive or slash_commands. answered: takes what the app answers, if it does.
        """
        if self._connections:
            self._soon(lambda: self._interact(payload, kind, answered))

    async def start(self, host: str) -> Server:
        self._loop = asyncio.get_running_loop()
        server = await serve(self._accept, host, 0, ping_interval=5, ping_timeout=20, close_timeout=0.2)
        self.port = next(iter(server.sockets)).getsockname()[1]
        return server

    def close_all(self) -> None:
        for delivery in self._waiting.values():
            if delivery.timer is not None:
                delivery.timer.cancel()
        self._abort_all()

    async def _accept(self, connection: ServerConnection) -> None:
        request = connection.request
        ticket = request.path.partition("ticket=")[2].partition("&")[0] if request else ""
        if ticket not in self._tickets or len(self._connections) >= MOST:
            await connection.close(1008, "invalid ticket")
            return
        self._tickets.discard(ticket)
        self._connections.append(connection)
        await connection.send(json.dumps(self._hello()))
        self._touch()
        try:
            async for message in connection:
                self._hear(message)
        except ConnectionClosed:
            pass
        finally:
            self._connections.remove(connection)
            self._touch()

    def _hello(self) -> dict[str, object]:
        return {
            "type": "hello",
            "num_connections": len(self._connections),
            "connection_info": {"app_id": self._app.id},
            "debug_info": {
                "host": "sandbox",
                "started": "2026-01-01 00:00:00.000",
                "build_number": 1,
                "approximate_connection_time": 18060,
            },
        }

    def _hear(self, message: str | bytes) -> None:
        try:
            body = json.loads(message)
        except ValueError:
            return
        if not isinstance(body, dict):
            return
        number = str(body.get("envelope_id"))
        if number in self._lost:
            self._lost.discard(number)
            self._abort_all()
            return
        answered = self._asked.pop(number, None)
        if answered is not None:
            answer = body.get("payload")
            answered(answer if isinstance(answer, dict) else {})
        delivery = self._waiting.pop(number, None)
        if delivery is not None and delivery.timer is not None:
            delivery.timer.cancel()
        self._touch()

    def _attempt(self, delivery: Delivery) -> None:
        if not self._connections or delivery.attempt >= self.most_attempts:
            self._touch()
            return
        connection = self._connections[next(self._turn) % len(self._connections)]
        number = secrets.token_hex(8)
        body = {
            "envelope_id": number,
            "type": "events_api",
            "payload": delivery.payload,
            "accepts_response_payload": False,
            "retry_attempt": delivery.attempt,
            "retry_reason": "timeout" if delivery.attempt else "",
        }
        delivery.attempt += 1
        self._waiting[number] = delivery
        loop = cast(asyncio.AbstractEventLoop, self._loop)
        delivery.timer = loop.call_later(self.redeliver_after, self._again, number)
        self._send(connection, body)

    def _interact(
        self,
        payload: dict[str, object],
        kind: str,
        answered: Callable[[dict[str, object] | None], None],
    ) -> None:
        if self._connections:
            connection = self._connections[next(self._turn) % len(self._connections)]
            number = secrets.token_hex(8)
            dies, self._dies = self._dies, ""
            if dies == "unreached":
                self._abort_all()
                return
            if dies == "unanswered":
                self._lost.add(number)
            self._asked[number] = answered
            body = {"envelope_id": number, "type": kind, "accepts_response_payload": True}
            self._send(connection, {**body, "payload": payload})

    def _again(self, number: str) -> None:
        delivery = self._waiting.pop(number, None)
        if delivery is not None:
            self._attempt(delivery)

    def _send(self, connection: ServerConnection, body: dict[str, object]) -> None:
        loop = cast(asyncio.AbstractEventLoop, self._loop)
        task = loop.create_task(_send(connection, events.written(body)))
        task.add_done_callback(lambda done: done.exception())

    def _send_all(self, body: dict[str, object]) -> None:
        for connection in list(self._connections):
            self._send(connection, body)

    def _abort_all(self) -> None:
        for connection in list(self._connections):
            connection.transport.abort()

    def _soon(self, act: Callable[[], None]) -> None:
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(act)


async def _send(connection: ServerConnection, text: str) -> None:
    try:
        await connection.send(text)
    except ConnectionClosed:
        return
