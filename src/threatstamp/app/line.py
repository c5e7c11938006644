"""The line to Slack as the desk sees it: what its thread notes, and who is told when it is down for long."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable
from dataclasses import replace

from threatstamp.app.health import CONNECTED_WITHIN
from threatstamp.app.vitals import ProcessVitals
from threatstamp.config.proxies import proxy_for
from threatstamp.config.secrets import Secrets
from threatstamp.config.settings import Settings
from threatstamp.core.time import Micros, span, ts_of
from threatstamp.core.trouble import TroubleKind
from threatstamp.desk.ports.time import Clock
from threatstamp.desk.ports.tools import Tools
from threatstamp.desk.views.running import HTTP, NO_EVENTS, SOCKET, read_running
from threatstamp.slack.calls import Calls
from threatstamp.slack.http import HttpEvents
from threatstamp.slack.socket import Socket, SocketState, Take
from threatstamp.texts.catalogue import Texts

log = logging.getLogger(__name__)

TOKEN_REFUSED = frozenset(
    {
        "invalid_auth",
        "not_authed",
        "token_revoked",
        "token_expired",
        "account_inactive",
        "not_allowed_token_type",
        "missing_scope",
        "no_permission",
    }
)
"""Codes that say that a token is wrong, and that waiting does not help.

Source: https://docs.slack.dev/reference/methods/apps.connections.open, "Errors"
"""


RECOUNT = 120.0
"""Seconds until Slack counts once more: a process that crashed has a connection for a while."""


class Line:
    """Keeps the state of the connection in the vitals. on_change: called when it comes, goes, is refused."""

    def __init__(
        self,
        tools: Tools,
        vitals: ProcessVitals,
        *,
        texts: Texts,
        ended: threading.Event,
        on_change: Callable[[], None],
    ) -> None:
        self.refused = ""
        """Slack's code, if it refuses the app token before it ever accepted it: then the process ends."""
        self._tools = tools
        self._vitals = vitals
        self._texts = texts
        self._ended = ended
        self._on_change = on_change
        self._was_connected = False
        self._may_be_lost = True
        """A trouble about the connection may be open, from this process or from one before it."""
        self.recount: Callable[[], None] = _cannot
        """Makes Slack count the connections of the app once more."""
        self._odd: tuple[int, Micros] | None = None
        """Which count found too many, and when; None if the last one found none."""
        self._asked = self._settled = 0
        """The counts after which another one was asked for, and after which it was said."""
        self._may_be_odd = True
        """A trouble about their number may be open."""
        self._nobody_since: Micros | None = None
        self._nobody_said = False

    def note(self, state: SocketState) -> None:
        """The connection is like this now. Its own thread calls this."""
        before = self._vitals.socket
        self._was_connected = self._was_connected or state.connected
        if state.error in TOKEN_REFUSED and not self._was_connected:
            self.refused = state.error  # later, a desk that worked goes on with what needs no events
            self._ended.set()
            return
        if state.error and (before is None or before.error != state.error):
            log.error("%s", self._texts("cli.app_token_refused", code=state.error))
        if before is None or (before.connected, before.error) != (state.connected, state.error):
            self._on_change()
        elif before.connected == state.connected:
            state = replace(state, since=before.since)
        self._vitals.socket = state

    def watch(self) -> None:
        """Opens a trouble if the connection is lost for too long, and closes it when it is back."""
        state, now = self._vitals.socket, self._tools.clock.now()
        if self._vitals.mode == NO_EVENTS:
            self._watch_others(now)
        if state is None:
            return
        if state.connected and self._may_be_lost:
            with self._tools.store.transaction() as tx:
                tx.troubles.fix(TroubleKind.SOCKET, "", now=now)
            self._may_be_lost = False
        if state.connected and state.connections:
            self._watch_number(state, now)
        elif not state.connected and now - state.since > span(CONNECTED_WITHIN):
            self._may_be_lost = True
            with self._tools.store.transaction() as tx:
                tx.troubles.open(TroubleKind.SOCKET, "", values={"since": ts_of(state.since)}, now=now)

    def _watch_number(self, state: SocketState, now: Micros) -> None:
        """Opens a trouble if more connections than processes of ours are counted, and again once we ask.

        The first count may have had one that was just ending: ours before it, or that of a crashed process.
        """
        with self._tools.store.reading() as read:
            running = read_running(read.vitals.every(), now=now)
        ours = max(1, sum(one.mode == SOCKET for one in running))
        if state.connections <= ours:
            self._odd = None
            if self._may_be_odd:
                self._may_be_odd = False
                with self._tools.store.transaction() as tx:
                    tx.troubles.fix(TroubleKind.CONNECTIONS, "", now=now)
        elif self._odd is None or state.counted > self._odd[0]:
            is_answer = self._odd is not None and self._odd[0] == self._asked
            self._odd = (state.counted, now)
            if is_answer:
                self._settled, self._may_be_odd = state.counted, True
                values = {"count": str(state.connections), "expected": str(ours)}
                with self._tools.store.transaction() as tx:
                    tx.troubles.open(TroubleKind.CONNECTIONS, "", values=values, now=now)
        elif state.counted not in (self._asked, self._settled) and now - self._odd[1] > span(RECOUNT):
            self._asked = state.counted
            self.recount()

    def _watch_others(self, now: Micros) -> None:
        """Opens the trouble if no process takes events for too long: one that is gone cannot say so."""
        with self._tools.store.reading() as read:
            running = read_running(read.vitals.every(), now=now)
        if any(one.mode != NO_EVENTS for one in running):
            self._nobody_since = None
            if self._nobody_said and any(one.connected for one in running):
                self._nobody_said = False
                with self._tools.store.transaction() as tx:
                    tx.troubles.fix(TroubleKind.SOCKET, "", now=now)
            return
        self._nobody_since = self._nobody_since or now
        if now - self._nobody_since > span(CONNECTED_WITHIN):
            self._nobody_said = True
            with self._tools.store.transaction() as tx:
                values = {"since": ts_of(self._nobody_since)}
                tx.troubles.open(TroubleKind.SOCKET, "", values=values, now=now)


def _cannot() -> None:
    """There is no connection to make anew."""


def events_source(
    settings: Settings,
    secrets: Secrets,
    *,
    calls: Calls,
    clock: Clock,
    take: Take,
    on_connect: Callable[[], None],
    on_state: Callable[[SocketState], None],
    patience: float,
) -> Socket | HttpEvents | None:
    """Returns what brings the events, by the settings; None for a process that takes none.

    on_connect, patience: see `Socket`. Over HTTP every event that was not taken is sent again.
    """
    if settings.slack.mode == NO_EVENTS:
        return None
    if settings.slack.mode == HTTP:
        assert secrets.signing_secret is not None
        return HttpEvents(
            signing_secret=secrets.signing_secret.reveal(), take=take, on_state=on_state, clock=clock
        )
    assert secrets.app_token is not None
    return Socket(
        calls=calls,
        app_token=secrets.app_token.reveal(),
        proxy=proxy_for(settings.slack.api_url, os.environ),
        take=take,
        on_connect=on_connect,
        on_state=on_state,
        clock=clock,
        patience=patience,
    )
