"""What a new story names is asked for at once; what nobody knows, and a line that is down, is tried again."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.config.test_reference import read
from tests.support.facts import cve_record, cvelist_said
from tests.support.fakes import FakeClock, memory_store
from tests.support.feedserver import Page, feed_server
from threatstamp.app.facts_for_news import FactsForNews
from threatstamp.app.facts_process import Errand, spawn
from threatstamp.config.facts import FactsSettings
from threatstamp.config.settings import Settings
from threatstamp.core.facts.assessment import CVELIST, KEV, NVD, FactSource
from threatstamp.core.facts.cve import CveId
from threatstamp.core.facts.document import FactLoad
from threatstamp.core.ids import FeedName
from threatstamp.core.news.entry import Entry
from threatstamp.core.news.story import NewStory, story_of
from threatstamp.core.time import DAY, MINUTE, SECOND, Micros
from threatstamp.store.facts import FactLookup, open_facts

FEED = FeedName("news")
ONE, TWO = CveId("CVE-2099-1001"), CveId("CVE-2099-1002")


class Office:
    """The thread's work, with sources that know some CVEs."""

    def __init__(self, folder: Path, *sources: FactSource) -> None:
        self.settings: Settings = replace(
            read(folder),
            database=f"sqlite:///{folder / 'desk.db'}",
            facts=FactsSettings(sources=sources or (CVELIST, KEV)),
        )
        self.store, self.clock = memory_store(), FakeClock(Micros(100 * DAY))
        self.known: set[CveId] = set()
        self.asked: list[tuple[FactSource, tuple[CveId, ...]]] = []
        self.found: list[Micros] = []
        self.work = self.new_work(self.start)

    def new_work(self, start: Callable[[Errand, Path], subprocess.Popen[bytes]]) -> FactsForNews:
        return FactsForNews(
            self.store, self.clock, settings=lambda: self.settings, on_found=self.found.append, start=start
        )

    def start(self, errand: Errand, said: Path) -> subprocess.Popen[bytes]:
        [source] = errand.sources
        self.asked.append((source, tuple(errand.ids)))
        facts = open_facts(self.settings.database)
        for one in self.known & set(errand.ids):
            list(facts.put([replace(cvelist_said(one), source=source)], read_at=self.clock.now()))
        facts.close()
        return subprocess.Popen([sys.executable, "-S", "-c", "pass"])

    def tell(self, title: str) -> None:
        story = story_of(Entry(entry_id=title, title=title), feed=FEED)
        with self.store.transaction() as tx:
            tx.stories.add([NewStory(story=story, link_key=None)], now=self.clock.now())

    def pass_by(self, length: int) -> list[tuple[FactSource, tuple[CveId, ...]]]:
        self.clock.time += length
        self.asked.clear()
        self.work.run()
        return self.asked


def test_a_new_cve_is_asked_about_until_it_is_known(tmp_path: Path) -> None:
    office = Office(tmp_path)
    office.tell(f"{ONE}: a flaw")
    office.work.run()
    assert office.asked == [(CVELIST, (ONE,))]  # KEV has no answers to single ids
    assert office.found == []
    assert office.pass_by(30 * SECOND) == []
    office.tell(f"{TWO}: a flaw")
    office.known.add(TWO)
    assert office.pass_by(SECOND) == [(CVELIST, (TWO,))]
    assert len(office.found) == 1  # so that its story is looked at again
    office.known.add(ONE)
    assert office.pass_by(MINUTE) == [(CVELIST, (ONE,))]
    assert office.pass_by(10 * MINUTE) == []
    assert len(office.found) == 2


def test_what_a_round_brought_meanwhile_is_not_asked_for(tmp_path: Path) -> None:
    office = Office(tmp_path, CVELIST, NVD)
    facts = open_facts(office.settings.database)
    list(facts.put([cvelist_said(ONE)], read_at=Micros(1)))
    facts.close()
    office.tell(f"{ONE}: a flaw")
    assert office.pass_by(SECOND) == [(NVD, (ONE,))]


def test_nobody_is_asked_where_the_file_names_no_source(tmp_path: Path) -> None:
    office = Office(tmp_path, KEV)
    office.tell(f"{ONE}: a flaw")
    office.work.run()
    office.settings = replace(office.settings, facts=FactsSettings())
    office.work.run()
    assert office.asked == []


def test_the_command_itself_asks_and_leaves_the_load_of_all_as_it_was(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    load = FactLoad(
        source=CVELIST, edition="", digest="d", position=7, broken=0, began_at=Micros(1), is_done=False
    )
    with feed_server() as server:
        server.put(f"/cve/{ONE}", Page(body=json.dumps(cve_record(ONE)).encode()))
        office, address = Office(tmp_path), server.url("/cve")
        file = tmp_path / "threatstamp.toml"
        file.write_text(
            f'language = "en"\ndatabase = "{office.settings.database}"\n[[sources]]\nchannel = "#news"\n'
            f'[[routes]]\nreaction = "siren"\nto = []\n[facts]\nsources = ["cvelist"]\n'
            f'record_url = "{address}"\n',
            encoding="utf-8",
        )
        office.settings = replace(office.settings, path=file)
        facts = open_facts(office.settings.database)
        facts.note(load)
        facts.close()
        office.tell(f"{ONE} and {TWO}")
        office.work = office.new_work(spawn)
        office.work.run()
        assert [len(server.asked(f"/cve/{one}")) for one in (ONE, TWO)] == [1, 1]
        lookup = FactLookup(office.settings.database)
        assert [one.cve for one in lookup.find([ONE, TWO])] == [ONE]
        assert (lookup.last_loads(), lookup.states()) == ((load,), ())
        assert len(office.found) == 1
        assert caplog.records == []
        server.put(f"/cve/{TWO}", Page(status=403))  # a line that is down would be tried for half a minute
        office.clock.time += MINUTE
        office.work.run()  # the desk works on
        assert "fetching cvelist" in caplog.text
