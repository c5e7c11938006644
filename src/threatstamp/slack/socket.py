"""Socket Mode: events are kept durably before Slack is told that they arrived; the connection is watched."""

from __future__ import annotations

import json
import logging
import select
import socket
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_bolt.request import BoltRequest
from slack_bolt.response import BoltResponse
from slack_sdk.errors import SlackApiError, SlackClientError

from threatstamp.core.errors import SlackError, StoreError
from threatstamp.core.secrets import hide
from threatstamp.core.time import Micros
from threatstamp.desk.ports.time import Clock
from threatstamp.slack.calls import Calls
from threatstamp.slack.codes import Sort, sort_of
from threatstamp.slack.interactions import BUTTONS, COMMAND, SHORTCUT, SUBMISSION

if TYPE_CHECKING:
    from slack_sdk.socket_mode.builtin import SocketModeClient

log = logging.getLogger(__name__)

PING = 5.0
"""The client calls a connection dead after four of these without a pong."""

TAKEN = ("event_callback", BUTTONS, SUBMISSION, SHORTCUT)
"""The types of what is taken, beside commands."""

KEEPERS = 8
"""Threads that keep events: an event that waits too long for its acknowledgement is sent again."""

WATCH = 0.25
"""Seconds between two looks at the connection."""

CHECK = 60.0
"""Seconds between calls that wake a connection that is open and silent (python-slack-sdk#1701)."""

Take = Callable[[Mapping[str, object]], Mapping[str, object] | None]
"""Keeps an event, or raises: then it is not acknowledged, and Slack sends it again. Returns what is answered
to a form or a command."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SocketState:
    """How the connection to Slack is. connections: how many this app has, by Slack's own word.

    counted: how often Slack has said that: as each connection began.
    """

    connected: bool
    since: Micros
    connections: int = 0
    counted: int = 0
    error: str = ""
    """Slack's code, if it refuses the connection."""


