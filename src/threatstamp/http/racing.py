"""A connection to the first address of a name that answers: Happy Eyeballs (RFC 8305), DNS apart."""

from __future__ import annotations

import queue
import socket
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence

from threatstamp.http.guard import Address

CONNECT_SECONDS = 10.0
"""For all addresses together."""

ATTEMPT_DELAY = 0.25
"""Seconds until the next address is tried beside one that has not answered (RFC 8305, 5 and 8)."""

MOST_ADDRESSES = 8
REMEMBERED = 600.0
"""Seconds for which the family that answered goes first: the other one is probably broken here."""

TICK = 0.1

Connect = Callable[[str, int, float], socket.socket]
"""Opens a socket to an address (never a name) and port, within seconds. Raises OSError."""

Reached = tuple[socket.socket, Address]


def system_connect(address: str, port: int, seconds: float) -> socket.socket:
    """Opens a TCP connection."""
    sock = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET)
    try:
        sock.settimeout(seconds)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # a body follows its head at once
        sock.connect((address, port))
    except BaseException:
        sock.close()
        raise
    return sock


class Racing:
    """Connects; shared by all that one client dials, so that it learns which family of addresses works."""

    def __init__(self, connect: Connect) -> None:
        self._connect = connect
        self._first = 0
        self._until = 0.0

    def reach(
        self, addresses: Sequence[Address], port: int, *, seconds: float, check: Callable[[], None]
    ) -> Reached:
        """Returns a socket to one of these, which are all checked already, and which one it is.

        check: called often, to end it by what it raises. Raises OSError, the most telling one, if none can
        be reached.
        """
        ordered = alternating(addresses, first=self._first if time.monotonic() < self._until else 0)
        ordered = ordered[:MOST_ADDRESSES]
        if len(ordered) == 1:
            return self._connect(str(ordered[0]), port, seconds), ordered[0]
        sock, address = _Race(self._connect, port, seconds).run(ordered, check)
        if len({one.version for one in ordered}) > 1:
            self._first, self._until = address.version, time.monotonic() + REMEMBERED
        return sock, address


def alternating(addresses: Sequence[Address], *, first: int = 0) -> list[Address]:
    """Returns addresses by turns of their families, each in its order (RFC 8305, 4).

    first: the IP version to begin with, 0 for that of the first address.
    """
    if not addresses:
        return []
    one = first or addresses[0].version
    families = [deque(a for a in addresses if (a.version == one) is wanted) for wanted in (True, False)]
    found: list[Address] = []
    while any(families):
        found += [family.popleft() for family in families if family]
    return found


class _Race:
    """One race. Each attempt has a thread of its own; a socket that comes too late is closed."""

    def __init__(self, connect: Connect, port: int, seconds: float) -> None:
        self._connect = connect
        self._port = port
        self._until = time.monotonic() + seconds
        self._lock = threading.Lock()
        self._is_over = False
        self._done: queue.SimpleQueue[Reached | OSError] = queue.SimpleQueue()

    def run(self, addresses: Sequence[Address], check: Callable[[], None]) -> Reached:
        waiting = deque(addresses)
        failures: list[OSError] = []
        next_at, running = time.monotonic(), 0
        try:
            while waiting or running:
                now = time.monotonic()
                if now >= self._until:
                    failures.append(TimeoutError())
                    break
                if waiting and (now >= next_at or not running):
                    self._start(waiting.popleft())
                    next_at, running = now + ATTEMPT_DELAY, running + 1
                check()
                outcome = self._outcome(min(TICK, self._until - now))
                if isinstance(outcome, tuple):
                    return outcome
                if outcome is not None:
                    failures.append(outcome)
                    next_at, running = now, running - 1  # the next one need not wait
        finally:
            self._end()
        raise _most_telling(failures)

    def _start(self, address: Address) -> None:
        threading.Thread(target=self._attempt, args=(address,), name="connect", daemon=True).start()

    def _attempt(self, address: Address) -> None:
        try:
            sock = self._connect(str(address), self._port, max(0.1, self._until - time.monotonic()))
        except OSError as error:
            self._done.put(error)
            return
        with self._lock:
            if not self._is_over:
                self._done.put((sock, address))
                return
        sock.close()

    def _outcome(self, seconds: float) -> Reached | OSError | None:
        try:
            return self._done.get(timeout=max(0.0, seconds))
        except queue.Empty:
            return None

    def _end(self) -> None:
        """Closes what has come beside the winner, and has the rest closed as it comes."""
        with self._lock:
            self._is_over = True
        while (late := self._outcome(0.0)) is not None:
            if isinstance(late, tuple):
                late[0].close()


def _most_telling(failures: Sequence[OSError]) -> OSError:
    """Returns a refusal before a silence before whatever else: somebody is there and said so."""
    for kind in (ConnectionRefusedError, TimeoutError):
        for failure in failures:
            if isinstance(failure, kind):
                return failure
    return failures[-1]
