"""Desks as processes of their own, which start quickly and can be killed, stopped and inspected."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

from tests.support.databases import prepare
from tests.support.forks import Forks
from tests.support.town import Town


class Desk:
    """One desk process."""

    def __init__(self, pid: int, ready: Path, log: Path) -> None:
        self.pid = pid
        self._ready = ready
        self.log = log

    def is_alive(self) -> bool:
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return False
        return True

    def is_stopped(self) -> bool:
        """True if SIGSTOP has stopped it."""
        try:
            state = Path(f"/proc/{self.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0]
        except OSError:
            return False
        return state == "T"

    def wait_ready(self, timeout: float = 20) -> bool:
        """Waits until it receives events; False if it died before that."""
        return wait(lambda: self._ready.exists() or not self.is_alive(), timeout) and self._ready.exists()

    def send(self, number: signal.Signals) -> None:
        if self.is_alive():
            os.kill(self.pid, number)

    def end(self) -> None:
        self.send(signal.SIGCONT)
        self.send(signal.SIGTERM)
        if not wait(lambda: not self.is_alive(), 12):
            self.send(signal.SIGKILL)


def wait(done: object, timeout: float) -> bool:
    """Polls until `done` is true; False after `timeout` seconds.

    For other processes, which cannot notify us.
    """
    until = time.monotonic() + timeout
    while not done():  # type: ignore[operator]
        if time.monotonic() > until:
            return False
        time.sleep(0.02)
    return True


class Desks:
    """Starts desks as processes that have everything imported; `Forks` ends them."""

    def __init__(self, forks: Forks, entry: str = "tests.support.harness:main") -> None:
        """entry: the program; its arguments are the settings, the file that says "ready", and the crash point."""
        self._forks = forks
        self._entry = entry
        self._started = 0

    def start(self, town: Town, *, crash: str = "", **environ: str) -> Desk:
        """Forks a desk for a town. crash: a point of `tests.support.harness` at which it kills itself."""
        self._started += 1
        prepare(town.database)
        ready = town.folder / f"ready-{self._started}"
        log = town.folder / f"desk-{self._started}.log"
        with log.open("ab") as file:
            forked = self._forks.start(
                self._entry,
                *(str(town.folder / "threatstamp.toml"), str(ready), crash),
                environ={**os.environ, **town.environ, **environ},
                stdout=file.fileno(),
                stderr=file.fileno(),
            )
        return Desk(forked.pid, ready, log)
