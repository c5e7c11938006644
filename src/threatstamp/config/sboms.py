"""SBOMs: the components that CycloneDX (JSON, XML) and SPDX 2 (JSON, tag-value) list, as products.

Only name, version, supplier, package URL and CPE are read; what else such a document says is left alone, and
may be wrong without harm. See docs/adr/0021-reading-sboms.md.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from xml.parsers import expat

from threatstamp.core.assets.product import SBOM, Product
from threatstamp.core.text import one_line, well_formed, well_formed_json

LARGEST = 50_000_000
"""Bytes of one file."""
MOST_COMPONENTS = 50_000
"""Of one file."""
DEEPEST = 40
"""Components within components, and elements within elements."""
LONGEST = 300
"""Characters of one value. A longer one is none."""

_TAG = re.compile(r"([A-Za-z]+):\s*(.*)")
_NOTHING = frozenset(("", "NOASSERTION", "NONE"))


class SbomError(ValueError):
    """A document cannot be read. fault: the end of a key `config.sbom_…`; values: its placeholders."""

    def __init__(self, fault: str, **values: str) -> None:
        super().__init__(fault)
        self.fault = fault
        self.values = values


@dataclass(frozen=True, slots=True)
class _Component:
    name: str
    version: str = ""
    vendor: str = ""
    purl: str = ""
    cpe: str = ""


def read_sbom(content: bytes) -> tuple[Product, ...]:
    """Returns the components of a document, each once. Raises SbomError."""
    if len(content) > LARGEST:
        raise SbomError("large", most=str(LARGEST // 1_000_000))
    found: dict[_Component, None] = {}
    for one in _components(content):
        if one.name:
            found[one] = None
        if len(found) > MOST_COMPONENTS:
            raise SbomError("many", most=str(MOST_COMPONENTS))
    return tuple(
        Product(
            name=one.name, vendor=one.vendor, version=one.version, purl=one.purl, cpe=one.cpe, tags=(SBOM,)
        )
        for one in found
    )


MOST_FILES = 200
"""Of one pattern."""


def files_of(folder: Path, pattern: str) -> tuple[tuple[Path, ...], str]:
    """Returns the files that a pattern means, sorted, and what is wrong with it: "none", "files" or "".

    Relative patterns start from the folder.
    """
    base, rest = _base(folder, pattern)
    try:
        found = tuple(sorted(one for one in islice(base.glob(rest), 10 * MOST_FILES) if one.is_file()))
    except (ValueError, NotImplementedError, OSError):
        return (), "none"
    return found[:MOST_FILES], "files" if len(found) > MOST_FILES else "" if found else "none"


def watched_folder(folder: Path, pattern: str) -> tuple[Path, ...]:
    """Returns the folder in which files of a pattern appear, if it is one of their own.

    The folder of the settings changes with every file that the desk writes beside them.
    """
    base, rest = _base(folder, pattern)
    parent = base.joinpath(*(part for part in Path(rest).parts[:-1] if not set(part) & set("*?[")))
    return (parent,) if parent != folder and parent.is_dir() else ()


def _base(folder: Path, pattern: str) -> tuple[Path, str]:
    path = Path(pattern)
    if not path.is_absolute():
        return folder, pattern
    return Path(path.anchor), str(path.relative_to(path.anchor))


def _components(content: bytes) -> Iterator[_Component]:
    head = content.removeprefix(b"\xef\xbb\xbf").lstrip()[:1]
    if head == b"{":
        yield from _of_json(content)
    elif head == b"<":
        yield from _of_xml(content)
    elif b"SPDXVersion:" in content[:10_000]:
        yield from _of_tags(content)
    else:
        raise SbomError("foreign")


def _of_json(content: bytes) -> Iterator[_Component]:
    try:
        body = well_formed_json(json.loads(content))
    except (ValueError, RecursionError) as error:
        raise SbomError("broken", reason=_reason(error)) from None
    assert isinstance(body, dict)
    if body.get("bomFormat") == "CycloneDX":
        yield from _cyclonedx(body.get("components"), depth=0)
    elif isinstance(body.get("spdxVersion"), str):
        yield from map(_of_package, _tables(body.get("packages")))
    else:
        raise SbomError("foreign")


def _reason(error: Exception) -> str:
    return str(error) if isinstance(error, json.JSONDecodeError) else "JSON"


def _cyclonedx(components: object, *, depth: int) -> Iterator[_Component]:
    for one in _tables(components):
        supplier = one.get("supplier")
        named = _words(supplier.get("name")) if isinstance(supplier, dict) else ""
        yield _Component(
            name=_words(one.get("name")),
            version=_words(one.get("version")),
            vendor=named or _words(one.get("publisher")),
            purl=_words(one.get("purl")),
            cpe=_words(one.get("cpe")),
        )
        if depth < DEEPEST:
            yield from _cyclonedx(one.get("components"), depth=depth + 1)


def _of_package(package: Mapping[str, object]) -> _Component:
    references = {
        _words(one.get("referenceType")): _words(one.get("referenceLocator"))
        for one in _tables(package.get("externalRefs"))
    }
    return _package(
        name=package.get("name"),
        version=package.get("versionInfo"),
        supplier=package.get("supplier"),
        references=references,
    )


def _package(*, name: object, version: object, supplier: object, references: Mapping[str, str]) -> _Component:
    said = _words(supplier)
    return _Component(
        name=_words(name),
        version=_words(version),
        vendor=said.removeprefix("Organization:").strip() if said.startswith("Organization:") else "",
        purl=references.get("purl", ""),
        cpe=references.get("cpe23Type") or references.get("cpe22Type", ""),
    )


def _of_tags(content: bytes) -> Iterator[_Component]:
    """Yields the packages of an SPDX document in lines "Tag: value"; texts over several lines are skipped."""
    tags: dict[str, str] = {}
    references: dict[str, str] = {}
    is_text = False
    for line in content.decode("utf-8-sig", "replace").splitlines():
        if is_text or "<text>" in line:
            is_text = "</text>" not in line
            continue
        found = _TAG.match(line)
        if not found:
            continue
        if found[1] == "PackageName" and "PackageName" in tags:
            yield _tagged(tags, references)
            tags, references = {}, {}
        if found[1] == "ExternalRef" and len(found[2].split()) == 3:
            _, kind, locator = found[2].split()
            references[kind] = _words(locator)
        elif "PackageName" in tags or found[1] == "PackageName":
            tags.setdefault(found[1], found[2])
    if tags:
        yield _tagged(tags, references)


def _tagged(tags: Mapping[str, str], references: Mapping[str, str]) -> _Component:
    return _package(
        name=tags.get("PackageName"),
        version=tags.get("PackageVersion"),
        supplier=tags.get("PackageSupplier"),
        references=references,
    )


class _CycloneReader:
    """Reads components out of CycloneDX in XML, without building a tree."""

    def __init__(self) -> None:
        self.found: list[_Component] = []
        self._path: list[str] = []
        self._open: list[dict[str, str]] = []
        self._text: list[str] = []

    def begin(self, name: str, _attributes: Mapping[str, str]) -> None:
        namespace, _, tag = name.rpartition(" ")
        if not self._path and (tag != "bom" or "cyclonedx" not in namespace):
            raise SbomError("foreign")
        self._path.append(tag)
        if len(self._path) > 3 * DEEPEST:
            raise SbomError("broken", reason="XML")
        if tag == "component" and self._path[-2] == "components":
            self._open.append({})
        self._text = []

    def data(self, text: str) -> None:
        self._text.append(text)

    def end(self, _: str) -> None:
        tag, before = self._path.pop(), self._path[-2:]
        if (
            self._open
            and before[-1:] == ["component"]
            and tag in ("name", "version", "publisher", "purl", "cpe")
        ):
            self._open[-1].setdefault(tag, _words("".join(self._text)))
        elif self._open and before == ["component", "supplier"] and tag == "name":
            self._open[-1]["supplier"] = _words("".join(self._text))
        elif tag == "component" and before[-1:] == ["components"]:
            self._close()
        self._text = []

    def _close(self) -> None:
        said = self._open.pop()
        vendor = said.get("supplier") or said.get("publisher", "")
        more = {name: said.get(name, "") for name in ("version", "purl", "cpe")}
        self.found.append(_Component(name=said.get("name", ""), vendor=vendor, **more))
        if len(self.found) > MOST_COMPONENTS:
            raise SbomError("many", most=str(MOST_COMPONENTS))


def _of_xml(content: bytes) -> Iterator[_Component]:
    reader, parser = _CycloneReader(), expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler, parser.EndElementHandler = reader.begin, reader.end
    parser.CharacterDataHandler = reader.data
    parser.StartDoctypeDeclHandler = _no_doctype
    try:
        parser.Parse(content, True)  # noqa: FBT003 - it takes no name
    except expat.ExpatError as error:
        raise SbomError("broken", reason=str(error)) from None
    yield from reader.found


def _no_doctype(*_: object) -> None:
    """No SBOM has one, and entities can grow without end."""
    raise SbomError("broken", reason="DOCTYPE")


def _tables(value: object) -> Iterator[Mapping[str, object]]:
    if isinstance(value, list):
        yield from (one for one in value if isinstance(one, dict))


def _words(value: object) -> str:
    text = one_line(well_formed(value)) if isinstance(value, str) else ""
    return "" if text in _NOTHING or len(text) > LONGEST else text
