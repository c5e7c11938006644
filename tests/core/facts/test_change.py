"""What changed between two versions of what a source says."""

from __future__ import annotations

from threatstamp.core.facts.assessment import CVELIST, Affected, Assessment, VersionRange
from threatstamp.core.facts.change import ChangeKind, changes_between
from threatstamp.core.facts.cve import CveId
from threatstamp.core.time import Micros


def said(*affected: Affected) -> Assessment:
    return Assessment(cve=CveId("CVE-2099-0001"), source=CVELIST, version="1", affected=affected)


def product(name: str, *ranges: VersionRange) -> Affected:
    return Affected(vendor="Example", product=name, ranges=ranges)


def kinds(before: Assessment | None, after: Assessment) -> list[ChangeKind]:
    return [one.kind for one in changes_between(before, after, Micros(1))]


OPEN, ENDED = VersionRange(first="0"), VersionRange(first="0", before="2.1")


def test_a_fix_is_news_where_a_product_had_none_before() -> None:
    without = said(product("Server", OPEN))
    assert kinds(without, said(product("Server", ENDED))) == [ChangeKind.FIXED]
    assert kinds(said(product("Server", ENDED)), said(product("Server", OPEN, ENDED))) == []
    assert kinds(
        said(product("Server", ENDED)), said(product("Server", ENDED), product("Client", ENDED))
    ) == [ChangeKind.FIXED]


def test_what_is_said_for_the_first_time_or_ends_with_an_affected_version_is_no_fix() -> None:
    assert kinds(None, said(product("Server", ENDED))) == []
    assert kinds(said(), said(product("Server", ENDED))) == []
    assert (
        kinds(said(product("Server", OPEN)), said(product("Server", VersionRange(first="0", through="2"))))
        == []
    )
