"""The messages of a workspace and their reactions, as state alone: nobody is told of anything here."""

from __future__ import annotations

import time

from threatstamp.sandbox import events
from threatstamp.sandbox.refusal import RefusedError

Message = dict[str, object]


class Messages:
    """The messages of all channels. The caller holds the workspace's lock."""

    def __init__(self) -> None:
        self._stored: dict[str, dict[str, Message]] = {}
        self._reactions: dict[tuple[str, str], dict[str, list[str]]] = {}
        self._private: list[Message] = []
        self._last_ts = 0

    def open(self, channel: str) -> None:
        """Makes room for a channel's messages."""
        self._stored.setdefault(channel, {})

    def new_ts(self, at: float | None = None) -> str:
        """Returns a time of its own: strictly increasing, unless it is dated."""
        if at is not None:
            return events.ts(round(at * 1_000_000))
        self._last_ts = max(self._last_ts + 1, time.time_ns() // 1_000)
        return events.ts(self._last_ts)

    def get(self, channel: str, ts: str) -> Message:
        """Returns the stored message. Raises RefusedError."""
        if channel not in self._stored:
            raise RefusedError("channel_not_found")
        found = self._stored[channel].get(ts)
        if found is None:
            raise RefusedError("message_not_found")
        return found

    def timestamps(self, channel: str) -> list[str]:
        return sorted(self._stored[channel])

    def private(self, channel: str) -> list[Message]:
        """Returns what only one person sees, as it came."""
        return [one for one in self._private if one["channel"] == channel]

    def find_private(self, channel: str, ts: str) -> Message | None:
        return next((one for one in self.private(channel) if one["ts"] == ts), None)

    def drop_private(self, ts: str) -> None:
        self._private = [one for one in self._private if one["ts"] != ts]

    def put(self, channel: str, message: Message, *, thread_ts: str | None, at: float | None) -> Message:
        """Adds a message at a free time and returns it as it is stored."""
        ts = self.new_ts(at)
        while ts in self._stored[channel]:
            ts = events.ts(events.micros(ts) + 1)
        stored: Message = {"type": "message", "ts": ts, **message}
        if thread_ts:
            stored["thread_ts"] = thread_ts
        self._stored[channel][ts] = stored
        return stored

    def put_private(self, channel: str, user: str, message: Message) -> Message:
        ts = self.new_ts()
        stored: Message = {"type": "message", "channel": channel, "ts": ts, "ephemeral_to": user, **message}
        self._private.append(stored)
        return stored

    def remove(self, channel: str, ts: str) -> Message:
        """Takes a message away with its reactions, and returns it. Raises RefusedError."""
        before = self.get(channel, ts)
        del self._stored[channel][ts]
        self._reactions.pop((channel, ts), None)
        return before

    def react(self, user: str, channel: str, ts: str, name: str) -> Message:
        """Adds a reaction and returns its message. Raises RefusedError."""
        message = self.get(channel, ts)
        users = self._reactions.setdefault((channel, ts), {}).setdefault(name, [])
        if user in users:
            raise RefusedError("already_reacted")
        users.append(user)
        return message

    def unreact(self, user: str, channel: str, ts: str, name: str) -> Message:
        """Takes a reaction back and returns its message. Raises RefusedError."""
        message = self.get(channel, ts)
        reactions = self._reactions.get((channel, ts), {})
        if user not in reactions.get(name, []):
            raise RefusedError("no_reaction")
        reactions[name].remove(user)
        if not reactions[name]:
            del reactions[name]
        return message

    def shown(
        self, channel: str, ts: str, *, most_users: int | None = None, metadata: bool = True
    ) -> Message:
        """Returns a message as the API shows it, with its reactions; of their users the first few."""
        stored = self._stored[channel][ts]
        shown = {name: value for name, value in stored.items() if metadata or name != "metadata"}
        reactions = self._reactions.get((channel, ts))
        if reactions:
            shown["reactions"] = [
                {"name": name, "users": users[:most_users], "count": len(users)}
                for name, users in reactions.items()
            ]
        return shown

    def count_replies(self, channel: str, parent: str) -> bool:
        """Writes into a thread's first message how many follow it; False if there is none such."""
        message = self._stored[channel].get(parent)
        if message is None:
            return False
        replies = [
            one
            for one in self._stored[channel].values()
            if one.get("thread_ts") == parent and one["ts"] != parent
        ]
        authors = list(dict.fromkeys(str(one.get("user") or one.get("bot_id")) for one in replies))
        message.update(
            thread_ts=parent,
            reply_count=len(replies),
            reply_users_count=len(authors),
            reply_users=authors[:5],
            latest_reply=max((str(one["ts"]) for one in replies), default=parent),
        )
        return True