class Socket:
    """One Socket Mode connection, watched. `on_connect` is called after each new session."""

    def __init__(
        self,
        *,
        calls: Calls,
        app_token: str,
        proxy: str | None,
        take: Take,
        on_connect: Callable[[], None],
        on_state: Callable[[SocketState], None],
        clock: Clock,
        patience: float,
    ) -> None:
        """patience: seconds without a connection after which a new one is made."""
        self._patience = patience
        self._calls = calls
        self._app_token = app_token
        self._proxy = proxy
        self._take = take
        self._on_connect = on_connect
        self._on_state = on_state
        self._clock = clock
        self._ended = threading.Event()
        self._handler: SocketModeHandler | None = None
        self._session: str | None = None
        self._connections = self._counted = 0
        self._recounting = threading.Event()
        self._error = ""
        self._watch = threading.Thread(target=self._run, name="socket", daemon=True)

    def start(self) -> None:
        self._watch.start()

    @property
    def is_watched(self) -> bool:
        """True while the thread lives that makes the connection and looks after it."""
        return self._watch.is_alive()

    def recount(self) -> None:
        """Makes the connection anew: Slack counts connections only as one begins, the ending ones, too."""
        self._recounting.set()

    def close(self, timeout: float) -> None:
        """Ends the connection; a peer that hangs does not hold it up longer than `timeout` seconds."""
        until = self._clock.steady() + timeout
        self._ended.set()
        self._watch.join(timeout)
        self._drop(wait=max(0.0, until - self._clock.steady()))

    def _run(self) -> None:
        lost_at = self._clock.steady() - self._patience
        told_at = 0.0
        failures = 0
        while not self._ended.is_set():
            now = self._clock.steady()
            if self._is_connected():
                lost_at, failures = now, 0
                self._notice_session()
                if self._recounting.is_set():
                    self._recounting.clear()
                    self._connect()
                if now - told_at >= CHECK:
                    told_at = now
                    self._check()
            elif now - lost_at >= self._patience:
                self._notice_loss()
                failures += 1
                self._connect()
                lost_at = self._clock.steady() - self._patience + min(2.0**failures, self._patience)
            elif self._session is not None:
                self._notice_loss()
            self._ended.wait(WATCH)

    def _is_connected(self) -> bool:
        if self._handler is None:
            return False
        client = self._handler.client
        session = client.current_session
        if session is None or not client.is_connected():
            return False
        if _has_hung_up(client):
            session.close()  # or the client's reader asks it for more without a pause, on a whole core
            return False
        return True

    def _notice_session(self) -> None:
        assert self._handler is not None
        session = self._handler.client.session_id()
        if session != self._session:
            self._session, self._error = session, ""
            log.info("connected to Slack")
            self._tell(connected=True)
            self._on_connect()

    def _notice_loss(self) -> None:
        if self._session is not None:
            log.warning("the connection to Slack is lost")
        self._session = None
        self._tell(connected=False)

    def _tell(self, *, connected: bool) -> None:
        state = SocketState(
            connected=connected,
            since=self._clock.now(),
            connections=self._connections,
            counted=self._counted,
            error="" if connected else self._error,
        )
        self._on_state(state)

    def _check(self) -> None:
        self._tell(connected=True)
        try:
            self._calls.web.auth_test()
        except (SlackApiError, SlackClientError, OSError) as error:
            log.warning("Slack does not answer: %s", type(error).__name__)

    def _connect(self) -> None:
        self._drop(wait=2.0)
        handler = self._build()
        self._handler = handler
        try:
            handler.client.connect()
        except SlackApiError as error:
            code = hide(str(error.response.get("error")))  # `status` displays it
            log.warning("Slack refuses the connection: %s", code)
            self._error = code if sort_of(code) is Sort.FINAL else ""
            self._tell(connected=False)
        except (SlackClientError, OSError, ValueError) as error:
            log.warning("Slack cannot be reached: %s", error)

    def _drop(self, *, wait: float) -> None:
        """Closes in a thread of its own: close() waits for its workers, and they may hang."""
        handler, self._handler = self._handler, None
        if handler is not None:
            closing = threading.Thread(target=_close, args=(handler.client,), daemon=True)
            closing.start()
            closing.join(wait)

    def _build(self) -> SocketModeHandler:
        app = App(
            client=self._calls.web,
            before_authorize=self._keep,  # before any call to Slack could fail and lose the event
            token_verification_enabled=False,
            request_verification_enabled=False,
            ssl_check_enabled=False,
            url_verification_enabled=False,
            logger=log,
        )
        handler = SocketModeHandler(
            app, self._app_token, ping_interval=PING, proxy=self._proxy, concurrency=KEEPERS, logger=log
        )
        if self._proxy is None:
            handler.client.proxy = None  # it reads the environment itself, and ignores NO_PROXY
        handler.client.on_message_listeners.append(self._overhear)
        return handler

    def _keep(self, request: BoltRequest) -> BoltResponse:
        """Everything ends here: what was taken is in the inbox, the rest is acknowledged and forgotten."""
        answer, body = None, request.body
        if body.get("type") in TAKEN or body.get("command") == COMMAND:
            try:
                answer = self._take(body)
            except StoreError:  # said already; not acknowledged, and no traceback for each event of an outage
                return BoltResponse(status=503, body="")
            except SlackError as error:
                log.warning("a command has to wait: %s", error)
                return BoltResponse(status=503, body="")
        return BoltResponse(status=200, body=dict(answer) if answer else "")

    def _overhear(self, message: str) -> None:
        if '"hello"' in message[:200] or '"num_connections"' in message:
            try:
                hello = json.loads(message)
            except ValueError:
                return
            if isinstance(hello, dict) and hello.get("type") == "hello":
                self._connections = int(hello.get("num_connections") or 0)
                self._counted += 1


def _close(client: SocketModeClient) -> None:
    try:
        _wake(client)
        client.close()
        client.disconnect()  # what its threads had begun to connect meanwhile, before they ended
    except (OSError, RuntimeError) as error:
        log.info("while closing: %s", error)


def _wake(client: SocketModeClient) -> None:
    """Wakes the client's threads, which `close` waits for: each looks then whether it is closed.

    The reader waits until Slack says something. It is woken by the method of the plain socket, since that of
    an SSL socket would also end the encryption of what is sent. The processor waits a second for a message.
    """
    client.closed = True
    line = _line(client)
    if line is not None:
        with suppress(OSError):  # the peer was quicker; the client is to be closed all the same
            socket.socket.shutdown(line, socket.SHUT_RD)
    client.message_queue.put("")


def _has_hung_up(client: SocketModeClient) -> bool:
    """True if the peer has ended the connection without a word.

    The client itself reads nothing from it for ever, and notices only when its pings stay unanswered, half a
    minute later. Below the encryption, and without taking anything: what is there belongs to the reader.
    """
    line = _line(client)
    if line is None:
        return False
    try:
        waiting = select.poll()
        waiting.register(line, select.POLLIN)
        return bool(waiting.poll(0)) and socket.socket.recv(line, 1, socket.MSG_PEEK) == b""
    except TimeoutError:  # the reader was quicker
        return False
    except (OSError, ValueError):  # closed meanwhile
        return True


def _line(client: SocketModeClient) -> socket.socket | None:
    session = client.current_session
    return session.sock if session is not None else None
