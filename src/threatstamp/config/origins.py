"""What is in force, setting by setting, and where each value comes from. Secrets are left out."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from zoneinfo import ZoneInfo

from threatstamp.config.feeds import presets
from threatstamp.config.known import catalogue
from threatstamp.config.lines import Lines, Path
from threatstamp.config.reader import Problems
from threatstamp.config.reference import settings_of
from threatstamp.config.reference.setting import TOP, Kind, Setting
from threatstamp.config.route_list import Cells
from threatstamp.config.settings import Settings, lists_of
from threatstamp.config.sheet import numbered, read_sheet, read_tab, said_tab
from threatstamp.core.news.feed import Feed
from threatstamp.core.secrets import hide, hide_path
from threatstamp.texts.catalogue import Texts

Value = str | int | bool | list[str] | dict[str, object] | None

_ATTRIBUTES = {
    ("feeds", "timezone"): "zone",
    ("feeds", "max_size"): "most",
    ("routes", "from"): "sources",
}
"""Where a value has another name in the program than in the file."""

_SECRET_ADDRESSES = frozenset({"heartbeat"})
"""Addresses whose path may be all that protects them."""


class Source(StrEnum):
    """Where a value comes from. Public: `config show --json` prints the value."""

    FILE = "file"
    PRESET = "preset"
    ENVIRONMENT = "environment"
    SHEET = "sheet"
    """The spreadsheet of [sheets], as it was read last."""
    DEFAULT = "default"


@dataclass(frozen=True, slots=True, kw_only=True)
class InForce:
    """A setting's value, without secrets. path: ("routes", 0, "to"). value: None if it is not set.

    where: file and line, tab and row, the name of the preset or of the variable; "" for a default.
    """

    path: Path
    setting: Setting
    value: Value
    source: Source
    where: str = ""


def in_force(
    settings: Settings, environ: Mapping[str, str], *, tab: Cells | None = None
) -> Iterator[InForce]:
    """Yields every setting, table by table, of each feed and route all of them.

    tab: the rows that the routes are from, if a tab of the spreadsheet has them.
    The files are read again: they have to be those that the settings are from. Raises OSError.
    """
    written = _Written(settings, tab)
    for setting in settings_of(TOP):
        yield _plain(setting, settings, (), written, environ)
    yield from _sources(settings, written)
    for number, route in enumerate(settings.routes):
        for setting in settings_of("routes"):
            yield _plain(setting, route, ("routes", number), written, environ)
    for number, feed in enumerate(settings.feeds):
        for setting in settings_of("feeds"):
            yield _of_feed(setting, feed, ("feeds", number), written, environ)
    yield from _products(settings, written, environ)
    yield from _as_written(("words",), len(settings.reading.words), written)
    tables: dict[str, object] = {"slack": settings.slack, "fetch": settings.fetch}
    if settings.sheets is not None:
        tables["sheets"] = settings.sheets
    tables |= {"cases": settings.cases, "calendar": settings.calendar, "facts": settings.facts}
    for table, values in tables.items():
        for setting in settings_of(table):
            yield _plain(setting, values, (table,), written, environ)
    for name in ("tracks", "trackers"):
        said = written.value((name,))
        yield from _as_written((name,), len(said) if isinstance(said, list) else 0, written)
    yield from _policy(settings, written)


def _policy(settings: Settings, written: _Written) -> Iterator[InForce]:
    """Yields the table in force, and rules and examples as they are written."""
    (table,) = settings_of("policy")
    where = written.at(("policy", "table"))
    source = Source.FILE if where else Source.DEFAULT
    yield InForce(
        path=("policy", "table"), setting=table, value=settings.policy.table, source=source, where=where
    )
    counts = {"rules": len(settings.policy.policy.rules), "tests": len(settings.policy.examples)}
    for name, count in counts.items():
        yield from _as_written(("policy", name), count, written)


def _as_written(table: tuple[str, ...], count: int, written: _Written) -> Iterator[InForce]:
    """Yields the settings of so many tables as the file has them."""
    for number in range(count):
        for setting in settings_of(".".join(table)):
            path: Path = (*table, number, setting.key)
            where, value = written.at(path), written.value(path)
            shown = value if isinstance(value, dict) else _shown(value, setting)
            source = Source.FILE if where else Source.DEFAULT
            yield InForce(path=path, setting=setting, value=shown, source=source, where=where)


class _Written:
    """What the files say themselves, and where."""

    def __init__(self, settings: Settings, tab: Cells | None) -> None:
        text = settings.path.read_bytes().decode("utf-8-sig").replace("\r\n", "\n")
        self._name = settings.path.name
        self._values = tomllib.loads(text)
        self._lines = Lines(text)
        self._rows: list[tuple[int, dict[str, object]]] = []
        self._sheet = ""
        for sheet in lists_of(settings.path, "routes_file"):
            problems = Problems(sheet.name, Lines(""), Texts(settings.language))
            self._rows, self._sheet = read_sheet(sheet.read_bytes(), problems), sheet.name
        self._of_tab = tab is not None
        if tab is not None and settings.sheets is not None:
            self._sheet = said_tab(str(settings.sheets.routes))
            problems = Problems(self._sheet, Lines(""), Texts(settings.language))
            self._rows = read_tab(numbered(tab), problems)

    def at(self, path: Path) -> str:
        """Returns file and line of a key; "" if it is not there."""
        if self._rows and path[0] == "routes":
            line, row = self._rows[int(path[1])]
            return f"{self._sheet}:{line}" if row.get(str(path[2])) else ""
        if self.value(path) is None:
            return ""
        return f"{self._name}:{self._lines.of(path)}"

    def source(self, path: Path) -> Source:
        """Returns where a key is, if it is there."""
        return Source.SHEET if self._of_tab and path[0] == "routes" else Source.FILE

    def value(self, path: Path) -> object:
        found: object = self._values
        for part in path:
            if isinstance(found, dict):
                found = found.get(part)
            elif isinstance(found, list) and isinstance(part, int) and part < len(found):
                found = found[part]
            else:
                return None
        return found


def _plain(
    setting: Setting, values: object, table: Path, written: _Written, environ: Mapping[str, str]
) -> InForce:
    """Returns a setting whose value is the file's or the default."""
    path = (*table, setting.key)
    value = getattr(values, _ATTRIBUTES.get((setting.table, setting.key), setting.key), None)
    if setting.key in ("routes_file", "products_file", "findings_file", "names_files", "sboms"):
        value = written.value(path)
    shown, where = _shown(value, setting), written.at(path)
    if where:
        return InForce(path=path, setting=setting, value=shown, source=written.source(path), where=where)
    if path == ("language",):
        for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
            if environ.get(name):
                return InForce(path=path, setting=setting, value=shown, source=Source.ENVIRONMENT, where=name)
    return InForce(path=path, setting=setting, value=shown, source=Source.DEFAULT)


