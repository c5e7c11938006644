"""A round: many hosts at once, one at a time a host, and a slow one holds back no other."""

from __future__ import annotations

import queue
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")

SLOW_SECONDS = 1.0
MOST_THREADS = 128
AT_A_HOST = 1.0
"""Seconds that a thread stays with one host, whose connection is open; then the next one has its turn."""

TICK = 0.2

Task = Callable[[], V]


class Round(Generic[K, V]):
    """Runs tasks in threads. workers: how many are under way; one that takes long counts no more."""

    def __init__(self, *, workers: int, is_stopped: Callable[[], bool]) -> None:
        self._workers = workers
        self._is_stopped = is_stopped
        self._hosts: deque[deque[tuple[K, Task[V]]]] = deque()
        self._started: dict[int, float] = {}
        self._threads = 0
        self._done: queue.Queue[tuple[K, V] | BaseException] = queue.Queue(maxsize=2 * workers)
        self._lock = threading.Lock()
        self._is_left = False

    def run(self, tasks: Iterable[tuple[str, K, Task[V]]]) -> Iterator[tuple[K, V]]:
        """Yields each task's key and outcome as they come; ends early when it is stopped.

        tasks: host, key, what to do. What a task raises is raised here.
        """
        waiting: dict[str, deque[tuple[K, Task[V]]]] = {}
        for host, key, task in tasks:
            waiting.setdefault(host, deque()).append((key, task))
        left = sum(map(len, waiting.values()))
        self._hosts.extend(waiting.values())
        try:
            while left and not self._is_stopped():
                self._recruit()
                try:
                    outcome = self._done.get(timeout=TICK)
                except queue.Empty:
                    continue
                if self._is_stopped():
                    return
                if isinstance(outcome, BaseException):
                    raise outcome
                left -= 1
                yield outcome
        finally:
            self._is_left = True

    def _recruit(self) -> None:
        """Starts as many threads as there is work for."""
        slow = time.monotonic() - SLOW_SECONDS
        with self._lock:
            stuck = sum(since < slow for since in self._started.values())
            room = min(self._workers + stuck, MOST_THREADS) - self._threads
            wanted = max(0, min(room, len(self._hosts)))
            self._threads += wanted
        for _ in range(wanted):
            threading.Thread(target=self._work, name="fetch", daemon=True).start()

    def _work(self) -> None:
        me = threading.get_ident()
        host: deque[tuple[K, Task[V]]] = deque()
        until = 0.0
        while True:
            with self._lock:
                if host and time.monotonic() >= until:
                    self._hosts.append(host)  # the others have waited long enough
                    host = deque()
                if not host:
                    if not self._hosts:
                        self._threads -= 1
                        return
                    host, until = self._hosts.popleft(), time.monotonic() + AT_A_HOST
                if self._is_over():
                    self._threads -= 1
                    return
                self._started[me] = time.monotonic()
            key, task = host.popleft()
            outcome = self._outcome(key, task)
            with self._lock:
                self._started.pop(me, None)
            self._tell(outcome)

    def _outcome(self, key: K, task: Task[V]) -> tuple[K, V] | BaseException:
        try:
            return key, task()
        except BaseException as error:  # noqa: BLE001 - it is raised again where the round is read
            return error

    def _tell(self, outcome: tuple[K, V] | BaseException) -> None:
        while not self._is_over():
            try:
                self._done.put(outcome, timeout=TICK)
                return
            except queue.Full:
                continue

    def _is_over(self) -> bool:
        return self._is_left or self._is_stopped()
