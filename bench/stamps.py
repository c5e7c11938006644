"""Reaction to forward's arrival, beside the bare handler; a burst; memory and idle CPU; calls of a sweep.

Both run as processes of their own against the same sandbox, one after the other, at each rate and delay.
A latency is the time from the reaction until the message stands in the sandbox.
"""

from __future__ import annotations

import contextlib
import math
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil

from threatstamp.sandbox import Sandbox, SandboxWorkspace, serve

DESTINATIONS = 20
PEOPLE = 60


class Field:
    """A sandbox with twenty destinations, and the processes under test: usually one."""

    def __init__(self, database: str | None, *, pace: str, latency: float) -> None:
        self.workspace = SandboxWorkspace("T0BENCH")
        self.workspace.limits.off()
        self.workspace.add_channel("C0NEWS", "news")
        for number in range(DESTINATIONS):
            self.workspace.add_channel(f"C1D{number:03d}", f"dest-{number}")
            self.workspace.add_emoji(f"route{number}", "https://emoji.example/x.png")
        for number in range(PEOPLE):
            self.workspace.add_user(f"U{number:04d}", f"user{number}", f"user{number}")
        self.workspace.latency = latency
        self._database = database
        self._pace = pace
        self._folder = tempfile.TemporaryDirectory()
        self.folder = Path(self._folder.name)
        self.sandbox: Sandbox = serve(self.workspace)
        self.processes: list[subprocess.Popen[str]] = []

    def __enter__(self) -> Field:
        self.sandbox.start()
        return self

    def __exit__(self, *_: object) -> None:
        for process in self.processes:
            process.kill()
            process.wait()
        self.sandbox.close()
        self._folder.cleanup()

    def start(self, workers: int = 1, *, taking: int | None = None) -> None:
        """Starts so many processes. taking: how many of them take events; all unless given."""
        taking = workers if taking is None else taking
        environ = {
            **os.environ,
            "SLACK_BOT_TOKEN": self.workspace.app.bot_token,
            "SLACK_APP_TOKEN": self.workspace.app.app_token,
        }
        if self._database is None:
            command = [sys.executable, "-m", "bench.bare", self.sandbox.api_url, str(DESTINATIONS)]
        else:
            self._settle()
            command = [sys.executable, "-m", "threatstamp", "--config", str(self.folder / "t.toml"), "run"]
        for number in range(workers):
            more = [] if number < taking else ["--no-events"]
            with (self.folder / f"log-{number}").open("w") as log:
                process = subprocess.Popen([*command, *more], env=environ, stdout=log, stderr=log, text=True)
            self.processes.append(process)
            self.workspace.wait_for(
                lambda: self.workspace.sockets.count == min(len(self.processes), taking), 60
            )
        time.sleep(2.5)  # first sweeps and start-up work are not what is measured

    def _settle(self) -> None:
        assert self._database is not None
        lines = [
            f'database = "{self._database}"',
            "[slack]",
            f'api_url = "{self.sandbox.api_url}"',
            'confirm = "none"',
            f'pace = "{self._pace}"',
            "[[sources]]",
            'channel = "C0NEWS"',
        ]
        for number in range(DESTINATIONS):
            lines += [
                "[[routes]]",
                f'reaction = "route{number}"',
                f'to = ["C1D{number:03d}"]',
                'text = "stamp"',
            ]
        (self.folder / "t.toml").write_text("\n".join(lines), encoding="utf-8")

    def posts(self, count: int) -> list[str]:
        made = [
            self.workspace.post_rss("C0NEWS", f"t{number}", f"https://n.example/{number}", source="n")
            for number in range(count)
        ]
        time.sleep(0.5 + 4 * self.workspace.latency)
        return made


class Arrivals:
    """Notes when each message arrives: `wait` until there are so many."""

    def __init__(self, workspace: SandboxWorkspace) -> None:
        self.times: list[float] = []
        self._channels: list[str] = []
        self._changed = threading.Condition()
        self._stop = workspace.listen(self._take)

    def _take(self, news: dict[str, object]) -> None:
        if news["type"] == "message" and str(news["channel"]).startswith("C1D"):
            with self._changed:
                self.times.append(time.perf_counter())
                self._channels.append(str(news["channel"]))
                self._changed.notify_all()

    def wait(self, count: int, timeout: float) -> bool:
        with self._changed:
            return self._changed.wait_for(lambda: len(self.times) >= count, timeout)

    def of(self, channel: str) -> list[float]:
        return [at for at, one in zip(self.times, self._channels, strict=True) if one == channel]

    def close(self) -> None:
        self._stop()


