"""Documents that others published, as far as they are here (../shared/data): what a person finds in them."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime

import pytest

from tests.feeds.support import SHARED, TOKYO
from threatstamp.core.news.entry import Document, Element, Entry
from threatstamp.core.news.feed import ProblemKind
from threatstamp.feeds.reading import read_document


def document(name: str) -> Document:
    path = SHARED / name
    if not path.is_file():
        pytest.skip(f"the captured document is not here (../shared/data/{name})")
    return read_document(path.read_bytes(), zone=TOKYO)


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).astimezone(UTC).timestamp()) * 1_000_000


def kind(found: Document) -> ProblemKind | None:
    return found.problem.kind if found.problem else None


def named(entry: Entry, name: str) -> list[Element]:
    return [one for one in entry.elements if one.name == name]


def ids(entry: Entry, source: str) -> list[str]:
    references = [dict(one.attributes) for one in named(entry, "sec:references")]
    return [one["id"] for one in references if one.get("source") == source]


def test_jvn_has_twenty_entries_with_both_times() -> None:
    found = document("feeds/jvn.rdf")
    assert (found.problem, found.link, len(found.entries)) == (None, "https://jvn.jp/", 20)
    first, third, last = found.entries[0], found.entries[2], found.entries[-1]
    assert first.entry_id == first.link == "https://jvn.jp/vu/JVNVU91137775/"
    assert third.entry_id == "https://jvn.jp/vu/JVNVU98062224/"
    assert (third.published_at, third.updated_at) == (
        at("2026-09-02T13:00:00+09:00"),
        at("2026-10-07T13:00:00+09:00"),
    )
    assert last.entry_id == "https://jvn.jp/vu/JVNVU96520526/"
    assert last.published_at == last.updated_at == at("2026-09-28T09:15:00+09:00")
    assert "Readwise Reader" in (last.title or "")
    assert [one.text for one in named(last, "dc:identifier")] == ["JVNVU#96520526"]
    assert Counter(entry.authors for entry in found.entries) == {("jvn@jvn.jp",): 20}


def test_a_jvn_ipedia_entry_keeps_every_reference_and_both_scores() -> None:
    found = document("myjvn/jvndb_2021.rdf")
    (entry,) = found.entries
    assert found.problem is None
    assert ids(entry, "CVE") == ids(entry, "NVD") == ["CVE-2021-44228"]
    assert (ids(entry, "JVN"), ids(entry, "JPCERT-AT")) == (["JVNVU#96768815"], ["JPCERT-AT-2021-0050"])
    assert [dict(one.attributes)["id"] for one in named(entry, "sec:references")][-1] == "CWE-20"
    assert [dict(one.attributes)["score"] for one in named(entry, "sec:cvss")] == ["9.3", "10.0"]
    assert [one.text for one in named(entry, "sec:cpe")] == ["cpe:/a:apache:log4j"]
    assert (entry.published_at, entry.updated_at) == (
        at("2021-12-14T16:37+09:00"),
        at("2022-12-15T10:24+09:00"),
    )
    assert len((entry.summary or "").split("\n")) == 2


def test_two_cve_ids_of_one_entry_are_both_there() -> None:
    found = document("myjvn/jvndb_2023.rdf")
    assert [ids(entry, "CVE") for entry in found.entries] == [
        ["CVE-2023-23006"],
        ["CVE-2022-46648", "CVE-2022-47318"],
    ]
    assert [len(named(entry, "sec:cvss")) for entry in found.entries] == [1, 2]


def test_new_entries_of_jvn_ipedia() -> None:
    found = document("myjvn/jvndb_new.rdf")
    assert [ids(entry, "CVE") for entry in found.entries] == [["CVE-2023-0078"], ["CVE-2022-46723"]]
    assert [entry.published_at for entry in found.entries] == [
        at("2023-11-02T11:57+09:00"),
        at("2023-11-02T11:30+09:00"),
    ]
    assert dict(named(found.entries[1], "sec:cvss")[0].attributes)["severity"] == "Critical"


def test_the_sample_that_is_not_well_formed_gives_all_entries_and_says_so() -> None:
    found = document("myjvn/dataFeed_jvndb_rss_hnd.xml")
    assert kind(found) is ProblemKind.MALFORMED
    assert [entry.entry_id.rpartition("/")[2] for entry in found.entries] == [
        f"JVNDB-2023-0285{number}.html" for number in (79, 78, 77, 76)
    ]
    assert [ids(entry, "CVE") for entry in found.entries[:3]] == [
        ["CVE-2023-29001"],
        ["CVE-2023-40496"],
        ["CVE-2023-40500"],
    ]
    assert len(ids(found.entries[0], "関連文書")) == 2
    assert named(found.entries[1], "sec:cpe")[0].text == "cpe:/a:lg:simple_editor"


def test_an_overview_list_is_a_feed_too() -> None:
    found = document("myjvn/getVulnOverviewList_hnd.xml")
    assert (found.problem, len(found.entries)) == (None, 2)
    assert found.entries[0].published_at == at("2025-04-04T14:45:58+09:00")
    assert len(named(found.entries[1], "sec:cpe")) == 2


@pytest.mark.parametrize(
    "name", ["getAlertList_hnd.json", "getAlertList_oka.json", "getVulnOverviewList_oka.json"]
)
def test_json_that_is_no_feed_is_none(name: str) -> None:
    assert kind(document(f"myjvn/{name}")) is ProblemKind.NOT_A_FEED


def test_a_year_of_two_digits_and_a_guid_that_is_no_link() -> None:
    found = document("feeds/cisa_advisories.ABRIDGED-1item.xml")
    (entry,) = found.entries
    assert entry.entry_id == "/node/25374"
    assert entry.link == "https://www.cisa.gov/news-events/ics-advisories/icsa-26-239-03"
    assert entry.published_at == at("2026-08-27T12:00:00+00:00")
    assert entry.authors == ("CISA",)
    summary = entry.summary or ""
    assert "<=V2.36.2 (CVE-2026-75112)" in summary
    assert "<p>" not in summary
    assert "&lt;" not in summary


def test_a_guid_that_says_it_is_no_link_beside_a_link() -> None:
    found = document("feeds/ubuntu-usn-2020-09-16.rss.xml")
    assert [entry.link for entry in found.entries] == [
        f"https://ubuntu.com/security/notices/USN-{number}-1" for number in (4504, 4498, 4499)
    ]
    first = found.entries[0]
    assert first.published_at == at("2020-09-16T13:58:04+00:00")
    assert len((first.summary or "").split("\n")) == 4
    assert "García" in (first.summary or "")


@pytest.mark.parametrize(
    ("name", "words"),
    [("eucjp.xml", "ゲーム"), ("shiftjis.xml", "記事投稿"), ("euckr.xml", "한글닉네임")],
)
def test_an_encoding_that_nothing_declares_is_found(name: str, words: str) -> None:
    found = document(f"feeds/{name}")
    assert found.problem is None
    assert words in (found.entries[0].title or "")


def test_other_samples_of_encodings() -> None:
    assert "中文" in (document("feeds/big5.xml").title or "")
    for name in ("utf-16le-bom.xml", "utf-32be-bom.xml"):
        assert document(f"feeds/{name}") == Document()
    broken = document("feeds/bozo_invalid-bytes-with-bom.xml")
    assert kind(broken) is ProblemKind.ENCODING
    assert "\ufffd" in (broken.title or "")
    assert len(document("feeds/bozo_encoding_mismatch_crash.xml").entries) == 1
