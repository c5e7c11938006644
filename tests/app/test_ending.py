"""The end of `run`: all that hangs shares one time, so that the farewell is written before the hard end."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.support.commands import TownWithCommands as Town
from tests.support.fakes import FakeClock
from threatstamp.app.run import Run
from threatstamp.cli.run import GRACE

PARTS = ("monitoring", "_events", "_engine", "_sweeps", "_polls", "spreadsheet", "_chores")


class Hangs:
    """A part of the desk that takes all the time that it is given to end."""

    def __init__(self, name: str, clock: FakeClock, seen: list[str]) -> None:
        self._name = name
        self._clock = clock
        self._seen = seen

    def end(self) -> None:
        pass

    def close(self, timeout: float = 1.0) -> None:
        self.join(timeout)

    def join(self, timeout: float) -> None:
        self._seen.append(self._name)
        self._clock.wait(timeout)


def everything_hangs(run: Run, clock: FakeClock, patch: Callable[..., None]) -> list[str]:
    """Puts parts that hang into a desk; returns the list of those that were waited for."""
    seen: list[str] = []
    patch(run, "_clock", clock)
    for name in PARTS:
        patch(run, name, Hangs(name, clock, seen))
    patch(run.desk, "couriers", Hangs("couriers", clock, seen))
    return seen


def test_a_desk_of_which_every_part_hangs_says_goodbye_before_the_hard_end(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = town.start()
    clock = FakeClock(0)
    said_at: list[float] = []
    with monkeypatch.context() as patch:
        seen = everything_hangs(run, clock, patch.setattr)
        patch.setattr(
            "threatstamp.app.vitals.ProcessVitals.say_goodbye", lambda *_: said_at.append(clock.steady())
        )
        run.close()
    assert len(said_at) == 1
    assert said_at[0] < GRACE - 1
    assert {*PARTS, "couriers"} <= set(seen)
    assert seen.index("monitoring") < seen.index("_events")  # nobody is told "well" by a desk that ends
