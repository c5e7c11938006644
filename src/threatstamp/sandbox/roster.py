"""The people, groups, channels and emoji of the workspace: setting them up, and what happens to them."""

from __future__ import annotations

from threatstamp.sandbox import events
from threatstamp.sandbox.messages import Message
from threatstamp.sandbox.people import Channel, User, UserGroup
from threatstamp.sandbox.team import Team


class Roster(Team):
    """Who and what is in the workspace. What is added is told to nobody; what changes is an event."""

    def add_user(
        self,
        id: str,
        name: str,
        display_name: str,
        *,
        email: str | None = None,
        team: str | None = None,
        grid: tuple[str, ...] = (),
        bot: bool = False,
        title: str = "",
    ) -> str:
        with self._change():
            self.users[id] = User(
                id=id,
                name=name,
                display_name=display_name,
                email=email,
                team=team or self.team,
                grid=grid,
                bot=bot,
                title=title,
            )
        return id

    def add_channel(
        self,
        id: str,
        name: str,
        *,
        private: bool = False,
        members: tuple[str, ...] = (),
        bot_member: bool = True,
        ext_shared: bool = False,
        outer_team: str | None = None,
    ) -> str:
        with self._change():
            everyone = set(members or self.users)
            everyone.discard(self.app.user_id)
            if bot_member:
                everyone.add(self.app.user_id)
            self.channels[id] = Channel(
                id=id,
                name=name,
                private=private,
                members=everyone,
                ext_shared=ext_shared,
                outer_team=outer_team,
            )
            self._messages.open(id)
        return id

    def direct(self, name: str) -> str:
        """Returns the conversation of the app with a user, which it begins; any other name as it is."""
        if name not in self.users:
            return name
        made = f"D{name[1:]}"
        if made not in self.channels:
            self.add_channel(made, made.lower(), private=True, members=(name,))
            self.channels[made].direct_with = name
            self._tell_page({"type": "channel", "channel": made})
        return made

    def show_canvas(self, channel: str) -> None:
        """The page is told that a channel's canvas is another one."""
        with self._change():
            self._tell_page({"type": "channel", "channel": channel})

    def add_group(self, id: str, handle: str, members: list[str], *, name: str = "") -> str:
        with self._change():
            self.groups[id] = UserGroup(id=id, handle=handle, name=name or handle, members=list(members))
        return id

    def set_group(self, id: str, members: list[str]) -> None:
        with self._change():
            self.groups[id].members = list(members)
            self._emit(events.group_changed(self.team, self.groups[id], self.new_ts()))

    def add_emoji(self, name: str, value: str) -> None:
        with self._change():
            self.emoji[name] = value
            self._emit({"type": "emoji_changed", "subtype": "add", "name": name, "value": value})

    def join(self, channel: str) -> None:
        with self._change():
            self.channels[channel].members.add(self.app.user_id)
            self._emit(self._membership("member_joined_channel", channel), channel=channel)

    def leave(self, channel: str) -> None:
        with self._change():
            self._emit(self._membership("member_left_channel", channel), channel=channel)
            self.channels[channel].members.discard(self.app.user_id)

    def rename(self, channel: str, name: str) -> None:
        with self._change():
            self.channels[channel].name = name
            self._emit(events.channel_renamed(self.channels[channel], self.new_ts()), channel=channel)
            self._tell_page({"type": "channel", "channel": channel})

    def archive(self, channel: str, *, archived: bool = True) -> None:
        with self._change():
            self.channels[channel].archived = archived
            kind = "channel_archive" if archived else "channel_unarchive"
            self._emit({"type": kind, "channel": channel, "user": "U0ADMIN"}, channel=channel)
            self._tell_page({"type": "channel", "channel": channel})

    def _membership(self, kind: str, channel: str) -> Message:
        return events.member(self.team, self.app.user_id, kind, self.channels[channel], self.new_ts())
