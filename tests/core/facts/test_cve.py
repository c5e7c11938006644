"""CVE ids are found in what Japanese and English publishers really write."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from threatstamp.core.facts.cve import cve_of, cves_in, cves_said


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("CVE-2026-1234", ["CVE-2026-1234"]),
        ("CVE-2025-12345の脆弱性", ["CVE-2025-12345"]),  # kana follow
        ("脆弱性CVE-2025-12345が", ["CVE-2025-12345"]),  # kanji are before it
        ("「CVE-2025-12345」と（CVE-2025-12346）", ["CVE-2025-12345", "CVE-2025-12346"]),
        ("ＣＶＥ－２０２５－１２３４５を修正", ["CVE-2025-12345"]),  # full-width
        ("ＣＶＥー２０２５ー１２３４５", ["CVE-2025-12345"]),  # with the long vowel sign that such a keyboard gives
        ("CVE‐2025‑12345 CVE–2025—12346 CVE−2025−12347", ["CVE-2025-12345", "CVE-2025-12346", "CVE-2025-12347"]),
        ("cve-2025-12345 Cve-2025-12345", ["CVE-2025-12345"]),
        ("CVE-2026-106310", ["CVE-2026-106310"]),  # six digits
        ("CVE-2026-1234567890123456789", ["CVE-2026-1234567890123456789"]),  # nineteen
        ("CVE-2026-12345678901234567890", []),  # twenty are none, nor are the first nineteen of them
        ("CVE-2026-123", []),
        ("CVE-20266-1234 CVE-202-1234", []),
        ("XCVE-2026-1234 9CVE-2026-1234", []),
        ("CVE-2026-1234/CVE-2026-5678,CVE-2026-1234.", ["CVE-2026-1234", "CVE-2026-5678"]),
        ("https://nvd.example/vuln/detail/CVE-2026-1234#x", ["CVE-2026-1234"]),
        ("CVE_2026_1234 CVE 2026-1234", []),
        ("CVE-\u200b2026-\u00ad1234", ["CVE-2026-1234"]),  # where a line may break
        ("CVE-٢٠٢٦-١٢٣٤", []),  # other scripts' digits are no id
        ("", []),
    ],
)  # fmt: skip
def test_ids_are_found_and_nothing_else(text: str, expected: list[str]) -> None:
    assert list(cves_in(text)) == expected


@pytest.mark.parametrize("typed", ["CVE-2026-1234", " cve-2026-1234\n", "ＣＶＥ－２０２６－１２３４"])
def test_an_id_may_be_typed_in_any_way(typed: str) -> None:
    assert cve_of(typed) == "CVE-2026-1234"


@pytest.mark.parametrize("typed", ["", "CVE-1", "2026-1234", "CVE-2026-1234 CVE-2026-5678", "CVE-2026-1234x"])
def test_what_is_more_or_less_than_an_id_is_none(typed: str) -> None:
    assert cve_of(typed) is None


def test_what_a_title_names_counts_before_what_the_text_compares_it_with() -> None:
    assert cves_said("CVE-2026-1234 fixed", "like CVE-2021-44228") == ("CVE-2026-1234",)
    assert cves_said("A flaw is fixed", "it is CVE-2026-1234") == ("CVE-2026-1234",)


def test_of_very_many_the_first_hundred_are_enough() -> None:
    text = " ".join(f"CVE-2099-{number}" for number in range(10_000, 99_999))
    assert cves_said("", text) == tuple(f"CVE-2099-{number}" for number in range(10_000, 10_100))


@given(st.text(), st.text())
def test_an_id_is_found_whatever_is_around_it(before: str, after: str) -> None:
    assert "CVE-2026-1234" in cves_in(f"{before} CVE-2026-1234、{after}")
