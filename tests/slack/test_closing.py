"""The connection to Slack is closed whatever state it is in: a client that is forgotten would reconnect by itself."""

from __future__ import annotations

import queue
import socket
from types import SimpleNamespace
from typing import Any, cast

from slack_sdk.socket_mode.builtin import SocketModeClient

from threatstamp.slack.socket import _close, _has_hung_up


class Client:
    """What closing needs of slack_sdk's client."""

    def __init__(self, line: socket.socket | None) -> None:
        self.current_session = SimpleNamespace(sock=line) if line is not None else None
        self.message_queue: queue.Queue[str] = queue.Queue()
        self.closed = False
        self.ended = False
        self.disconnected = False

    def close(self) -> None:
        self.ended = True

    def disconnect(self) -> None:
        """Closes the session that there is: the client's own threads may have made one while they ended."""
        self.disconnected = self.ended


def as_client(client: Client) -> SocketModeClient:
    return cast(SocketModeClient, cast(Any, client))


def test_a_client_is_closed_also_if_the_peer_has_gone() -> None:
    for line in (None, socket.socket()):
        client = Client(line)
        _close(as_client(client))
        assert client.ended
        assert client.disconnected
        if line is not None:
            line.close()


def test_closing_wakes_the_reader() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.settimeout(100)
        client = Client(ours)
        _close(as_client(client))
        assert ours.recv(1) == b""
        assert client.message_queue.get_nowait() == ""


def test_a_peer_that_hung_up_is_noticed_and_what_it_said_before_stays_for_the_reader() -> None:
    ours, theirs = socket.socketpair()
    with ours:
        client = as_client(Client(ours))
        assert not _has_hung_up(client)
        theirs.sendall(b"hello")
        assert not _has_hung_up(client)
        theirs.close()
        assert not _has_hung_up(client)
        assert ours.recv(100) == b"hello"
        assert _has_hung_up(client)
    assert _has_hung_up(client)
    assert not _has_hung_up(as_client(Client(None)))
