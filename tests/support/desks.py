"""Desks as processes of their own, which start quickly and can be killed, stopped and inspected."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

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


class Zygote:
    """A process that has imported everything and forks desks, so that each starts within milliseconds."""

    def __init__(self, module: str = "tests.support.harness") -> None:
        """module: the program that forks; see `main` in the default one."""
        self._process = subprocess.Popen(
            [sys.executable, "-m", module],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[2],
        )
        self._number = 0
        self.desks: list[Desk] = []

    def start(self, town: Town, *, crash: str = "", **environ: str) -> Desk:
        """Forks a desk for a town. crash: a point of `tests.support.harness` at which it kills itself."""
        self._number += 1
        ready = town.folder / f"ready-{self._number}"
        log = town.folder / f"desk-{self._number}.log"
        asked = {
            "settings": str(town.folder / "threatstamp.toml"),
            "crash": crash,
            "ready": str(ready),
            "log": str(log),
            "environ": {**town.environ, "CRASH_BY": "", "CRASH_FROM": "", "RECORD": "", **environ},
        }
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(asked) + "\n")
        self._process.stdin.flush()
        desk = Desk(int(self._process.stdout.readline()), ready, log)
        self.desks.append(desk)
        return desk

    def close(self) -> None:
        for desk in self.desks:
            desk.send(signal.SIGKILL)
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()


@contextmanager
def zygote() -> Iterator[Zygote]:
    made = Zygote()
    try:
        yield made
    finally:
        made.close()
