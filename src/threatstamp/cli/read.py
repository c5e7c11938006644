"""`read`: a feed document as the desk reads it, from a file, an address or standard input."""

from __future__ import annotations

import ipaddress
import os
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn
from zoneinfo import ZoneInfo

import click

from threatstamp.cli.ending import ended_by_signal
from threatstamp.cli.help import Command
from threatstamp.cli.opening import with_products
from threatstamp.cli.reading import Reader, galaxy_file, lines_document, reader
from threatstamp.cli.speech import json_text, shown, speak, spoken, texts
from threatstamp.config.reading import NOTHING_OWN, ReadingSettings
from threatstamp.config.settings import read_settings
from threatstamp.core.assets.product import Product
from threatstamp.core.errors import PolicyError
from threatstamp.core.news.entry import Document, Entry
from threatstamp.core.news.feed import Problem, Reason
from threatstamp.core.time import Micros, datetime_of, utc_text
from threatstamp.facts.scoring import base_score
from threatstamp.feeds.problems import MOST_BYTES, problem_message
from threatstamp.feeds.reading import read_document
from threatstamp.render.gist import gist_body
from threatstamp.texts.catalogue import Texts

_MARGIN = " " * 18
_WIDTH = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """What reading depends on.

    zone: of dates without one. allow_private: the private networks that are allowed. products: the
    company's own, whose names are looked for, too. own: its words and names.
    """

    zone: ZoneInfo
    allow_private: tuple[str, ...]
    products: tuple[Product, ...] = ()
    own: ReadingSettings = NOTHING_OWN


@click.command("read", cls=Command)
@click.argument("names", nargs=-1, required=True)
@click.option("--json", "as_json", is_flag=True)
@click.option("--text", "as_text", is_flag=True)
@click.option("--names", "lists", multiple=True, type=click.Path(path_type=Path))
@click.option("--timezone", "zone")
@click.option("--allow-private", multiple=True)
@click.pass_context
@ended_by_signal()
def command(
    ctx: click.Context,
    names: tuple[str, ...],
    as_json: bool,
    as_text: bool,
    lists: tuple[Path, ...],
    zone: str | None,
    allow_private: tuple[str, ...],
) -> None:
    """Read feed documents as the desk does; no settings are needed, those that are there count."""
    place = _place(ctx.find_object(Path), zone, allow_private)
    _refuse_missing(names)
    by = _reader(lists, place)
    understood = True
    for name in names:
        document = _read(name, place, as_text=as_text)
        understood = understood and document.problem is None
        if as_json:
            click.echo(_json(document, by, several=len(names) > 1))
        else:
            _show(document, name if len(names) > 1 else None, place.zone, by)
    sys.exit(0 if understood else 1)


