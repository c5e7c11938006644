"""Every way to match has its sentence in both languages, without a hole."""

from __future__ import annotations

from dataclasses import replace

import pytest

from threatstamp.core.assets.finding import FindingState, ScannerFinding
from threatstamp.core.assets.match import Ground, Match, MatchReason
from threatstamp.core.assets.product import Criticality, Product, Where
from threatstamp.core.assets.versions import Lies, Placing, Standing
from threatstamp.core.facts.assessment import FACT_SOURCES
from threatstamp.core.facts.cve import CveId
from threatstamp.render.matching import match_body, match_lines
from threatstamp.texts.catalogue import Language, Texts


def match(ground: Ground, *standings: Standing, source: str = "cvelist", compared: bool = True) -> Match:
    placing = (
        Placing(lies=Lies.OUTSIDE, left="1.2.4", sign="≤", right="1.3")
        if compared
        else Placing(lies=Lies.UNSAID)
    )
    reasons = tuple(
        MatchReason(
            ground=ground, standing=one, source="" if ground is Ground.TEXT else source,
            vulnerability="CVE-2099-1234", named="Hakobune FTP", placing=placing,
        )
        for one in standings
    )  # fmt: skip
    product = Product(
        name="FTP", where=Where.SERVER, criticality=Criticality.HIGH, exposed=True, tags=("vpn",)
    )
    return Match(product=product, version="1.3", reasons=reasons)


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("ground", Ground)
@pytest.mark.parametrize("standing", Standing)
def test_every_reason_is_a_sentence(language: Language, ground: Ground, standing: Standing) -> None:
    texts = Texts(language)
    for compared in (True, False):
        said = "\n".join(match_lines(match(ground, standing, compared=compared), texts))
        assert "FTP 1.3" in said
        assert ("Hakobune FTP" in said) is (ground is not Ground.SCANNER)
        assert "{" not in said
        assert "()" not in said.replace("（）", "()")
        assert ("CVE List" in said) is (ground not in (Ground.TEXT, Ground.SCANNER))


def test_the_sentences_in_japanese() -> None:
    texts = Texts(Language.JA)
    assert list(match_lines(match(Ground.LISTED, Standing.NOT_AFFECTED), texts)) == [
        "FTP 1.3：該当なし（1.2.4 ≤ 1.3）",
        "  理由：CVE List（CVE-2099-1234）の該当製品に Hakobune FTP があります。使用中の 1.3 は対象外です（1.2.4 ≤ 1.3）。",
    ]
    assert list(match_lines(match(Ground.TEXT, Standing.INCOMPARABLE), texts)) == [
        "FTP 1.3：該当の可能性が高い（バージョンを比較できません）",
        "  理由：本文に「Hakobune FTP」とあります。使用中の 1.2.4 と 1.3 は比較できません。",
    ]


def test_what_a_scanner_found_is_said_with_hosts_scanner_and_day() -> None:
    finding = ScannerFinding(
        cve=CveId("CVE-2099-1234"), state=FindingState.FIXED, count=5, hosts=("web01", "web02"),
        found_at="2026-11-20", scanner="Nessus",
    )  # fmt: skip
    found = replace(match(Ground.LISTED, Standing.AFFECTED), findings=(finding,), scan=FindingState.FIXED)
    assert list(match_lines(found, Texts(Language.JA)))[-1] == (
        "  スキャナでは対応済み：CVE-2099-1234（Nessus、web01・web02 ほか3台、2026-11-20）"
    )
    assert list(match_lines(found, Texts(Language.EN)))[-1] == (
        "  Also fixed by the scanner's last report: "
        "CVE-2099-1234 (Nessus; on web01, web02 and 3 other hosts; 2026-11-20)."
    )
    body = match_body(found, Texts(Language.EN))
    said = {"id": finding.cve, "state": "fixed", "count": 5, "hosts": ["web01", "web02"]}
    assert body["scan"] == "fixed"
    assert body["findings"] == [{**said, "found_at": "2026-11-20", "scanner": "Nessus"}]


@pytest.mark.parametrize("language", Language)
def test_sources_have_names_and_one_without_is_called_as_it_is(language: Language) -> None:
    texts = Texts(language)
    assert all(texts.has(f"matching.source_{source}") for source in FACT_SOURCES)
    assert "somebody" in "\n".join(match_lines(match(Ground.CPE, Standing.UNSAID, source="somebody"), texts))


@pytest.mark.parametrize("language", Language)
def test_a_dispute_is_said(language: Language) -> None:
    found = match(Ground.LISTED, Standing.AFFECTED, Standing.NOT_AFFECTED)
    assert list(match_lines(found, Texts(language)))[-1] == Texts(language)("matching.disputed")


def test_programs_read_words_of_ours() -> None:
    body = match_body(match(Ground.LISTED, Standing.NOT_AFFECTED, Standing.AFFECTED), Texts(Language.EN))
    assert body["standing"] == "affected"
    assert (body["touches"], body["disputed"], body["version"]) == (True, True, "1.3")
    assert body["product"] == {
        "name": "FTP", "vendor": None, "cpe": None, "purl": None, "owner": None, "where": "server",
        "exposed": True, "criticality": "high", "tags": ["vpn"],
    }  # fmt: skip
    first = body["reasons"][0]  # type: ignore[index]
    assert list(first) == ["ground", "standing", "source", "id", "named", "comparison", "text"]
    assert first["comparison"] == {"left": "1.2.4", "sign": "≤", "right": "1.3"}
