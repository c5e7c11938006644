"""The page for the next person, as Markdown: it can be read in a terminal, and put into a wiki."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from threatstamp import __version__
from threatstamp.config.settings import Settings, lists_of
from threatstamp.core.names import KnownName
from threatstamp.core.stamps.route import Route
from threatstamp.core.time import Micros, datetime_of
from threatstamp.desk.views.handover import Handover
from threatstamp.texts.catalogue import Texts

TO_SERVER = {
    "backup": "pg_dump --format=custom --file=FILE DATABASE",
    "restore": "pg_restore --dbname=DATABASE FILE",
}
"""PostgreSQL has tools of its own."""

_SIGNS = re.compile(r"([\\`*_|<>\[\]])")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What is known where the page is made.

    program: the folder that it is installed in. scopes: those that the settings
    need, each with what it is for. secrets: names, each with where it is. open_now: sentences.
    """

    host: str
    program: str
    scopes: tuple[tuple[str, str], ...]
    secrets: tuple[tuple[str, str], ...]
    open_now: tuple[str, ...]


def handover_page(
    settings: Settings, found: Handover | None, place: Place, *, now: Micros, texts: Texts
) -> Iterator[str]:
    """Yields the lines of the page. found: None if the database does not exist yet or cannot be read."""
    names = found.names if found else {}
    yield f"# {texts('handover.title')}"
    yield ""
    yield texts("handover.intro", time=_time(now, settings), version=__version__)
    yield from _section("where", _where(settings, found, place, texts), texts)
    yield from _section("app", _app(found, place, texts), texts)
    yield from _section("channels", _channels(settings, names, texts), texts)
    yield from _section("routes", _routes(settings, names, texts), texts)
    yield from _section("feeds", _feeds(settings, texts), texts)
    yield from _section("secrets", _secrets(place, texts), texts)
    yield from _section("restore", _restore(settings, texts), texts)
    yield from _section("open", (f"- {line}" for line in place.open_now), texts)


def _section(name: str, lines: Iterable[str], texts: Texts) -> Iterator[str]:
    yield from ("", f"## {texts(f'handover.{name}')}", "")
    yield from lines


def _where(settings: Settings, found: Handover | None, place: Place, texts: Texts) -> Iterator[str]:
    def say(name: str, **values: object) -> str:
        return f"- {texts(f'handover.{name}', **values)}"

    running = found.status.running if found else ()
    for one in running:
        host, since = one.holder.partition(":")[0], _time(one.started_at, settings)
        yield say("running", host=host, version=one.version, since=since)
    if found is None or (not running and found.last_host is None):
        yield say("never_ran")
    elif not running and found.last_seen_at is not None:
        yield say("ran", host=found.last_host, time=_time(found.last_seen_at, settings))
    yield say("made_on", host=place.host, program=place.program)
    yield say("file", path=settings.path)
    for key in ("routes_file", "products_file", "findings_file", "names_files"):
        for path in lists_of(settings.path, key):
            yield say(key, path=path)
    yield say("database", path=settings.database)
    yield say("log")
    yield say("zone", zone=settings.timezone.key, language=settings.language.value)
    if settings.heartbeat:
        yield say("heartbeat")


def _app(found: Handover | None, place: Place, texts: Texts) -> Iterator[str]:
    app = found.app if found else None
    if app is None:
        yield f"- {texts('handover.app_not_known')}"
    else:
        yield f"- {texts('handover.workspace', name=plain(app.team_name), id=app.team)}"
        yield f"- {texts('handover.bot', handle=plain(app.handle), id=app.me)}"
    yield f"- {texts('handover.admin')}"
    yield f"- {texts('handover.scopes')}"
    for scope, reason in place.scopes:
        yield f"  - `{scope}`: {reason}"


