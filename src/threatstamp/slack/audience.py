"""Who is asked by an update call: the members of a channel who are at work.

Source: https://docs.slack.dev/reference/objects/user-object
"""

from __future__ import annotations

from collections.abc import Iterator

from threatstamp.core.cases.call import Member
from threatstamp.core.errors import SlackError
from threatstamp.core.ids import ChannelId, UserId
from threatstamp.core.time import SECOND, Micros
from threatstamp.slack.calls import Calls
from threatstamp.slack.listing import PAGE, Listing
from threatstamp.slack.reading import Loose, next_cursor, number_in, table_in, text_in, texts_in

AWAY = frozenset({":palm_tree:", ":face_with_thermometer:"})
"""The status emoji that Slack itself offers for holidays and for sick leave."""

SLACKBOT = "USLACKBOT"


def audience(calls: Calls, channel: ChannelId, *, now: Micros) -> tuple[Member, ...]:
    """Returns the members without apps, guests, closed accounts, and people whose status says they are away.

    Raises SlackError, permanent if this token may not read who is there.
    """
    there = frozenset(_members(calls, channel))
    people = Listing(calls, "users.list", "members").rows()
    if not people:
        raise SlackError("missing_scope", permanent=True, method="users.list")
    return tuple(
        Member(user=UserId(text_in(row, "id")), zone=text_in(row, "tz"))
        for row in people
        if text_in(row, "id") in there and _is_asked(row, now)
    )


def called(calls: Calls, people: frozenset[UserId]) -> dict[str, UserId]:
    """Returns these people by what a list may call them, in lower case: their ids, addresses and names.

    What two people of the workspace are called means nobody. Addresses need `users:read.email`. Raises
    SlackError.
    """
    found: dict[str, set[str]] = {}
    for row in Listing(calls, "users.list", "members").rows():
        profile = table_in(row, "profile")
        names = {text_in(row, "id"), text_in(row, "name"), text_in(profile, "email")}
        names |= {text_in(profile, name) for name in ("display_name", "real_name")}
        for name in names - {""}:
            found.setdefault(name.casefold(), set()).add(text_in(row, "id"))
    only = {name: UserId(*ids) for name, ids in found.items() if len(ids) == 1}
    return {name: user for name, user in only.items() if user in people}


def _members(calls: Calls, channel: ChannelId) -> Iterator[str]:
    cursor = ""
    while True:
        answer = calls.get("conversations.members", channel=channel, limit=PAGE, cursor=cursor or None)
        yield from texts_in(answer, "members")
        cursor = next_cursor(answer)
        if not cursor:
            return


def _is_asked(row: Loose, now: Micros) -> bool:
    odd = ("deleted", "is_bot", "is_app_user", "is_restricted", "is_ultra_restricted", "is_stranger")
    if text_in(row, "id") == SLACKBOT or any(row.get(name) for name in odd):
        return False
    profile = table_in(row, "profile")
    until = number_in(profile, "status_expiration") or 0
    is_over = 0 < until * SECOND <= now
    return text_in(profile, "status_emoji") not in AWAY or is_over