def body(document: Document) -> dict[str, object]:
    """Returns a document for programs; times in UTC, whole seconds (a fraction is cut off)."""
    problem = document.problem
    return {
        "feed": {"title": document.title, "link": document.link},
        "entries": [_entry(entry) for entry in document.entries],
        "problem": problem and {"kind": problem.kind.value, "message": _message(texts(), problem)},
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


def _utc(at: Micros | None) -> str | None:
    return None if at is None else utc_text(at)


def _json(document: Document, by: Reader, *, several: bool) -> str:
    whole = {**body(document), "entries": [_whole(entry, by) for entry in document.entries]}
    return json_text(whole, compact=True) if several else json_text(whole, indent=2)


def _whole(entry: Entry, by: Reader) -> dict[str, object]:
    products = [
        {"name": one.name, "version": one.version or None, "why": one.why} for one in by.products_in(entry)
    ]
    return {**_entry(entry), **gist_body(entry, by.gist(entry), base_score), "products": products}


def _reader(lists: tuple[Path, ...], place: _Place) -> Reader:
    for path in lists:
        try:
            galaxy_file(path)
        except OSError:
            _refuse("reading.names_unreadable", name=str(path))
        except ValueError:
            _refuse("reading.names_foreign", name=str(path))
    return reader(lists, place.products, place.own)


def _place(path: Path | None, zone: str | None, allow_private: tuple[str, ...]) -> _Place:
    """Reads the settings where there are any; broken ones are `check`'s business."""
    where = _zone(zone) if zone else None
    networks = tuple(_network(one) for one in allow_private)
    try:
        settings = read_settings(path, say_in=spoken) if path and path.is_file() else None
    except PolicyError:
        settings = None
    if settings is None:
        return _Place(zone=where or ZoneInfo("Asia/Tokyo"), allow_private=networks)
    speak(settings.language)
    return _Place(
        zone=where or settings.timezone,
        allow_private=(*settings.fetch.allow_private, *networks),
        products=with_products(settings, texts())[0].products
        if settings.lacks_products
        else settings.products,
        own=settings.reading,
    )


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        _refuse("feeds.show_no_zone", name=name)


def _network(name: str) -> str:
    try:
        return str(ipaddress.ip_network(name))
    except ValueError:
        _refuse("feeds.show_no_network", name=name)


def _refuse(key: str, *, name: str) -> NoReturn:
    click.echo(texts()(key, name=shown(name)), err=True)
    sys.exit(2)


def _refuse_missing(names: tuple[str, ...]) -> None:
    """Ends with a sentence if a file cannot be read, before any is."""
    for name in names:
        if name == "-" or _is_address(name):
            continue
        if Path(name).is_dir():
            _refuse("feeds.show_folder", name=name)
        if not Path(name).exists():
            _refuse("feeds.show_no_file", name=name)
        if not os.access(name, os.R_OK):
            _refuse("feeds.show_closed_file", name=name)


def _is_address(name: str) -> bool:
    return name.lower().startswith(("http://", "https://"))


def _read(name: str, place: _Place, *, as_text: bool) -> Document:
    if _is_address(name):
        if as_text:
            _refuse("reading.text_from_address", name=name)
        return _from_url(name, place)
    data = _bytes_of(name)
    return lines_document(data[:MOST_BYTES]) if as_text else read_document(data, zone=place.zone)


def _bytes_of(name: str) -> bytes:
    if name == "-":
        return sys.stdin.buffer.read(MOST_BYTES + 1)
    with Path(name).open("rb") as file:
        return file.read(MOST_BYTES + 1)


def _from_url(url: str, place: _Place) -> Document:
    from threatstamp.feeds.fetch import fetch_once

    fetched = fetch_once(url, zone=place.zone, most=MOST_BYTES, allow_private=place.allow_private)
    return fetched.document or Document(problem=fetched.problem)


def _show(document: Document, name: str | None, zone: ZoneInfo, by: Reader) -> None:
    say = texts()
    if name:
        click.echo(click.style(f"== {shown(name)}", dim=True))
    if document.title or document.entries or not document.problem:
        click.echo(click.style(document.title or say("feeds.show_no_title"), bold=True))
        key = "feeds.show_count" if document.link else "feeds.show_count_no_link"
        click.echo(say(key, count=len(document.entries), link=document.link))
    if document.problem:
        mark = click.style(say("feeds.show_problem"), fg="yellow" if document.entries else "red")
        click.echo(f"{mark} {_message(say, document.problem)}")
    for entry in document.entries:
        for line in (*_lines(entry, zone), *_gist(entry, by)):
            click.echo(line)


def _is_ip(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _message(say: Texts, problem: Problem) -> str:
    """Returns the sentence about a problem; here an option does what `status` has to say the file does."""
    if problem.reason is Reason.ADDRESS_NOT_PUBLIC:
        host = str(problem.values.get("host", ""))
        network = host if _is_ip(host) else "10.0.0.0/8"
        return say("feeds.show_not_public", host=host, network=network)
    return problem_message(say, problem)


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


def _gist(entry: Entry, by: Reader) -> Iterator[str]:
    """Yields the line with what was read out of an entry, if that is more than words."""
    say, gist = texts(), by.gist(entry)
    found = [*(one.value for one in gist.ids), *(one.name for one in gist.names)]
    found += dict.fromkeys(f"{one.name} {one.version}".strip() for one in by.products_in(entry))
    found += [one.value for one in gist.indicators]
    kind = say(f"reading.kind_{gist.subject.kind}")
    line = say("reading.gist", kind=kind, found=", ".join(found)) if found else kind
    if found or gist.subject.why:
        width = shutil.get_terminal_size((_WIDTH, 24)).columns - len(_MARGIN)
        yield _MARGIN + click.style(_fitting(line, width), fg="green")


def _local(at: Micros, zone: ZoneInfo) -> str:
    return datetime_of(at).astimezone(zone).strftime("%Y-%m-%d %H:%M")


def _padded(words: str) -> str:
    from rich.cells import set_cell_size

    return set_cell_size(words, len(_MARGIN) - 2)


def _fitting(words: str, width: int) -> str:
    """Cuts words to a terminal's columns, where a sign of Japanese takes two."""
    from rich.cells import cell_len, set_cell_size

    if len(words) <= 2 * width and cell_len(words) <= width:
        return words
    return set_cell_size(words[: width + 1], max(1, width - 1)).rstrip() + "…"
