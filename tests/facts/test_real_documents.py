"""Documents that others published, as far as they are here (../shared/data): what a person finds in them."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from tests.feeds.support import SHARED
from threatstamp.core.assets.versions import Standing, stands
from threatstamp.core.facts.assessment import Assessment, Epss
from threatstamp.core.facts.document import FactDocument
from threatstamp.facts.cvelist import open_cvelist
from threatstamp.facts.epss import open_epss
from threatstamp.facts.kev import open_kev


def captured(name: str) -> Path:
    path = SHARED / name
    if not path.is_file():
        pytest.skip(f"the captured document is not here (../shared/data/{name})")
    return path


def read(document: FactDocument) -> dict[str, Assessment]:
    """Returns what a document says, of which every record can be read."""
    records = list(document.records(0))
    said = {one.cve: one for one in records if isinstance(one, Assessment)}
    assert len(said) == len(records)
    return {str(cve): one for cve, one in said.items()}


@pytest.mark.parametrize(
    ("day", "count", "is_there"), [("2025-05-22", 1352, True), ("2025-08-25", 1404, False)]
)
def test_the_catalogue_is_read_whole_and_an_entry_was_removed_from_it(
    day: str, count: int, is_there: bool
) -> None:
    said = read(open_kev(captured(f"kev/kev-{day}.json")))
    assert len(said) == count
    assert ("CVE-2025-4664" in said) is is_there
    exploited = said["CVE-2025-4632"].exploited
    assert exploited is not None
    assert (exploited.added_on, exploited.due_on) == (date(2025, 5, 22), date(2025, 6, 12))


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("2021-04-14", Epss(score=0.65117, percentile=None, model=None, on=None)),
        ("2021-09-01", Epss(score=0.65117, percentile=0.9981063485700858, model=None, on=None)),
        ("2022-02-04", Epss(score=0.96817, percentile=0.99999, model="v2022.01.01", on=date(2022, 2, 4))),
        ("2023-03-07", Epss(score=0.97567, percentile=0.99995, model="v2023.03.01", on=date(2023, 3, 7))),
    ],
)
def test_every_generation_of_epss_is_read(day: str, expected: Epss) -> None:
    said = read(open_epss(captured(f"epss/epss_scores-{day}.csv.gz")))
    assert (len(said), said["CVE-2020-5902"].epss) == (2, expected)


def test_the_cve_list_has_four_records_and_what_is_scored_is_recomputed() -> None:
    said = read(open_cvelist(captured("cvelist/cvelistV5-main.tar.gz")))
    assert sorted(said) == ["CVE-2022-0001", "CVE-2022-0002", "CVE-2023-0001", "CVE-2023-0002"]
    [score] = said["CVE-2023-0002"].scores
    assert (score.source, score.score, score.published) == ("palo_alto", 5.5, 5.5)
    assert said["CVE-2022-0001"].scores == ()
    [product] = said["CVE-2023-0001"].affected
    assert [(one.first, one.before) for one in product.ranges] == [("7.5", "7.5.101-CE")]


def test_every_product_of_the_cve_list_can_be_placed() -> None:
    said = read(open_cvelist(captured("cvelist/cvelistV5-main.tar.gz")))
    found = {
        cve: [(one.product, stands("7.5.100", one).standing.value) for one in said[cve].affected]
        for cve in sorted(said)
    }
    agent, processors = "Cortex XDR agent", "Intel(R) Processors"
    assert found == {
        "CVE-2022-0001": [(processors, "unsaid")],
        "CVE-2022-0002": [(processors, "unsaid")],
        "CVE-2023-0001": [(agent, "affected")],
        "CVE-2023-0002": [(agent, "affected")],
    }
    [entry] = said["CVE-2023-0002"].affected
    assert (len(entry.ranges), len(entry.unaffected), entry.default) == (2, 2, "unaffected")
    expected = {
        "7.9.1": (Standing.NOT_AFFECTED, "7.9.1 = 7.9.1"),
        "7.5.102": (Standing.NOT_AFFECTED, "7.5.101-CE ≤ 7.5.102"),
        "7.5.101": (Standing.INCOMPARABLE, "7.5.101 ? 7.5.101-CE"),
        "5.0.12.22202": (Standing.AFFECTED, "5.0.12.22202 < 5.0.12.22203"),
        "4.9": (Standing.NOT_AFFECTED, "4.9 < 5.0"),
    }
    for version, result in expected.items():
        found_there = stands(version, entry)
        assert (found_there.standing, found_there.placing.comparison) == result
