"""The company's own products, from the settings file, and from a list beside it (CSV or XLSX)."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from threatstamp.config import sboms
from threatstamp.config.cells import Heading, unguarded
from threatstamp.config.findings import with_findings
from threatstamp.config.known import catalogue
from threatstamp.config.lines import Lines
from threatstamp.config.lists import list_beside, list_rows, rows_below
from threatstamp.config.product_words import COLUMNS, WORDS
from threatstamp.config.reader import Problems, Table, Words
from threatstamp.config.route_list import Cells
from threatstamp.config.sboms import files_of, watched_folder
from threatstamp.config.secrets import reason_of
from threatstamp.config.sheet import numbered
from threatstamp.config.sheets import SheetsSettings
from threatstamp.core.assets.product import Criticality, Product, Where

_LISTS = frozenset({"aliases", "tags"})
_BETWEEN = re.compile(r"[、,;\n]")
LONGEST_NAME = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnProducts:
    """The company's products, completed by what is built in.

    files: the lists and SBOMs beside the settings, and folders in which more may appear. content: of the
    files, or a digest of it. lacks: True if a tab of the spreadsheet has more. scanned: name and content of
    the list of what scanners found, if products that it names may be in that tab.
    """

    products: tuple[Product, ...]
    files: tuple[Path, ...] = ()
    content: bytes = b""
    lacks: bool = False
    scanned: tuple[str, bytes] | None = None


def read_products(
    top: Table, folder: Path, sheets: SheetsSettings | None, *, top_keys: frozenset[str]
) -> OwnProducts:
    """Returns the products of [[products]], the products_file and the SBOMs.

    With what scanners found in them. Adds what is wrong to the problems. sheets: see `OwnProducts.lacks`.
    """
    lacks = sheets is not None and sheets.products is not None
    listed, found = _written(top, folder, top_keys=top_keys), _of_sboms(top, folder)
    file, scanned = list_beside(top, "findings_file", folder)
    products = (*listed.products, *found.products)
    if file is not None and scanned is not None:
        products = with_findings(products, file.name, scanned, top.problems, may_lack=lacks)
    return OwnProducts(
        products=products,
        files=(*listed.files, *found.files, *((file,) if file else ())),
        content=listed.content + found.content + (hashlib.sha256(scanned).digest() if scanned else b""),
        lacks=lacks,
        scanned=(file.name, scanned) if lacks and file is not None and scanned is not None else None,
    )


def tab_products(name: str, rows: Cells, problems: Problems) -> tuple[Product, ...]:
    """Returns the products of a spreadsheet's tab. rows: all of it, the headings among them.

    Adds what is wrong to the problems; a tab that was emptied by mistake is wrong, too.
    """
    tables = _tables_of(name, list(rows_below(numbered(rows), COLUMNS, problems)), problems)
    if not tables and not problems.of_file():
        problems.add_at(None, "products_no_rows")
    return _of_tables(tables, top_keys=frozenset())


def _of_sboms(top: Table, folder: Path) -> OwnProducts:
    """Returns the components of all SBOMs, each once, however many of these list it."""
    found: dict[Product, None] = {}
    files: list[Path] = []
    content = hashlib.sha256()
    for item, pattern in top.texts("sboms"):
        paths, problem = files_of(folder, pattern)
        if problem:
            top.wrong("sboms", f"sbom_{problem}", item=item, pattern=pattern)
        files += [*watched_folder(folder, pattern), *paths]
        for path in paths:
            content.update(_add_sbom(top, item, path, found))
    return OwnProducts(products=tuple(found), files=tuple(files), content=content.digest() if files else b"")


def _add_sbom(top: Table, item: int, path: Path, found: dict[Product, None]) -> bytes:
    """Adds a file's components to those that were found; returns the digest of its content."""
    try:
        with path.open("rb") as file:
            content = file.read(sboms.LARGEST + 1)
        found.update(dict.fromkeys(sboms.read_sbom(content)))
    except sboms.SbomError as error:
        top.wrong("sboms", f"sbom_{error.fault}", item=item, path=Words(path), **error.values)
    except OSError as error:
        reason = reason_of(error, top.problems.texts)
        top.wrong("sboms", "unreadable", item=item, path=Words(path), reason=reason)
    else:
        if len(found) <= sboms.MOST_COMPONENTS:
            return hashlib.sha256(content).digest()
        top.wrong("sboms", "sbom_many", item=item, path=Words(path), most=str(sboms.MOST_COMPONENTS))
    return b""