def _channels(settings: Settings, names: Mapping[str, KnownName], texts: Texts) -> Iterator[str]:
    uses: dict[str, list[str]] = {}
    for channel in settings.sources:
        uses.setdefault(channel, []).append(texts("handover.as_source"))
    for feed in settings.feeds:
        if feed.post and feed.channel:
            uses.setdefault(feed.channel, []).append(texts("handover.as_feed", name=plain(feed.name)))
    for route in settings.routes:
        for channel in route.to:
            uses.setdefault(channel, []).append(texts("handover.as_destination", name=plain(route.name)))
    if settings.alerts:
        uses.setdefault(settings.alerts, []).append(texts("handover.as_alerts"))
    yield from _table("channels", texts)
    for channel, words in uses.items():
        known = names.get(channel.lower())
        unknown = texts("handover.not_found") if channel.startswith("#") else channel
        yield _row(
            _named(channel, names), known.found if known else unknown, texts("handover.and").join(words)
        )


def _routes(settings: Settings, names: Mapping[str, KnownName], texts: Texts) -> Iterator[str]:
    if not settings.routes:
        yield texts("handover.no_routes")
        return
    yield from _table("routes", texts)
    for route in settings.routes:
        yield _row(
            f":{route.reaction}:",
            plain(route.name),
            _list(route.sources, names, texts, none="every_source"),
            _list(route.to, names, texts, none="only_record"),
            _list(route.mention, names, texts, none="nobody"),
            _list(route.allow, names, texts, none="anybody"),
            _said(route, texts),
        )


def _feeds(settings: Settings, texts: Texts) -> Iterator[str]:
    if not settings.feeds:
        yield texts("handover.no_feeds")
        return
    yield from _table("feeds", texts)
    for feed in settings.feeds:
        channel = feed.channel if feed.post else texts("handover.only_record")
        yield _row(plain(feed.name), feed.shown.replace("|", "%7C"), channel, plain(feed.owner) or "-")


def _secrets(place: Place, texts: Texts) -> Iterator[str]:
    yield texts("handover.secrets_intro")
    yield ""
    yield from _table("secrets", texts)
    for name, where in place.secrets:
        yield _row(name, where)


def _restore(settings: Settings, texts: Texts) -> Iterator[str]:
    desk = f"threatstamp --config {shlex.quote(str(settings.path))}"
    is_server = settings.database.startswith("postgresql")
    values = {
        "backup": f"{desk} backup FILE",
        "restore": f"{desk} restore FILE",
        "verify": f"{desk} ledger verify --records --expect HEAD",
        "run": f"{desk} run",
        **(TO_SERVER if is_server else {}),
    }
    yield texts("handover.backup", **values)
    yield ""
    aside = "aside_server" if is_server else "aside"
    for number, step in enumerate(("stop", aside, "put_back", "verify", "start"), 1):
        yield f"{number}. {texts(f'handover.restore_{step}', **values)}"


def _said(route: Route, texts: Texts) -> str:
    kinds = {"each": route.each, "thread": route.thread, "external": route.external, "delay": route.delay > 0}
    extras = [texts(f"handover.route_{name}") for name, is_set in kinds.items() if is_set]
    return texts("handover.and").join(filter(None, (plain(route.text), *extras))) or "-"


def _table(name: str, texts: Texts) -> Iterator[str]:
    heads = texts(f"handover.{name}_heads")
    yield heads
    yield "|---" * (heads.count("|") - 1) + "|"


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def _list(given: Iterable[str], names: Mapping[str, KnownName], texts: Texts, *, none: str) -> str:
    return texts("handover.and").join(_named(one, names) for one in given) or texts(f"handover.{none}")


def _named(name: str, names: Mapping[str, KnownName]) -> str:
    """Returns a name of the settings, with what it is called now if that is something else."""
    known = names.get(name.lower())
    if known is None or known.called == name.lower().lstrip("#@"):
        return plain(name)
    return f"{plain(name)} → {name[0]}{plain(known.called)}"


def plain(text: str) -> str:
    """Returns text in one line in which no sign means anything to Markdown."""
    return _SIGNS.sub(r"\\\1", " ".join(text.split()))


def _time(at: Micros, settings: Settings) -> str:
    local: datetime = datetime_of(at).astimezone(settings.timezone)
    return f"{local:%Y-%m-%d %H:%M} ({settings.timezone.key})"
