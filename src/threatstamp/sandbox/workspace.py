"""The workspace: its state, and what people and tests do in it. Any thread may call any method."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal, TypeVar

from threatstamp.sandbox import events
from threatstamp.sandbox.faults import Faults
from threatstamp.sandbox.limits import Limits
from threatstamp.sandbox.messages import Message, Messages
from threatstamp.sandbox.people import Channel, Group, TestedApp, User
from threatstamp.sandbox.sockets import Sockets

T = TypeVar("T")
PATIENCE = 60.0
"""Seconds to wait for what a desk should do: enough for the busiest machine, since it only ends a hang."""

CUT = 25
"""Slack shows about so many users of a reaction in a history page; the count stays exact."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A call of the Web API as it came in. answer: "ok", or the error, or the fault's kind."""

    method: str
    arguments: dict[str, object]
    at: float
    answer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A line in the page's panel."""

    id: int
    at: float
    kind: str
    text: str
    data: object = None

    def body(self) -> Message:
        """Returns the line as the page takes it."""
        return {"id": self.id, "at": self.at, "kind": self.kind, "text": self.text, "data": self.data}


class SandboxWorkspace:
    """A Slack team in memory. `changed` is notified after every change; `wait_for` waits on it."""

    def __init__(
        self, team: str = "T0SANDBOX", *, language: Literal["ja", "en"] = "ja", name: str = "Sandbox"
    ) -> None:
        self.team = team
        self.name = name
        self.language = language
        self.app = TestedApp()
        self.users: dict[str, User] = {}
        self.channels: dict[str, Channel] = {}
        self.groups: dict[str, Group] = {}
        self.emoji: dict[str, str] = {}
        self.latency = 0.0
        self.cut_users = CUT
        self.paid = True
        self.notes: list[Note] = []
        self.limits = Limits()
        self.faults = Faults(self.touch)
        self.sockets = Sockets(self.app, self.faults, self.touch)
        self.changed = threading.Condition(threading.RLock())
        self._messages = Messages()
        self._calls: list[Call] = []
        self._listeners: list[Callable[[dict[str, object]], None]] = []
        self.add_user(self.app.user_id, self.app.name, self.app.name, bot=True)

    # -- setting up -------------------------------------------------------------------------------------

    def add_user(
        self,
        id: str,
        name: str,
        display_name: str,
        *,
        email: str | None = None,
        team: str | None = None,
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
    ) -> str:
        with self._change():
            everyone = set(members or self.users)
            everyone.discard(self.app.user_id)
            if bot_member:
                everyone.add(self.app.user_id)
            self.channels[id] = Channel(
                id=id, name=name, private=private, members=everyone, ext_shared=ext_shared
            )
            self._messages.open(id)
        return id

    def add_group(self, id: str, handle: str, members: list[str], *, name: str = "") -> str:
        with self._change():
            self.groups[id] = Group(id=id, handle=handle, name=name or handle, members=list(members))
        return id

    def set_group(self, id: str, members: list[str]) -> None:
        with self._change():
            self.groups[id].members = list(members)
            self._emit(events.group_changed(self.team, self.groups[id], self.new_ts()))

    def add_emoji(self, name: str, value: str) -> None:
        with self._change():
            self.emoji[name] = value
            self._emit({"type": "emoji_changed", "subtype": "add", "name": name, "value": value})

    # -- what people do ---------------------------------------------------------------------------------

    def post(
        self,
        channel: str,
        text: str,
        *,
        user: str | None = None,
        thread_ts: str | None = None,
        at: float | None = None,
        **extra: object,
    ) -> str:
        """Somebody posts; returns the message's ts. at: epoch seconds, to date a post back."""
        author: Message = {"user": user, "team": self.team} if user else {}
        return self.put_message(channel, {**author, "text": text, **extra}, thread_ts=thread_ts, at=at)

    def post_rss(
        self,
        channel: str,
        title: str,
        link: str,
        *,
        source: str,
        summary: str = "",
        at: float | None = None,
    ) -> str:
        """Slack's own RSS app posts a feed's entry: no user, the link in text and in an attachment."""
        message = events.rss_post(self.team, title, link, source=source, summary=summary)
        return self.put_message(channel, message, at=at)

    def edit(self, channel: str, ts: str, text: str, *, user: str | None = None) -> None:
        with self._change():
            message = self.message(channel, ts)
            self.change_message(
                channel,
                ts,
                {"text": text, "edited": {"user": user or message.get("user"), "ts": self.new_ts()}},
            )

    def delete(self, channel: str, ts: str) -> None:
        """A message disappears; the count of its thread falls."""
        with self._change():
            before = self._messages.remove(channel, ts)
            self._count_replies(channel, before.get("thread_ts"))
            self._emit(events.message_deleted(self.channels[channel], before, self.new_ts()), channel=channel)
            self._tell_page({"type": "message_deleted", "channel": channel, "ts": ts})

    def react(
        self,
        user: str,
        channel: str,
        ts: str,
        emoji: str,
        *,
        at: float | None = None,
        event_ids: int = 1,
        silent: bool = False,
    ) -> str:
        """Somebody reacts; returns the event_ts. event_ids: that many events under different ids."""
        name = events.standard_name(emoji)
        with self._change():
            message = self._messages.react(user, channel, ts, name)
            times = 0 if silent else event_ids
            return self._reacted("reaction_added", user, channel, message, name, at=at, times=times)

    def unreact(
        self,
        user: str,
        channel: str,
        ts: str,
        emoji: str,
        *,
        at: float | None = None,
        event_ids: int = 1,
        silent: bool = False,
    ) -> str:
        """Somebody takes a reaction back; returns the event_ts."""
        name = events.standard_name(emoji)
        with self._change():
            message = self._messages.unreact(user, channel, ts, name)
            times = 0 if silent else event_ids
            return self._reacted("reaction_removed", user, channel, message, name, at=at, times=times)

    def join(self, channel: str) -> None:
        with self._change():
            self.channels[channel].members.add(self.app.user_id)
            self._emit(self._membership("member_joined_channel", channel), channel=channel)

    def leave(self, channel: str) -> None:
        with self._change():
            self._emit(self._membership("member_left_channel", channel), channel=channel)
            self.channels[channel].members.discard(self.app.user_id)

    def archive(self, channel: str, *, archived: bool = True) -> None:
        with self._change():
            self.channels[channel].archived = archived
            kind = "channel_archive" if archived else "channel_unarchive"
            self._emit({"type": kind, "channel": channel, "user": "U0ADMIN"}, channel=channel)
            self._tell_page({"type": "channel", "channel": channel})

    # -- looking ----------------------------------------------------------------------------------------

    def messages(self, channel: str, *, thread_ts: str | None = None) -> list[Message]:
        """Returns what stands in a channel, oldest first, without replies; or a thread's replies."""
        found = self._all(channel)
        if thread_ts is None:
            return [one for one in found if one.get("thread_ts") in (None, one["ts"])]
        return [one for one in found if one.get("thread_ts") == thread_ts and one["ts"] != thread_ts]

    def everything(self, channel: str) -> list[Message]:
        """Returns all messages of a channel with replies, and those that only one person sees."""
        found = [*self._all(channel), *self.ephemerals(channel)]
        return sorted(found, key=lambda one: str(one["ts"]))

    def ephemerals(self, channel: str, user: str | None = None) -> list[Message]:
        with self.changed:
            found = self._messages.private(channel)
        return [one for one in found if user in (None, one["ephemeral_to"])]

    def _all(self, channel: str) -> list[Message]:
        with self.changed:
            return [self.shown(channel, ts, whole=True) for ts in self._messages.timestamps(channel)]

    def calls(self, method: str | None = None) -> list[Call]:
        with self.changed:
            return [call for call in self._calls if method in (None, call.method)]

    def wait_for(self, predicate: Callable[[], T], timeout: float = PATIENCE) -> T:
        """Waits until the predicate is true and returns its value; raises TimeoutError otherwise."""
        until = time.monotonic() + timeout
        with self.changed:
            while True:
                value = predicate()
                if value:
                    return value
                left = until - time.monotonic()
                if left <= 0:
                    raise TimeoutError(f"nothing of the kind within {timeout} s")
                self.changed.wait(left)

    def note(self, text: str, *, kind: str = "info", data: object = None) -> None:
        """Writes a line into the page's panel: what the desk did and recorded."""
        with self._change():
            note = Note(id=len(self.notes) + 1, at=time.time(), kind=kind, text=text, data=data)
            self.notes.append(note)
            self._tell_page({"type": "note", "note": note.body()})

    def clear_notes(self) -> None:
        with self._change():
            self.notes.clear()
            self._tell_page({"type": "reset"})

    # -- for the API ------------------------------------------------------------------------------------

    def new_ts(self, at: float | None = None) -> str:
        """Returns a time of its own: strictly increasing, unless it is dated."""
        with self.changed:
            return self._messages.new_ts(at)

    def message(self, channel: str, ts: str) -> Message:
        """Returns the stored message. Raises RefusedError."""
        with self.changed:
            return self._messages.get(channel, ts)

    def timestamps(self, channel: str) -> list[str]:
        with self.changed:
            return self._messages.timestamps(channel)

    def shown(self, channel: str, ts: str, *, whole: bool = False, metadata: bool = True) -> Message:
        """Returns a message as the API shows it, with its reactions."""
        with self.changed:
            most = None if whole else self.cut_users
            return self._messages.shown(channel, ts, most_users=most, metadata=metadata)

    def put_message(
        self, channel: str, message: Message, *, thread_ts: str | None = None, at: float | None = None
    ) -> str:
        """Adds a message and tells everybody."""
        with self._change():
            stored = self._messages.put(channel, message, thread_ts=thread_ts, at=at)
            if thread_ts:
                self._count_replies(channel, thread_ts)
            self._emit(events.message(self.channels[channel], stored), channel=channel)
            self._tell_message("message", channel, str(stored["ts"]))
        return str(stored["ts"])

    def change_message(self, channel: str, ts: str, values: Message) -> None:
        with self._change():
            after = self.message(channel, ts)
            before = dict(after)
            after.update(values)
            event = events.message_changed(self.channels[channel], before, after, self.new_ts())
            self._emit(event, channel=channel)
            self._tell_message("message_changed", channel, ts)

    def put_ephemeral(self, channel: str, user: str, message: Message) -> str:
        with self._change():
            stored = self._messages.put_private(channel, user, message)
            self._tell_page({"type": "ephemeral", "channel": channel, "message": stored})
        return str(stored["ts"])

    def note_call(self, method: str, arguments: dict[str, object], answer: str) -> None:
        with self._change():
            self._calls.append(Call(method=method, arguments=arguments, at=time.time(), answer=answer))

    def listen(self, listener: Callable[[dict[str, object]], None]) -> Callable[[], None]:
        """Calls the listener with everything that the page should show; returns how to stop."""
        with self.changed:
            self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def touch(self) -> None:
        """Wakes those who wait: something outside the messages changed."""
        with self.changed:
            self.changed.notify_all()

    @contextmanager
    def _change(self) -> Iterator[None]:
        with self.changed:
            yield
            self.changed.notify_all()

    def _reacted(
        self,
        kind: str,
        user: str,
        channel: str,
        message: Message,
        name: str,
        *,
        at: float | None,
        times: int,
    ) -> str:
        event_ts = self.new_ts(at)
        event = events.reaction(kind, user, channel, message, name, event_ts)
        for _ in range(times):
            self._emit(event, channel=channel)
        self._tell_message(kind, channel, str(message["ts"]))
        return event_ts

    def _membership(self, kind: str, channel: str) -> Message:
        return events.member(self.team, self.app.user_id, kind, self.channels[channel], self.new_ts())

    def _count_replies(self, channel: str, parent: object) -> None:
        if isinstance(parent, str) and self._messages.count_replies(channel, parent):
            self._tell_message("message_changed", channel, parent)

    def _emit(self, event: dict[str, object], *, channel: str | None = None) -> None:
        """Events reach the app only from channels that its bot is in."""
        where = None if channel is None else self.channels[channel]
        if where is not None and self.app.user_id not in where.members:
            return
        shared = where is not None and where.ext_shared
        self.sockets.emit(events.envelope(self.team, self.app, event, shared=shared))

    def _tell_message(self, kind: str, channel: str, ts: str) -> None:
        self._tell_page({"type": kind, "channel": channel, "message": self.shown(channel, ts, whole=True)})

    def _tell_page(self, news: dict[str, object]) -> None:
        for listener in list(self._listeners):
            listener(news)
