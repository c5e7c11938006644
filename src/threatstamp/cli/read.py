"""`read`: a feed document as the desk reads it, from a file, an address or standard input."""

from __future__ import annotations

import importlib
import json
import os
import shutil
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import NoReturn
from zoneinfo import ZoneInfo

import click

from threatstamp.cli.speech import texts
from threatstamp.core.entry import Document, Entry, Fetched
from threatstamp.feeds.problems import MOST_BYTES, problem_message
from threatstamp.feeds.reading import read_document

_MARGIN = " " * 18
_WIDTH = 100


@click.command("read")
@click.argument("names", nargs=-1, required=True, metavar="FILE|URL|-...")
@click.option("--json", "as_json", is_flag=True, help="For programs; with several names one object a line.")
@click.option(
    "--timezone", "zone", default="Asia/Tokyo", show_default=True, help="For dates that carry no zone."
)
def command(names: tuple[str, ...], as_json: bool, zone: str) -> None:
    """Read feed documents as the desk does; no configuration is needed."""
    where = _zone(zone)
    _refuse_missing(names)
    understood = True
    for name in names:
        document = _read(name, where)
        understood = understood and document.problem is None
        if as_json:
            click.echo(_json(document, several=len(names) > 1))
        else:
            _show(document, name if len(names) > 1 else None, where)
    sys.exit(0 if understood else 1)


def body(document: Document) -> dict[str, object]:
    """Returns a document for programs; times in UTC, whole seconds (a fraction is cut off)."""
    problem = document.problem
    return {
        "feed": {"title": document.title, "link": document.link},
        "entries": [_entry(entry) for entry in document.entries],
        "problem": problem and {"kind": problem.kind.value, "message": problem_message(texts(), problem)},
    }


def _entry(entry: Entry) -> dict[str, object]:
    return {
        "entry_id": entry.entry_id,
        "title": entry.title,
        "link": entry.link,
        "summary": entry.summary,
        "published_at": _utc(entry.published_at),
        "updated_at": _utc(entry.updated_at),
        "authors": list(entry.authors),
    }


def _utc(at: int | None) -> str | None:
    if at is None:
        return None
    return datetime.fromtimestamp(at // 1_000_000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _json(document: Document, *, several: bool) -> str:
    if several:
        return json.dumps(body(document), ensure_ascii=False, separators=(",", ":"))
    return json.dumps(body(document), ensure_ascii=False, indent=2)


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        _refuse("feeds.show_no_zone", name=name)


def _refuse(key: str, **values: object) -> NoReturn:
    click.echo(texts()(key, **values), err=True)
    sys.exit(2)


def _refuse_missing(names: tuple[str, ...]) -> None:
    """Ends with a sentence if a file cannot be read, before any is."""
    for name in names:
        if name == "-" or _is_address(name):
            continue
        if not Path(name).is_file():
            _refuse("feeds.show_no_file", name=name)
        if not os.access(name, os.R_OK):
            _refuse("feeds.show_closed_file", name=name)


def _is_address(name: str) -> bool:
    return name.lower().startswith(("http://", "https://"))


def _read(name: str, zone: ZoneInfo) -> Document:
    if _is_address(name):
        return _from_url(name, zone)
    if name == "-":
        return read_document(sys.stdin.buffer.read(MOST_BYTES + 1), zone=zone)
    with Path(name).open("rb") as file:
        return read_document(file.read(MOST_BYTES + 1), zone=zone)


def _from_url(url: str, zone: ZoneInfo) -> Document:
    fetch_once = importlib.import_module("threatstamp.feeds.fetch").fetch_once
    fetched: Fetched = fetch_once(url, zone=zone, most=MOST_BYTES, environ=os.environ)[0]
    return fetched.document or Document(problem=fetched.problem)


def _show(document: Document, name: str | None, zone: ZoneInfo) -> None:
    say = texts()
    if name:
        click.echo(click.style(f"== {name}", dim=True))
    if document.title or document.entries or not document.problem:
        click.echo(click.style(document.title or say("feeds.show_no_title"), bold=True))
        click.echo(say("feeds.show_count", count=len(document.entries), link=document.link or "-"))
    if document.problem:
        mark = click.style(say("feeds.show_problem"), fg="yellow" if document.entries else "red")
        click.echo(f"{mark} {problem_message(say, document.problem)}")
    for entry in document.entries:
        for line in _lines(entry, zone):
            click.echo(line)


def _lines(entry: Entry, zone: ZoneInfo) -> Iterator[str]:
    say = texts()
    width = shutil.get_terminal_size((_WIDTH, 24)).columns - len(_MARGIN)
    at = entry.published_at if entry.published_at is not None else entry.updated_at
    when = _local(at, zone) if at is not None else _padded(say("feeds.show_no_date"))
    yield f"{click.style(when, fg='cyan')}  {entry.title or say('feeds.show_no_title')}"
    if entry.link:
        yield _MARGIN + click.style(entry.link, fg="blue")
    if entry.authors:
        yield _MARGIN + click.style(_fitting(", ".join(entry.authors), width), dim=True)
    if entry.summary and entry.summary != entry.title:
        yield _MARGIN + _fitting(entry.summary.replace("\n", " "), width)


def _local(at: int, zone: ZoneInfo) -> str:
    return datetime.fromtimestamp(at // 1_000_000, UTC).astimezone(zone).strftime("%Y-%m-%d %H:%M")


def _padded(words: str) -> str:
    from rich.cells import set_cell_size

    return set_cell_size(words, len(_MARGIN) - 2)


def _fitting(words: str, width: int) -> str:
    """Cuts words to a terminal's columns, where a sign of Japanese takes two."""
    from rich.cells import cell_len, set_cell_size

    if len(words) <= 2 * width and cell_len(words) <= width:
        return words
    return set_cell_size(words[: width + 1], max(1, width - 1)).rstrip() + "…"
