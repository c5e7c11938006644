"""Faults on demand: what networks and Slack do on bad days."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

from threatstamp.sandbox import events
from threatstamp.sandbox.events import Body

CALL_KINDS = frozenset({"rate_limit", "status", "error", "drop", "hold", "late", "hang", "slow", "reset"})
EVENT_KINDS = frozenset({"duplicate", "same", "reorder", "lose"})
REQUEST_KINDS = frozenset({"unanswered", "unreached", "slow"})


@dataclass(slots=True, kw_only=True)
class StagedFault:
    """One fault for the next `times` fitting calls. seconds: how long slow, how late.

    until: something that ends the slowness earlier.
    """

    method: str
    kind: str
    channel: str | None = None
    times: int = 1
    seconds: float = 1.0
    until: threading.Event | None = None
    retry_after: float = 1.0
    status: int = 503
    error: str = "internal_error"


class Faults:
    """What will go wrong next."""

    def __init__(self, changed: Callable[[], None]) -> None:
        self._lock = threading.Lock()
        self._faults: list[StagedFault] = []
        self._events: list[tuple[str, int]] = []
        self._held: list[Body] = []
        self._requests: list[tuple[str, str]] = []
        self._changed = changed

    def add(
        self,
        method: str,
        kind: str,
        *,
        channel: str | None = None,
        times: int = 1,
        seconds: float = 1.0,
        until: threading.Event | None = None,
        retry_after: float = 1.0,
        status: int = 503,
        error: str = "internal_error",
    ) -> None:
        """The next `times` calls of a method ("*": any), into a channel if given, go wrong."""
        if kind not in CALL_KINDS:
            raise ValueError(f"no fault {kind!r}; there are {', '.join(sorted(CALL_KINDS))}")
        fault = StagedFault(
            method=method,
            kind=kind,
            channel=channel,
            times=times,
            seconds=seconds,
            until=until,
            retry_after=retry_after,
            status=status,
            error=error,
        )
        with self._lock:
            self._faults.append(fault)

    def events(self, kind: str, *, times: int = 1) -> None:
        """The next `times` events are doubled, held back and reversed, or lost."""
        if kind not in EVENT_KINDS:
            raise ValueError(f"no fault {kind!r}; there are {', '.join(sorted(EVENT_KINDS))}")
        with self._lock:
            self._events.append((kind, times))

    def requests(self, kind: str, *, event: str = "", times: int = 1) -> None:
        """The next `times` requests over HTTP, with an event of this type ("": any), go wrong.

        unanswered: the app gets it, and its answer is lost. unreached: a proxy before the app answers with
        502. slow: it arrives so late that it was sent again before.
        """
        if kind not in REQUEST_KINDS:
            raise ValueError(f"no fault {kind!r}; there are {', '.join(sorted(REQUEST_KINDS))}")
        with self._lock:
            self._requests += [(kind, event)] * times

    def clear(self) -> None:
        with self._lock:
            self._faults.clear()
            self._events.clear()
            self._requests.clear()
        self._changed()

    def of_call(self, method: str, channel: str | None) -> StagedFault | None:
        """Takes the fault of this call, if there is one."""
        with self._lock:
            for fault in self._faults:
                if fault.method in (method, "*") and fault.channel in (None, channel):
                    fault.times -= 1
                    if fault.times <= 0:
                        self._faults.remove(fault)
                    return fault
        return None

    def of_request(self, event: str) -> str:
        """Takes the fault of a request with an event of this type, "" if there is none."""
        with self._lock:
            fitting = [one for one in self._requests if one[1] in ("", event)]
            if not fitting:
                return ""
            self._requests.remove(fitting[0])
            return fitting[0][0]

    def disordered(self, payload: Body) -> list[Body]:
        """Takes the fault of this event; returns what is to be sent now, in this order."""
        with self._lock:
            kind, times = self._of_event()
            if kind == "duplicate":
                return [payload, events.again(payload)]
            if kind == "same":
                return [payload, payload]
            if kind == "lose":
                return []
            if kind == "reorder":
                self._held.append(payload)
                if times > 1:
                    return []
                held, self._held = self._held, []
                return held[::-1]
            return [payload]

    def _of_event(self) -> tuple[str, int]:
        """Takes a fault; of a reordering the count is how many are still to be held."""
        if not self._events:
            return "", 0
        kind, times = self._events[0]
        if times <= 1:
            self._events.pop(0)
        else:
            self._events[0] = (kind, times - 1)
        return kind, times
