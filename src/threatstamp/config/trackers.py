"""The tables [[trackers]]: where developers have their tickets, and by which secret the desk makes some."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from threatstamp.config.addresses import is_guarded
from threatstamp.config.reader import Table
from threatstamp.config.secrets import Secret, read_variable
from threatstamp.core.cases.ticket import TrackerPlan
from threatstamp.core.ids import TrackerName
from threatstamp.core.news.marking import Tlp

LONGEST_NAME = 40
LONGEST_TEXT = 100
GITHUB_API = "https://api.github.com"
_VARIABLE = re.compile(r"[A-Z][A-Z0-9_]{0,99}")  # no small letters: a token in its place is refused
_REPOSITORY = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,99}/[A-Za-z0-9._-]{1,100}")
_PROJECT = re.compile(r"[A-Z][A-Z0-9_]{0,99}")


class TrackerKind(StrEnum):
    """What a tracker is. Public."""

    WEBHOOK = "webhook"
    """Any address that takes JSON, such as a workflow of one's own."""
    GITHUB = "github"
    JIRA = "jira"
    BACKLOG = "backlog"


_NEEDED: Mapping[TrackerKind, tuple[str, ...]] = {
    TrackerKind.WEBHOOK: (),
    TrackerKind.GITHUB: ("project", "secret_env"),
    TrackerKind.JIRA: ("url", "project", "account", "secret_env"),
    TrackerKind.BACKLOG: ("url", "project", "secret_env"),
}
_POSSIBLE: Mapping[TrackerKind, tuple[str, ...]] = {
    TrackerKind.WEBHOOK: ("url", "url_env", "secret_env"),
    TrackerKind.GITHUB: ("url", "project", "secret_env"),
    TrackerKind.JIRA: ("url", "project", "type", "account", "secret_env"),
    TrackerKind.BACKLOG: ("url", "project", "type", "secret_env"),
}
_KEYS = ("url", "url_env", "project", "type", "account", "secret_env")


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackerSettings:
    """A tracker as the file has it. url: without a slash at its end; "" if the variable is not set.

    project: "owner/repository", or a project's key. type: of the tickets, "" for the usual one. account: the
    e-mail address that a token of Jira belongs to. secret: None where there is none, or its variable is not
    set or holds something else: what does not need the tracker works without it.
    """

    plan: TrackerPlan
    kind: TrackerKind
    url: str = field(repr=False)
    project: str = ""
    type: str = ""
    account: str = ""
    secret: Secret | None = None
    needs_secret: bool = True


def read_trackers(
    tables: Sequence[Table], environ: Mapping[str, str], *, top: frozenset[str] = frozenset()
) -> tuple[TrackerSettings, ...]:
    """Returns the trackers; what is wrong is added to the tables' problems."""
    found: dict[TrackerName, TrackerSettings] = {}
    for table in tables:
        one = _read_tracker(table, environ)
        table.close(top=top)
        name = one.plan.name
        if name in found:
            table.wrong("name", "twice", value=name)
        found.setdefault(name, one)
    return tuple(found.values())


def _read_tracker(table: Table, environ: Mapping[str, str]) -> TrackerSettings:
    for key in ("name", "kind"):
        if not table.has(key):
            table.missing(key)
    name = _line(table, "name", LONGEST_NAME)
    kinds = [one.value for one in TrackerKind]
    kind = TrackerKind(table.choice("kind", kinds, TrackerKind.WEBHOOK)) if table.has("kind") else None
    if kind is not None:
        _check_keys(table, kind)
    variable = _variable(table, "secret_env")
    project = _line(table, "project", LONGEST_TEXT)
    form = _REPOSITORY if kind is TrackerKind.GITHUB else _PROJECT
    if project and kind is not None and not form.fullmatch(project):
        table.wrong("project", "tracker_repository" if kind is TrackerKind.GITHUB else "tracker_project")
    kind, url = kind or TrackerKind.WEBHOOK, _url(table, kind, environ)
    plan = TrackerPlan(name=TrackerName(name), tlp=_tlp(table), begins=_begins(kind, url, project))
    return TrackerSettings(
        plan=plan,
        kind=kind,
        url=url,
        project=project,
        type=_line(table, "type", LONGEST_TEXT),
        account=_line(table, "account", LONGEST_TEXT),
        secret=_secret(table, variable, environ),
        needs_secret=bool(variable),
    )


def _begins(kind: TrackerKind, url: str, project: str) -> str:
    """Returns how the addresses of the tickets begin that people see in their browsers."""
    match kind:
        case TrackerKind.GITHUB:
            site = "https://github.com" if url == GITHUB_API else url.removesuffix("/api/v3")
            return f"{site}/{project}/issues/"
        case TrackerKind.JIRA:
            return f"{url}/browse/{project}-"
        case TrackerKind.BACKLOG:
            return f"{url}/view/{project}-"
        case TrackerKind.WEBHOOK:
            return ""


def _check_keys(table: Table, kind: TrackerKind) -> None:
    needed, possible = _NEEDED[kind], _POSSIBLE[kind]
    for key in _KEYS:
        if key in needed and not table.has(key):
            table.missing(key)
        elif key not in possible and table.has(key):
            table.wrong(key, "tracker_key", kind=kind.value)
    if kind is TrackerKind.WEBHOOK and not table.has("url") and not table.has("url_env"):
        table.missing("url")


def _tlp(table: Table) -> Tlp:
    return Tlp(table.choice("tlp", [one.value for one in Tlp], Tlp.GREEN.value))


def _line(table: Table, key: str, longest: int) -> str:
    said = table.text(key, "")
    if len(said) > longest:
        table.wrong(key, "too_long", most=longest)
    elif not said.isprintable():
        table.wrong(key, "one_line")
    return said


def _url(table: Table, kind: TrackerKind | None, environ: Mapping[str, str]) -> str:
    said, variable = table.text("url", ""), _variable(table, "url_env")
    if said and variable:
        table.wrong("url_env", "two_urls")
    if variable:
        found = read_variable(variable, environ, texts=table.problems.texts, problems=[])
        return found if is_guarded(found) else ""
    if said and (not is_guarded(said) or (kind is not TrackerKind.WEBHOOK and ("?" in said or "#" in said))):
        table.wrong("url", "address")
        return ""
    if kind is TrackerKind.WEBHOOK:
        return said  # a slash at its end may be a part of it
    return said.rstrip("/") or (GITHUB_API if kind is TrackerKind.GITHUB else "")


def _variable(table: Table, key: str) -> str:
    """Returns the name of an environment variable."""
    name = table.text(key, "")
    if name and not _VARIABLE.fullmatch(name):
        table.wrong(key, "tracker_variable")
        return ""
    return name


def _secret(table: Table, variable: str, environ: Mapping[str, str]) -> Secret | None:
    if not variable:
        return None
    found = read_variable(variable, environ, texts=table.problems.texts, problems=[])
    is_token = found.isascii() and found.isprintable() and not any(char.isspace() for char in found)
    return Secret(found) if found and is_token else None
