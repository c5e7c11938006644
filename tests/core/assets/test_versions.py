"""Whether a version lies in a range, however the range is written, and what a record says of it then."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from threatstamp.core.assets.versions import Lies, Standing, place, stands
from threatstamp.core.facts.assessment import Affected, VersionRange

IN, OUT, UNKNOWN, UNSAID = Lies.INSIDE, Lies.OUTSIDE, Lies.UNKNOWN, Lies.UNSAID


def below(before: str, first: str = "0", **more: str) -> VersionRange:
    return VersionRange(first=first, before=before, **more)


@pytest.mark.parametrize(
    ("version", "first", "before", "through", "expected"),
    [
        ("7.4.2", "7.4.0", "7.4.3", None, IN),
        ("7.4.3", "7.4.0", "7.4.3", None, OUT),
        ("7.4.3", "7.4.0", None, "7.4.3", IN),
        ("7.3.9", "7.4.0", "7.4.3", None, OUT),
        ("0.1", "0", "1.0", None, IN),
        ("0.1", "unspecified", "1.0", None, IN),
        ("0.1", "n/a", None, "1.0", IN),
        ("99", "1.0", "*", None, IN),
        ("99", "1.0", None, "*", IN),
        ("0.9", "1.0", "*", None, OUT),
        ("2.9.9", "1.0", "2.*", None, IN),
        ("3.0", "1.0", "2.*", None, OUT),
        ("6.1.55", "6.1.50", None, "6.1.*", IN),
        ("6.2", "6.1.50", None, "6.1.*", OUT),
        ("R80.40 Take 94", "7.0", "7.4", None, UNKNOWN),
        ("1.2.3", "1.2.3", None, None, IN),
        ("1.2.4", "1.2.3", None, None, OUT),
        ("1.2.4", "1.2.x", None, None, IN),
        ("1.3", "1.2.*", None, None, OUT),
        ("1.3", "*", None, None, IN),
        ("1.3", "All versions", None, None, IN),
        ("1.3", "n/a", None, None, UNSAID),
        ("1.3", "See references", None, None, UNSAID),
        ("1.3", "unspecified", None, None, UNSAID),
        ("1.3", "0", None, None, UNSAID),
    ],
)
def test_bounds_are_understood(
    version: str, first: str, before: str | None, through: str | None, expected: Lies
) -> None:
    assert place(version, VersionRange(first=first, before=before, through=through)).lies is expected


@pytest.mark.parametrize(
    ("words", "inside", "outside"),
    [
        ("< 4.17.21", "4.17.20", "4.17.21"),
        (">= 2.0, < 2.3", "2.2.9", "2.3"),
        (">= 2.0.0, <= 2.3.1", "2.3.1", "1.9"),
        ("= 1.5.0", "1.5", "1.5.1"),
        ("≤1.5", "1.5", "1.6"),
        ("prior to 3.1", "3.0", "3.1"),
        ("versions prior to 3.1", "3.0", "3.1"),
        ("before version 3.1", "3.0.9", "3.1"),
        ("1.2.3 and earlier", "1.2.3", "1.2.4"),
        ("Ver.1.2.3 and earlier versions", "1.0", "1.2.4"),
        ("2.0 or later", "2.1", "1.9"),
        ("up to and including 2.4", "2.4", "2.5"),
        ("from 1.0 to 1.5", "1.5", "1.6"),
        ("1.0 - 1.5", "1.2", "0.9"),
        ("1.2.3 以前", "1.2.3", "1.2.4"),
        ("バージョン 1.2.3 以前", "1.2.3", "1.2.4"),
        ("Ver.1.2.3以前のバージョン", "1.2.3", "1.2.4"),
        ("1.2.3-4 以前", "1.2.3-3", "1.2.3-5"),
        ("3.0 より前のバージョン", "2.9", "3.0"),
        ("3.0未満", "2.9", "3.0"),
        ("1.0 から 1.5 まで", "1.5", "1.6"),
        ("1.0以上1.5未満", "1.4", "1.5"),
        ("7.9 All", "7.9.3", "7.10"),
        ("7.4系", "7.4.3", "7.5"),
        ("１．２．３以前", "1.2.3", "1.2.4"),
    ],
)
def test_ranges_in_words_are_understood(words: str, inside: str, outside: str) -> None:
    assert place(inside, VersionRange(first=words)).lies is IN
    assert place(outside, VersionRange(first=words)).lies is OUT


@pytest.mark.parametrize(
    ("version", "expected"),
    [("0.9", OUT), ("1.0", IN), ("1.2", OUT), ("1.5", OUT), ("2.0", IN), ("2.1", OUT), ("3.5", IN), ("3.6", OUT), ("R80", UNKNOWN)],
)  # fmt: skip
def test_ranges_beside_package_urls_are_understood(version: str, expected: Lies) -> None:
    of = VersionRange(first="vers:generic/>=1.0|<1.2|2.0|>=3|!=3.6|<=4")
    assert place(version, of).lies is expected
    assert place(version, VersionRange(first="vers:generic/*")).lies is IN


@pytest.mark.parametrize(
    ("version", "of", "expected"),
    [
        ("1.2.4", VersionRange(first="1.3", before="2"), "1.2.4 < 1.3"),
        ("1.3", below("1.2.4"), "1.2.4 ≤ 1.3"),
        ("1.3", VersionRange(first="0", through="1.2.4"), "1.2.4 < 1.3"),
        ("1.3", VersionRange(first="", after="1.3", before="2"), "1.3 ≤ 1.3"),
        ("1.3", VersionRange(first="1.2"), "1.3 ≠ 1.2"),
        ("1.2", below("1.3"), "1.2 < 1.3"),
        ("1.3", VersionRange(first="0", through="1.3"), "1.3 ≤ 1.3"),
        ("R80.40", VersionRange(first="7.0", before="7.4"), "R80.40 ? 7.4"),
    ],
)
def test_the_comparison_that_decides_is_said(version: str, of: VersionRange, expected: str) -> None:
    assert place(version, of).comparison == expected


def test_a_bound_that_can_be_compared_excludes_although_the_other_one_cannot() -> None:
    assert place("7.5", VersionRange(first="initial release", before="7.4")).lies is OUT
    assert place("7.3", VersionRange(first="initial release", before="7.4")).lies is UNKNOWN


def affected(*ranges: VersionRange, **more: object) -> Affected:
    return Affected(vendor="Hakobune", product="FTP", ranges=ranges, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("version", "said", "expected", "comparison"),
    [
        ("", affected(below("2")), Standing.OURS_UNKNOWN, ""),
        ("1.9", affected(below("2")), Standing.AFFECTED, "1.9 < 2"),
        ("2.0", affected(below("2")), Standing.NOT_AFFECTED, "2 ≤ 2.0"),
        ("2.4.5", affected(below("2.3.1"), below("2.4.2", "2.4"), below("3.1", "3.0")), Standing.NOT_AFFECTED, "2.4.2 ≤ 2.4.5"),
        ("1.2.4", affected(below("2", "1.3"), below("3.1", "3.0")), Standing.NOT_AFFECTED, "1.2.4 < 1.3"),
        ("R80", affected(below("2")), Standing.INCOMPARABLE, "R80 ? 2"),
        ("1.0", affected(), Standing.AFFECTED, ""),
        ("1.0", affected(is_name_only=True), Standing.UNSAID, ""),
        ("1.0", affected(VersionRange(first="n/a")), Standing.UNSAID, ""),
        ("2.6", affected(VersionRange(first="2.4"), VersionRange(first="2.5")), Standing.UNSAID, ""),
        ("2.6", affected(VersionRange(first="2.5"), default="unaffected"), Standing.NOT_AFFECTED, "2.6 ≠ 2.5"),
        ("2.6", affected(default="affected", unaffected=(VersionRange(first="2.6", before="2.*"),)), Standing.NOT_AFFECTED, "2.6 < 2.*"),
        ("2.5", affected(default="affected", unaffected=(VersionRange(first="2.6", before="2.*"),)), Standing.AFFECTED, ""),
        ("2.5", affected(default="affected", unaffected=(VersionRange(first="R7"),)), Standing.INCOMPARABLE, "2.5 ? R7"),
        ("7.9.1", affected(below("7.5.101", "7.5"), unaffected=(VersionRange(first="7.9 All"),), default="unaffected"), Standing.NOT_AFFECTED, "7.9.1 = 7.9.1"),
        ("6.1.5", affected(VersionRange(first="3f7a9c2", before="8e1d0b4", scheme="git")), Standing.UNSAID, ""),
    ],
)  # fmt: skip
def test_what_a_record_says_of_a_version(
    version: str, said: Affected, expected: Standing, comparison: str
) -> None:
    found = stands(version, said)
    assert (found.standing, found.placing.comparison) == (expected, comparison)


bounds = st.none() | st.sampled_from(["1.0", "2.*", "*", "R80", "1.5 以前", "< 3"]) | st.text(max_size=15)


@given(st.text(min_size=1, max_size=15) | st.sampled_from(["1.2", "R80.40"]), bounds, bounds, bounds, bounds)
def test_whatever_is_written_a_version_lies_somewhere(
    version: str, first: str | None, before: str | None, through: str | None, scheme: str | None
) -> None:
    of = VersionRange(first=first or "", before=before, through=through, scheme=scheme, after=first)
    said = affected(of, VersionRange(first=first or ""), unaffected=(of,))
    assert place(version, of).lies in Lies
    assert stands(version, said).standing in Standing
