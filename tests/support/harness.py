"""A desk as a process of its own that kills itself at a chosen point: before or after one call of a port.

The points are not listed by hand but found by wrapping the ports, so every new effect is a new point.
A point is named like "store.claim:after:1": port, method, before or after, number of the call.
"?" records every point that is passed in the file RECORD, one per line. Used through tests.support.desks.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
import traceback
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, get_type_hints

from threatstamp.app.run import Run, open_run
from threatstamp.app.seams import Seams
from threatstamp.config.secrets import read_secrets
from threatstamp.config.settings import Settings, read_settings
from threatstamp.core.errors import StoreError
from threatstamp.desk.ports.feeds import Fetching
from threatstamp.desk.ports.slack import Workspace
from threatstamp.desk.ports.store import Read, Store, Tx
from threatstamp.desk.ports.time import Timing
from threatstamp.desk.views.running import NO_EVENTS

HASTY = Timing(
    lease=1.6,
    timeout=1.0,
    margin=0.1,
    pace=0.0,
    scan=0.2,
    settling=0.2,
    late=300.0,
    event_lease=3.0,
    feed_lease=1.6,
)
"""The same protocol with waits as short as the sandbox allows."""

POLLED = frozenset({"store.next_due", "store.take", "store.is_calm"})
"""Called at intervals and not because of an event, so they are passed even if nothing happens."""


def methods_of(port: type) -> frozenset[str]:
    """Returns the names of a protocol's public methods, inherited ones included."""
    return frozenset(
        name
        for base in port.__mro__
        for name, value in vars(base).items()
        if callable(value) and not name.startswith("_") and base is not object
    )


class Crashes:
    """Counts the points that are passed, and kills or stops the process at the chosen one."""

    def __init__(self, chosen: str, record: str | None) -> None:
        self._chosen = chosen
        self._record = record
        self._counts: Counter[str] = Counter()
        self._lock = threading.Lock()
        self.armed = False

    def point(self, name: str) -> None:
        if not self.armed:
            return
        with self._lock:
            self._counts[name] += 1
            if self._chosen == "?" and self._record:
                with Path(self._record).open("a", encoding="utf-8") as file:
                    file.write(f"{name}:{self._counts[name]}\n")
            elif self._chosen == f"{name}:{self._counts[name]}":
                stop = os.environ.get("CRASH_BY") == "STOP"
                # to this thread: another one may handle a signal to the process, while this one continues
                signal.pthread_kill(threading.get_ident(), signal.SIGSTOP if stop else signal.SIGKILL)


class Wrapped:
    """An implementation of a port, with a crash point before and after each of the port's methods."""

    def __init__(self, inner: Any, name: str, methods: frozenset[str], crashes: Crashes) -> None:
        self._inner = inner
        self._name = name
        self._methods = methods
        self._crashes = crashes

    def __getattr__(self, method: str) -> Any:
        value = getattr(self._inner, method)
        if method not in self._methods or f"{self._name}.{method}" in POLLED:
            return value
        if method in ("transaction", "reading"):
            return self._transaction(method, value)

        def call(*args: Any, **kwargs: Any) -> Any:
            self._crashes.point(f"{self._name}.{method}:before")
            result = value(*args, **kwargs)
            if isinstance(result, Iterator):
                return self._each(method, result)
            self._crashes.point(f"{self._name}.{method}:after")
            return result

        return call

    def _each(self, method: str, results: Iterator[Any]) -> Iterator[Any]:
        """Passes a point after each result of an iterator."""
        for result in results:
            self._crashes.point(f"{self._name}.{method}:after")
            yield result

    def __setattr__(self, name: str, value: Any) -> None:
        if name in ("_inner", "_name", "_methods", "_crashes"):
            object.__setattr__(self, name, value)
        else:
            setattr(self._inner, name, value)

    def _transaction(self, method: str, value: Any) -> Any:
        @contextmanager
        def opened() -> Iterator[Any]:
            with value() as tx:
                yield Composed(tx, Tx if method == "transaction" else Read, self._crashes)
                if method == "transaction":
                    self._crashes.point(f"{self._name}.commit:before")
            if method == "transaction":
                self._crashes.point(f"{self._name}.commit:after")

        return opened


class Composed:
    """A transaction or a reading, with crash points around the methods of each subject."""

    def __init__(self, inner: Any, port: type, crashes: Crashes) -> None:
        subjects = {name: value.fget for name, value in vars(port).items() if isinstance(value, property)}
        for name, getter in subjects.items():
            protocol = get_type_hints(getter)["return"]
            wrapped = Wrapped(getattr(inner, name), f"tx.{name}", methods_of(protocol), crashes)
            setattr(self, name, wrapped)


def crashing(crashes: Crashes) -> Seams:
    """Returns wrappers for every port of a desk, so that it can crash there."""

    def wrap_workspace(workspace: Any) -> Any:
        if os.environ.get("CRASH_BY") == "STOP":  # also between the last check of the clock and the call
            workspace.calls = Wrapped(workspace.calls, "calls", frozenset({"post"}), crashes)
        return Wrapped(workspace, "workspace", methods_of(Workspace), crashes)

    def wrap_store(store: Any) -> Any:
        return Wrapped(store, "store", methods_of(Store), crashes)

    def wrap_fetching(fetching: Any) -> Any:
        return Wrapped(fetching, "fetching", methods_of(Fetching), crashes)

    return Seams(store=wrap_store, workspace=wrap_workspace, fetching=wrap_fetching)


def poll(run: Run) -> None:
    """Polls the feeds all the time: their own shortest interval is a minute."""
    while not run.ended.wait(0.1):
        try:
            run.desk.poll(due_only=False)
        except StoreError as error:
            logging.warning("feeds have to wait: %s", error)


def _read(path: str) -> Settings:
    """Returns the settings; with EVENTS=none of a desk that takes none."""
    settings = read_settings(Path(path))
    if os.environ.get("EVENTS") == NO_EVENTS:
        return replace(settings, slack=replace(settings.slack, mode=NO_EVENTS, listen=None))
    return settings


def work(settings: str, crash: str, ready: str) -> None:
    """Runs a desk until a signal or its crash point."""
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    crashes = Crashes(crash, os.environ.get("RECORD"))
    crashes.armed = not crash or "sweep" in os.environ.get("CRASH_FROM", "")
    run = open_run(
        settings=_read(settings),
        secrets=read_secrets(os.environ),
        ended=ended,
        timing=HASTY,
        schedules=False,
        seams=crashing(crashes),
    )
    if run is None:
        return
    run.start()
    run.desk.swept.wait(20)
    while run.health.connection is not None and not (run.vitals.socket and run.vitals.socket.connected):
        ended.wait(0.02)
    crashes.armed = True
    if run.desk.tools.policy.feeds:
        threading.Thread(target=poll, args=(run,), daemon=True).start()
    Path(ready).write_text("ready", encoding="utf-8")
    while not run.ended.wait(0.1):
        pass
    run.close()


def main() -> None:
    """The program; see `tests.support.desks.Desks`."""
    settings, ready, crash = sys.argv[1:]
    logging.basicConfig(level=logging.INFO, force=True, stream=sys.stderr)
    try:
        work(settings, crash, ready)
    except BaseException:
        traceback.print_exc()
    sys.stderr.flush()
    os._exit(0)  # threads of libraries that wait for Slack must not hold the process
