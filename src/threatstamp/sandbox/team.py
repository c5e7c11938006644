"""The base of the workspace: its state, its lock, and who is told of a change."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Literal

from threatstamp.sandbox import events
from threatstamp.sandbox.faults import Faults
from threatstamp.sandbox.limits import Limits
from threatstamp.sandbox.messages import Messages
from threatstamp.sandbox.people import Channel, TestedApp, User, UserGroup
from threatstamp.sandbox.requests import Requests
from threatstamp.sandbox.sockets import Sockets

CUT = 25
"""Slack names about so many users of a reaction in a history page; the count stays exact."""


class Team:
    """A Slack team in memory. `changed` is notified after every change. Any thread may call any method."""

    def __init__(
        self, team: str = "T0SANDBOX", *, language: Literal["ja", "en"] = "ja", name: str = "Sandbox"
    ) -> None:
        self.team = team
        self.enterprise: str | None = None
        """The organisation, for a workspace of an Enterprise Grid."""
        self.name = name
        self.language = language
        self.app = TestedApp()
        self.users: dict[str, User] = {}
        self.channels: dict[str, Channel] = {}
        self.groups: dict[str, UserGroup] = {}
        self.emoji: dict[str, str] = {}
        self.latency = 0.0
        """Seconds that each call takes."""
        self.cut_users = CUT
        self.paid = True
        self.limits = Limits()
        self.faults = Faults(self.touch)
        self.sockets = Sockets(self.app, self.touch)
        self.requests = Requests(self.app, self.faults, self.touch)
        """Events over HTTP, in place of `sockets` as soon as the app has a request URL."""
        self.changed = threading.Condition(threading.RLock())
        self._messages = Messages()
        self._listeners: list[Callable[[dict[str, object]], None]] = []

    def new_ts(self, at: float | None = None) -> str:
        """Returns a time of its own: strictly increasing, unless it is dated."""
        with self.changed:
            return self._messages.new_ts(at)

    def listen(self, listener: Callable[[dict[str, object]], None]) -> Callable[[], None]:
        """Calls the listener with everything that the page should show; returns how to stop."""
        with self.changed:
            self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def touch(self) -> None:
        """Wakes those who wait: something outside the messages changed."""
        with self.changed:
            self.changed.notify_all()

    @contextmanager
    def _change(self) -> Iterator[None]:
        with self.changed:
            yield
            self.changed.notify_all()

    def _emit(self, event: dict[str, object], *, channel: str | None = None) -> None:
        """Events reach the app only from channels that its bot is in."""
        where = None if channel is None else self.channels[channel]
        if where is not None and self.app.user_id not in where.members:
            return
        shared = where is not None and where.ext_shared
        outer = where.outer_team if where is not None else None
        payload = events.envelope(self.team, self.app, event, shared=shared, outer_team=outer)
        for one in self.faults.disordered(payload):
            (self.requests if self.requests.url else self.sockets).emit(one)

    def _tell_page(self, news: dict[str, object]) -> None:
        for listener in list(self._listeners):
            listener(news)
