"""The company's own products, from the settings file, and from a list beside it (CSV or XLSX)."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from threatstamp.config import sboms
from threatstamp.config.cells import CellRow, CellsError, Heading, is_workbook, read_cells, unguarded
from threatstamp.config.columns import below
from threatstamp.config.known import catalogue
from threatstamp.config.lines import Lines
from threatstamp.config.product_words import COLUMNS, WORDS
from threatstamp.config.reader import Problems, Table, Words
from threatstamp.config.sboms import files_of, watched_folder
from threatstamp.config.secrets import reason_of
from threatstamp.config.workbook import NoReaderError, read_workbook
from threatstamp.core.assets.product import Criticality, Product, Where

_LISTS = frozenset({"aliases", "tags"})
_BETWEEN = re.compile(r"[、,;\n]")
LONGEST_NAME = 120
LARGEST = 20_000_000
"""Bytes of a list. 20,000 products are some 2 MB."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnProducts:
    """The company's products, completed by what is built in.

    files: the lists and SBOMs beside the settings, and folders in which more may appear. content: of the
    files, or a digest of it.
    """

    products: tuple[Product, ...]
    files: tuple[Path, ...] = ()
    content: bytes = b""


def read_products(top: Table, folder: Path, *, top_keys: frozenset[str]) -> OwnProducts:
    """Returns the products of [[products]], the products_file and the SBOMs.

    Adds what is wrong to the problems.
    """
    listed, found = _written(top, folder, top_keys=top_keys), _of_sboms(top, folder)
    return OwnProducts(
        products=(*listed.products, *found.products),
        files=(*listed.files, *found.files),
        content=listed.content + found.content,
    )


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
    said = top.text("products_file", None)
    if said is None:
        return OwnProducts(products=written)
    file = (folder / said).absolute()
    try:
        content = file.read_bytes()
        if len(content) > LARGEST:
            raise ValueError(str(len(content)))
    except (OSError, ValueError) as error:
        reason = reason_of(error, top.problems.texts) if isinstance(error, OSError) else str(error)
        top.wrong("products_file", "unreadable", path=Words(file), reason=reason)
        return OwnProducts(products=written, files=(file,))
    listed = _of_tables(_list_tables(file.name, content, top.problems), top_keys=top_keys)
    return OwnProducts(products=(*written, *listed), files=(file,), content=content)


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
    rows = _rows(_cells(content, reading), reading)
    lines = Lines.of_rows([line for line, _ in rows], table="products")
    of_rows = Problems(name, lines, problems.texts, root=("products",), into=problems)
    return tuple(Table(row, ("products", number), of_rows) for number, (_, row) in enumerate(rows))


def _cells(content: bytes, problems: Problems) -> list[CellRow]:
    if is_workbook(content):
        return _book_cells(content, problems)

    def broken(error: CellsError) -> None:
        problems.add_at(error.line, "sheet_csv", error=error)

    try:
        return list(read_cells(content, COLUMNS.heading, broken=broken))
    except CellsError:
        problems.add_at(None, "sheet_encoding")
        return []


def _book_cells(content: bytes, problems: Problems) -> list[CellRow]:
    """Returns the rows of the sheet that names the columns, or else of the first one."""
    try:
        sheets = read_workbook(content)
    except NoReaderError:
        problems.add_at(None, "products_no_reader")
        return []
    except CellsError:
        problems.add_at(None, "products_workbook")
        return []
    named = (cells for cells in sheets if (head := COLUMNS.heading(cells)) and head.has(*COLUMNS.required))
    return next(named, None) or next(filter(None, sheets), [])


def _rows(cells: list[CellRow], problems: Problems) -> list[tuple[int, dict[str, object]]]:
    heading = COLUMNS.heading(cells)
    if heading is None:
        if cells or not problems.of_file():
            line = cells[0][0] if cells else None
            problems.add_at(line, "sheet_no_heading", names=COLUMNS.said(problems.texts))
        return []
    COLUMNS.check(heading, cells[heading.at], problems)
    if not heading.has(*COLUMNS.required):
        return []
    return [(line, _row(heading, one)) for line, one in below(heading, cells, problems)]


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
