"""What has changed between two loads: KEV's additions and removals, jumps of EPSS within one model, scores."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.facts.test_real_documents import captured
from tests.support.facts import CRITICAL, CVE, MEDIUM, cve_record, cvss, kev_entry, write_epss, write_kev
from tests.support.fakes import FakeClock
from threatstamp.core.facts.assessment import CVELIST, EPSS, KEV, FactSource
from threatstamp.core.time import Micros
from threatstamp.desk.facts.load import LoadFacts
from threatstamp.facts.loose import read_json
from threatstamp.facts.sources import SOURCES
from threatstamp.store.facts import FactLookup, open_facts

Change = tuple[str, str, float | None, float | None]


class Loads:
    """Loads documents one after the other, a second apart."""

    def __init__(self, folder: Path) -> None:
        self.database = f"sqlite:///{folder / 'desk.db'}"
        self.clock = FakeClock(1)

    def load(self, source: FactSource, path: Path) -> list[Change]:
        """Returns what has changed by it."""
        self.clock.wait(1.0)
        facts, began = open_facts(self.database), self.clock.now()
        for _ in LoadFacts(SOURCES[source](path), facts, self.clock).run():
            pass
        facts.close()
        found = FactLookup(self.database).changes(Micros(began))
        return [(one.kind.value, str(one.cve), one.before, one.after) for one in found]


@pytest.fixture
def loads(tmp_path: Path) -> Loads:
    return Loads(tmp_path)


def test_additions_to_kev_and_removals_are_noted_and_nothing_of_the_first_load(
    loads: Loads, tmp_path: Path
) -> None:
    def kev(*cves: str, released: str) -> Path:
        return write_kev(tmp_path / "kev.json", *map(kev_entry, cves), released=released)

    assert loads.load(KEV, kev("CVE-2099-1001", "CVE-2099-1002", released="2099-11-01")) == []
    assert loads.load(KEV, kev("CVE-2099-1001", "CVE-2099-1003", released="2099-11-02")) == [
        ("delisted", "CVE-2099-1002", None, None),
        ("listed", "CVE-2099-1003", None, None),
    ]
    assert loads.load(KEV, kev("CVE-2099-1001", "CVE-2099-1003", released="2099-11-03")) == []


def test_epss_jumps_within_one_model_only(loads: Loads, tmp_path: Path) -> None:
    def epss(day: int, model: str, score: float) -> Path:
        comment = f"#model_version:{model},score_date:2099-11-{day}T00:00:00+0000"
        return write_epss(
            tmp_path / f"{day}.csv", f"{CVE},{score},0.5", f"CVE-2099-1,{score},0.5", comment=comment
        )

    assert loads.load(EPSS, epss(10, "v9", 0.1)) == []
    assert loads.load(EPSS, epss(11, "v9", 0.15)) == []
    assert loads.load(EPSS, epss(12, "v9", 0.75)) == [("likelier", CVE, 0.15, 0.75)]
    assert loads.load(EPSS, epss(13, "v10", 0.95)) == []
    assert loads.load(EPSS, epss(14, "v10", 0.2)) == []


def test_another_score_is_noted(loads: Loads, tmp_path: Path) -> None:

    def record(updated: str, *metrics: object) -> Path:
        path = tmp_path / "record.json"
        path.write_text(json.dumps(cve_record(updated=updated, cna={"metrics": metrics})), encoding="utf-8")
        return path

    assert loads.load(CVELIST, record("2099-01-02")) == []
    assert loads.load(CVELIST, record("2099-01-03", cvss(MEDIUM, 5.5))) == [("scored", CVE, None, 5.5)]
    assert loads.load(CVELIST, record("2099-01-04", cvss(MEDIUM, 5.0))) == []  # the vector counts
    assert loads.load(CVELIST, record("2099-01-05", cvss(CRITICAL, 9.8))) == [("scored", CVE, 5.5, 9.8)]


def test_between_the_two_catalogues_that_are_here(loads: Loads) -> None:
    paths = [captured(f"kev/kev-{day}.json") for day in ("2025-05-22", "2025-08-25")]
    old, new = (
        {one["cveID"] for one in read_json(path.read_bytes())["vulnerabilities"]}  # type: ignore[index]
        for path in paths
    )
    assert loads.load(KEV, paths[0]) == []
    found = loads.load(KEV, paths[1])
    assert {cve for kind, cve, _, _ in found if kind == "listed"} == new - old
    assert {cve for kind, cve, _, _ in found if kind == "delisted"} == old - new == {"CVE-2025-4664"}


def test_across_the_models_that_are_here_nothing_jumps(loads: Loads) -> None:
    for day in ("2021-04-14", "2021-09-01", "2022-02-04", "2023-03-07"):
        assert loads.load(EPSS, captured(f"epss/epss_scores-{day}.csv.gz")) == []
