"""Ids are found in what Japanese and English publishers really write, and in their links."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from threatstamp.core.facts.ids import IdKind, NamedId, ids_in


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # CVE: as in test_cve.py; here only that it is the same reading
        ("CVE-2026-106310の脆弱性", ["CVE-2026-106310"]),
        ("ＣＶＥー２０２５ー１２３４５", ["CVE-2025-12345"]),
        ("CVE-2026-12345678901234567890", []),
        ("CVE-2026-1234①、CVE-2026-5678²", ["CVE-2026-1234", "CVE-2026-5678"]),  # marks of notes are no digits
        # Japan
        ("JVN#12345678: 製品に複数の脆弱性", ["JVN#12345678"]),
        ("ＪＶＮ＃１２３４５６７８として公開", ["JVN#12345678"]),
        ("JVN #12345678, JVN12345678", ["JVN#12345678"]),
        ("JVNVU#99999999とJVNVU#99999998", ["JVNVU#99999999", "JVNVU#99999998"]),
        ("JVNTA#91240916", ["JVNTA#91240916"]),
        ("JVN#465742E4", ["JVN#465742E4"]),  # the first years had letters
        ("JVN#123456789 JVN1234567 JVNのお知らせ", []),
        ("JVNDB-2026-000123（JVN iPedia）", ["JVNDB-2026-000123"]),
        ("JVNDB-2026-0001234", []),
        ("JPCERT-AT-2026-0012を更新", ["JPCERT-AT-2026-0012"]),
        ("JPCERT-WR-2026-0401", []),
        # packages
        ("GHSA-JFH8-c2jp-5v3qで公開", ["GHSA-jfh8-c2jp-5v3q"]),
        ("GHSA-jfh8-c2jp-5v3qx GHSA-abcd-efgh-ijkl", []),  # too long; letters that no GHSA id has
        ("MAL-2026-1234が登録", ["MAL-2026-1234"]),
        ("NORMAL-2026-1234 MAL-26-1", []),
        ("PYSEC-2026-12, RUSTSEC-2026-0003, GO-2026-1234", ["PYSEC-2026-12", "RUSTSEC-2026-0003", "GO-2026-1234"]),
        ("EUVD-2026-12345", ["EUVD-2026-12345"]),
        ("CWE-79（クロスサイトスクリプティング）、CWE-1321", ["CWE-79", "CWE-1321"]),
        ("CWE-noinfo CWE-123456", []),
        # makers
        ("FG-IR-24-015の注意喚起", ["FG-IR-24-015"]),
        ("cisco-sa-asaftd-webvpn-z5xP8EUBを参照", ["cisco-sa-asaftd-webvpn-z5xP8EUB"]),
        ("VMSA-2024-0006.1, VMSA-2024-0006", ["VMSA-2024-0006"]),
        ("RHSA-2026:1234 ELSA-2026-1234 SUSE-SU-2026:0123-1", ["RHSA-2026:1234", "ELSA-2026-1234", "SUSE-SU-2026:0123-1"]),
        ("openSUSE-SU-2026:0123-1", ["openSUSE-SU-2026:0123-1"]),
        ("[SECURITY] [DSA 5678-1] glibc", ["DSA-5678-1"]),
        ("DSA-5678-1 / DLA-3801-1 / USN-6789-1", ["DSA-5678-1", "DLA-3801-1", "USN-6789-1"]),
        ("DSA-2026-123: Dell", ["DSA-2026-123"]),
        ("DSA-1024 keys, RSA-2048, DSA 2026-11", []),
        ("APSB26-01 ZDI-26-123 ZDI-CAN-12345", ["APSB26-01", "ZDI-26-123", "ZDI-CAN-12345"]),
        ("ICSA-26-123-01、ICSMA-26-012-02、AA26-109A", ["ICSA-26-123-01", "ICSMA-26-012-02", "AA26-109A"]),
        ("ADV240001とKB5034441、MS17-010", ["ADV240001", "KB5034441", "MS17-010"]),
        ("空き容量は128KB5034441 MS26-010 ADV12345", []),
        ("SA-CORE-2026-001 SNWLID-2026-0001 NTAP-20260101-0001", ["SA-CORE-2026-001", "SNWLID-2026-0001", "NTAP-20260101-0001"]),
        ("SSA-123456 HPESBGN04584 CTX561482 JSA75729 K000137353", ["SSA-123456", "HPESBGN04584", "CTX561482", "JSA75729", "K000137353"]),
        ("INTEL-SA-00999 AMD-SB-7008 TALOS-2026-1234 XSA-123", ["INTEL-SA-00999", "AMD-SB-7008", "TALOS-2026-1234", "XSA-123"]),
        ("hitachi-sec-2026-101", ["hitachi-sec-2026-101"]),
        ("FEDORA-2026-0ABCDEF123", ["FEDORA-2026-0abcdef123"]),
        ("VU#123456", ["VU#123456"]),
        # links
        ("https://jvn.jp/vu/JVNVU99999999/index.html", ["JVNVU#99999999"]),
        ("https://jvn.jp/jp/JVN12345678/", ["JVN#12345678"]),
        ("https://jvndb.jvn.jp/ja/contents/2026/JVNDB-2026-000123.html", ["JVNDB-2026-000123"]),
        ("https://www.jpcert.or.jp/at/2026/at260001.html", ["JPCERT-AT-2026-0001"]),
        ("https://www.jpcert.or.jp/english/at/2026/at260001.html", ["JPCERT-AT-2026-0001"]),
        ("https://www.jpcert.or.jp/wr/2026/wr260401.html", []),
        ("https://notjpcert.or.jp/at/2026/at260001.html", []),
        ("https://kb.cert.org/vuls/id/123456", ["VU#123456"]),
        ("https://fortiguard.example/psirt/FG-IR-24-015?x=CVE-2024-21762", ["FG-IR-24-015", "CVE-2024-21762"]),
        # none of them
        ("FortiOS 7.4.3、2026-11-26、090-1234-5678、ISO/IEC 27001:2022、AA-12", []),
        ("", []),
    ],
)  # fmt: skip
def test_ids_are_found_in_their_normal_form_and_nothing_else(text: str, expected: list[str]) -> None:
    assert [one.value for one in ids_in(text)] == expected


def test_each_says_whose_it_is() -> None:
    assert ids_in("JVNVU#99999999 RHSA-2026:1234") == (
        NamedId(kind=IdKind.JVN, value="JVNVU#99999999"),
        NamedId(kind=IdKind.VENDOR, value="RHSA-2026:1234"),
    )


def test_several_texts_are_read_in_order_and_name_each_once() -> None:
    found = ids_in("CWE-79 in CVE-2026-1234", "cve-2026-1234 and CVE-2026-0001")
    assert [one.value for one in found] == ["CWE-79", "CVE-2026-1234", "CVE-2026-0001"]


def test_a_text_of_ids_alone_is_read_up_to_a_limit() -> None:
    assert len(ids_in(" ".join(f"CVE-2099-{number}" for number in range(10_000, 20_000)))) == 500


@given(st.text(), st.text())
def test_an_id_is_found_whatever_is_around_it(before: str, after: str) -> None:
    assert "JVNVU#99999999" in [one.value for one in ids_in(f"{before} JVNVU#99999999、{after}")]
