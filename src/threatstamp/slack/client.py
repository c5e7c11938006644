"""The workspace: Slack as the steps need it, over the Web API."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Generic, TypeVar

from threatstamp.core.errors import LeaseLostError, SlackError
from threatstamp.core.ids import ChannelId, Emoji, GroupId, Key, TeamId, Ts, UserId, ts_of
from threatstamp.core.post import Place, Snapshot
from threatstamp.desk.ports import (
    Clock,
    ForwardSaying,
    Found,
    Page,
    RefusalSaying,
    Saying,
    SeenPost,
    SeenReaction,
)
from threatstamp.slack.blocks import Renderer
from threatstamp.slack.calls import Answer, Calls
from threatstamp.slack.emoji import EmojiNames
from threatstamp.slack.messages import is_by, read_snapshot
from threatstamp.slack.posts import RecentPosts

T = TypeVar("T")
PAGE = 200
FORWARD_EVENT = "threatstamp_forward"
MESSAGE_EVENT = "threatstamp_message"
FRESH = 60.0
"""Seconds that a group's members and a person's organisation are believed."""


class SlackWorkspace:
    """The Workspace port. `me` and `bot` are our own user and bot ids."""

    def __init__(
        self,
        *,
        calls: Calls,
        team: TeamId,
        me: UserId,
        bot: str,
        renderer: Renderer,
        clock: Clock,
        emoji: EmojiNames,
        recent: RecentPosts,
    ) -> None:
        self.calls = calls
        self.team = team
        self.me = me
        self.bot = bot
        self.emoji = emoji
        self.recent = recent
        self._renderer = renderer
        self._clock = clock
        self._members = _Cache[frozenset[UserId]](clock)
        self._external = _Cache[bool](clock)
        self._names = _Cache[str](clock)

    def recall(self, place: Place) -> Snapshot | None:
        return self.recent.get(place)

    def look_up(self, place: Place) -> Snapshot:
        """Takes a post that was seen just now from memory; otherwise one question brings all of it."""
        known = self.recent.get(place)
        if known is not None:
            return known
        answer = self.calls.get("reactions.get", channel=place.channel, timestamp=place.ts, full=True)
        message = _table(answer, "message")
        if not message:
            raise SlackError("message_not_found", permanent=True, method="reactions.get")
        snapshot = self._named(read_snapshot(message))
        if snapshot.permalink is None:
            snapshot = replace(snapshot, permalink=self.permalink(place))
        self.recent.put(place, snapshot)
        return snapshot

    def permalink(self, place: Place) -> str:
        answer = self.calls.get("chat.getPermalink", channel=place.channel, message_ts=place.ts)
        return str(answer["permalink"])

    def learn(self, place: Place, message: Mapping[str, object]) -> None:
        """Remembers a post that an event brought, with its permalink, so that a stamp on it need not ask."""
        snapshot = self._named(read_snapshot(message))
        self.recent.put(place, replace(snapshot, permalink=self.permalink(place)))

    def history(self, channel: ChannelId, *, oldest: int, cursor: str) -> Page:
        started = self._clock.now()
        answer = self.calls.get(
            "conversations.history",
            channel=channel,
            oldest=ts_of(oldest),
            limit=PAGE,
            cursor=cursor or None,
        )
        return self._page(answer, channel, started=self._by_slack(started))

    def replies(self, place: Place, *, oldest: int, cursor: str) -> Page:
        started = self._clock.now()
        answer = self.calls.get(
            "conversations.replies",
            channel=place.channel,
            ts=place.ts,
            oldest=ts_of(oldest),
            limit=PAGE,
            cursor=cursor or None,
        )
        page = self._page(answer, place.channel, started=self._by_slack(started))
        kept = tuple(post for post in page.posts if post.place != place)  # the parent comes along
        return Page(started=page.started, ended=page.ended, posts=kept, after=page.after)

    def everyone(self, place: Place) -> SeenPost:
        answer = self.calls.get("reactions.get", channel=place.channel, timestamp=place.ts, full=True)
        return self._seen(_table(answer, "message"), place.channel)

    def post(
        self,
        saying: Saying,
        *,
        channel: ChannelId,
        thread_ts: Ts | None,
        key: Key,
        revision: int,
        until: float,
    ) -> Ts:
        message = self._renderer.message(saying)
        if self._clock.steady() > until:
            raise LeaseLostError
        answer = self.calls.post(
            "chat.postMessage",
            channel=channel,
            thread_ts=thread_ts,
            text=message.text,
            blocks=message.blocks,
            metadata=_metadata(saying, key, revision),
            unfurl_links=False,
            unfurl_media=False,
        )
        return Ts(str(answer["ts"]))

    def edit(
        self, saying: Saying, *, channel: ChannelId, ts: Ts, key: Key, revision: int, until: float
    ) -> None:
        message = self._renderer.message(saying)
        if self._clock.steady() > until:
            raise LeaseLostError
        self.calls.post(
            "chat.update",
            channel=channel,
            ts=ts,
            text=message.text,
            blocks=message.blocks,
            metadata=_metadata(saying, key, revision),
        )

    def find(self, key: Key, *, channel: ChannelId, thread_ts: Ts | None, since: int) -> Found | None:
        for message in self._messages_since(channel, thread_ts=thread_ts, since=self._by_slack(since)):
            payload = _table(_table(message, "metadata"), "event_payload")
            # anyone who reads the channel can copy a key: only our own message counts
            if payload.get("key") == key and is_by(message, user=self.me, bot=self.bot):
                revision = payload.get("revision")
                shown = revision if isinstance(revision, int) else 0
                return Found(ts=Ts(str(message["ts"])), revision=shown)
        return None

    def react(self, channel: ChannelId, ts: Ts, *, emoji: Emoji) -> None:
        try:
            self.calls.post("reactions.add", channel=channel, timestamp=ts, name=emoji)
        except SlackError as error:
            if error.code != "already_reacted":
                raise

    def unsay(self, channel: ChannelId, ts: Ts) -> None:
        try:
            self.calls.post("chat.delete", channel=channel, ts=ts)
        except SlackError as error:
            if error.code != "message_not_found":
                raise

    def whisper(self, saying: RefusalSaying, *, channel: ChannelId, thread_ts: Ts | None) -> None:
        self.calls.post(
            "chat.postEphemeral",
            channel=channel,
            user=saying.user,
            thread_ts=thread_ts,
            text=self._renderer.refusal(saying),
        )

    def members(self, group: GroupId) -> frozenset[UserId]:
        return self._members.get(group, self._ask_members)

    def is_external(self, user: UserId) -> bool:
        return self._external.get(user, self._ask_external)

    def forget_people(self) -> None:
        """Slack said that a group or a person changed."""
        self._members.clear()
        self._external.clear()

    def _ask_members(self, group: str) -> frozenset[UserId]:
        answer = self.calls.get("usergroups.users.list", usergroup=group)
        users = answer.get("users")
        return frozenset(UserId(str(user)) for user in users) if isinstance(users, list) else frozenset()

    def _ask_external(self, user: str) -> bool:
        person = _table(self.calls.get("users.info", user=user), "user")
        team = person.get("team_id")
        return bool(person.get("is_stranger")) or (isinstance(team, str) and team != self.team)

    def _ask_name(self, user: str) -> str:
        person = _table(self.calls.get("users.info", user=user), "user")
        profile = _table(person, "profile")
        names = (profile.get("display_name"), profile.get("real_name"), person.get("name"))
        return next((name for name in names if isinstance(name, str) and name), "")

    def _named(self, snapshot: Snapshot) -> Snapshot:
        """Adds a person's name as the source; without the scope to ask, the post stays without one."""
        if snapshot.source or snapshot.author is None:
            return snapshot
        try:
            name = self._names.get(snapshot.author, self._ask_name)
        except SlackError:
            return snapshot
        return replace(snapshot, source=name)

    def _page(self, answer: Answer, channel: ChannelId, *, started: int) -> Page:
        messages = answer.get("messages")
        found = [one for one in messages if isinstance(one, dict)] if isinstance(messages, list) else []
        posts = tuple(self._seen(message, channel) for message in found if _is_post(message))
        after = _table(answer, "response_metadata").get("next_cursor")
        ended = self._by_slack(self._clock.now())
        return Page(started=started, ended=ended, posts=posts, after=after if isinstance(after, str) else "")

    def _by_slack(self, time: int) -> int:
        """Our time as Slack's clock has it, and never later: a look must not speak of what came after it."""
        return time + min(self.calls.skew, 0) * 1_000_000

    def _seen(self, message: Mapping[str, object], channel: ChannelId) -> SeenPost:
        place = Place(team=self.team, channel=channel, ts=Ts(str(message["ts"])))
        latest = message.get("latest_reply")
        return SeenPost(
            place=place,
            snapshot=self.recent.get(place) or read_snapshot(message),
            reactions=tuple(self._seen_reactions(message)),
            latest_reply=Ts(latest) if isinstance(latest, str) and message.get("reply_count") else None,
            by_app=bool(message.get("bot_id")) and not is_by(message, user=self.me, bot=self.bot),
        )

    def _seen_reactions(self, message: Mapping[str, object]) -> Iterator[SeenReaction]:
        """Yields each emoji once: skin tones and aliases are the same stamp."""
        merged: dict[Emoji, tuple[set[UserId], bool]] = {}
        found = message.get("reactions")
        for one in found if isinstance(found, list) else []:
            users = {UserId(str(user)) for user in one.get("users", [])}
            name = self.emoji.canonical(str(one.get("name", "")))
            whole = len(users) >= int(one.get("count", len(users)))
            before = merged.get(name, (set(), True))
            merged[name] = (before[0] | users, before[1] and whole)
        for name, (users, whole) in merged.items():
            yield SeenReaction(reaction=name, users=frozenset(users), whole=whole)

    def _messages_since(
        self, channel: ChannelId, *, thread_ts: Ts | None, since: int
    ) -> Iterator[Mapping[str, object]]:
        cursor = ""
        while True:
            answer = self.calls.get(
                "conversations.replies" if thread_ts else "conversations.history",
                channel=channel,
                ts=thread_ts,
                oldest=ts_of(since),
                limit=PAGE,
                include_all_metadata=True,
                cursor=cursor or None,
            )
            messages = answer.get("messages")
            yield from messages if isinstance(messages, list) else []
            after = _table(answer, "response_metadata").get("next_cursor")
            if not isinstance(after, str) or not after:
                return
            cursor = after


class _Cache(Generic[T]):
    """Answers that are believed for a minute."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._known: dict[str, tuple[float, T]] = {}

    def get(self, name: str, ask: Callable[[str], T]) -> T:
        now = self._clock.steady()
        with self._lock:
            known = self._known.get(name)
        if known is not None and now - known[0] < FRESH:
            return known[1]
        value = ask(name)
        with self._lock:
            self._known[name] = (now, value)
        return value

    def clear(self) -> None:
        with self._lock:
            self._known.clear()


def _metadata(saying: Saying, key: Key, revision: int) -> dict[str, object]:
    event = FORWARD_EVENT if isinstance(saying, ForwardSaying) else MESSAGE_EVENT
    return {"event_type": event, "event_payload": {"key": key, "revision": revision}}


def _is_post(message: Mapping[str, object]) -> bool:
    """Joins, topics and the like are no posts; who stamps one means nothing by it."""
    ts, subtype = message.get("ts"), message.get("subtype")
    return isinstance(ts, str) and subtype in (
        None,
        "bot_message",
        "file_share",
        "thread_broadcast",
        "me_message",
    )


def _table(value: Mapping[str, object], name: str) -> Mapping[str, object]:
    found = value.get(name)
    return found if isinstance(found, Mapping) else {}
