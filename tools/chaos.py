"""Stamps under every fault that the sandbox knows, with kills and clock steps, and counts in the end.

`make chaos ARGS="--stamps 10000 --on sqlite"`. A seed decides what happens and in which order (when, that the
machine decides). Everybody who stamped must stand in exactly one message: 1 if any is lost or doubled, with
the seed to repeat it. SQLite has one process, PostgreSQL two.
"""

from __future__ import annotations

import argparse
import logging
import random
import signal
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.support.commands import MODULES
from tests.support.desks import Desk, Desks
from tests.support.forks import forks
from tests.support.town import TEAM, Town, open_town
from tools.chaos_count import Tally, count
from tools.chaos_desk import BRISK, CLOCK, new_clock, step_clock

CALLS = ("chat.postMessage",) * 4 + (
    "chat.update",
    "conversations.history",
    "reactions.get",
    "chat.getPermalink",
    "auth.test",
    "apps.connections.open",
    "*",
)
FAULTS: dict[str, dict[str, float | int | str]] = {
    "rate_limit": {"retry_after": 0.3},
    "status": {"status": 503},
    "error": {"error": "internal_error"},
    "drop": {},
    "hold": {},
    "late": {"seconds": 0.3},
    "hang": {},
    "slow": {"seconds": 0.5},
    "reset": {},
}
EVENTS = ("duplicate", "same", "reorder", "lose", "lose")
PEOPLE = 12
OUTSTANDING = 600
"""Stamps that may wait for their message before no more are made."""

STALL = 10.0
"""Seconds without a new message after which a line is cut, so that a sweep looks for lost events."""

SETTLE = 900.0
"""Seconds to wait in the end; a clock that was ahead leaves leases behind that end much later."""


@dataclass
class Chaos:
    """One run."""

    town: Town
    starts: Desks
    rng: random.Random
    channels: int
    steps: float
    desks: list[tuple[Desk, Path]] = field(default_factory=list)
    stamps: dict[int, set[str]] = field(default_factory=dict)
    """Who stamped, by the number of the post."""

    places: list[tuple[str, str]] = field(default_factory=list)
    done: Counter[str] = field(default_factory=Counter)

    def start(self, clock: Path) -> Desk:
        """Starts a desk and does not wait for it: people stamp while none runs, too."""
        return self.starts.start(self.town, **{CLOCK: str(clock)})

    def begin(self, clock: Path) -> None:
        """Starts a first desk. What is stamped before its first look would count as old."""
        desk = self.start(clock)
        if not desk.wait_ready(120):
            raise SystemExit(f"a desk does not get ready:\n{desk.log.read_text()[-3000:]}")
        self.desks.append((desk, clock))

    def kill(self) -> None:
        """kill -9 of one process, and another one in its place; sometimes an end in order."""
        number = self.rng.randrange(len(self.desks))
        desk, clock = self.desks[number]
        how = self.rng.choice((signal.SIGKILL, signal.SIGKILL, signal.SIGKILL, signal.SIGTERM))
        desk.send(how)
        self.done[how.name] += 1
        _until(lambda: not desk.is_alive(), 20)  # one that ends in order may take ten seconds
        self.desks[number] = (self.start(clock), clock)

    def pause(self) -> None:
        """A process stops past its lease, and goes on."""
        desk, _ = self.rng.choice(self.desks)
        desk.send(signal.SIGSTOP)
        going_on = threading.Timer(BRISK.lease + 1.5, desk.send, [signal.SIGCONT])
        going_on.daemon = True
        going_on.start()
        self.done["pauses"] += 1

    def step(self) -> None:
        """A clock jumps, or is put right."""
        _, clock = self.rng.choice(self.desks)
        step_clock(clock, self.rng.choice((0.0, self.rng.uniform(-self.steps, self.steps))))
        self.done["clock steps"] += 1

    def spoil_calls(self) -> None:
        """The next calls of a method go wrong. Seldom called methods must not gather faults without end."""
        kind, method, times = self.rng.choice(sorted(FAULTS)), self.rng.choice(CALLS), self.rng.randint(1, 3)
        faults = self.town.workspace.faults
        if all(fault.method != method for fault in faults._faults):
            faults.add(method, kind, times=times, **FAULTS[kind])  # type: ignore[arg-type]
            self.done[f"calls: {kind}"] += times

    def spoil_events(self) -> None:
        kind, times = self.rng.choice(EVENTS), self.rng.randint(1, 4)
        self.town.workspace.faults.events(kind, times=times)
        self.done[f"events: {kind}"] += times

    def spoil_line(self) -> None:
        sockets = self.town.workspace.sockets
        act = self.rng.choice((sockets.cut, sockets.refresh, lambda: sockets.refuse(2)))
        act()
        self.done["lines"] += 1

    def stamp(self) -> None:
        """Somebody stamps a new post, or one in seven an older one, which edits its message."""
        workspace = self.town.workspace
        number = len(self.places)
        if self.places and self.rng.random() < 1 / 7:
            number = self.rng.randrange(number)
        else:
            channel = f"C0SRC{self.rng.randrange(self.channels):03d}"
            title, link = f"記事番{number:06d}", f"https://news.example/{number}"
            self.places.append((channel, workspace.post_rss(channel, title, link, source="架空ニュース")))
        people = self.stamps.setdefault(number, set())
        left = sorted({f"U0P{n:02d}" for n in range(PEOPLE)} - people)
        user = self.rng.choice(left or sorted(people))
        if user not in people:
            workspace.react(user, *self.places[number], "rotating_light")
            people.add(user)

    @property
    def made(self) -> int:
        return sum(map(len, self.stamps.values()))

    def delivered(self) -> int:
        workspace = self.town.workspace
        return sum(len(workspace.messages(f"C0DST{n:03d}")) for n in range(self.channels))


