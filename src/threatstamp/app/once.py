"""`sweep`, `poll`, `legend`, `case` and `risk`: a desk for one pass.

It uses the same claims as `run`, so it may run beside any number.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Protocol, TypeVar

from threatstamp.app.clock import SystemClock
from threatstamp.app.desk import Desk
from threatstamp.app.patience import patiently
from threatstamp.app.seams import Seams
from threatstamp.app.shadow import forbid_in_shadow
from threatstamp.app.tabs import tabs_or_none
from threatstamp.app.workspace import open_calls, open_workspace, sign_in, whoami
from threatstamp.config.names import person_name
from threatstamp.config.secrets import Secret
from threatstamp.config.settings import Settings
from threatstamp.core.cases.case import Way, Wish
from threatstamp.core.errors import DeskError
from threatstamp.core.ids import UserId, is_user_id
from threatstamp.core.news.entry import Fetched
from threatstamp.core.news.feed import FeedClaim, Request
from threatstamp.core.outbox.departure import Departure
from threatstamp.core.priority.exposure import COMMAND
from threatstamp.core.time import SECOND
from threatstamp.desk.cases.act import Acted, Attempt
from threatstamp.desk.news.gather import Gathered
from threatstamp.desk.policy.legend import LegendState, legends, order_legends, refresh_legends
from threatstamp.desk.ports.feeds import Fetching
from threatstamp.desk.ports.store import Store
from threatstamp.desk.ports.time import Timing
from threatstamp.desk.priority.exposing import GivenExposure, Taken
from threatstamp.desk.stamps.sweep import Swept
from threatstamp.slack.client import SlackWorkspace

BINDING_TRIES = 10
"""Attempts to resolve the names in the settings."""

LOOK_AGAIN = 0.5
"""Seconds. Another process may be delivering, and finish long before its lease ends."""

PATIENCE = 60.0
"""Seconds without any delivery after which a pass gives up, and leaves the rest to the next one."""


class UnknownRoutesError(DeskError):
    """The routes are in a spreadsheet, and have not been read yet."""


class Watch(Protocol):
    """Receives the progress of a pass, for somebody who waits for it."""

    def looked(self, swept: Swept, *, channels: int) -> None: ...
    def answered(self, count: int, *, feeds: int) -> None: ...
    def delivering(self, left: int) -> None: ...


class Unwatched:
    """Ignores the progress."""

    def looked(self, swept: Swept, *, channels: int) -> None:
        pass

    def answered(self, count: int, *, feeds: int) -> None:
        pass

    def delivering(self, left: int) -> None:
        pass


class _Counted:
    """The Fetching port, with each result counted as progress."""

    def __init__(self, fetching: Fetching, watch: Watch) -> None:
        self._fetching = fetching
        self._watch = watch

    def fetch_all(self, requests: Sequence[tuple[FeedClaim, Request]]) -> Iterator[tuple[FeedClaim, Fetched]]:
        self._watch.answered(0, feeds=len(requests))
        for count, answer in enumerate(self._fetching.fetch_all(requests), 1):
            self._watch.answered(count, feeds=len(requests))
            yield answer


def sweep_once(
    settings: Settings,
    token: Secret,
    *,
    store: Store,
    days: float,
    forward_existing: bool,
    timing: Timing | None = None,
    watch: Watch | None = None,
) -> tuple[Swept, int, int]:
    """Sweeps and delivers.

    Returns what the sweep did, how many existing stamps were judged again, and how many departures still
    wait. Raises StoreError; ShadowError while the desk is in shadow; SlackError if the names in the
    settings cannot be resolved.
    """
    watch = watch or Unwatched()
    desk = _open_desk(settings, token, store=store, timing=timing or Timing(), watch=watch)
    channels = len(desk.tools.policy.sources)
    swept = desk.sweep(days=days, report=lambda swept: watch.looked(swept, channels=channels))
    released = desk.again.existing() if forward_existing else 0
    desk.tend()
    desk.watch_cases()
    left = _deliver_all(desk, watch)
    if desk.tidy_daily():  # afterwards: no stamp waits for it
        left = _deliver_all(desk, watch)
    return swept, released, left


def poll_once(
    settings: Settings,
    token: Secret,
    *,
    store: Store,
    respect_backoff: bool = False,
    timing: Timing | None = None,
    watch: Watch | None = None,
) -> tuple[Gathered, int]:
    """Polls all feeds, whatever their interval, and delivers.

    respect_backoff: without those that failed and are not to be tried again yet.
    Returns what the round brought, and how many departures still wait. Raises as `sweep_once` does.
    """
    watch = watch or Unwatched()
    desk = _open_desk(settings, token, store=store, timing=timing or Timing(), watch=watch)
    try:
        gathered = desk.poll(due_only=False, insist=not respect_backoff)
        desk.tend()
        return gathered, _deliver_all(desk, watch)
    finally:
        desk.close()


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedLegend:
    """Where the legend of a source is now. name: the channel's, as in the settings."""

    name: str
    state: LegendState
    departure: Departure


def place_legends(
    settings: Settings,
    token: Secret,
    *,
    store: Store,
    timing: Timing | None = None,
    watch: Watch | None = None,
) -> tuple[PlacedLegend, ...]:
    """Puts a legend into each source that has none (any more), and delivers. Raises as `sweep_once` does.

    Raises UnknownRoutesError, having ordered nothing, while the routes are in a spreadsheet and not known.
    """
    watch = watch or Unwatched()
    desk = _open_desk(settings, token, store=store, timing=timing or Timing(), watch=watch)
    policy = desk.tools.policy
    if not policy.is_whole:
        raise UnknownRoutesError
    for order in (refresh_legends, order_legends):  # what turns out to be deleted is put up again
        order(desk.tools)
        _deliver_all(desk, watch)
    names = {one.found: one.name for one in policy.names}
    with store.reading() as read:
        return tuple(
            PlacedLegend(
                name=names.get(channel, channel), state=state, departure=read.outbox.get(state.departure)
            )
            for channel, state in sorted(legends(read.vitals, team=policy.team).items())
            if channel in policy.sources
        )


