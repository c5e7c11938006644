"""Connections to facts that stay open notice what became of the facts, and never raise towards a message."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from tests.store.test_facts import fill
from tests.support.facts import CVE, epss_said
from threatstamp.core.errors import FactsError
from threatstamp.sqlite import installed
from threatstamp.store.bulk import bulk_file
from threatstamp.store.facts import FactLookup


def probability(lookup: FactLookup) -> float | None:
    found = lookup.known([CVE])
    return found[0].epss.score if found and found[0].epss else None


def test_a_file_that_is_replaced_deleted_and_loaded_again_is_noticed(tmp_path: Path) -> None:
    record, other = tmp_path / "desk.db", tmp_path / "other.db"
    url = f"sqlite:///{record}"
    with closing(FactLookup(url, keep=True)) as lookup:
        assert probability(lookup) is None
        fill(url, epss_said(probability=0.1))
        assert probability(lookup) == 0.1
        fill(url, epss_said(probability=0.2))
        assert probability(lookup) == 0.2
        fill(f"sqlite:///{other}", epss_said(probability=0.3))
        bulk_file(other).replace(bulk_file(record))
        assert probability(lookup) == 0.3
        bulk_file(record).unlink()
        assert probability(lookup) is None
        fill(url, epss_said(probability=0.4))
        assert probability(lookup) == 0.4


def test_it_leaves_nothing_and_reports_trouble_once(tmp_path: Path) -> None:
    reports: list[FactsError | None] = []
    url = f"sqlite:///{tmp_path / 'desk.db'}"
    file = bulk_file(tmp_path / "desk.db")
    with closing(FactLookup(url, report=reports.append, keep=True)) as lookup:
        fill(url, epss_said(probability=0.1))
        assert probability(lookup) == 0.1
        file.unlink()
        file.write_text("no database, and longer than the first page's head " * 20)
        assert (probability(lookup), probability(lookup)) == (None, None)
        file.unlink()
        fill(url, epss_said(probability=0.2))
        assert probability(lookup) == 0.2
    assert [report is not None for report in reports] == [True, False]
    assert [one.name for one in tmp_path.iterdir() if one != file] == []


def test_a_kept_connection_does_not_wait_for_whoever_locked_the_file(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'desk.db'}"
    fill(url, epss_said(probability=0.1))
    with closing(FactLookup(url, keep=True)) as lookup:
        assert probability(lookup) == 0.1
        locking = installed().driver.connect(str(bulk_file(tmp_path / "desk.db")))
        locking.execute("PRAGMA locking_mode=EXCLUSIVE").close()
        try:
            locking.execute("BEGIN EXCLUSIVE")
        except installed().driver.OperationalError:
            pass  # a reader that stays connected keeps it from being locked alone
        probability(lookup)  # neither raises nor waits for long
        locking.close()
        assert probability(lookup) == 0.1


def test_kept_connections_on_any_database(store_url: str) -> None:
    with closing(FactLookup(store_url, keep=True)) as lookup:
        assert probability(lookup) is None
        fill(store_url, epss_said(probability=0.1))
        assert probability(lookup) == 0.1
        fill(store_url, epss_said(probability=0.2))
        assert probability(lookup) == 0.2
