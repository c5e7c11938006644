"""Two pieces of news are one story if they are about the same; what only looks alike stays apart."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from threatstamp.core.news.joining import Bond, Telling, are_alike, bond_of, title_keys


def _told(title: str = "", cves: str = "", own: str = "", named: str = "", products: str = "") -> Telling:
    def some(text: str) -> frozenset[str]:
        return frozenset(filter(None, text.split(",")))

    return Telling(title=title, cves=some(cves), own=some(own), named=some(named), products=some(products))


SAME: dict[str, tuple[Telling, Telling, Bond]] = {
    "the same CVE in Japanese and in English": (
        _told("ゲート社の「Kumo VPN」に深刻な脆弱性", cves="CVE-2026-1001"),
        _told("Gate patches critical flaw in Kumo VPN", cves="CVE-2026-1001"),
        Bond.CVES,
    ),
    "half of the CVEs, and the same product": (
        _told(cves="CVE-2026-1001,CVE-2026-1002", products="Kumo VPN"),
        _told(cves="CVE-2026-1001", products="Kumo VPN,Kumo Portal"),
        Bond.CVES,
    ),
    "news that names an advisory, and the advisory": (
        _told("Kumo VPNに脆弱性、早急に更新を", named="JVNVU#90000001"),
        _told("Gate製Kumo VPNにおける複数の脆弱性", own="JVNVU#90000001", cves="CVE-2026-1001"),
        Bond.ADVISORY,
    ),
    "an advisory that two feeds bring": (
        _told("注意喚起: Kumo VPNの脆弱性に関する注意喚起 (公開)", own="JPCERT-AT-2026-0001"),
        _told("Kumo VPNの脆弱性", own="JPCERT-AT-2026-0001"),
        Bond.ADVISORY,
    ),
    "titles that differ in a bracket": (
        _told("リモートアクセス製品「Kumo SMA1000」に深刻なSSRF脆弱性"),
        _told("リモートアクセス製品『Kumo SMA1000』に深刻なＳＳＲＦの脆弱性"),
        Bond.TITLE,
    ),
    "a title whose CVE only one of them names": (
        _told("Gate warns of actively exploited Kumo VPN flaw", cves="CVE-2026-1001"),
        _told("Gate Warns of Actively Exploited Kumo VPN Flaws"),
        Bond.TITLE,
    ),
}

SAME |= {
    "titles that say the same with other particles": (
        _told("AIチャットボットに機密情報を入力しないよう注意喚起"),
        _told("AIチャットボットへの機密情報の入力に注意喚起"),
        Bond.TITLE,
    ),
    "numbers with and without commas": (
        _told("通販サイトに不正アクセス、カード情報12,000件が流出"),
        _told("通販サイトに不正アクセス、カード情報12000件が流出か"),
        Bond.TITLE,
    ),
}

APART: dict[str, tuple[Telling, Telling]] = {
    "one title and different CVEs": (
        _told("Gate Kumo VPNにおけるクロスサイトスクリプティングの脆弱性", cves="CVE-2026-1001"),
        _told("Gate Kumo VPNにおけるクロスサイトスクリプティングの脆弱性", cves="CVE-2026-1002"),
    ),
    "one CVE in two products": (
        _told("Google Chrome update", cves="CVE-2026-1001", products="Google Chrome"),
        _told("Microsoft Edge update", cves="CVE-2026-1001", products="Microsoft Edge"),
    ),
    "a round-up with one of its flaws": (
        _told(cves=",".join(f"CVE-2026-{number}" for number in range(1001, 1013))),
        _told(cves="CVE-2026-1001"),
    ),
    "a weekly report that names many advisories": (
        _told("週刊レポート", named=",".join(f"JVNVU#9000000{number}" for number in range(1, 6))),
        _told("Gate製Kumo VPNにおける脆弱性", own="JVNVU#90000001"),
    ),
    "two advisories of one publisher": (
        _told("Gate製Kumo VPNにおける複数の脆弱性について", own="JVNVU#90000001"),
        _told("Gate製Kumo VPNにおける複数の脆弱性について", own="JVNVU#90000002"),
    ),
    "titles with other versions": (
        _told("「Kumo Browser 155.0.1」が公開、複数の脆弱性を修正"),
        _told("「Kumo Browser 155.0.2」が公開、複数の脆弱性を修正"),
    ),
    "titles that name other victims": (
        _told("City of Northfield declares emergency after cyberattack"),
        _told("City of Southfield declares emergency after cyberattack"),
    ),
    "titles that name other places": (
        _told("県立病院でランサムウェア被害、電子カルテが停止"),
        _told("市立病院でランサムウェア被害、電子カルテが停止"),
    ),
    "a report that mentions one of several CVEs": (
        replace(_told("攻撃者が使う脆弱性の傾向", cves="CVE-2026-1001,CVE-2026-1002"), in_passing=True),
        _told("Kumo Mailの脆弱性を修正", cves="CVE-2026-1001"),
    ),
    "titles that many stories have": (_told("Security update"), _told("Security Update")),
    "titles of two makers": (
        _told("Gate patches critical flaw in Kumo VPN"),
        _told("Hill patches critical flaw in Yama VPN"),
    ),
}


@pytest.mark.parametrize("case", SAME)
def test_one_story(case: str) -> None:
    new, known, bond = SAME[case]
    assert bond_of(new, known) is bond
    assert bond_of(known, new) is bond


@pytest.mark.parametrize("case", APART)
def test_two_stories(case: str) -> None:
    new, known = APART[case]
    assert bond_of(new, known) is None
    assert bond_of(known, new) is None


_words = st.lists(
    st.sampled_from(["脆弱性", "更新", "深刻な", "Kumo", "VPN", "攻撃", "悪用", "修正", "server", "flaw"]),
    min_size=8,
    max_size=16,
)


@given(words=_words)
def test_titles_that_are_alike_are_found_by_a_common_key(words: list[str]) -> None:
    title = "".join(words)
    other = f"「{title}」"
    assert are_alike(title, other) == bool(title_keys(title))
    assert title_keys(title) == title_keys(other)


def test_most_titles_that_are_nearly_the_same_have_a_common_key() -> None:
    found = 0
    for number in range(200):
        title = "".join(chr(0x4E00 + (number * 7919 + place * 104729) % 3000) for place in range(40))
        other = title[:20] + "新" + title[20:]
        assert are_alike(title, other)
        found += bool(set(title_keys(title)) & set(title_keys(other)))
    assert found >= 190


def test_titles_that_have_nothing_in_common_have_no_common_key() -> None:
    signs = random.Random(1)
    titles = ["".join(chr(0x4E00 + signs.randrange(9_000)) for _ in range(40)) for _ in range(100)]
    keys = [key for title in titles for key in title_keys(title)]
    assert len(keys) - len(set(keys)) < 10
