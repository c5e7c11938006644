"""Facts are fetched by the clock: in a process of its own, what is due, and a lasting failure is a trouble."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from tests.config.test_reference import read
from tests.support.facts import CVE, kev_entry, write_kev
from tests.support.fakes import FakeClock, memory_store
from tests.support.feedserver import Page, feed_server
from threatstamp.app.facts_by_clock import OLD, SOON, FactsByClock, is_due
from threatstamp.app.facts_process import Errand
from threatstamp.config.facts import FactsSettings
from threatstamp.config.settings import Settings
from threatstamp.core.facts.assessment import EPSS, KEV, FactSource
from threatstamp.core.facts.document import FetchProblem, SourceState
from threatstamp.core.time import SECOND, Micros
from threatstamp.core.trouble import TroubleKind
from threatstamp.store.facts import FactLookup, open_facts

HOUR = 3_600.0
PROBLEM = FetchProblem(key="facts.fault_refused", values={"host": "www.example"})


def at(seconds: float) -> Micros:
    return Micros(round(seconds * SECOND))


class Office:
    """The thread's work, with processes that only note what they should fetch."""

    def __init__(self, folder: Path) -> None:
        self.settings: Settings = replace(
            read(folder), database=f"sqlite:///{folder / 'desk.db'}", facts=FactsSettings(sources=(KEV, EPSS))
        )
        self.store, self.clock = memory_store(), FakeClock(at(100 * OLD))
        self.fetched: list[list[FactSource]] = []
        self.code = "pass"
        self.work = FactsByClock(self.store, self.clock, settings=lambda: self.settings, start=self.start)

    def start(self, errand: Errand, said: Path) -> subprocess.Popen[bytes]:
        self.fetched.append(list(errand.sources))
        with said.open("wb") as file:
            return subprocess.Popen([sys.executable, "-c", self.code], stderr=file)

    def is_now(self, source: FactSource, **values: object) -> None:
        facts = open_facts(self.settings.database)
        state = SourceState(source=source, tried_at=self.clock.now(), fetched_at=self.clock.now())
        facts.keep(replace(state, **values))  # type: ignore[arg-type]
        facts.close()

    def troubles(self) -> list[str]:
        with self.store.reading() as tx:
            return [
                f"{one.subject}: {one.values['problem']}" for one in tx.troubles.unfixed(TroubleKind.FACTS)
            ]


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path)


def test_what_is_due_is_fetched_by_one_process(office: Office) -> None:
    office.work.run()
    office.is_now(KEV)
    office.work.run()
    office.is_now(EPSS)
    office.work.run()
    assert office.fetched == [[KEV, EPSS], [EPSS]]


def test_without_a_source_in_the_settings_nobody_is_called(office: Office) -> None:
    office.settings = replace(office.settings, facts=FactsSettings())
    office.work.run()
    assert office.fetched == []


@pytest.mark.parametrize(
    ("fetched", "tried", "failures", "now", "expected"),
    [
        (0.0, 0.0, 0, HOUR - 1, False),
        (0.0, 0.0, 0, HOUR, True),
        (None, 0.0, 0, 1.0, True),  # its first load was cut
        (0.0, 5.0, 0, 6.0, True),  # a later one
        (0.0, 5.0, 1, 6.0, False),
        (0.0, 5.0, 1, 5.0 + SOON, True),
        (0.0, 5.0, 2, 5.0 + SOON, False),
        (0.0, 5.0, 50, 5.0 + HOUR, True),
    ],
)
def test_a_source_is_due_after_its_time_or_sooner_if_that_failed(
    fetched: float | None, tried: float, failures: int, now: float, expected: bool
) -> None:
    state = SourceState(
        source=KEV, tried_at=at(tried), fetched_at=None if fetched is None else at(fetched), failures=failures
    )
    assert is_due(state, at(now), HOUR) is expected
    assert is_due(None, at(now), HOUR)


def test_a_failure_that_lasts_is_a_trouble_until_it_is_over(office: Office) -> None:
    old, now = at(1), office.clock.now()
    office.is_now(EPSS)
    office.is_now(KEV, fetched_at=old, failures=2, problem=PROBLEM)
    office.work.run()
    office.is_now(KEV, fetched_at=now, failures=9, problem=PROBLEM)
    office.work.run()
    assert office.troubles() == []  # it may be over soon; and what is loaded is not old
    office.is_now(KEV, fetched_at=None, failures=3, problem=PROBLEM)
    office.work.run()
    office.work.run()
    assert office.troubles() == ["kev: www.example refused the connection."]
    office.is_now(KEV)
    office.work.run()
    assert office.troubles() == []


def test_a_source_that_is_named_no_more_is_no_trouble(office: Office) -> None:
    office.is_now(KEV, fetched_at=None, failures=3, problem=PROBLEM)
    office.work.run()
    assert office.troubles()
    office.settings = replace(office.settings, facts=FactsSettings())
    office.work.run()
    assert office.troubles() == []


def test_a_process_that_fails_is_in_the_log(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    office.code = "import sys; sys.exit('no space left')"
    office.work.run()
    assert "no space left" in caplog.text


def test_a_process_ends_with_the_desk(office: Office) -> None:
    office.code = "import time; time.sleep(1000)"
    office.work.start()
    office.work.request()
    while not office.fetched:
        pass
    office.work.end()
    office.work.join(60)
    assert not office.work.pulse().is_alive


def test_facts_that_are_broken_are_left_alone(office: Office, tmp_path: Path) -> None:
    (tmp_path / "desk.db.bulk").write_bytes(b"no database at all " * 100)
    office.work.run()
    assert office.fetched == []


def test_the_command_itself_fetches_what_the_file_names(tmp_path: Path) -> None:
    with feed_server() as server:
        path = write_kev(tmp_path / "kev.json", kev_entry())
        url = server.put("/kev", Page(body=path.read_bytes()))
        office, database = Office(tmp_path), f"sqlite:///{tmp_path / 'desk.db'}"
        file = tmp_path / "threatstamp.toml"
        file.write_text(
            f'language = "en"\ndatabase = "{database}"\n[[sources]]\nchannel = "#news"\n[[routes]]\n'
            f'reaction = "siren"\nto = []\n[facts]\nsources = ["kev"]\nkev_url = "{url}"\n',
            encoding="utf-8",
        )
        facts = FactsSettings(sources=(KEV,), kev_url=url)
        office.settings = replace(office.settings, path=file, database=database, facts=facts)
        work = FactsByClock(office.store, office.clock, settings=lambda: office.settings)
        work.run()
    [state] = FactLookup(database).states()
    assert (state.source, state.failures, state.problem) == (KEV, 0, None)
    assert [one.cve for one in FactLookup(database).find([CVE])] == [CVE]


def test_only_one_process_at_a_time_fetches_a_source(tmp_path: Path) -> None:
    facts = open_facts(f"sqlite:///{tmp_path / 'desk.db'}")
    assert facts.hold(KEV, "one", now=at(0), until=at(60))
    assert not facts.hold(KEV, "two", now=at(30), until=at(90))
    assert facts.hold(EPSS, "two", now=at(30), until=at(90))
    assert facts.hold(KEV, "one", now=at(30), until=at(90))
    assert facts.hold(KEV, "two", now=at(91), until=at(150))
    facts.release(KEV, "one")  # too late
    assert not facts.hold(KEV, "one", now=at(100), until=at(200))
    facts.release(KEV, "two")
    assert facts.hold(KEV, "one", now=at(100), until=at(200))
    facts.close()
