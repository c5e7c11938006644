"""EPSS: how probable the exploitation of each CVE is, once a day for all of them.

Shape: https://www.first.org/epss/data_stats. Model and date stand in a comment since 2022, the percentile
has been there since 2021.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from datetime import date
from itertools import islice
from pathlib import Path

from threatstamp.core.facts.assessment import EPSS, Assessment, Epss
from threatstamp.core.facts.cve import cve_of
from threatstamp.core.facts.document import (
    BrokenRecord,
    DocumentError,
    DocumentFault,
    FactDocument,
    Record,
)
from threatstamp.facts.files import Readable, digest_of, reading
from threatstamp.facts.loose import BrokenError, day, words

LONGEST_LINE = 10_000
_COMMENT = re.compile(r"#\s*model_version:\s*([^,\s]+)\s*,\s*score_date:\s*(\S+)")


def open_epss(path: Path) -> FactDocument:
    """Opens the scores of a day, as CSV or packed with gzip. Raises DocumentError."""
    for _ in islice(_rows(path), 1):  # a file that is something else is refused before anything is written
        pass
    model, on = _edition(path)
    return FactDocument(
        source=EPSS,
        edition=on.isoformat() if on else "",
        digest=digest_of(path),
        is_whole=True,
        records=lambda begin: islice(_records(path, model, on), begin, None),
    )


def _records(path: Path, model: str | None, on: date | None) -> Iterator[Record]:
    version = f"{on or ''} {model or ''}".strip()
    for line, row in _rows(path):
        try:
            yield _assessment(row, model=model, on=on, version=version)
        except BrokenError as error:
            yield BrokenRecord(name=words(row.get("cve")), place=str(line), what=str(error))


def _assessment(row: dict[str, str], *, model: str | None, on: date | None, version: str) -> Assessment:
    cve = cve_of(row.get("cve", ""))
    if cve is None:
        raise BrokenError("cve")
    score, percentile = _share(row.get("epss")), _share(row.get("percentile"))
    if score is None:
        raise BrokenError("epss")
    if percentile is None and row.get("percentile"):
        raise BrokenError("percentile")
    return Assessment(
        cve=cve,
        source=EPSS,
        version=version,
        epss=Epss(score=score, percentile=percentile, model=model, on=on),
    )


def _share(text: str | None) -> float | None:
    """Returns a number from 0 to 1; None for anything else."""
    try:
        value = float(text or "")
    except ValueError:
        return None
    return value if 0 <= value <= 1 else None


def _rows(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """Yields the rows by the names of their columns, each with the number of its line."""
    with reading(path) as file:
        lines = _lines(file)
        first = next(lines, "")
        comments = 1 if first.startswith("#") else 0
        head = next(csv.reader([next(lines, "") if comments else first]), [])
        names = [name.strip().lower() for name in head]
        if not {"cve", "epss"} <= set(names):
            raise DocumentError(DocumentFault.FOREIGN)
        for line, text in enumerate(lines, start=comments + 2):
            values = next(csv.reader([text]), []) if text.strip() else []
            if values:
                yield line, dict(zip(names, values, strict=False))


def _edition(path: Path) -> tuple[str | None, date | None]:
    with reading(path) as file:
        found = _COMMENT.match(next(_lines(file), ""))
    return (found[1], day(found[2])) if found else (None, None)


def _lines(file: Readable) -> Iterator[str]:
    """Yields lines as text. What is not UTF-8 is a broken record and not the end of the document."""
    while line := file.readline(LONGEST_LINE):
        yield line.decode("utf-8-sig", "replace").rstrip("\r\n").replace("\x00", "\ufffd")
