"""Emoji, people and groups in the settings."""

from __future__ import annotations

from collections.abc import Iterator, Set

from threatstamp.app.check.finding import Check, Findings
from threatstamp.config.settings import Settings
from threatstamp.core.errors import SlackError
from threatstamp.core.stamps.route import Route
from threatstamp.slack.directory import Directory
from threatstamp.slack.emoji import EmojiNames
from threatstamp.slack.reading import table_in, texts_in
from threatstamp.texts.catalogue import Texts
from threatstamp.texts.emoji import is_standard, nearest


def check_emoji(settings: Settings, known: EmojiNames, texts: Texts, *, missing: Set[str]) -> Iterator[Check]:
    """Yields a check for the emoji of each route, without those that only a missing scope would show."""
    found = Findings("emoji", texts)
    for name in dict.fromkeys(route.reaction for route in settings.routes):
        if is_standard(name) or known.has(name):
            yield found.good(f":{name}:", "check_emoji")
            continue
        if "emoji:read" in missing:
            continue
        near = nearest(name, known.names())
        key = "check_emoji_near" if near else "check_emoji_lost"
        yield found.bad(f":{name}:", key, emoji=name, near=near or "")


def check_people(
    settings: Settings, directory: Directory, texts: Texts, *, missing: Set[str]
) -> Iterator[Check]:
    """Yields a check for each person and group that routes mention or allow, as far as scopes allow it."""
    named = dict.fromkeys(name for route in settings.routes for name in _named_by(route))
    for name in named:
        if name != "here" and not _is_hidden(name, missing):
            yield _person(name, settings, directory, Findings("person", texts))


def _is_hidden(name: str, missing: Set[str]) -> bool:
    """True for a name that only a missing scope would resolve."""
    if "@" in name.lstrip("@"):
        return "users:read.email" in missing
    return name.startswith("@") and "users:read" in missing


def _named_by(route: Route) -> tuple[str, ...]:
    return (*route.mention, *route.allow)


def _person(name: str, settings: Settings, directory: Directory, found: Findings) -> Check:
    try:
        group = directory.group(name)
        user = directory.user(name) if group is None else None
    except SlackError as error:
        return found.refused(name, error)
    if group is not None:
        return _group(name, group, settings, directory, Findings("group", found.texts))
    if user is None:
        return found.bad(name, "check_person_lost", person=name)
    try:
        person = table_in(directory.calls.get("users.info", user=user), "user")
    except SlackError as error:
        if error.code == "missing_scope":
            return found.good(name, "check_unread")
        return found.bad(name, "check_person_lost", person=name)
    if person.get("deleted"):
        return found.bad(name, "check_person_gone", person=name)
    return found.good(name, "check_person")


def _group(name: str, group: str, settings: Settings, directory: Directory, found: Findings) -> Check:
    try:
        answer = directory.calls.get("usergroups.users.list", usergroup=group)
    except SlackError as error:
        allowed = any(name in route.allow for route in settings.routes)
        if error.code == "missing_scope" and not allowed:
            return found.good(name, "check_unread")  # only mentioned, for which its members are not needed
        return found.refused(name, error)
    return found.good(name, "check_group", count=len(texts_in(answer, "users")))
