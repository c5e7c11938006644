"""Names as people write them, found in the workspace: channels, people, groups."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from threatstamp.core.errors import SlackError
from threatstamp.core.ids import (
    ChannelId,
    GroupId,
    UserId,
    is_channel_id,
    is_group_id,
    is_user_id,
)
from threatstamp.core.stamps.route import BoundRoute, Route
from threatstamp.slack.calls import Calls
from threatstamp.slack.reading import Loose, next_cursor, table_in, tables_in, text_in

LIST_PAGE = 999
"""Slack takes fewer than 1,000 (https://docs.slack.dev/reference/methods/conversations.list)."""

KINDS = ("public_channel,private_channel", "public_channel")


class Directory:
    """Look-ups by name; each list is read once, when it is needed. `lost` gathers what was not found.

    Each raises SlackError where Slack cannot answer now: nothing counts as lost because of that.
    """

    def __init__(self, calls: Calls) -> None:
        self.calls = calls
        self._channels: dict[str, ChannelId] | None = None
        self._users: dict[str, UserId] | None = None
        self._groups: dict[str, GroupId] | None = None
        self._shared: dict[ChannelId, bool] = {}
        self.lost: list[str] = []

    def channel(self, name: str) -> ChannelId | None:
        """Returns a channel's id; an id is taken as it is."""
        if is_channel_id(name):
            return ChannelId(name)
        if self._channels is None:
            self._channels = dict(self._read_channels())
        return self._channels.get(name.removeprefix("#"))

    def is_shared(self, channel: ChannelId) -> bool:
        """True for a channel shared with another organisation, as far as that can be read."""
        if channel not in self._shared:
            try:
                found = table_in(self.calls.get("conversations.info", channel=channel), "channel")
            except SlackError as error:
                self._failed(error)
                found = {}
            self._shared[channel] = bool(found.get("is_ext_shared"))
        return self._shared[channel]

    def user(self, name: str) -> UserId | None:
        if is_user_id(name):
            return UserId(name)
        if "@" in name.lstrip("@"):
            return self._by_email(name)
        if self._users is None:
            self._users = dict(self._read_users())
        return self._users.get(name.removeprefix("@").lower())

    def group(self, name: str) -> GroupId | None:
        if is_group_id(name):
            return GroupId(name)
        if "@" in name.lstrip("@"):
            return None
        if self._groups is None:
            self._groups = dict(self._read_groups())
        return self._groups.get(name.removeprefix("@").lower())

    def mention(self, name: str) -> str:
        """Returns a mention as Slack writes it; the name itself, harmless, where it cannot be found."""
        if name.removeprefix("@") == "here":
            return "<!here>"
        group = self.group(name)
        if group is not None:
            return f"<!subteam^{group}>"
        user = self.user(name)
        if user is not None:
            return f"<@{user}>"
        self._lose(name)
        return f"@\u200b{name.removeprefix('@')}".replace("<", "").replace(">", "").replace("&", "")

    def bind(self, route: Route) -> BoundRoute:
        """Returns a route with its names found. A channel that is not found stays as it was written."""
        before = len(self.lost)
        sources = {found for found in map(self._known_channel, route.sources) if found is not None}
        to = tuple(self._known_channel(name) or ChannelId(name) for name in route.to)
        mention = tuple(self.mention(name) for name in route.mention)
        users, groups, allow_lost = self._allowed(route.allow)
        return BoundRoute(
            route=route,
            sources=frozenset(sources),
            to=to,
            mention=mention,
            allow_users=frozenset(users),
            allow_groups=frozenset(groups),
            lost=tuple(self.lost[before:]),
            allow_lost=allow_lost,
        )

    def _known_channel(self, name: str) -> ChannelId | None:
        found = self.channel(name)
        if found is None:
            self._lose(name)
        return found

    def _allowed(self, names: Iterable[str]) -> tuple[set[UserId], set[GroupId], bool]:
        users: set[UserId] = set()
        groups: set[GroupId] = set()
        lost = False
        for name in names:
            group = self.group(name)
            user = None if group is not None else self.user(name)
            if group is not None:
                groups.add(group)
            elif user is not None:
                users.add(user)
            else:
                lost = True
                self._lose(name)
        return users, groups, lost

    @staticmethod
    def _failed(error: SlackError) -> None:
        """Lets pass a permanent error: what this token may not read counts as not there. Raises any other."""
        if not error.permanent:
            raise error

    def _lose(self, name: str) -> None:
        if name not in self.lost:
            self.lost.append(name)

    def _read_channels(self) -> Iterator[tuple[str, ChannelId]]:
        for kinds in KINDS:  # private ones need a scope of their own
            try:
                found = list(self._pages("conversations.list", "channels", types=kinds))
            except SlackError as error:
                self._failed(error)
                continue
            for channel in found:
                yield str(channel.get("name")), ChannelId(str(channel.get("id")))
                self._shared[ChannelId(str(channel.get("id")))] = bool(channel.get("is_ext_shared"))
            return

    def _read_users(self) -> Iterator[tuple[str, UserId]]:
        try:
            for user in self._pages("users.list", "members"):
                if user.get("deleted"):
                    continue
                profile = table_in(user, "profile")
                for name in (text_in(profile, "display_name"), text_in(user, "name")):
                    if name:
                        yield name.lower(), UserId(str(user.get("id")))
        except SlackError as error:
            self._failed(error)

    def _by_email(self, email: str) -> UserId | None:
        try:
            found = table_in(self.calls.get("users.lookupByEmail", email=email), "user")
        except SlackError as error:
            if error.code != "users_not_found":
                self._failed(error)
            return None
        return UserId(str(found["id"])) if "id" in found else None

    def _read_groups(self) -> Iterator[tuple[str, GroupId]]:
        try:
            answer = self.calls.get("usergroups.list")
        except SlackError as error:
            self._failed(error)
            return
        for group in tables_in(answer, "usergroups"):
            yield str(group.get("handle")).lower(), GroupId(str(group.get("id")))

    def _pages(self, method: str, name: str, **arguments: object) -> Iterator[Loose]:
        cursor = ""
        while True:
            answer = self.calls.get(method, limit=LIST_PAGE, cursor=cursor or None, **arguments)
            yield from tables_in(answer, name)
            cursor = next_cursor(answer)
            if not cursor:
                return
