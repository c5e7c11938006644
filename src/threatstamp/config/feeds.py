"""Feeds from their tables, with the presets that bring name and address."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo

from threatstamp.config.addresses import is_web
from threatstamp.config.names import channel_name
from threatstamp.config.reader import Table, Words, duration_of
from threatstamp.config.routes import read_time
from threatstamp.config.secrets import read_variable
from threatstamp.core.ids import FeedName
from threatstamp.core.news.feed import DIGEST_AT, Feed, Keep, Layer, Show
from threatstamp.core.news.marking import Tlp

LONGEST_NAME = 80
LEAST_EVERY = 60.0
LARGEST = 10_000_000
_SIZE = re.compile(r"([0-9]{1,9})\s*(MB|KB)", re.IGNORECASE)
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,99}")
_UNITS = {"mb": 1_000_000, "kb": 1_000}


@cache
def presets() -> Mapping[str, Mapping[str, str]]:
    """Returns what each preset brings, by its name."""
    text = files(__package__).joinpath("presets.toml").read_text(encoding="utf-8")
    found: dict[str, dict[str, str]] = tomllib.loads(text)
    return found


def read_feeds(
    tables: Sequence[Table],
    *,
    zone: ZoneInfo,
    backlog: int,
    burst: int,
    top: frozenset[str],
    environ: Mapping[str, str],
) -> tuple[Feed, ...]:
    """Returns the feeds; what is wrong with them is added to their tables' problems.

    zone, backlog, burst: the defaults of a feed that sets none of its own. environ: where the address of a
    feed with `url_env` is.
    """
    found: list[Feed] = []
    for table in tables:
        feed = _read_feed(table, zone=zone, backlog=backlog, burst=burst, environ=environ)
        table.close(top=top)
        if feed.name and any(feed.name == other.name for other in found):
            table.wrong("name" if table.has("name") else "preset", "feed_twice", value=feed.name)
        if feed.url and any(feed.url == other.url and feed.channel == other.channel for other in found):
            key = next((key for key in ("url", "url_env") if table.has(key)), "preset")
            table.wrong(key, "feed_twice", value=feed.shown)
        found.append(feed)
    return tuple(found)


def _read_feed(table: Table, *, zone: ZoneInfo, backlog: int, burst: int, environ: Mapping[str, str]) -> Feed:
    preset = _preset(table)
    given = presets().get(preset or "", {})
    post = table.flag("post", default=True)
    show = Show(table.choice("show", [one.value for one in Show], Show.ALL.value))
    is_secret = table.has("url_env")
    return Feed(
        name=FeedName(_name(table, given.get("name"))),
        url=_url_of_environment(table, environ) if is_secret else _url(table, given.get("url")),
        zone=_zone(table, given.get("timezone"), zone),
        channel=_channel(table, post=post),
        every=_every(table, given.get("every")),
        backlog=table.count("backlog", backlog),
        burst=table.count("burst", burst),
        post=post,
        show=show,
        digest=_digest(table, show),
        tlp=Tlp(table.choice("tlp", _TLP, Tlp.CLEAR.value)) if table.has("tlp") else None,
        store=Keep(table.choice("store", [one.value for one in Keep], given.get("store", Keep.FULL.value))),
        most=_size(table, given.get("max_size", "2MB")),
        preset=preset,
        is_secret=is_secret,
        purpose=table.text("purpose", ""),
        layer=_layer(table),
        owner=table.text("owner", ""),
        reviewed_on=_date(table, "reviewed_on"),
    )


_TLP = [one.value for one in Tlp]


def _preset(table: Table) -> str | None:
    said = table.text("preset", None)
    if said is not None and said not in presets():
        names = Words(", ".join(sorted(presets())))
        table.wrong("preset", "choice", value=said, choices=names, hint=table.hint(said, presets()))
    elif said is None:
        has_url = any([table.has("url"), table.has("url_env")])  # both: then both are known keys
        if not (table.has("name") and has_url):
            table.missing("preset" if not table.has("name") and not has_url else _lacking(table))
    return said


def _digest(table: Table, show: Show) -> time:
    """Returns when what does not concern the company is said; only a feed that says it has such a time."""
    found = read_time(table, "digest")
    if found is not None and show is not Show.DIGEST:
        table.wrong("digest", "digest_unused")
    return found or DIGEST_AT


def _lacking(table: Table) -> str:
    return "url" if table.has("name") else "name"


def _name(table: Table, default: str | None) -> str:
    name = table.text("name", default) or ""
    if len(name) > LONGEST_NAME:
        table.wrong("name", "too_long", most=LONGEST_NAME)
    elif not name.isprintable():
        table.wrong("name", "one_line")
    return name


def _url(table: Table, default: str | None) -> str:
    url = table.text("url", default) or ""
    if url and not is_web(url):
        table.wrong("url", "feed_address")
    return url


def _url_of_environment(table: Table, environ: Mapping[str, str]) -> str:
    """An address that is a secret: it is in the environment, like a token, and the file has only its name."""
    name = table.text("url_env", "")
    if table.has("url"):
        table.wrong("url_env", "two_urls")
    if not name:
        return ""
    if not _VARIABLE.fullmatch(name):
        table.wrong("url_env", "variable")
        return ""
    problems: list[str] = []
    url = read_variable(name, environ, texts=table.problems.texts, problems=problems)
    for problem in problems:
        table.wrong("url_env", "url_env", problem=Words(problem))
    if not url and not problems:
        table.wrong("url_env", "no_variable", name=Words(name))
    elif url and not is_web(url):
        table.wrong("url_env", "feed_address_env", name=Words(name))
    return url


def _zone(table: Table, default: str | None, fallback: ZoneInfo) -> ZoneInfo:
    name = table.text("timezone", default)
    return fallback if name is None else table.zone("timezone", name)


def _channel(table: Table, *, post: bool) -> str:
    said = table.text("channel", None)
    if said is None:
        if post:
            table.missing("channel")
        return ""
    name = channel_name(said)
    if name is None:
        with_sign = channel_name(f"#{said}")
        table.wrong(
            "channel", "channel", value=said, hint=table.near(f'"{with_sign}"' if with_sign else None)
        )
    return name or ""


def _every(table: Table, default: str | None) -> float:
    seconds = table.duration("every", duration_of(default or "10m") or 0.0)
    if seconds < LEAST_EVERY:
        table.wrong("every", "feed_every")
    return max(seconds, LEAST_EVERY)


def _size(table: Table, default: str) -> int:
    said = table.text("max_size", default)
    match = _SIZE.fullmatch(said)
    size = int(match[1]) * _UNITS[match[2].lower()] if match else 0
    if not 0 < size <= LARGEST:
        table.wrong("max_size", "size", value=said)
        return 2_000_000
    return size


def _layer(table: Table) -> Layer | None:
    if not table.has("layer"):
        return None
    return Layer(table.choice("layer", [one.value for one in Layer], Layer.TACTICAL.value))


def _date(table: Table, key: str) -> date | None:
    """A date of TOML's own, or the same in quotes."""
    value = table.value(key)
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    try:
        if isinstance(value, str):
            return date.fromisoformat(value)
    except ValueError:
        pass
    if value is not None:
        table.wrong(key, "date")
    return None
