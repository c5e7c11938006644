"""The desk's clock follows Slack's, whatever the host's clock says, and however slow an answer is."""

from __future__ import annotations

import threading

import pytest

from threatstamp.app import clock as module
from threatstamp.app.clock import SystemClock
from threatstamp.core.time import SECOND, Micros

NOON = 1_795_651_200


class Host:
    """A host whose clock is `ahead` seconds of Slack's, and whose steady clock the test moves."""

    def __init__(self, ahead: float) -> None:
        self.ahead = ahead
        self.time = 5_000.0

    @property
    def slack(self) -> float:
        return NOON + self.time

    def host_time(self) -> Micros:
        return Micros(round((self.slack + self.ahead) * SECOND))


@pytest.fixture
def host(monkeypatch: pytest.MonkeyPatch) -> Host:
    made = Host(ahead=0.0)
    monkeypatch.setattr(module, "host_time", made.host_time)
    monkeypatch.setattr(SystemClock, "_steady", staticmethod(lambda: round(made.time * SECOND)))
    monkeypatch.setattr(SystemClock, "steady", lambda self: made.time)
    return made


def answer(clock: SystemClock, host: Host, *, took: float = 0.1, at: float | None = None) -> None:
    """Slack answers a call that takes so long; its Date is of `at` seconds after the call began."""
    began = host.time
    said = int(host.slack + (took if at is None else at))
    host.time += took
    clock.follow(float(said), began=began, ended=host.time)


def difference(clock: SystemClock, host: Host) -> float:
    return clock.now() / SECOND - host.slack


@pytest.mark.parametrize("ahead", [-1_800.0, -200.0, -10.0, 10.0, 200.0, 1_800.0])
def test_a_wrong_host_is_corrected_by_the_first_answer(host: Host, ahead: float) -> None:
    host.ahead = ahead
    clock = SystemClock()
    assert difference(clock, host) == pytest.approx(ahead)
    answer(clock, host)
    assert -1.1 <= difference(clock, host) <= 0
    assert abs(clock.host_ahead - ahead) <= 2
    for _ in range(40):
        answer(clock, host, took=0.05)
        assert -1.1 <= difference(clock, host) <= 0
    assert difference(clock, host) >= -0.2


@pytest.mark.parametrize("ahead", [-2.9, -1.5, 1.5, 2.9])
def test_a_host_that_is_off_by_little_is_corrected_without_a_word(host: Host, ahead: float) -> None:
    host.ahead = ahead
    clock = SystemClock()
    for _ in range(20):
        answer(clock, host, took=0.05)
        assert -1.1 <= difference(clock, host) <= 2
    assert clock.host_ahead == 0


@pytest.mark.parametrize("step", [-1_800.0, -200.0, 200.0, 1_800.0])
def test_a_host_that_is_set_right_or_wrong_while_the_desk_runs_changes_nothing(
    host: Host, step: float
) -> None:
    clock = SystemClock()
    answer(clock, host)
    host.ahead += step
    host.time += 60
    assert difference(clock, host) == pytest.approx(0)
    answer(clock, host)
    assert difference(clock, host) == pytest.approx(0)
    assert clock.host_ahead == step


@pytest.mark.parametrize("ahead", [0.0, 0.5, -0.5])
@pytest.mark.parametrize("took", [1.5, 8.0])
def test_a_slow_answer_is_no_clock_that_is_behind(host: Host, ahead: float, took: float) -> None:
    host.ahead = ahead
    clock = SystemClock()
    answer(clock, host, took=took, at=0.0)
    answer(clock, host, took=took, at=took)
    assert difference(clock, host) == pytest.approx(ahead, abs=1)
    assert clock.host_ahead == 0


@pytest.mark.parametrize("ahead", [-200.0, -1.0, 0.0, 1.0, 200.0])
def test_the_earliest_time_is_never_later_than_slacks_and_comes_close_to_it(host: Host, ahead: float) -> None:
    host.ahead = ahead
    clock = SystemClock()
    answer(clock, host)
    for _ in range(60):
        assert clock.earliest() / SECOND <= host.slack + 1e-6
        answer(clock, host, took=0.07)
    assert host.slack - clock.earliest() / SECOND < 0.2


def test_many_answers_at_once_are_one_correction(host: Host) -> None:
    host.ahead = 200.0
    clock = SystemClock()
    said, began = float(int(host.slack)), host.time
    host.time += 0.5
    threads = [
        threading.Thread(target=clock.follow, args=(said,), kwargs={"began": began, "ended": host.time})
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert -1.5 <= difference(clock, host) <= 0
