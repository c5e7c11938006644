"""SBOMs in all four forms are read, and what is broken is said."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from threatstamp.config import sboms
from threatstamp.config.sboms import SBOM, SbomError, find_sboms, read_sbom
from threatstamp.core.assets.product import Product

CPE = "cpe:2.3:a:hakobune:ftp:1.3:*:*:*:*:*:*:*"
FTP = Product(
    name="ftp", vendor="Hakobune", version="1.3", purl="pkg:npm/%40hakobune/ftp@1.3", cpe=CPE, tags=(SBOM,)
)
MAIL = Product(name="mail", version="2.0", tags=(SBOM,))
CYCLONEDX = {
    "bomFormat": "CycloneDX", "specVersion": "1.6",
    "components": [
        {
            "type": "no-such-type", "name": "ftp", "version": "1.3", "supplier": {"name": "Hakobune"},
            "purl": FTP.purl, "cpe": CPE, "licenses": [{"expression": "(("}],
            "components": [{"type": "library", "name": "mail", "version": "2.0"}],
        },
        {"type": "library", "name": "mail", "version": "2.0"},
        {"type": "library"},
    ],
}  # fmt: skip
XML = f"""<?xml version="1.0"?><bom xmlns="http://cyclonedx.org/schema/bom/1.5"><metadata><component><name>app</name>
</component></metadata><components><component type="library"><supplier><name>Hakobune</name></supplier><name>ftp</name>
<version>1.3</version><cpe>{CPE}</cpe><purl>{FTP.purl}</purl><licenses><license><name>other</name></license></licenses>
<components><component><name>mail</name><version>2.0</version></component></components></component></components></bom>"""
SPDX = {
    "spdxVersion": "SPDX-2.3",
    "packages": [
        {
            "name": "ftp", "versionInfo": "1.3", "supplier": "Organization: Hakobune",
            "externalRefs": [
                {"referenceType": "purl", "referenceLocator": FTP.purl},
                {"referenceType": "cpe23Type", "referenceLocator": CPE},
            ],
        },
        {"name": "mail", "versionInfo": "2.0", "supplier": "NOASSERTION"},
    ],
}  # fmt: skip
TAGS = f"""SPDXVersion: SPDX-2.3
DocumentName: x
PackageName: ftp
PackageVersion: 1.3
PackageSupplier: Organization: Hakobune
PackageComment: <text>PackageName: no
PackageName: none</text>
ExternalRef: PACKAGE-MANAGER purl {FTP.purl}
ExternalRef: SECURITY cpe23Type {CPE}
PackageName: mail
PackageVersion: 2.0
"""


@pytest.mark.parametrize(
    "content",
    [json.dumps(CYCLONEDX), XML, json.dumps(SPDX), TAGS, "\ufeff" + json.dumps(CYCLONEDX)],
    ids=["cyclonedx", "xml", "spdx", "tags", "bom"],
)
def test_every_form_says_the_same_components(content: str) -> None:
    found = read_sbom(content.encode())
    assert sorted(found, key=lambda one: one.name) == [FTP, MAIL]


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"", "foreign"),
        (b"hello", "foreign"),
        (b"{}", "foreign"),
        (b'{"bomFormat": "CycloneDX", "components": [{', "broken"),
        (b'{"a": ' + b"[" * 100_000, "broken"),
        (b"<html></html>", "foreign"),
        (b'<bom xmlns="http://cyclonedx.org/schema/bom/1.5"><components>', "broken"),
        (b'<!DOCTYPE bom [<!ENTITY a "b">]><bom xmlns="http://cyclonedx.org/schema/bom/1.5"/>', "broken"),
        (b'<bom xmlns="http://cyclonedx.org/schema/bom/1.5">' + b"<components>" * 500, "broken"),
    ],
)
def test_what_is_no_sbom_is_said(content: bytes, fault: str) -> None:
    with pytest.raises(SbomError) as found:
        read_sbom(content)
    assert found.value.fault == fault


def test_a_document_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    many = {"bomFormat": "CycloneDX", "components": [{"name": f"n{number}"} for number in range(11)]}
    monkeypatch.setattr(sboms, "MOST_COMPONENTS", 10)
    with pytest.raises(SbomError, match="many"):
        read_sbom(json.dumps(many).encode())
    monkeypatch.setattr(sboms, "LARGEST", 10)
    with pytest.raises(SbomError, match="large"):
        read_sbom(json.dumps(many).encode())


def test_patterns_start_from_the_folder_and_are_sorted(tmp_path: Path) -> None:
    (tmp_path / "sbom").mkdir()
    for name in ("b.json", "a.json", "c.xml"):
        (tmp_path / "sbom" / name).touch()
    [(pattern, found)] = find_sboms(tmp_path, ["sbom/*.json"])
    assert (pattern, [one.name for one in found]) == ("sbom/*.json", ["a.json", "b.json"])
    [(_, found)] = find_sboms(Path("/"), [str(tmp_path / "sbom" / "*.xml")])
    assert [one.name for one in found] == ["c.xml"]


json_values = st.recursive(
    st.none() | st.booleans() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.sampled_from(["bomFormat", "components", "name", "packages", "externalRefs", "supplier"]), inner, max_size=4),
    max_leaves=10,
)  # fmt: skip


@given(json_values, st.sampled_from([{"bomFormat": "CycloneDX"}, {"spdxVersion": "SPDX-2.3"}]))
def test_whatever_a_document_holds_it_is_read(inner: object, head: dict[str, object]) -> None:
    body = {**head, "components": inner, "packages": inner}
    assert all(one.name for one in read_sbom(json.dumps(body).encode()))
