"""Facts are looked up beside the record, and whatever is wrong with them is no error for a message."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import delete, update

from tests.support.facts import CVE, cvelist_said, epss_said, kev_said, known, renamed, score
from threatstamp.core.errors import FactsError, FactsFault, StoreError
from threatstamp.core.facts.assessment import Assessment, FactSource
from threatstamp.core.facts.cve import CveId
from threatstamp.core.facts.document import FactLoad
from threatstamp.core.time import Micros
from threatstamp.sqlite import installed
from threatstamp.store.bulk import Bulk, bulk_file
from threatstamp.store.facts import BulkFacts, FactLookup, open_facts
from threatstamp.store.tables.facts import LAYOUT, assessments, fact_layout

EPSS = FactSource("epss")
LOAD = FactLoad(
    source=EPSS, edition="2099", digest="d", position=1, broken=0, began_at=Micros(7), is_done=True
)


def fill(url: str, *said: Assessment, read_at: int = 7) -> None:
    facts = open_facts(url)
    list(facts.put(said, read_at=Micros(read_at)))
    facts.close()


@pytest.fixture
def facts(store_url: str) -> Iterator[BulkFacts]:
    made = open_facts(store_url)
    yield made
    made.close()


def bulk_of(facts: BulkFacts) -> Bulk:
    return facts._bulk


def test_what_all_sources_say_of_a_cve_is_found_in_the_order_of_the_question(store_url: str) -> None:
    other = CveId("CVE-2099-5678")
    said = (cvelist_said(CVE, score(9.8)), epss_said(), kev_said())
    fill(store_url, *said, renamed(kev_said(), other))
    found = FactLookup(store_url).find([other, CveId("CVE-2099-9999"), CVE])
    assert [one.cve for one in found] == [other, CVE]
    assert found[1] == known(*said)


def test_a_later_reading_replaces_an_earlier_one(store_url: str, facts: BulkFacts) -> None:
    for probability, read_at in ((0.1, 1), (0.9, 2)):
        list(facts.put([epss_said(probability=probability)], read_at=Micros(read_at)))
    [found] = FactLookup(store_url).find([CVE])
    assert found.epss is not None
    assert (found.epss.score, found.said[0].read_at) == (0.9, 2)


def test_only_what_its_source_said_before_is_dropped(store_url: str, facts: BulkFacts) -> None:
    list(facts.put([epss_said(), kev_said(), renamed(epss_said(), "CVE-2099-1")], read_at=Micros(1)))
    list(facts.put([renamed(epss_said(), "CVE-2099-1")], read_at=Micros(2)))
    assert facts.drop_older(EPSS, read_before=Micros(2)) == 1
    [found] = FactLookup(store_url).find([CVE])
    assert [one.said.source for one in found.said] == ["kev"]
    assert facts.versions(EPSS, [CVE, CveId("CVE-2099-1")]) == {"CVE-2099-1": "2099-11-20 v9"}


def test_how_far_a_load_is_survives(store_url: str, facts: BulkFacts) -> None:
    assert facts.last(EPSS) is None
    facts.note(LOAD)
    assert facts.last(EPSS) == LOAD
    list(facts.put([epss_said()], read_at=Micros(7)))
    [stock] = FactLookup(store_url).loads()
    assert (stock.load, stock.cves) == (LOAD, 1)


def test_nothing_loaded_is_nothing_known_and_no_error(store_url: str) -> None:
    reports: list[object] = []
    lookup = FactLookup(store_url, report=reports.append)
    assert (lookup.known([CVE]), lookup.loads(), reports) == ((), (), [])


def test_facts_of_another_layout_are_no_facts_until_they_are_loaded_again(store_url: str) -> None:
    fill(store_url, epss_said())
    facts = open_facts(store_url)
    with bulk_of(facts).writing() as connection:
        connection.execute(update(fact_layout).values(layout=LAYOUT + 1))
    facts.close()
    with pytest.raises(FactsError) as found:
        FactLookup(store_url).find([CVE])
    assert found.value.fault is FactsFault.LAYOUT
    open_facts(store_url).close()
    assert FactLookup(store_url).find([CVE]) == ()


def test_a_body_that_is_none_is_said_and_does_no_harm(store_url: str, facts: BulkFacts) -> None:
    list(facts.put([epss_said()], read_at=Micros(1)))
    with bulk_of(facts).writing() as connection:
        connection.execute(update(assessments).values(body="[]"))
    reports: list[FactsError | None] = []
    lookup = FactLookup(store_url, report=reports.append)
    assert lookup.known([CVE]) == lookup.known([CVE]) == ()
    assert [one and one.fault for one in reports] == [FactsFault.BROKEN]  # once, not with each message
    with bulk_of(facts).writing() as connection:
        connection.execute(delete(assessments))
    lookup.known([CVE])
    assert reports[1:] == [None]


def test_a_message_does_not_wait_for_whoever_has_locked_the_file(tmp_path: Path) -> None:
    url, record = f"sqlite:///{tmp_path / 'desk.db'}", tmp_path / "desk.db"
    fill(url, epss_said())
    other = installed().driver.connect(str(bulk_file(record)), isolation_level=None)
    other.execute("PRAGMA locking_mode=EXCLUSIVE")
    other.execute("BEGIN EXCLUSIVE")
    other.execute("CREATE TABLE mine (x)")
    lookup = FactLookup(url)
    assert lookup.known([CVE]) == ()
    other.execute("ROLLBACK")
    other.close()
    assert lookup.known([CVE]) == (known(epss_said()),)


def test_a_file_that_is_no_database_is_said_with_its_place_and_can_be_replaced(tmp_path: Path) -> None:
    url, file = f"sqlite:///{tmp_path / 'desk.db'}", bulk_file(tmp_path / "desk.db")
    file.write_bytes(b"no database at all " * 100)
    lookup = FactLookup(url)
    assert lookup.known([CVE]) == ()
    with pytest.raises(FactsError, match=r"desk\.db\.bulk"):
        lookup.loads()
    with pytest.raises(FactsError, match=r"desk\.db\.bulk"):
        open_facts(url)
    file.unlink()
    assert lookup.loads() == ()
    fill(url, epss_said())
    assert lookup.known([CVE]) == (known(epss_said()),)


def test_a_folder_in_its_place_is_said_and_does_no_harm(tmp_path: Path) -> None:
    bulk_file(tmp_path / "desk.db").mkdir()
    lookup = FactLookup(f"sqlite:///{tmp_path / 'desk.db'}")
    assert lookup.known([CVE]) == ()
    with pytest.raises(FactsError, match=r"desk\.db\.bulk"):
        lookup.loads()


def test_a_look_creates_nothing(tmp_path: Path) -> None:
    lookup = FactLookup(f"sqlite:///{tmp_path / 'desk.db'}")
    assert lookup.known([CVE]) == ()
    assert lookup.loads() == ()
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_missing_is_said(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="missing"):
        open_facts(f"sqlite:///{tmp_path / 'missing' / 'desk.db'}")
