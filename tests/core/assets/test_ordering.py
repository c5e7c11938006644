"""Versions are put in order where that is certain, and nowhere else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from threatstamp.core.assets.ordering import LONGEST, compare


@pytest.mark.parametrize(
    ("less", "more"),
    [
        ("7.4.3", "7.4.10"),
        ("7.5.100", "7.5.101-CE"),
        ("9.8", "9.8p1"),
        ("9.8p1", "9.8p2"),
        ("1.0.2", "1.0.2k"),
        ("1.0.2k", "1.0.2zd"),
        ("1.1.0a", "1.1.1"),
        ("2.0-beta9", "2.0"),
        ("2.0-alpha2", "2.0-beta1"),
        ("5.10.0-rc7", "5.10"),
        ("1.0~1", "1.0"),
        ("7.0.0u3c", "7.0.0u3d"),
        ("20H2", "21H1"),
        ("21H1", "21H2"),
        ("R80.40 Take 94", "R81"),
        ("R80.40", "R80.40 Take 94"),
        ("15.2(4)M3", "15.2(4)M10"),
        ("SP1", "SP2"),
        ("10.0.19045.1", "10.0.19045.4529"),
        ("２．１", "2.2"),
        ("1.0 SP1", "1.0 Service Pack 2"),
    ],
)
def test_the_earlier_one_is_less(less: str, more: str) -> None:
    assert compare(less, more) == -1
    assert compare(more, less) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("1.2.3", "1.2.3.0"),
        ("v1.2", "Ver.1.2"),
        ("version 1.2", "1.2"),
        ("7.0 U3", "7.0.0 Update 3"),
        ("5.10-rc7", "5.10.0-rc7"),
        ("2.0 GA", "2.0"),
        ("1.2+build5", "1.2+build6"),
        ("R80.40 Take 94", "r80.40 take 94"),
    ],
)
def test_other_spellings_are_the_same_version(one: str, other: str) -> None:
    assert compare(one, other) == 0


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("R80.40 Take 94", "7.4"),
        ("7.5.101", "7.5.101-CE"),
        ("15.2(4)M3", "15.2(4)E1"),
        ("1.0p1", "1.0.1"),
        ("see references", "1.2"),
        ("3f7a9c2", "1.2"),
        ("3f7a9c2", "8e1d0b4"),
        ("1:2.3", "2.4"),
        ("1.2.3-foo", "1.2.3"),
        ("1" * (LONGEST + 1), "1"),
        ("", "1"),
    ],
)
def test_what_nobody_can_compare_is_not_compared(one: str, other: str) -> None:
    assert compare(one, other) is None
    assert compare(other, one) is None


def test_semantic_versions_have_their_own_rules() -> None:
    """The order of https://semver.org/spec/v2.0.0.html, 11.4."""
    names = [
        "1.0.0-alpha",
        "1.0.0-alpha.1",
        "1.0.0-alpha.beta",
        "1.0.0-beta",
        "1.0.0-beta.2",
        "1.0.0-beta.11",
        "1.0.0-rc.1",
        "1.0.0",
    ]
    for at, one in enumerate(names):
        for other in names[at + 1 :]:
            assert compare(one, other, "semver") == -1
    assert compare("1.2.3-foo", "1.2.3", "semver") == -1
    assert compare("1.2", "1.2.0", "semver") == 0
    assert compare("1.2.3-1", "1.2.3.4-1", "semver") is None


parts = st.sampled_from(
    ["0", "1", "2", "10", "rc", "p", "u", "a", "k", "zb", "ce", "~", "beta", "take", "x", "sp", "final"]
)
marks = st.sampled_from(["", ".", "-", " ", "_"])
versions = st.lists(st.tuples(marks, parts), min_size=1, max_size=5).map(
    lambda found: "".join(mark + part for mark, part in found)
)
schemes = st.sampled_from(["", "semver", "custom", "git"])


@given(versions | st.text(max_size=12), versions | st.text(max_size=12), schemes)
def test_every_pair_is_compared_the_same_way_from_both_sides(one: str, other: str, scheme: str) -> None:
    assert compare(one, one, scheme) == 0
    order, back = compare(one, other, scheme), compare(other, one, scheme)
    assert (order is None) == (back is None)
    assert order is None or (order == -back if back else order == 0)


@given(versions, versions, versions, schemes)
def test_no_three_versions_go_round_in_a_circle(one: str, other: str, third: str, scheme: str) -> None:
    first, second, whole = (
        compare(one, other, scheme),
        compare(other, third, scheme),
        compare(one, third, scheme),
    )
    if first is None or second is None or whole is None or first > 0 or second > 0:
        return
    assert whole <= 0
    assert whole < 0 or first == second == 0