def latencies(field: Field, *, rate: float, count: int) -> list[float]:
    """Returns milliseconds from reaction to arrival: stamps one after the other, round the routes."""
    posts = field.posts(math.ceil(count / DESTINATIONS))
    arrivals = Arrivals(field.workspace)
    sent: dict[str, list[float]] = {}
    begin = time.perf_counter()
    for number in range(count):
        due = begin + number / rate
        time.sleep(max(0.0, due - time.perf_counter()))
        route = number % DESTINATIONS
        sent.setdefault(f"C1D{route:03d}", []).append(time.perf_counter())
        field.workspace.react("U0001", "C0NEWS", posts[number // DESTINATIONS], f"route{route}")
    if not arrivals.wait(count, 60):
        raise SystemExit(f"{len(arrivals.times)} of {count} arrived")
    arrivals.close()
    return sorted(
        (arrived - left) * 1000
        for channel, starts in sent.items()
        for left, arrived in zip(starts, arrivals.of(channel), strict=True)
    )


def quantile(values: list[float], share: float) -> float:
    return values[min(len(values) - 1, math.ceil(share * len(values)) - 1)]


def burst(field: Field, count: int) -> float:
    """Returns forwards a second for a burst, all stamps at once."""
    posts = field.posts(count // DESTINATIONS)
    arrivals = Arrivals(field.workspace)
    begin = time.perf_counter()
    for post in posts:
        for route in range(DESTINATIONS):
            field.workspace.react("U0002", "C0NEWS", post, f"route{route}")
    if not arrivals.wait(count, 300):
        raise SystemExit(f"{len(arrivals.times)} of {count} arrived")
    arrivals.close()
    return count / (arrivals.times[-1] - begin)


def idle(field: Field, seconds: float) -> tuple[float, float]:
    """Returns peak memory (MB) and the share of a core (%) while nothing happens."""
    process = psutil.Process(field.processes[0].pid)
    before = sum(process.cpu_times()[:2])
    begin = time.perf_counter()
    time.sleep(seconds)
    used = sum(process.cpu_times()[:2]) - before
    status = Path(f"/proc/{process.pid}/status").read_text(encoding="ascii")
    peak = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM"))
    return peak / 1024, 100 * used / (time.perf_counter() - begin)


def sweep_calls() -> None:
    """Counts the calls of one sweep over three days of sixty posts a day, beside the script's way."""
    with Field("sqlite:///t.db", pace="0s", latency=0.0) as field:
        workspace, now = field.workspace, time.time()
        workspace.cut_users = 25
        posts = [workspace.post("C0NEWS", f"p{n}", user="U0003", at=now - n * 1440) for n in range(180)]
        for post in posts[:10]:
            workspace.post("C0NEWS", "reply", user="U0004", thread_ts=post)
        for number in range(30):
            workspace.react(f"U{number:04d}", "C0NEWS", posts[11], "route1", silent=True)
        field.start()
        time.sleep(1)
        calls = [call.method for call in workspace.calls()]
        sweeps = 2  # at start, and after the connection
        found = {
            name: calls.count(name) / sweeps
            for name in ("conversations.history", "conversations.replies", "reactions.get")
        }
        total = sum(found.values())
        print(
            f"one sweep: {found} = {total:.0f} calls; the script: 1 history + 180 reactions.get = 181 calls"
        )
        print(
            "  180 posts, page size 200, 10 threads with a reply in the window, 1 list cut short at 25 of 30"
        )


@contextlib.contextmanager
def postgres() -> Iterator[Callable[[], str]]:
    from tests.support.postgres import shared_server

    with shared_server() as server:
        yield server.new_database


def run(*, quick: bool, size: int) -> None:
    """Measures all of it and prints it. size: of the burst."""
    with postgres() as new_database:
        kinds: dict[str, Callable[[], str | None]] = {
            "bare": lambda: None,
            "sqlite": lambda: "sqlite:///t.db",
            "postgres": new_database,
        }
        for latency in (0.0, 0.15):
            for rate, count in ((1.0, 20 if quick else 60), (10.0, 100 if quick else 600)):
                base: tuple[float, float] | None = None
                for kind, database in kinds.items():
                    with Field(database(), pace="1s", latency=latency) as field:
                        field.start()
                        found = latencies(field, rate=rate, count=count)
                        p50, p99 = quantile(found, 0.5), quantile(found, 0.99)
                        base = base or (p50, p99)
                        print(
                            f"Slack {latency * 1000:3.0f} ms, {rate:4.0f}/s  {kind:8}"
                            f"  p50 {p50:6.1f} ms (+{p50 - base[0]:5.1f})"
                            f"  p99 {p99:6.1f} ms (+{p99 - base[1]:5.1f})  n={len(found)}",
                            flush=True,
                        )
        for kind in ("sqlite", "postgres"):
            for pace in ("1s", "0s"):
                with Field(kinds[kind](), pace=pace, latency=0.0) as field:
                    field.start()
                    speed = burst(field, size)
                    memory, cpu = idle(field, 10 if quick else 30)
                    print(
                        f"burst of {size} over {DESTINATIONS} destinations, pace {pace}, {kind}:"
                        f" {speed:.0f} forwards/s;"
                        f" peak {memory:.0f} MB, idle {cpu:.1f} % of a core",
                        flush=True,
                    )
    sweep_calls()
