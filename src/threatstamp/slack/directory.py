"""Names as people write them, found in the workspace: channels, people, groups.

Three rules:
- A channel is what it was found to be first, by its id, whatever it is called later.
- A person is named by id, e-mail address or handle (`name`), which are unique. Display names are not: anybody
  can call themselves like the CISO.
- What could mean two is found nowhere, and said with all that it could mean.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Mapping

from threatstamp.core.errors import SlackError
from threatstamp.core.ids import (
    ChannelId,
    GroupId,
    UserId,
    is_channel,
    is_channel_id,
    is_group_id,
    is_user_id,
)
from threatstamp.core.names import KnownName
from threatstamp.core.stamps.route import BoundRoute, Route
from threatstamp.slack.calls import Calls
from threatstamp.slack.listing import PAGED, Listing
from threatstamp.slack.reading import Loose, table_in, text_in

KINDS = ({**PAGED, "types": "public_channel,private_channel"}, {**PAGED, "types": "public_channel"})
"""Private channels need a scope of their own."""

LOOK_AGAIN = 600.0
"""Seconds after which a name that was not found is searched for once more in all of a long list."""


class Directory:
    """Look-ups by name. What Slack lists is kept, so a look-up that was interrupted goes on where it was.

    known: what was found by earlier processes, by name; only what cannot be confirmed is searched for.
    used: which of those were looked up since the last `begin`. lost: names that were not found since then.
    ambiguous: what each of those could mean that could mean several, as ids. Each look-up raises SlackError
    where Slack cannot answer now: nothing counts as lost because of that. steady: seconds of a clock that
    nobody sets.
    """

    def __init__(
        self,
        calls: Calls,
        known: Mapping[str, KnownName] | None = None,
        *,
        steady: Callable[[], float] = time.monotonic,
    ) -> None:
        self.calls = calls
        self._steady = steady
        self.known: dict[str, KnownName] = dict(known or {})
        self.used: set[str] = set()
        self.lost: list[str] = []
        self.ambiguous: dict[str, tuple[str, ...]] = {}
        # the app's own channels fit on a page or two also where the workspace has thousands
        self._mine = Listing(calls, "users.conversations", "channels", variants=KINDS)
        self._channels = Listing(calls, "conversations.list", "channels", variants=KINDS)
        self._people = Listing(calls, "users.list", "members")
        self._groups = Listing(calls, "usergroups.list", "usergroups", variants=({},))
        self._old: set[Listing] = set()
        self._missed: dict[str, float] = {}
        self._infos: dict[str, Loose | None] = {}
        self._emails: dict[str, UserId | None] = {}
        self._confirmed: dict[str, bool] = {}
        self._is_ended = False

    def begin(self) -> None:
        """Begins a round of look-ups, because names or the workspace may have changed.

        If the last round was interrupted, this one goes on with what that one had read. A long list is read
        anew only for a name that was not asked for yet, or was not found some time ago: in a big workspace it
        has many pages, and each change of a channel begins a round.
        """
        self.used.clear()
        self.lost.clear()
        self.ambiguous.clear()
        if not self._is_ended:
            return
        self._is_ended = False
        self._infos.clear()
        self._confirmed.clear()
        self._emails.clear()
        for short in (self._mine, self._groups):
            if short.is_whole:
                short.restart()
        self._old |= {long for long in (self._channels, self._people) if long.is_whole}

    def end(self) -> None:
        """Ends a round: everything was looked up."""
        self._is_ended = True

    def channel(self, name: str) -> ChannelId | None:
        """Returns a channel's id; an id is taken as it is."""
        if is_channel_id(name):
            return ChannelId(name)
        plain = name.removeprefix("#")
        key = f"#{plain}"
        known = self.known.get(key)
        if known is not None:
            info = self._info(known.found)
            if info is not None:
                self._learn(key, known.found, called=text_in(info, "name") or known.called)
                return ChannelId(known.found)

        def is_it(row: Loose) -> bool:
            return text_in(row, "name") == plain

        found = _ids(self._mine, is_it) or self._in_long(self._channels, key, is_it)
        if not found and known is not None:  # it may be private, and the app was removed from it
            self.used.add(key)
            return ChannelId(known.found)
        only = self._only(name, key, found, called=plain)
        return None if only is None else ChannelId(only)

    def is_shared(self, channel: ChannelId) -> bool:
        """True for a channel shared with another organisation, as far as that can be read."""
        return bool((self._info(channel) or {}).get("is_ext_shared"))

    def group(self, name: str) -> GroupId | None:
        """Returns a group's id, by id or handle."""
        if is_group_id(name):
            return GroupId(name)
        if "@" in name.lstrip("@"):
            return None
        handle = _handle(name)
        found = _ids(self._groups, lambda row: text_in(row, "handle").lower() == handle)
        return GroupId(found[0]) if found else None

    def who(self, name: str) -> UserId | GroupId | None:
        """Returns the person or group of that id, e-mail address or handle; None for nobody, or for several.

        A handle that meant a person once and means a group now, or the other way round, means nobody: its new
        owner must not inherit the rights of the old one by making it.
        """
        if is_user_id(name):
            return UserId(name)
        if "@" in name.lstrip("@"):
            return self._by_email(name)
        group = self.group(name)
        if is_group_id(name):
            return group
        key = f"@{_handle(name)}"
        known = self.known.get(key)
        if known is not None:
            self.used.add(key)
        if known is not None and (known.found == group or (group is None and self._is_still(known))):
            return GroupId(known.found) if is_group_id(known.found) else UserId(known.found)
        found = [*filter(None, [group]), *self._in_long(self._people, key, _is_person(_handle(name)))]
        if known is not None and found and is_group_id(known.found) != is_group_id(found[0]):
            found.append(known.found)
        only = self._only(name, key, list(dict.fromkeys(found)), called=_handle(name))
        if only is None:
            return None
        return GroupId(only) if is_group_id(only) else UserId(only)

    def mention(self, name: str) -> str:
        """Returns a mention as Slack writes it; the name itself, harmless, where it cannot be found."""
        if name.removeprefix("@") == "here":
            return "<!here>"
        found = self.who(name)
        if found is not None:
            return f"<!subteam^{found}>" if is_group_id(found) else f"<@{found}>"
        self._lose(name)
        return f"@\u200b{name.removeprefix('@')}".replace("<", "").replace(">", "").replace("&", "")

    def bind(self, route: Route) -> BoundRoute:
        """Returns a route with its names found. A channel that is not found stays as it was written."""
        before = len(self.lost)
        sources = {found for found in map(self.known_channel, route.sources) if found is not None}
        to = tuple(self.known_channel(name) or ChannelId(name) for name in route.to)
        mention = tuple(self.mention(name) for name in route.mention)
        then = [name for name in route.then if is_channel(name)]
        then_to = tuple(self.known_channel(name) or ChannelId(name) for name in then)
        then_call = tuple(self.mention(name) for name in route.then if name not in then)
        users, groups, allow_lost = self._allowed(route.allow)
        return BoundRoute(
            route=route,
            sources=frozenset(sources),
            to=to,
            mention=mention,
            allow_users=frozenset(users),
            allow_groups=frozenset(groups),
            then_to=then_to,
            then_call=then_call,
            lost=tuple(self.lost[before:]),
            allow_lost=allow_lost,
        )

    def people(self, names: Iterable[str]) -> tuple[frozenset[UserId], frozenset[GroupId]]:
        """Returns the people and groups of these names; notes those that are not found as lost."""
        users, groups, _ = self._allowed(names)
        return frozenset(users), frozenset(groups)

    def known_channel(self, name: str) -> ChannelId | None:
        """Returns a channel's id; notes a name that is not found as lost."""
        found = self.channel(name)
        if found is None:
            self._lose(name)
        return found

    def homonyms(self, name: str) -> tuple[str, ...]:
        """Returns the handles of people whose display name is `name`, for whoever wrote it by mistake."""
        wanted = _handle(name)
        return tuple(
            text_in(row, "name")
            for row in self._people.rows()
            if text_in(table_in(row, "profile"), "display_name").lower() == wanted and not row.get("deleted")
        )

    def _allowed(self, names: Iterable[str]) -> tuple[set[UserId], set[GroupId], bool]:
        users: set[UserId] = set()
        groups: set[GroupId] = set()
        lost = False
        for name in names:
            found = self.who(name)
            if found is None:
                lost = True
                self._lose(name)
            elif is_group_id(found):
                groups.add(GroupId(found))
            else:
                users.add(UserId(found))
        return users, groups, lost

    def _only(self, name: str, key: str, found: list[str], *, called: str) -> str | None:
        """Returns the only id that a name can mean, and keeps it; notes a name that could mean several."""
        if len(found) == 1:
            self._learn(key, found[0], called=called)
            return found[0]
        if found:
            self.ambiguous[name] = tuple(found)
        return None

    def _learn(self, key: str, found: str, *, called: str) -> None:
        self.used.add(key)
        self.known[key] = KnownName(name=key, found=found, called=called)

    def _lose(self, name: str) -> None:
        if name not in self.lost:
            self.lost.append(name)

    def _in_long(self, listing: Listing, key: str, is_it: Callable[[Loose], bool]) -> list[str]:
        """Searches a long list for what a name means; see `begin` for when it is read anew."""
        now = self._steady()
        if listing in self._old and now - self._missed.get(key, -math.inf) >= LOOK_AGAIN:
            self._old.discard(listing)
            listing.restart()
        found = _ids(listing, is_it)
        if found:
            self._missed.pop(key, None)
        elif listing not in self._old:
            self._missed[key] = now
        return found

    def _info(self, channel: str) -> Loose | None:
        """Returns what Slack says of a channel, {} if this token may not read that; None if it is gone."""
        if channel not in self._infos:
            mine = (row for row in self._mine.rows() if row.get("id") == channel)
            self._infos[channel] = next(mine, None) or self._ask(channel)
        return self._infos[channel]

    def _ask(self, channel: str) -> Loose | None:
        try:
            return table_in(self.calls.get("conversations.info", channel=channel), "channel")
        except SlackError as error:
            if not error.permanent:
                raise
            return None if error.code == "channel_not_found" else {}

    def _is_still(self, known: KnownName) -> bool:
        """True unless it is no person, or the account has another handle now: it may be somebody else's."""
        if not is_user_id(known.found):
            return False
        if known.name not in self._confirmed:
            self._confirmed[known.name] = self._ask_handle(known)
        return self._confirmed[known.name]

    def _ask_handle(self, known: KnownName) -> bool:
        try:
            person = table_in(self.calls.get("users.info", user=known.found), "user")
        except SlackError as error:
            if not error.permanent:
                raise
            return error.code == "missing_scope"
        return _is_person(known.name.removeprefix("@"))(person)

    def _by_email(self, email: str) -> UserId | None:
        if email not in self._emails:
            self._emails[email] = self._ask_email(email)
        return self._emails[email]

    def _ask_email(self, email: str) -> UserId | None:
        try:
            found = table_in(self.calls.get("users.lookupByEmail", email=email), "user")
        except SlackError as error:
            if not error.permanent:
                raise
            return None
        return UserId(str(found["id"])) if "id" in found else None


def _ids(listing: Listing, is_it: Callable[[Loose], bool]) -> list[str]:
    """Returns the ids of the rows that fit, each once."""
    return list(dict.fromkeys(text_in(row, "id") for row in listing.rows() if is_it(row)))


def _is_person(handle: str) -> Callable[[Loose], bool]:
    return lambda row: text_in(row, "name").lower() == handle and not row.get("deleted")


def _handle(name: str) -> str:
    return name.removeprefix("@").lower()