T = TypeVar("T")


class UnknownPersonError(DeskError):
    """No one person is found by this name."""


def act_once(
    settings: Settings,
    token: Secret,
    *,
    store: Store,
    number: int,
    wish: Wish,
    by: str,
    to: str = "",
    timing: Timing | None = None,
) -> Acted:
    """Acts on a case for somebody, and edits its card unless another process is about to.

    by: an id, e-mail address or @handle. to: whom it is handed to, likewise. Raises UnknownPersonError, and
    as `sweep_once` does.
    """
    desk = _open_desk(settings, token, store=store, timing=timing or Timing(), watch=Unwatched())
    if to:
        wish = replace(wish, details=replace(wish.details, to=_person(desk, to)))
    attempt = Attempt(
        case=number, wish=wish, by=_person(desk, by), way=Way.COMMAND, key=f"command|{secrets.token_hex(8)}"
    )
    acted = desk.cases.act(attempt)
    while desk.deliver.one():  # what is due at once; anything else is `run`'s to wait for
        pass
    return acted


def call_once(
    settings: Settings,
    token: Secret,
    *,
    store: Store,
    act: Callable[[Desk, UserId], T],
    by: str,
    timing: Timing | None = None,
) -> T:
    """Does something with a case's update call for somebody. by: an id, e-mail address or @handle.

    Raises UnknownPersonError, and as `sweep_once` does.
    """
    desk = _open_desk(settings, token, store=store, timing=timing or Timing(), watch=Unwatched())
    sent = act(desk, _person(desk, by))
    while desk.deliver.one():
        pass
    return sent


def expose_once(
    settings: Settings,
    token: Secret,
    *,
    store: Store,
    product: str,
    exposed: bool,
    by: str,
    timing: Timing | None = None,
) -> Taken:
    """Says for somebody whether the internet reaches a product. by: an id, e-mail address or @handle.

    Raises UnknownPersonError, and as `sweep_once` does.
    """
    desk = _open_desk(settings, token, store=store, timing=timing or Timing(), watch=Unwatched())
    key = f"command|{secrets.token_hex(8)}"
    given = GivenExposure(product=product, exposed=exposed, by=_person(desk, by), way=COMMAND, key=key)
    taken = desk.exposing.answer(given)
    while desk.deliver.one():
        pass
    return taken


def find_people(
    settings: Settings,
    token: Secret,
    *,
    store: Store,
    names: Sequence[str],
    timing: Timing | None = None,
) -> tuple[UserId, ...]:
    """Returns whom names mean in Slack, in their order: ids, e-mail addresses or @handles.

    Raises UnknownPersonError, StoreError, SlackError. It sends nothing, so it may be done in shadow.
    """
    clock = SystemClock()
    calls = open_calls(settings, token, timing=timing or Timing(), clock=clock)
    who = whoami(calls)
    known = sign_in(store, who, now=clock.now())
    workspace = open_workspace(settings, calls, who=who, clock=clock, known=known)
    found = patiently(
        lambda: tuple(_found(workspace, name) for name in names), wait=clock.wait, tries=BINDING_TRIES
    )
    assert found is not None  # this clock's `ended` is never set
    return found


def _person(desk: Desk, name: str) -> UserId:
    return _found(desk.workspace, name)


def _found(workspace: SlackWorkspace, name: str) -> UserId:
    who = workspace.directory.who(name) if person_name(name) else None  # a bare word may be a display name
    if who is None or not is_user_id(who):
        raise UnknownPersonError(name)
    return UserId(who)


def _open_desk(settings: Settings, token: Secret, *, store: Store, timing: Timing, watch: Watch) -> Desk:
    forbid_in_shadow(store)
    settings = tabs_or_none(settings, store)
    clock = SystemClock()
    calls = open_calls(settings, token, timing=timing, clock=clock)
    who = whoami(calls)
    known = sign_in(store, who, now=clock.now())
    workspace = open_workspace(settings, calls, who=who, clock=clock, known=known)

    def open_desk() -> Desk:
        return Desk(
            settings=settings,
            store=store,
            workspace=workspace,
            clock=clock,
            timing=timing,
            seams=Seams(fetching=lambda fetching: _Counted(fetching, watch)),
            on_channels=_nobody_listens,
        )

    desk = patiently(open_desk, wait=clock.wait, tries=BINDING_TRIES)
    assert desk is not None  # this clock's `ended` is never set
    desk.meet()
    return desk


def _deliver_all(desk: Desk, watch: Watch) -> int:
    """Delivers until nothing is owed; returns how many departures still wait.

    It waits for each destination's pace and for retries, and gives up after PATIENCE without a delivery.
    """
    store, clock = desk.tools.store, desk.tools.clock
    until = clock.steady() + PATIENCE
    left = _owed(store)
    watch.delivering(left)
    while clock.steady() < until:
        while desk.deliver.one():
            watch.delivering(_owed(store))
        now = clock.now()
        due = store.next_due(now=now)
        if due is None:
            return 0
        still = _owed(store)
        if still < left:
            left, until = still, clock.steady() + PATIENCE
        wait = (due - now) / SECOND
        if clock.steady() + wait > until:
            break
        clock.wait(min(max(wait, 0.01), LOOK_AGAIN))
    return _owed(store)


def _owed(store: Store) -> int:
    with store.reading() as read:
        return read.backlog.count()


def _nobody_listens() -> None:
    """A pass receives no events."""
