"""Health that cannot lie: nothing counts as well because it was started once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.desk.stamps.test_any_order import POLICY
from tests.support.desks import wait
from tests.support.fakes import FakeClock, FakeSlack, memory_store, tools_of
from tests.support.forks import HANG
from threatstamp.app.health import (
    CONNECTED_WITHIN,
    SCHEDULED_WITHIN,
    STARTED_WITHIN,
    WRITTEN_WITHIN,
    Health,
    Part,
    Signs,
    Symptom,
)
from threatstamp.app.loops import CHORE_PATIENCE, Chore, ChoreThread, Loop, Pulse
from threatstamp.app.schedules import Schedules
from threatstamp.core.time import Micros
from threatstamp.slack.socket import SocketState
from threatstamp.texts.catalogue import Language, Texts


class Patient:
    """A desk that is well, until a test changes something."""

    def __init__(self, file: Path | None = None, *, clock: FakeClock | None = None) -> None:
        self.clock = clock or FakeClock(0)
        self.signs = Signs(began_at=0.0, is_started=True, written_at=0.0)
        self.pulses = [Pulse(name="socket", is_alive=True)]
        self.state: SocketState | None = SocketState(connected=True, since=Micros(0))
        self.fails = False
        self.ended = threading.Event()
        self.health = Health(
            signs=self.signs,
            clock=self.clock,
            ended=self.ended,
            pulses=lambda: self.pulses,
            connection=lambda: self.state,
            cannot_write=lambda: self.fails,
            file=file,
        )

    def parts(self) -> list[Part]:
        return [one.part for one in self.health.symptoms()]

    def later(self, seconds: float) -> None:
        """Time passes in which it goes on writing."""
        self.clock.wait(seconds)
        self.signs.written_at = self.clock.steady()


def test_a_desk_that_works_has_no_symptoms() -> None:
    patient = Patient()
    assert patient.health.symptoms() == patient.health.unready() == ()


def dies() -> None:
    raise SystemExit


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_loop_that_died_is_named() -> None:
    patient = Patient()
    loop = Loop("a sweep", dies, clock=patient.clock)
    loop.start()
    patient.pulses = [loop.pulse()]
    assert patient.parts() == []
    loop.request()
    assert wait(lambda: not loop.pulse().is_alive, HANG)
    patient.pulses = [loop.pulse()]
    assert patient.health.symptoms() == (Symptom(part=Part.THREAD, name="a sweep"),)


@pytest.mark.parametrize(
    "make", [lambda act, clock: Loop("x", act, clock=clock), lambda act, clock: chores(act)]
)
def test_work_that_hangs_is_found_and_work_that_ended_is_forgotten(
    make: Callable[[Callable[[], object], FakeClock], Loop | ChoreThread],
) -> None:
    patient, began, end = Patient(), threading.Event(), threading.Event()

    def hang() -> None:
        began.set()
        end.wait(HANG)

    thread = make(hang, patient.clock)
    thread.start()
    if isinstance(thread, Loop):
        thread.request()
    assert began.wait(HANG)
    pulse = thread.pulse()
    assert pulse.busy_since is not None
    patient.pulses = [Pulse(name="x", is_alive=True, busy_since=0.0, patience=pulse.patience)]
    patient.later(pulse.patience)
    assert patient.parts() == []
    patient.later(1)
    assert patient.parts() == [Part.STUCK]
    end.set()
    assert wait(lambda: thread.pulse().busy_since is None, HANG)
    patient.pulses = [thread.pulse()]
    assert patient.parts() == []


class Ticks(FakeClock):
    """A clock with which chores run once, and then rest."""

    def __init__(self) -> None:
        super().__init__(0)
        self.rest = threading.Event()
        self.left = 1

    def wait(self, seconds: float) -> bool:
        self.left -= 1
        return self.left >= 0 or not self.rest.wait(HANG)


def chores(act: Callable[[], object]) -> ChoreThread:
    thread = ChoreThread([Chore(name="x", every=1.0, act=act)], clock=Ticks(), tick=1.0)
    assert thread.pulse().patience == CHORE_PATIENCE
    return thread


def test_a_database_that_was_not_written_lately_is_no_database() -> None:
    patient = Patient()
    patient.clock.wait(WRITTEN_WITHIN)
    assert patient.parts() == []
    patient.clock.wait(1)
    assert patient.parts() == [Part.DATABASE]
    patient.signs.written_at = patient.clock.steady()
    assert patient.parts() == []
    patient.fails = True
    assert patient.parts() == [Part.DATABASE]


def test_a_file_that_was_removed_or_replaced_is_found_although_writing_goes_on(tmp_path: Path) -> None:
    file = tmp_path / "desk.db"
    file.touch()
    patient = Patient(file)
    assert patient.parts() == []
    aside = file.rename(tmp_path / "aside.db")
    assert patient.parts() == [Part.FILE]
    file.touch()
    assert patient.parts() == [Part.FILE]
    aside.replace(file)
    assert patient.parts() == []


def test_a_connection_may_be_away_for_a_while_and_is_not_ready_meanwhile() -> None:
    patient = Patient()
    patient.state = SocketState(connected=False, since=Micros(0))
    patient.later(CONNECTED_WITHIN)
    assert patient.parts() == []
    assert [one.part for one in patient.health.unready()] == [Part.CONNECTION]
    patient.later(1)
    assert patient.parts() == [Part.CONNECTION]


def test_a_connection_that_was_never_there_is_missed_after_the_same_while() -> None:
    patient = Patient()
    patient.state = None
    assert patient.parts() == []
    patient.later(CONNECTED_WITHIN + 1)
    assert patient.parts() == [Part.CONNECTION]


def test_a_connection_that_slack_refuses_is_none_at_once() -> None:
    patient = Patient()
    patient.state = SocketState(connected=False, since=Micros(0), error="token_revoked")
    assert patient.health.symptoms() == (Symptom(part=Part.REFUSED, name="token_revoked"),)


def test_a_start_may_take_its_time_and_not_for_ever() -> None:
    patient = Patient()
    patient.signs.is_started, patient.pulses = False, []
    patient.clock.wait(STARTED_WITHIN)
    assert patient.parts() == []
    assert [one.part for one in patient.health.unready()] == [Part.START]
    patient.clock.wait(1)
    assert patient.parts() == [Part.START]


def test_schedules_that_cease_in_every_process_are_missed_in_each() -> None:
    clock, store = FakeClock(0), memory_store()
    tools = tools_of(POLICY, store=store, slack=FakeSlack(clock), clock=clock)
    patients = [Patient(clock=clock), Patient(clock=clock)]
    schedules = [Schedules(tools, one.signs) for one in patients]
    clock.wait(SCHEDULED_WITHIN + 1)

    def parts() -> list[list[Part]]:
        for patient, schedule in zip(patients, schedules, strict=True):
            patient.signs.written_at = clock.steady()
            schedule.look()
        return [one.parts() for one in patients]

    assert parts() == [[], []]
    for one in schedules:
        one.expect()
    for _ in range(3):  # the first process gets every turn
        clock.wait(SCHEDULED_WITHIN - 1)
        schedules[0].note()
        assert parts() == [[], []]
    clock.wait(SCHEDULED_WITHIN + 1)
    assert parts() == [[Part.SCHEDULE]] * 2
    schedules[1].note()
    assert parts() == [[], []]


def test_a_desk_that_ends_says_only_that() -> None:
    patient = Patient()
    patient.pulses = [Pulse(name="socket", is_alive=False)]
    patient.ended.set()
    assert patient.parts() == [Part.END]


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("part", Part)
def test_every_symptom_has_its_sentence(part: Part, language: Language) -> None:
    body = Symptom(part=part, name="socket").body(Texts(language))
    assert body["part"] == part.value
    assert len(body["message"]) > 10
