"""The one file, read and checked: all that is wrong is said at once."""

from __future__ import annotations

import hashlib
import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from threatstamp.config.lines import Lines
from threatstamp.config.names import channel_name
from threatstamp.config.reader import Problems, Table
from threatstamp.config.routes import read_routes
from threatstamp.config.sheet import read_sheet
from threatstamp.core.errors import PolicyError
from threatstamp.core.ids import Emoji
from threatstamp.core.policy import CONFIRM_EMOJI, Confirm
from threatstamp.core.route import Route
from threatstamp.texts.catalogue import Language, Texts
from threatstamp.texts.emoji import canonical

FILE = "threatstamp.toml"
SLACK_API = "https://slack.com/api/"
_SECRET = re.compile(r"xox[abeprs]-[A-Za-z0-9-]{6,}|xapp-[A-Za-z0-9-]{6,}")
_SECRET_KEYS = dict.fromkeys(
    ("bot_token", "app_token", "token", "signing_secret", "SLACK_BOT_TOKEN", "SLACK_APP_TOKEN"), "secret_key"
)
_LATER = {"feeds": "later_feeds", "fetch": "later_fetch"}
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, slots=True, kw_only=True)
class SlackSettings:
    """How to reach Slack. pace: the least time (seconds) between two messages into one channel."""

    api_url: str = SLACK_API
    mode: str = "socket"
    confirm: Confirm = Confirm.REACTION
    confirm_emoji: Emoji = CONFIRM_EMOJI
    pace: float = 1.0


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
    sources: tuple[str, ...]
    routes: tuple[Route, ...]
    digest: str
    watched: tuple[Path, ...]


def default_language(environ: Mapping[str, str] = os.environ) -> Language:
    """Returns the language to speak before a file says which."""
    spoken = environ.get("LC_ALL") or environ.get("LC_MESSAGES") or environ.get("LANG") or ""
    return Language.JA if spoken.lower().startswith("ja") else Language.EN


def read_settings(path: Path) -> Settings:
    """Reads the file and what it names. Raises PolicyError with every problem found."""
    path = path.absolute()
    content = _read_bytes(path, Texts(default_language()))
    text, values = _parse(path, content)
    language = _language(values)
    problems = Problems(path.name, Lines(text), Texts(language))
    _refuse_secrets(text, problems)
    top = Table(values, (), problems)
    settings = _read(path, content, top=top, language=language)
    if problems or settings is None:
        raise PolicyError(problems.sorted())
    return settings


def _read_bytes(path: Path, texts: Texts) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise PolicyError((texts("config.no_file", path=path),)) from None
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise PolicyError((texts("config.unreadable", path=path, reason=reason),)) from None


def _parse(path: Path, content: bytes) -> tuple[str, dict[str, object]]:
    texts = Texts(default_language())
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise PolicyError((f"{path.name}:{line}: {texts('config.encoding')}",)) from None
    try:
        return text, tomllib.loads(text.replace("\r\n", "\n"))
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"\(at line (\d+), column (\d+)\)", str(error))
        at = f"{found[1]}:{found[2]}" if found else str(text.count("\n") + 1)
        reason = re.sub(r"\s*\(at .*\)$", "", str(error))
        raise PolicyError((f"{path.name}:{at}: {texts('config.syntax', reason=reason)}",)) from None
    except (RecursionError, ValueError) as error:
        raise PolicyError((f"{path.name}: {texts('config.syntax', reason=str(error))}",)) from None


def _language(values: Mapping[str, object]) -> Language:
    said = values.get("language")
    known = {one.value: one for one in Language}
    return known.get(said, default_language()) if isinstance(said, str) else default_language()


def _refuse_secrets(text: str, problems: Problems) -> None:
    for number, line in enumerate(text.splitlines(), 1):
        if _SECRET.search(line):
            problems.add_at(number, "secret_value")


def _read(path: Path, content: bytes, *, top: Table, language: Language) -> Settings | None:
    top.choice("language", [one.value for one in Language], "en")
    zone = _zone(top)
    database = _database(top, path.parent)
    alerts = _channel(top, "alerts")
    heartbeat = _address(top, "heartbeat")
    slack = _slack(top.table("slack"))
    sources = _sources(top)
    sheet = _sheet_path(top, path.parent)
    tables, extra = _route_tables(top, sheet)
    routes = read_routes(tables, sources=sources, sheet=sheet is not None)
    if not sources:
        top.problems.add((), "no_sources")
    if not tables:
        top.problems.add((), "no_routes")
    top.close(forbidden={**_LATER, **_SECRET_KEYS})
    if top.problems:
        return None
    return Settings(
        path=path,
        language=language,
        timezone=zone,
        database=database,
        alerts=alerts,
        heartbeat=heartbeat,
        slack=slack,
        sources=sources,
        routes=routes,
        digest=hashlib.sha256(content + b"\0" + extra).hexdigest(),
        watched=(path, sheet) if sheet else (path,),
    )


