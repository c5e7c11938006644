"""The record as lines to read, as CSV without formulas, and as JSON that can be verified elsewhere."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator

from threatstamp.core.ledger import LedgerEntry
from threatstamp.texts.catalogue import Texts

COLUMNS = (
    "sequence",
    "at",
    "kind",
    "channel",
    "ts",
    "reaction",
    "user",
    "route",
    "destination",
    "error",
    "body",
    "digest",
    "hash",
)
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def entry_lines(entries: Iterable[LedgerEntry], texts: Texts) -> Iterator[str]:
    """Yields a line for a person to read for each entry."""
    for entry in entries:
        body = json.loads(entry.body) if entry.body else {}
        words = texts("cli.redacted_entry") if entry.body is None else _about(body)
        name = texts(f"cli.kind_{entry.kind}") if texts.has(f"cli.kind_{entry.kind}") else entry.kind
        yield f"{entry.sequence:>5}  {entry.at[:19]}Z  {name}  {words}"


def _about(body: dict[str, object]) -> str:
    names = (
        "channel",
        "ts",
        "reaction",
        "user",
        "route",
        "destination",
        "message_ts",
        "why",
        "error",
        "title",
        "sequences",
    )
    return "  ".join(f"{name}={_clean(body[name])}" for name in names if body.get(name))


def _clean(value: object) -> str:
    """Nothing from a post may steer the terminal."""
    return "".join(char if char.isprintable() else "�" for char in str(value))


def csv_lines(entries: Iterable[LedgerEntry]) -> Iterator[str]:
    """Yields the record as CSV in which no cell is a formula. The exact body stands in the JSON export."""
    yield _csv_row(COLUMNS)
    for entry in entries:
        body = json.loads(entry.body) if entry.body else {}
        inner = [body.get(name) for name in COLUMNS[3:10]]
        row = [entry.sequence, entry.at, entry.kind, *inner, entry.body, entry.digest, entry.hash]
        yield _csv_row(["" if cell is None else harmless(str(cell)) for cell in row])


def harmless(cell: str) -> str:
    """Returns a cell that a spreadsheet takes as text: what begins like a formula gets an apostrophe."""
    return (
        f"'{cell}" if cell.lstrip(" \u3000\ufeff").startswith(_FORMULA) or cell.startswith(_FORMULA) else cell
    )


def _csv_row(cells: Iterable[object]) -> str:
    line = io.StringIO()
    csv.writer(line).writerow(cells)
    return line.getvalue()


def json_lines(entries: Iterable[LedgerEntry]) -> Iterator[str]:
    """Yields the record as one JSON document, an entry a line."""
    yield '{"format": "threatstamp-ledger-1", "entries": ['
    before = "\n"
    for entry in entries:
        yield before + json.dumps(
            {**entry_body(entry), "salt": entry.salt, "body_text": entry.body}, ensure_ascii=False
        )
        before = ",\n"
    yield "\n]}\n"


def entry_body(entry: LedgerEntry) -> dict[str, object]:
    """Returns an entry as a table for JSON; `body` is None once redacted."""
    return {
        "sequence": entry.sequence,
        "at": entry.at,
        "kind": entry.kind,
        "digest": entry.digest,
        "hash": entry.hash,
        "body": json.loads(entry.body) if entry.body else None,
    }