def _written(top: Table, folder: Path, *, top_keys: frozenset[str]) -> OwnProducts:
    written = _of_tables(top.tables("products"), top_keys=top_keys)
    file, content = list_beside(top, "products_file", folder)
    if file is None:
        return OwnProducts(products=written)
    listed = (
        _of_tables(_list_tables(file.name, content, top.problems), top_keys=top_keys)
        if content is not None
        else ()
    )
    return OwnProducts(products=(*written, *listed), files=(file,), content=content or b"")


def _of_tables(tables: Sequence[Table], *, top_keys: frozenset[str]) -> tuple[Product, ...]:
    found: list[Product] = []
    for table in tables:
        product = _product(table)
        table.close(top=top_keys)
        if product.name:
            found.append(catalogue().completed(product))
    return tuple(found)


def _product(table: Table) -> Product:
    if not table.has("name"):
        table.missing("name")
    return Product(
        name=_short(table, "name"),
        aliases=_several(table, "aliases"),
        vendor=_short(table, "vendor"),
        version=_short(table, "version"),
        cpe=table.text("cpe", ""),
        purl=table.text("purl", ""),
        owner=_short(table, "owner"),
        where=Where(table.choice("where", list(Where), Where.SERVER)) if table.has("where") else None,
        exposed=_exposed(table),
        criticality=_criticality(table),
        tags=_several(table, "tags"),
    )


def _criticality(table: Table) -> Criticality | None:
    if not table.has("criticality"):
        return None
    return Criticality(table.choice("criticality", list(Criticality), Criticality.MEDIUM))


def _exposed(table: Table) -> bool | None:
    value = table.value("exposed")
    if isinstance(value, str) and table.problems.are_of_rows:
        table.wrong("exposed", "product_flag", value=value)
        return None
    return table.flag("exposed") if table.has("exposed") else None


def _short(table: Table, key: str) -> str:
    text = table.text(key, "")
    if len(text) > LONGEST_NAME:
        table.wrong(key, "too_long", most=LONGEST_NAME)
    elif not text.isprintable():
        table.wrong(key, "one_line")
    return text


def _several(table: Table, key: str) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for item, text in table.texts(key):
        if len(text) > LONGEST_NAME:
            table.wrong(key, "too_long", item=item, most=LONGEST_NAME)
        elif not text.isprintable():
            table.wrong(key, "one_line", item=item)
        found.setdefault(text)
    return tuple(found)


def _list_tables(name: str, content: bytes, problems: Problems) -> tuple[Table, ...]:
    """Returns the rows of a list as tables."""
    reading = Problems(name, Lines(""), problems.texts, into=problems)
    return _tables_of(name, list(list_rows(content, COLUMNS, reading)), problems)


def _tables_of(
    name: str, listed: Sequence[tuple[int, Heading, list[str]]], problems: Problems
) -> tuple[Table, ...]:
    rows = [(line, _row(heading, cells)) for line, heading, cells in listed]
    lines = Lines.of_rows([line for line, _ in rows], table="products")
    of_rows = Problems(name, lines, problems.texts, root=("products",), into=problems)
    return tuple(Table(row, ("products", number), of_rows) for number, (_, row) in enumerate(rows))


def _row(heading: Heading, cells: list[str]) -> dict[str, object]:
    row: dict[str, object] = {}
    for column, cell in zip(heading.columns, cells, strict=False):
        plain = unguarded(cell)
        if not column or not plain:
            continue
        if column in _LISTS:
            parts = (part.strip() for part in _BETWEEN.split(plain.replace("，", ",").replace("；", ";")))
            row[column] = [part for part in parts if part]
        elif column in WORDS:
            word = unicodedata.normalize("NFKC", plain).lower()
            row[column] = WORDS[column].get(word, word)
        else:
            row[column] = " ".join(plain.split())
    return row