def _sources(settings: Settings, written: _Written) -> Iterator[InForce]:
    """Yields the channels of [[sources]] and, each once, those of feeds; and how long texts are kept."""
    setting, kept = settings_of("sources")
    of_feeds = {feed.channel: number for number, feed in reversed(list(enumerate(settings.feeds)))}
    for number, channel in enumerate(settings.sources):
        path: Path = ("sources", number, "channel")
        where = written.at(path) or written.at(("feeds", of_feeds.get(channel, 0), "channel"))
        yield InForce(path=path, setting=setting, value=channel, source=Source.FILE, where=where)
        path = ("sources", number, "keep")
        where, seconds = written.at(path), settings.keep.get(channel)
        source = Source.FILE if where else Source.DEFAULT
        yield InForce(path=path, setting=kept, value=_shown(seconds, kept), source=source, where=where)


def _products(settings: Settings, written: _Written, environ: Mapping[str, str]) -> Iterator[InForce]:
    """Yields what the file itself says of each product; what a list says is in the list."""
    tables = written.value(("products",))
    for number in range(len(tables) if isinstance(tables, list) else 0):
        for setting in settings_of("products"):
            found = _plain(setting, settings.products[number], ("products", number), written, environ)
            known = catalogue().known(settings.products[number])
            if found.source is Source.DEFAULT and found.value and known:
                found = replace(found, source=Source.PRESET, where=known.name)
            yield found


def _of_feed(
    setting: Setting, feed: Feed, table: Path, written: _Written, environ: Mapping[str, str]
) -> InForce:
    """Returns a setting of a feed: it may be its preset's, or that of all feeds."""
    path, key = (*table, setting.key), setting.key
    if feed.is_secret and key == "url":
        name = str(written.value((*table, "url_env")))
        address = hide_path(feed.url)
        return InForce(path=path, setting=setting, value=address, source=Source.ENVIRONMENT, where=name)
    if key == "url_env":
        value, where = written.value(path), written.at(path)
        source = Source.FILE if where else Source.DEFAULT
        return InForce(path=path, setting=setting, value=_shown(value, setting), source=source, where=where)
    found = _plain(setting, feed, table, written, environ)
    if found.source is Source.FILE:
        return found
    if feed.preset and key in presets()[feed.preset]:
        return InForce(path=path, setting=setting, value=found.value, source=Source.PRESET, where=feed.preset)
    general: Path = {"timezone": ("timezone",)}.get(key, ("fetch", key))
    where = written.at(general) if key in ("backlog", "burst", "timezone") else ""
    source = Source.FILE if where else Source.DEFAULT
    return InForce(path=path, setting=setting, value=found.value, source=source, where=where)


def _shown(value: object, setting: Setting) -> Value:
    """Returns a value as the file would have it, without what may be a secret."""
    if isinstance(value, bool):
        return value
    if setting.kind is Kind.DURATION and isinstance(value, float):
        return duration_text(value)
    if setting.kind is Kind.SIZE and isinstance(value, int):
        return f"{value // 1000}KB" if value % 1_000_000 else f"{value // 1_000_000}MB"
    if isinstance(value, tuple | list):
        return [hide(str(one)) for one in value]
    if isinstance(value, ZoneInfo | date):
        return str(value)
    if setting.key in _SECRET_ADDRESSES and isinstance(value, str):
        return hide_path(value)
    if isinstance(value, int) or value is None:
        return value
    return hide(str(value)) or None


def duration_text(seconds: float) -> str:
    """Returns a length of time as the file has it: "1h30m"; the reverse of `duration_of`."""
    left = int(seconds)
    parts = [(left // 86_400, "d"), (left % 86_400 // 3600, "h"), (left % 3600 // 60, "m"), (left % 60, "s")]
    return "".join(f"{count}{unit}" for count, unit in parts if count) or "0s"
