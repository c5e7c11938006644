"""The settings file, read and checked: everything that is wrong is reported at once."""

from __future__ import annotations

import hashlib
import os
import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import cast
from zoneinfo import ZoneInfo

from threatstamp.config.addresses import database_address, is_guarded
from threatstamp.config.calendar import CalendarSettings, read_calendar
from threatstamp.config.cases import CasesSettings, read_cases
from threatstamp.config.facts import FactsSettings, read_facts
from threatstamp.config.feeds import read_feeds
from threatstamp.config.fetch import FetchSettings, read_fetch
from threatstamp.config.lines import Lines
from threatstamp.config.priority import PrioritySettings, read_priority
from threatstamp.config.products import OwnProducts, read_products
from threatstamp.config.reader import Problems, Table
from threatstamp.config.reading import ReadingSettings, read_reading
from threatstamp.config.route_list import route_tables
from threatstamp.config.routes import read_routes
from threatstamp.config.sboms import files_of
from threatstamp.config.secrets import reason_of
from threatstamp.config.sheets import SheetsSettings, read_sheets
from threatstamp.config.slack import SlackSettings, read_slack
from threatstamp.config.sources import read_channel, read_sources
from threatstamp.config.trackers import TrackerSettings, read_trackers
from threatstamp.config.tracks import TrackSettings, read_tracks, track_words
from threatstamp.core.assets.product import Product
from threatstamp.core.errors import PolicyError
from threatstamp.core.news.feed import Feed
from threatstamp.core.secrets import hide, holds_token
from threatstamp.core.stamps.route import Route
from threatstamp.core.text import well_formed_json
from threatstamp.texts.catalogue import Language, Texts, language_of

