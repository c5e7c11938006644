"""The record as lines to read, as CSV without formulas, and as JSON that can be verified elsewhere."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping

from threatstamp.core.ledger.entry import FORMAT, LedgerEntry, read_body
from threatstamp.core.text import well_formed_json
from threatstamp.core.time import utc_text
from threatstamp.render.columns import cut, pad, width
from threatstamp.render.unseen import clean, revealed
from threatstamp.texts.catalogue import Texts
from threatstamp.texts.codes import say_code

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
KIND_WIDTH, NARROWEST_TITLE = 15, 20
"""Columns of a terminal: what kinds take at most, and what is left of a title at least."""

GAP = "  "
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def entry_lines(entries: Iterable[LedgerEntry], texts: Texts, *, columns: int | None = None) -> Iterator[str]:
    """Yields a line for a person to read for each entry; titles are cut so that it keeps to the columns."""
    for entry in entries:
        known = texts.has(f"cli.kind_{entry.kind}")
        name = texts(f"cli.kind_{entry.kind}") if known else clean(entry.kind)
        head = f"{entry.sequence:>5}  {utc_text(entry.at)}  {pad(name, KIND_WIDTH)}  "
        body = read_body(entry.body) if entry.body is not None else None
        damaged = damage_of(entry)
        if damaged is not None:
            yield head + texts("cli.damaged_entry", value=damaged)
        elif body is None:
            yield head + texts("cli.redacted_entry")
        else:
            room = None if columns is None else columns - width(head)
            yield head + entry_sentence(entry.kind, body, texts, room=room)


def damage_of(entry: LedgerEntry) -> str | None:
    """Returns the name of the value in an entry that cannot be what was written; None if there is none."""
    is_table = entry.body is None or read_body(entry.body) is not None
    return entry.damaged or (None if is_table else "body")


def entry_sentence(kind: str, body: Mapping[str, object], texts: Texts, *, room: int | None = None) -> str:
    """Returns what an entry is about, of a kind that has no sentence (yet), its names and values."""
    key = f"cli.line_{kind}" if "stories" not in body else f"cli.line_{kind}_stories"
    values: dict[str, object] = {name: _word(value) for name, value in body.items()}
    values["count"] = len(_list(body.get("stories")))
    for name in ("routes", "sources", "feeds"):
        values[name] = len(_list(body.get(name)))
    if not texts.has(key):
        return _about(body)
    if isinstance(body.get("error"), str):
        values["error"] = say_code(texts, str(body["error"]))
    why = f"cli.why_{values.get('why')}"
    if texts.has(why):
        values["why"] = texts(why)
    try:
        line = _joined(texts(key, **values))
        if room is not None and width(line) > room and values.get("title"):
            rest = width(line) - width(str(values["title"]))
            values["title"] = cut(str(values["title"]), max(room - rest, NARROWEST_TITLE))
            line = _joined(texts(key, **values))
    except (KeyError, TypeError, ValueError):  # an entry of another version may know less, or otherwise
        return _about(body)
    return line


def _joined(words: str) -> str:
    """Leaves out the parts of a sentence that nothing is known for."""
    return GAP.join(part for part in words.split(GAP) if part.strip())


def _word(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, list):
        return ", ".join(_word(one) for one in value)
    return " ".join(clean(value).split())


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _about(body: Mapping[str, object]) -> str:
    plain = {name: value for name, value in body.items() if not isinstance(value, dict)}
    return GAP.join(f"{clean(name)}={_word(value)}" for name, value in plain.items() if value)


def csv_lines(entries: Iterable[LedgerEntry]) -> Iterator[str]:
    """Yields the record as CSV in which no cell is a formula and nothing is hidden; see `unseen.py`.

    The exact body is in the JSON export.
    """
    yield _csv_row(COLUMNS)
    for entry in entries:
        body = (read_body(entry.body) if entry.body else None) or {}
        inner = [body.get(name) for name in COLUMNS[3:10]]
        row = [entry.sequence, utc_text(entry.at), entry.kind, *inner, entry.body, entry.digest, entry.hash]
        yield _csv_row(["" if cell is None else harmless(revealed(str(cell))) for cell in row])


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
    yield f'{{"format": "threatstamp-ledger-{FORMAT}", "entries": ['
    before = "\n"
    for entry in entries:
        line = {**entry_body(entry), "salt": entry.salt, "body_text": entry.body}
        yield before + revealed(json.dumps(line, ensure_ascii=False))
        before = ",\n"
    yield "\n]}\n"


def entry_body(entry: LedgerEntry) -> dict[str, object]:
    """Returns an entry as a table for JSON; `body` is None once redacted, or if it cannot be read.

    `damaged` names the value that is not what was written, and is there only then.
    """
    return {
        "sequence": entry.sequence,
        "at": str(entry.at),  # as it is hashed
        "time": utc_text(entry.at),
        "kind": entry.kind,
        "digest": entry.digest,
        "hash": entry.hash,
        "body": well_formed_json(read_body(entry.body)) if entry.body else None,
        **({"damaged": damaged} if (damaged := damage_of(entry)) else {}),
    }