def _zone(top: Table) -> ZoneInfo:
    name = top.text("timezone", "Asia/Tokyo")
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        top.wrong("timezone", "timezone", value=name, hint=_zone_hint(top, name))
        return ZoneInfo("UTC")


def _zone_hint(top: Table, name: str) -> str:
    import difflib
    from zoneinfo import available_timezones

    near = difflib.get_close_matches(name, sorted(available_timezones()), n=1, cutoff=0.6)
    return top.problems.texts("config.did_you_mean", near=near[0]) if near else ""


def _database(top: Table, folder: Path) -> str:
    address = top.text("database", "sqlite:///threatstamp.db")
    if address.startswith("sqlite:///") and len(address) > len("sqlite:///"):
        return f"sqlite:///{(folder / address.removeprefix('sqlite:///')).absolute()}"
    parts = urlsplit(address)
    if parts.scheme in ("postgresql", "postgres") and len(parts.path) > 1:
        return "postgresql" + address.removeprefix(parts.scheme)
    top.wrong("database", "database")
    return "sqlite://"


def _channel(top: Table, key: str) -> str | None:
    said = top.text(key, None)
    if said is None:
        return None
    name = channel_name(said)
    if name is None:
        top.wrong(key, "channel", value=said)
    return name


def _address(top: Table, key: str) -> str | None:
    said = top.text(key, None)
    if said is not None and not _is_guarded(said):
        top.wrong(key, "address")
    return said


def _is_guarded(address: str) -> bool:
    try:
        parts = urlsplit(address)
        return (parts.scheme == "https" and bool(parts.hostname)) or (
            parts.scheme == "http" and parts.hostname in _LOOPBACK
        )
    except ValueError:
        return False


def _slack(table: Table) -> SlackSettings:
    api_url = table.text("api_url", SLACK_API)
    if not _is_guarded(api_url):
        table.wrong("api_url", "address")
    mode = table.choice("mode", ("socket", "http"), "socket")
    if mode == "http":
        table.wrong("mode", "later_http")
    confirm = table.choice("confirm", [one.value for one in Confirm], "reaction")
    emoji = table.text("confirm_emoji", str(CONFIRM_EMOJI))
    pace = table.duration("pace", 1.0)
    table.close(forbidden={"listen": "later_http", **_SECRET_KEYS})
    return SlackSettings(
        api_url=api_url if api_url.endswith("/") else f"{api_url}/",
        mode=mode,
        confirm=Confirm(confirm),
        confirm_emoji=canonical(emoji, {}),
        pace=pace,
    )


def _sources(top: Table) -> tuple[str, ...]:
    found: list[str] = []
    for table in top.tables("sources"):
        said = table.text("channel", "")
        name = channel_name(said) if said else None
        if not table.has("channel"):
            table.problems.add(table.path, "missing", name="channel")
        elif said and name is None:
            table.wrong("channel", "channel", value=said)
        elif name in found:
            table.wrong("channel", "twice", value=name)
        elif name:
            found.append(name)
        table.close()
    return tuple(found)


def _sheet_path(top: Table, folder: Path) -> Path | None:
    said = top.text("routes_file", None)
    return (folder / said).absolute() if said else None


def _route_tables(top: Table, sheet: Path | None) -> tuple[tuple[Table, ...], bytes]:
    tables = top.tables("routes")
    if sheet is None:
        return tables, b""
    if tables:
        top.wrong("routes_file", "two_routes")
    try:
        content = sheet.read_bytes()
    except OSError as error:
        reason = error.strerror or type(error).__name__
        top.wrong("routes_file", "unreadable", path=sheet, reason=reason)
        return (), b""
    rows, problems = read_sheet(sheet, content, top.problems.texts)
    for problem in problems:
        top.problems.add_text(problem)
    lines = Lines.of_rows([line for line, _ in rows])
    of_sheet = Problems(sheet.name, lines, top.problems.texts, into=top.problems)
    return tuple(Table(row, ("routes", number), of_sheet) for number, (_, row) in enumerate(rows)), content
