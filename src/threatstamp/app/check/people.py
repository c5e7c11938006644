"""Emoji, people and groups in the settings."""

from __future__ import annotations

from collections.abc import Iterator, Set

from threatstamp.app.check.finding import Check, Findings
from threatstamp.config.settings import Settings
from threatstamp.core.errors import SlackError
from threatstamp.core.ids import is_channel, is_group_id
from threatstamp.core.stamps.route import Route
from threatstamp.slack.directory import Directory
from threatstamp.slack.emoji import EmojiNames
from threatstamp.slack.reading import Loose, table_in, text_in, texts_in
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
    """Yields a check for each person and group that routes mention or allow, or that cases call.

    As far as scopes allow it.
    """
    of_routes = [name for route in settings.routes for name in _named_by(route)]
    named = dict.fromkeys([*of_routes, *settings.cases.roles, *settings.cases.leads])
    for name in named:
        if name != "here" and not is_hidden(name, missing):
            yield look_up_person(name, settings, directory, Findings("person", texts))


def is_hidden(name: str, missing: Set[str]) -> bool:
    """True for a name that only a missing scope would resolve."""
    if "@" in name.lstrip("@"):
        return "users:read.email" in missing
    return name.startswith("@") and "users:read" in missing


def _named_by(route: Route) -> tuple[str, ...]:
    return (*route.mention, *route.allow, *(name for name in route.then if not is_channel(name)))


def look_up_person(name: str, settings: Settings, directory: Directory, found: Findings) -> Check:
    """Returns whom a name means: a person, or a group."""
    try:
        who = directory.who(name)
        if who is None:
            return _nobody(name, directory, found)
    except SlackError as error:
        return found.refused(name, error)
    if is_group_id(who):
        return _group(name, who, settings, directory, Findings("group", found.texts))
    try:
        person = table_in(directory.calls.get("users.info", user=who), "user")
    except SlackError as error:
        if error.code == "missing_scope":
            return found.good(name, "check_unread")
        return found.bad(name, "check_person_lost", person=name)
    if person.get("deleted"):
        return found.bad(name, "check_person_gone", person=name)
    profile = table_in(person, "profile")
    known = text_in(profile, "display_name") or text_in(profile, "real_name")
    return found.good(name, _key_of(person), shown=known, handle=text_in(person, "name"), id=who)


def _nobody(name: str, directory: Directory, found: Findings) -> Check:
    """Says why a name means nobody: it could mean several, or is how somebody is displayed."""
    several = directory.ambiguous.get(name)
    if several:
        return found.bad(name, "check_person_several", person=name, candidates=", ".join(several))
    shown_so = directory.homonyms(name) if name.startswith("@") else ()
    if shown_so:
        handles = ", ".join(f"@{handle}" for handle in shown_so)
        return found.bad(name, "check_person_display", person=name, candidates=handles)
    return found.bad(name, "check_person_lost", person=name)


def _key_of(person: Loose) -> str:
    """Returns the sentence for whom a name means: the reader should notice a guest or an app."""
    if person.get("is_bot"):
        return "check_person_app"
    is_guest = person.get("is_restricted") or person.get("is_ultra_restricted")
    return "check_person_guest" if is_guest else "check_person"


def _group(name: str, group: str, settings: Settings, directory: Directory, found: Findings) -> Check:
    try:
        answer = directory.calls.get("usergroups.users.list", usergroup=group)
    except SlackError as error:
        allowed = any(name in route.allow for route in settings.routes)
        if error.code == "missing_scope" and not allowed:
            return found.good(name, "check_unread")  # only mentioned, for which its members are not needed
        return found.refused(name, error)
    return found.good(name, "check_group", count=len(texts_in(answer, "users")))
