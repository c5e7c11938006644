"""SBOMs in all four forms are read, and what is broken is said."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from threatstamp.config import sboms
from threatstamp.config.sboms import SbomError, files_of, read_sbom
from threatstamp.config.settings import Settings, read_settings
from threatstamp.config.watch import SettingsWatch
from threatstamp.core.assets.product import SBOM, Product
from threatstamp.core.errors import PolicyError

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
    found, problem = files_of(tmp_path, "sbom/*.json")
    assert ([one.name for one in found], problem) == (["a.json", "b.json"], "")
    assert [one.name for one in files_of(Path("/"), str(tmp_path / "sbom" / "*.xml"))[0]] == ["c.xml"]
    assert files_of(tmp_path, "none/*.json") == ((), "none")
    assert files_of(tmp_path, "") == ((), "none")


HEAD = 'language = "{}"\nsboms = ["sbom/*"]\n[[sources]]\nchannel = "#news"\n[[routes]]\nreaction = "siren"\nto = []\n'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "sbom").mkdir()
    (tmp_path / "sbom" / "a.json").write_text(json.dumps(CYCLONEDX), encoding="utf-8")
    (tmp_path / "threatstamp.toml").write_text(HEAD.format("ja"), encoding="utf-8")
    return tmp_path


def test_components_are_products_of_the_settings_and_of_two_files_each_counts_once(folder: Path) -> None:
    (folder / "sbom" / "b.xml").write_text(XML, encoding="utf-8")
    assert set(read_settings(folder / "threatstamp.toml").products) == {FTP, MAIL}


def test_a_changed_file_and_a_new_one_are_read_again(folder: Path) -> None:
    watch = SettingsWatch(read_settings(folder / "threatstamp.toml"))
    assert watch.poll() is None
    (folder / "sbom" / "b.spdx").write_text(TAGS.replace("mail", "post"), encoding="utf-8")
    found = watch.poll()
    assert isinstance(found, Settings)
    assert {one.name for one in found.products} == {"ftp", "mail", "post"}
    (folder / "sbom" / "a.json").write_text("{", encoding="utf-8")
    assert isinstance(watch.poll(), PolicyError)
    (folder / "sbom" / "a.json").write_text(json.dumps(SPDX), encoding="utf-8")
    assert isinstance(watch.poll(), Settings)


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("content", ["hello", "{", None])
def test_a_broken_one_is_named_with_its_line_and_file(
    folder: Path, language: str, content: str | None
) -> None:
    (folder / "threatstamp.toml").write_text(HEAD.format(language), encoding="utf-8")
    path = folder / "sbom" / "a.json"
    path.unlink()
    if content is not None:
        path.write_text(content, encoding="utf-8")
    with pytest.raises(PolicyError) as found:
        read_settings(folder / "threatstamp.toml")
    [problem] = found.value.problems
    assert "threatstamp.toml:2" in problem
    assert ("a.json" if content else "sbom/*") in problem


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
