"""Products are recognised by every name that records have for them, and each match says why."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.facts import CVE, cvelist_said, kev_said, known, renamed
from threatstamp.core.assets.catalogue import Catalogue, KnownProduct
from threatstamp.core.assets.finding import FindingState, ScannerFinding
from threatstamp.core.assets.match import Ground, Match, Matcher
from threatstamp.core.assets.naming import Name, NameFinder
from threatstamp.core.assets.product import Product
from threatstamp.core.assets.versions import Standing
from threatstamp.core.facts.assessment import Affected, Assessment, CveState, FactSource, VersionRange
from threatstamp.core.facts.cve import CveId

FTP = Product(name="Hakobune FTP", vendor="Hakobune", version="1.3", aliases=("ハコブネFTP",))
BELOW = (VersionRange(first="0", before="1.4"),)


def listed(vendor: str = "Hakobune", product: str = "FTP", *ranges: VersionRange, **more: Any) -> Affected:
    return Affected(vendor=vendor, product=product, ranges=ranges or BELOW, **more)


def matched(product: Product, *said: Assessment) -> Match | None:
    found = Matcher([product]).match([known(*said)])
    assert len(found) <= 1
    return found[0] if found else None


def by(product: Product, entry: Affected) -> Match | None:
    return matched(product, cvelist_said(affected=(entry,)))


@pytest.mark.parametrize(
    ("vendor", "product"),
    [
        ("Hakobune", "FTP"),
        ("Hakobune", "Hakobune FTP"),
        ("hakobune", "HAKOBUNE-FTP"),
        ("Hakobune, Inc.", "FTP"),
        ("The Hakobune Software Foundation", "Ｈａｋｏｂｕｎｅ　ＦＴＰ"),
        ("ハコブネ株式会社", "ハコブネFTP"),
        ("n/a", "Hakobune FTP"),
        ("", "Hakobune FTP"),
    ],
)
def test_a_product_is_recognised_however_a_record_writes_it(vendor: str, product: str) -> None:
    found = by(FTP, listed(vendor, product))
    assert found is not None
    assert (found.deciding.ground, found.standing) == (Ground.LISTED, Standing.AFFECTED)
    assert (found.deciding.source, found.deciding.vulnerability) == ("cvelist", CVE)
    assert found.deciding.placing.comparison == "1.3 < 1.4"


@pytest.mark.parametrize(
    ("vendor", "product"), [("Somebody", "FTP"), ("Hakobune", "Mail"), ("Hakobune", "FTP Server"), ("", "")]
)
def test_another_product_is_none_of_ours(vendor: str, product: str) -> None:
    assert by(FTP, listed(vendor, product)) is None


def test_a_name_that_is_an_everyday_word_needs_its_vendor() -> None:
    nobodys, ours = Product(name="Edge"), Product(name="Edge", vendor="Microsoft")
    assert by(nobodys, listed("Somebody", "Edge")) is None
    assert by(ours, listed("Somebody", "Edge")) is None
    assert by(ours, listed("Microsoft Corporation", "Microsoft Edge")) is not None


def test_a_range_that_excludes_our_version_is_a_result() -> None:
    found = by(FTP, listed("Hakobune", "FTP", VersionRange(first="0", before="1.2.4")))
    assert found is not None
    assert (found.standing, found.touches) == (Standing.NOT_AFFECTED, False)
    assert found.deciding.placing.comparison == "1.2.4 ≤ 1.3"


@pytest.mark.parametrize(
    ("version", "ranges", "expected"),
    [
        ("", BELOW, Standing.OURS_UNKNOWN),
        ("R80.40 Take 94", BELOW, Standing.INCOMPARABLE),
        ("1.3", (VersionRange(first="n/a"),), Standing.UNSAID),
    ],
)
def test_what_is_not_known_is_never_not_affected(
    version: str, ranges: tuple[VersionRange, ...], expected: Standing
) -> None:
    found = by(Product(name="FTP", vendor="Hakobune", version=version), listed("Hakobune", "FTP", *ranges))
    assert found is not None
    assert (found.standing, found.touches) == (expected, True)


def test_of_two_entries_of_one_record_the_graver_counts() -> None:
    commits = listed("Hakobune", "FTP", VersionRange(first="3f7a9c2", before="8e1d0b4", scheme="git"))
    numbers = listed("Hakobune", "FTP", VersionRange(first="1.0", before="1.2"))
    found = matched(FTP, cvelist_said(affected=(commits, numbers)))
    assert found is not None
    assert [one.standing for one in found.reasons] == [Standing.NOT_AFFECTED]


CPE = "cpe:2.3:o:hakobune:hakobune_os:7.4.3:*:*:*:*:*:*:*"


@pytest.mark.parametrize(
    ("cpes", "expected", "comparison"),
    [
        (("cpe:2.3:o:hakobune:hakobune_os:7.4.3:*:*:*:*:*:*:*", "cpe:2.3:o:hakobune:hakobune_os:7.4.2:*:*:*:*:*:*:*"), Standing.AFFECTED, ""),
        (("cpe:/o:hakobune:hakobune_os:7.4.3",), Standing.AFFECTED, ""),
        (("cpe:2.3:o:hakobune:hakobune_os:7.4.2:*:*:*:*:*:*:*",), Standing.UNSAID, ""),
        (("cpe:2.3:o:hakobune:hakobune_os:*:*:*:*:*:*:*:*",), Standing.UNSAID, ""),
        (("cpe:2.3:o:*:hakobune_os",), Standing.UNSAID, ""),
        (("cpe:2.3:o:hakobune:hakobune_*",), Standing.UNSAID, ""),
        (("cpe:2.3:a:hakobune:hakobune_os:7.4.3",), None, ""),
        (("cpe:2.3:o:hakobune:other_os:7.4.3",), None, ""),
    ],
)  # fmt: skip
def test_a_cpe_alone_names_a_product(
    cpes: tuple[str, ...], expected: Standing | None, comparison: str
) -> None:
    found = matched(Product(name="HOS", cpe=CPE), cvelist_said(cpes=cpes))
    assert (found.standing if found else None) is expected
    assert found is None or (found.version, found.deciding.ground) == ("7.4.3", Ground.CPE)


def test_a_range_beside_a_cpe_counts_and_a_product_without_one_goes_by_its_names() -> None:
    entry = listed(
        "", "", VersionRange(first="", after="1.2", before="1.3"), cpe="cpe:2.3:a:hakobune:hakobune_ftp"
    )
    found = by(FTP, entry)
    assert found is not None
    assert (found.deciding.ground, found.standing) == (Ground.CPE, Standing.NOT_AFFECTED)


@pytest.mark.parametrize(
    ("purl", "expected"),
    [
        ("pkg:npm/%40hakobune/ftp@1.3.0", Standing.AFFECTED),
        ("pkg:npm/@hakobune/ftp@1.4.0", Standing.NOT_AFFECTED),
        ("pkg:npm/@hakobune/ftp", Standing.OURS_UNKNOWN),
        ("pkg:npm/ftp@1.3.0", None),
        ("pkg:pypi/ftp@1.3.0", None),
    ],
)
def test_a_package_is_its_type_namespace_and_name(purl: str, expected: Standing | None) -> None:
    found = by(Product(name="x", purl=purl), listed("", "ftp", purl="pkg:npm/%40hakobune/ftp"))
    assert (found.standing if found else None) is expected
    assert found is None or found.deciding.ground is Ground.PACKAGE


def test_a_package_of_an_unknown_vendor_is_not_everything_of_its_name() -> None:
    request = Product(name="request", purl="pkg:npm/request@2.0", version="1.0")
    scoped = Product(name="ftp", purl="pkg:npm/%40hakobune/ftp@1.0")
    assert by(request, listed("Somebody", "Request")) is None
    assert by(request, listed("request", "request")) is not None
    assert by(scoped, listed("Hakobune", "FTP")) is not None


def test_of_malicious_packages_only_the_very_version_counts() -> None:
    entry = Affected(vendor="npm", product="ftp", ranges=(VersionRange(first="1.3.0"),), purl="pkg:npm/ftp")
    said = renamed(cvelist_said(affected=(entry,)), "MAL-2099-17")
    for version, is_found in (("1.3.0", True), ("1.3.1", False), ("", False)):
        product = Product(name="ftp", purl="pkg:npm/ftp", version=version)
        assert (matched(product, said) is not None) is is_found
    assert matched(Product(name="ftp", vendor="npm", version="1.3.0"), said) is None


def test_sources_that_disagree_are_both_told_and_the_graver_counts() -> None:
    old = cvelist_said(affected=(listed("Hakobune", "FTP", VersionRange(first="0", before="1.2")),))
    nvd = Assessment(cve=CVE, source=FactSource("nvd"), version="1", affected=(listed(),))
    found = matched(FTP, old, nvd, kev_said())
    assert found is not None
    assert found.is_disputed
    assert [(one.source, one.standing) for one in found.reasons] == [
        ("nvd", Standing.AFFECTED), ("cvelist", Standing.NOT_AFFECTED),
    ]  # fmt: skip


def test_a_rejected_record_is_about_nothing() -> None:
    assert matched(FTP, cvelist_said(affected=(listed(),), state=CveState.REJECTED)) is None


def mentions(text: str) -> Any:
    return NameFinder([Name(text="FTP", of=FTP.name), Name(text="ハコブネFTP", of=FTP.name)]).find(text)


@pytest.mark.parametrize(
    ("text", "expected", "comparison"),
    [
        ("ハコブネFTPに脆弱性", Standing.NAMED, ""),
        ("ハコブネFTP 1.3の脆弱性", Standing.NAMED, ""),
        ("ハコブネFTP 1.0から1.4まで", Standing.AFFECTED, "1.3 ≤ 1.4"),
        ("ハコブネFTP 1.2以前に脆弱性", Standing.NOT_AFFECTED, "1.2 < 1.3"),
    ],
)
def test_a_text_names_a_product_and_perhaps_its_versions(
    text: str, expected: Standing, comparison: str
) -> None:
    [found] = Matcher([FTP]).match(mentions=mentions(text))
    assert (found.deciding.ground, found.standing) == (Ground.TEXT, expected)
    assert found.deciding.placing.comparison == comparison
    assert found.deciding.named == "ハコブネFTP"


def test_a_source_that_is_sure_counts_before_a_text() -> None:
    said = cvelist_said(affected=(listed("Hakobune", "FTP", VersionRange(first="0", before="1.2")),))
    [found] = Matcher([FTP]).match([known(said)], mentions("ハコブネFTP 1.4以前"))
    assert (found.standing, found.is_disputed) == (Standing.NOT_AFFECTED, True)


def test_two_versions_of_one_product_are_two_and_the_gravest_comes_first() -> None:
    other = Product(name=FTP.name, vendor="Hakobune", version="1.5")
    found = Matcher([other, FTP]).match([known(cvelist_said(affected=(listed(),)))], mentions("ハコブネFTP"))
    assert [(one.version, one.standing) for one in found] == [
        ("1.3", Standing.AFFECTED), ("1.5", Standing.NOT_AFFECTED),
    ]  # fmt: skip


OTHER_CVE = CveId("CVE-2099-5678")


def scanned(state: FindingState, *cves: str) -> Product:
    return replace(
        FTP, findings=tuple(ScannerFinding(cve=CveId(one), state=state, scanner="Nessus") for one in cves)
    )


def test_a_finding_alone_makes_a_match() -> None:
    matcher = Matcher([scanned(FindingState.OPEN, CVE)])
    for found in (matcher.match(cves=[CveId(CVE), OTHER_CVE]), matcher.match([known(cvelist_said())])):
        (one,) = found
        assert (one.standing, one.touches, one.scan) == (Standing.AFFECTED, True, FindingState.OPEN)
        assert (one.deciding.ground, one.deciding.source, one.deciding.vulnerability) == (
            Ground.SCANNER, "Nessus", CVE,
        )  # fmt: skip
    assert matcher.match(cves=[OTHER_CVE]) == ()
    assert matcher.match([known(cvelist_said(state=CveState.REJECTED))], cves=[CveId(CVE)]) == ()


def test_what_a_scanner_finds_counts_though_a_list_excludes_our_version() -> None:
    said = cvelist_said(affected=(listed("Hakobune", "FTP", VersionRange(first="0", before="1.2")),))
    [found] = Matcher([scanned(FindingState.OPEN, CVE)]).match([known(said)])
    assert (found.standing, found.is_disputed) == (Standing.AFFECTED, True)
    said = cvelist_said(affected=(listed(),))
    [found] = Matcher([scanned(FindingState.OPEN, CVE)]).match([known(said)])
    assert (found.deciding.ground, found.scan) == (Ground.LISTED, FindingState.OPEN)


def test_what_is_fixed_is_said_and_takes_no_other_reason_away() -> None:
    matcher = Matcher([scanned(FindingState.FIXED, CVE)])
    [found] = matcher.match([known(cvelist_said(affected=(listed(),)))])
    assert (found.standing, found.scan) == (Standing.AFFECTED, FindingState.FIXED)
    [found] = matcher.match(mentions=mentions("ハコブネFTP"), cves=[CveId(CVE)])
    assert (found.standing, found.scan) == (Standing.NAMED, FindingState.FIXED)
    [found] = matcher.match(cves=[CveId(CVE)])
    assert (found.standing, found.deciding.ground) == (Standing.NOT_AFFECTED, Ground.SCANNER)
    [found] = matcher.match(mentions=mentions("ハコブネFTP"), cves=[CveId(CVE), OTHER_CVE])
    assert (found.scan, len(found.findings)) == (None, 1)  # of the other one nothing is known
    assert matcher.match(cves=[CveId(CVE), OTHER_CVE]) == ()


def test_what_is_built_in_of_a_product_counts_too() -> None:
    built_in = KnownProduct(
        name="FTP", vendor="Hakobune", aliases=("HFTP",), cpes=("a:hakobune:ftp", "a:fune:ftpd")
    )
    catalogue = Catalogue([built_in], {"Hakobune": ["International Ship Machines"]})
    matcher = Matcher([Product(name="FTP", vendor="Hakobune", version="1.3")], catalogue)
    [found] = matcher.match([known(cvelist_said(cpes=("cpe:2.3:a:fune:ftpd:1.3",)))])
    assert (found.standing, found.deciding.ground) == (Standing.AFFECTED, Ground.CPE)
    [found] = matcher.match([known(cvelist_said(affected=(listed("International Ship Machines"),)))])
    assert (found.standing, found.deciding.ground) == (Standing.AFFECTED, Ground.LISTED)


numbers = st.integers(0, 30)


@given(st.lists(st.tuples(numbers, numbers), min_size=1, max_size=4), numbers)
def test_inside_any_range_is_affected_and_outside_all_is_not(
    ranges: list[tuple[int, int]], version: int
) -> None:
    entry = listed(
        "Hakobune", "FTP", *(VersionRange(first=f"1.{one}", before=f"1.{other}") for one, other in ranges)
    )
    found = by(Product(name="FTP", vendor="Hakobune", version=f"1.{version}"), entry)
    assert found is not None
    is_inside = any(one <= version < other for one, other in ranges)
    assert found.standing is (Standing.AFFECTED if is_inside else Standing.NOT_AFFECTED)