_LANGUAGE = re.compile(rb"""^\s*language\s*=\s*["'](ja|en)["']""", re.MULTILINE)
_BROKEN_AT = re.compile(r"\s*\(at line (\d+), column (\d+)\)$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What the file says. digest: of all the files read; watched: those files."""

    path: Path
    language: Language
    timezone: ZoneInfo
    database: str
    alerts: str | None
    heartbeat: str | None
    slack: SlackSettings
    fetch: FetchSettings
    sheets: SheetsSettings | None
    trackers: tuple[TrackerSettings, ...]
    cases: CasesSettings
    policy: PrioritySettings
    calendar: CalendarSettings
    facts: FactsSettings
    sources: tuple[str, ...]
    """Channels whose posts may be stamped, those of feeds among them."""
    keep: Mapping[str, float]
    """Seconds for which the texts of stamped posts are kept, by source; for ever in those not named."""
    routes: tuple[Route, ...]
    feeds: tuple[Feed, ...]
    products: tuple[Product, ...]
    """The company's own, completed by what is built in."""
    reading: ReadingSettings
    digest: str
    watched: tuple[Path, ...]
    lacks_products: bool = False
    """True while a tab of the spreadsheet has more products, which are not among these yet."""
    scanned: tuple[str, bytes] | None = field(default=None, repr=False)
    """Name and content of the findings_file, as long as products that it names may be in a tab."""


_TOP = frozenset(field.name for field in fields(Settings)) - {
    "path",
    "slack",
    "fetch",
    "sheets",
    "cases",
    "policy",
    "calendar",
    "facts",
    "keep",
    "reading",
    "digest",
    "watched",
    "lacks_products",
    "scanned",
}
_TOP_KEYS = (_TOP - {"sources", "routes", "feeds", "products", "tracks", "trackers"}) | {
    "routes_file",
    "products_file",
    "findings_file",
    "names_files",
    "sboms",
}


_INNER = {
    **dict.fromkeys((field.name for field in fields(SlackSettings)), "slack"),
    **{field.name: "fetch" for field in fields(FetchSettings)},
}
"""Keys of the tables, which are often written at the top."""


def default_language(environ: Mapping[str, str] = os.environ) -> Language:
    """Returns the language to speak before a file says which."""
    return language_of(environ)


def _as_it_is(language: Language) -> Language:
    return language


def read_settings(
    path: Path,
    environ: Mapping[str, str] = os.environ,
    *,
    say_in: Callable[[Language], Language] = _as_it_is,
) -> Settings:
    """Reads the file and what it names. Raises PolicyError with every problem found.

    say_in: returns the language for problems, given the file's, for terminals that cannot show each.
    """
    path = path.absolute()
    content = _read_bytes(path, say_in)
    text, values = _parse(path, content, say_in)
    problems = Problems(path.name, Lines(text), Texts(say_in(_language(values))))
    for number, line in enumerate(text.split("\n"), 1):
        if holds_token(line):
            problems.add_at(number, "secret_value")
    top = Table(values, (), problems)
    settings = _read(path, content, top=top, environ=environ)
    top.close(inner=_INNER)
    if problems:
        raise PolicyError(problems.sorted())
    return settings


def lists_of(path: Path, *keys: str) -> tuple[Path, ...]:
    """Returns the files that a settings file names by these keys, also where the rest of it is wrong."""
    try:
        _, values = _parse(path, _read_bytes(path, _as_it_is), _as_it_is)
    except PolicyError:
        return ()
    said = (values.get(key) for key in keys or ("routes_file", "products_file", "findings_file"))
    lists = tuple(_beside(path, one) for one in said if isinstance(one, str) and one.strip())
    named = values.get("names_files")
    lists += tuple(
        _beside(path, one)
        for one in (named if isinstance(named, list) and (not keys or "names_files" in keys) else ())
        if isinstance(one, str) and one.strip()
    )
    patterns = values.get("sboms")
    if keys or not isinstance(patterns, list):
        return lists
    return (
        *lists,
        *(file for one in patterns if isinstance(one, str) for file in files_of(path.parent, one)[0]),
    )


def _beside(path: Path, said: str) -> Path:
    return (path.parent / said.strip()).absolute()


def _read_bytes(path: Path, say_in: Callable[[Language], Language]) -> bytes:
    texts = Texts(say_in(default_language()))
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise PolicyError((texts("config.no_file", path=path),)) from None
    except OSError as error:
        reason = reason_of(error, texts)
        raise PolicyError((texts("config.unreadable", path=path, reason=reason),)) from None


def _parse(
    path: Path, content: bytes, say_in: Callable[[Language], Language]
) -> tuple[str, dict[str, object]]:
    said = _LANGUAGE.search(content)
    texts = Texts(say_in(Language(said[1].decode()) if said else default_language()))
    try:
        text = content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise PolicyError((f"{path.name}:{line}: {texts('config.encoding')}",)) from None
    try:
        return text, cast(dict[str, object], well_formed_json(tomllib.loads(text)))
    except tomllib.TOMLDecodeError as error:
        found = _BROKEN_AT.search(str(error))
        at = f"{found[1]}:{found[2]}" if found else f"{text.rstrip().count(chr(10)) + 1}"
        reason = hide(re.sub(r"\s*\(at .*\)$", "", str(error)))  # it may name a key of the file
    except RecursionError:
        at, reason = "1", texts("config.too_deep")
    except ValueError:  # a number of thousands of digits
        at, reason = "1", texts("config.too_big")
    raise PolicyError((f"{path.name}:{at}: {texts('config.syntax', reason=reason)}",))


def _language(values: Mapping[str, object]) -> Language:
    said = values.get("language")
    known = {one.value: one for one in Language}
    return known.get(said, default_language()) if isinstance(said, str) else default_language()


def _read(path: Path, content: bytes, *, top: Table, environ: Mapping[str, str]) -> Settings:
    """Returns the settings as far as they could be read; what is wrong is in the table's problems."""
    zone = _zone(top)
    alerts = read_channel(top, "alerts")
    fetch = read_fetch(top.table("fetch"), top=_TOP_KEYS)
    sheets = read_sheets(top.table("sheets"), is_there=top.has("sheets"), folder=path.parent, top=_TOP_KEYS)
    feeds = _feeds(top.tables("feeds"), zone=zone, fetch=fetch, environ=environ)
    sources, keep = read_sources(top, feeds, top_keys=_TOP_KEYS)
    tables, rows = route_tables(top, (sheet := _sheet(top, path)), sheets=sheets, may_lack=bool(feeds))
    trackers, tracks = _tracks(top, path.parent, environ)
    routes = read_routes(tables, sources=sources, tracks=track_words(tracks), sheet=bool(rows), top=_TOP_KEYS)
    own, reading = _own(top, path.parent, sheets)
    policy, decisions = read_priority(top.table("policy"), folder=path.parent, top=_TOP_KEYS)
    cases = read_cases(top.table("cases"), routes, tracks, alerts=alerts, folder=path.parent, top=_TOP_KEYS)
    return Settings(
        path=path,
        language=Language(top.choice("language", [one.value for one in Language], default_language())),
        timezone=zone,
        database=_database(top, path.parent),
        alerts=alerts,
        heartbeat=_address(top, "heartbeat"),
        slack=read_slack(top.table("slack"), top=_TOP_KEYS),
        fetch=fetch,
        sheets=sheets,
        trackers=trackers,
        cases=cases,
        policy=policy,
        calendar=read_calendar(top.table("calendar"), top=_TOP_KEYS),
        facts=read_facts(top.table("facts"), top=_TOP_KEYS),
        sources=sources,
        keep=keep,
        routes=routes,
        feeds=feeds,
        products=own.products,
        reading=reading,
        digest=_digest(content, rows + own.content + decisions + cases.content + reading.digest.encode()),
        watched=_files(path, sheet, *own.files, policy.file, *cases.files, *reading.files),
        lacks_products=own.lacks,
        scanned=own.scanned,
    )


def _tracks(
    top: Table, folder: Path, environ: Mapping[str, str]
) -> tuple[tuple[TrackerSettings, ...], tuple[TrackSettings, ...]]:
    trackers = read_trackers(top.tables("trackers"), environ, top=_TOP_KEYS)
    plans = [one.plan for one in trackers]
    return trackers, read_tracks(top.tables("tracks"), folder=folder, trackers=plans, top=_TOP_KEYS)


def _digest(content: bytes, beside: bytes) -> str:
    return hashlib.sha256(hashlib.sha256(content).digest() + beside).hexdigest()


def _own(top: Table, folder: Path, sheets: SheetsSettings | None) -> tuple[OwnProducts, ReadingSettings]:
    """Returns what is the company's own: its products, and what its stories are read by."""
    products = read_products(top, folder, sheets, top_keys=_TOP_KEYS)
    return products, read_reading(top, folder, top_keys=_TOP_KEYS)


def _files(*files: Path | None) -> tuple[Path, ...]:
    return tuple(one for one in files if one is not None)


def _zone(top: Table) -> ZoneInfo:
    return top.zone("timezone", top.text("timezone", "Asia/Tokyo"))


def _database(top: Table, folder: Path) -> str:
    address = database_address(top.text("database", "sqlite:///threatstamp.db"), folder)
    if address is None:
        top.wrong("database", "database")
    return address or "sqlite://"


def _address(table: Table, key: str) -> str | None:
    said = table.text(key, None)
    if said is not None and not is_guarded(said):
        table.wrong(key, "address")
    return said


def _feeds(
    tables: Sequence[Table], *, zone: ZoneInfo, fetch: FetchSettings, environ: Mapping[str, str]
) -> tuple[Feed, ...]:
    return read_feeds(
        tables, zone=zone, backlog=fetch.backlog, burst=fetch.burst, top=_TOP_KEYS, environ=environ
    )


def _sheet(top: Table, path: Path) -> Path | None:
    said = top.text("routes_file", None)
    return _beside(path, said) if said else None
