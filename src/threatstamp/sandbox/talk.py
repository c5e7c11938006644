"""The conversations of the workspace: what people post, edit, delete and stamp, and how it is read."""

from __future__ import annotations

from threatstamp.sandbox import events
from threatstamp.sandbox.messages import Message
from threatstamp.sandbox.refusal import RefusedError
from threatstamp.sandbox.team import Team


class Talk(Team):
    """Messages and reactions. Each change is an event for the app and news for the page."""

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

    # -- what is there -----------------------------------------------------------------------------------

    def messages(self, channel: str, *, thread_ts: str | None = None) -> list[Message]:
        """Returns the messages of a channel, oldest first, without replies; or a thread's replies."""
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

    def private_message(self, channel: str, ts: str) -> Message | None:
        """Returns what only one person sees; None if there is no such message."""
        with self.changed:
            return self._messages.find_private(channel, ts)

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

    # -- what the API does -------------------------------------------------------------------------------

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

    def change_ephemeral(self, channel: str, ts: str, values: Message) -> None:
        with self._change():
            stored = self._messages.find_private(channel, ts)
            if stored is None:
                raise RefusedError("message_not_found")
            stored.pop("blocks", None)
            stored.update(values)
            self._tell_page({"type": "ephemeral", "channel": channel, "message": stored})

    def drop_ephemeral(self, channel: str, ts: str) -> None:
        with self._change():
            self._messages.drop_private(ts)
            self._tell_page({"type": "message_deleted", "channel": channel, "ts": ts})

    def _all(self, channel: str) -> list[Message]:
        with self.changed:
            return [self.shown(channel, ts, whole=True) for ts in self._messages.timestamps(channel)]

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

    def _count_replies(self, channel: str, parent: object) -> None:
        if isinstance(parent, str) and self._messages.count_replies(channel, parent):
            self._tell_message("message_changed", channel, parent)

    def _tell_message(self, kind: str, channel: str, ts: str) -> None:
        self._tell_page({"type": kind, "channel": channel, "message": self.shown(channel, ts, whole=True)})