def _until(done: Callable[[], bool], seconds: float) -> bool:
    end = time.monotonic() + seconds
    while not done():
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


def play(chaos: Chaos, stamps: int, say: Callable[[], None]) -> None:
    """Makes the stamps, and something goes wrong every few."""
    rng, next_fault = chaos.rng, 5
    every_kill = max(40, stamps // 80)
    next_kill = every_kill
    while chaos.made < stamps:
        chaos.stamp()
        made = chaos.made
        if made >= next_fault:
            next_fault = made + rng.randint(5, 25)
            rng.choice((chaos.spoil_calls, chaos.spoil_calls, chaos.spoil_events, chaos.spoil_line))()
        if made >= next_kill:
            next_kill = made + rng.randint(every_kill // 2, every_kill * 3 // 2)
            rng.choice((chaos.kill, chaos.kill, chaos.kill, chaos.step, chaos.step, chaos.pause))()
        if made % 25 == 0:
            say()
            wait_for_room(chaos, say)


def wait_for_room(chaos: Chaos, say: Callable[[], None]) -> None:
    """Waits while too many stamps have no message yet: some need a sweep, which a new line brings."""
    seen, since = chaos.delivered(), time.monotonic()
    while len(chaos.places) - seen > OUTSTANDING:
        time.sleep(0.3)
        say()
        now = chaos.delivered()
        if now > seen:
            seen, since = now, time.monotonic()
        elif time.monotonic() - since > STALL:
            chaos.town.workspace.faults.clear()  # a desk that starts may be kept from it for long
            chaos.town.workspace.sockets.cut()
            since = time.monotonic()


def settle(chaos: Chaos, say: Callable[[], None]) -> Tally:
    """Puts everything right, and waits until nothing is missing, or for SETTLE seconds."""
    chaos.town.workspace.faults.clear()
    for desk, clock in chaos.desks:
        step_clock(clock, 0.0)
        if not desk.wait_ready(300):
            raise SystemExit(f"a desk does not work:\n{desk.log.read_text()[-3000:]}")
    end, cut_at = time.monotonic() + SETTLE, 0.0
    while True:
        if time.monotonic() >= cut_at:
            chaos.town.workspace.sockets.cut()  # a sweep follows each new line
            cut_at = time.monotonic() + 30.0
        time.sleep(2.0)
        say()
        tally = count(chaos.town, chaos.stamps, chaos.channels)
        if tally.is_well or time.monotonic() > end:
            return tally


@contextmanager
def opened(folder: Path, on: str, channels: int) -> Iterator[Town]:
    """A workspace with a source and a destination for each route, and a database."""
    with ExitStack() as stack:
        database = None
        if on == "postgresql":
            from tests.support.postgres import shared_server

            database = stack.enter_context(shared_server()).new_database()
        town = stack.enter_context(open_town(folder, database))
        workspace = town.workspace
        for number in range(PEOPLE):
            workspace.add_user(f"U0P{number:02d}", f"p{number:02d}", f"p{number:02d}")
        sources, routes = "", ""
        for number in range(channels):
            workspace.add_channel(f"C0SRC{number:03d}", f"src-{number}")
            workspace.add_channel(f"C0DST{number:03d}", f"dst-{number}")
            sources += f'[[sources]]\nchannel = "#src-{number}"\n'
            routes += f'[[routes]]\nname = "r{number}"\nreaction = "rotating_light"\n'
            routes += f'from = ["#src-{number}"]\nto = ["#dst-{number}"]\n'
        town.settle(routes, sources=sources, slack='pace = "0s"\nconfirm = "none"')
        yield town


def progress(chaos: Chaos, stamps: int) -> Callable[[], None]:
    """Returns what writes how far it is, once a second at most."""
    began, said = time.monotonic(), [0.0]

    def say() -> None:
        now = time.monotonic()
        if now - said[0] < 1.0:
            return
        said[0] = now
        kills = chaos.done["SIGKILL"]
        line = f"{now - began:5.0f} s  {chaos.made}/{stamps} stamps"
        line += f"  {chaos.delivered()}/{len(chaos.places)} messages"
        line += f"  {kills} kills  {chaos.done['clock steps']} clock steps"
        end = "\r" if sys.stderr.isatty() else "\n"
        if sys.stderr.isatty() or round(now - began) % 10 == 0:
            print(line, end=end, file=sys.stderr, flush=True)

    return say


def run(arguments: argparse.Namespace, folder: Path) -> int:
    processes = arguments.processes or (2 if arguments.on == "postgresql" else 1)
    with (
        forks(*MODULES) as made,
        opened(folder, arguments.on, arguments.channels) as town,
    ):
        rng = random.Random(arguments.seed)
        chaos = Chaos(town, Desks(made, "tools.chaos_desk:main"), rng, arguments.channels, arguments.steps)
        for number in range(processes):
            chaos.begin(new_clock(folder / f"clock-{number}"))
        say = progress(chaos, arguments.stamps)
        began = time.monotonic()
        play(chaos, arguments.stamps, say)
        tally = settle(chaos, say)
        took = time.monotonic() - began
        print(f"{arguments.on}, {processes} process(es), seed {arguments.seed}, {took:.0f} s")
        print("  " + ", ".join(f"{name} {times}" for name, times in sorted(chaos.done.items())))
        print(tally.report())
        if tally.is_well:
            return 0
        for desk, _ in chaos.desks:
            print(f"--- {desk.log}\n{desk.log.read_text()[-3000:]}")
    names = ("on", "stamps", "seed", "channels", "steps")
    again = " ".join(f"--{name} {getattr(arguments, name)}" for name in names)
    print(f'To repeat it: make chaos ARGS="{again} --processes {processes}"')
    return 1


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--stamps", type=int, default=1_000)
    parser.add_argument("--on", choices=["sqlite", "postgresql"], default="sqlite")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--channels", type=int, default=40, help="sources, each with a destination of its own"
    )
    parser.add_argument("--processes", type=int, help="how many desks; 1 on SQLite and 2 on PostgreSQL")
    parser.add_argument("--steps", type=float, default=200.0, help="seconds that a clock jumps at most")
    arguments = parser.parse_args()
    logging.getLogger("asyncio").setLevel(logging.ERROR)  # the sandbox writes to lines that were cut
    # in memory where there is such a place: a kill loses nothing there, and no disk is worn
    fast = Path("/dev/shm")
    with tempfile.TemporaryDirectory(prefix=f"chaos-{TEAM}-", dir=fast if fast.is_dir() else None) as folder:
        return run(arguments, Path(folder))


if __name__ == "__main__":
    sys.exit(main())
