"""The workspace: Slack as the steps need it, over the Web API."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from threatstamp.core.errors import LeaseLostError, SlackError
from threatstamp.core.ids import ChannelId, Emoji, GroupId, Key, TeamId, Ts, UserId, is_user_id
from threatstamp.core.names import KnownName
from threatstamp.core.stamps.look import SeenReaction
from threatstamp.core.stamps.post import Place, Snapshot
from threatstamp.core.text import plain
from threatstamp.core.time import SECOND, Micros, later, micros_of, ts_of
from threatstamp.desk.ports.slack import OwnMessage, Page, Saying, Search, SeenPost
from threatstamp.desk.ports.time import STALE, Clock
from threatstamp.slack.blocks.renderer import Renderer
from threatstamp.slack.blocks.voice import Voice
from threatstamp.slack.cache import Cache
from threatstamp.slack.calls import Answer, Calls
from threatstamp.slack.canvases import put_canvas
from threatstamp.slack.directory import Directory
from threatstamp.slack.emoji import EmojiNames
from threatstamp.slack.messages import is_by, read_snapshot
from threatstamp.slack.posts import RecentPosts
from threatstamp.slack.reading import (
    Loose,
    next_cursor,
    number_in,
    table_in,
    tables_in,
    text_in,
    texts_in,
)

log = logging.getLogger(__name__)

PAGE = 200
"""Slack recommends no more than 200 (https://docs.slack.dev/apis/web-api/pagination)."""


_MENTION = re.compile(r"<(?:@|!subteam\^)([A-Z0-9]+)>")


class SlackWorkspace:
    """The Workspace port. `me` and `bot` are our own user and bot ids.

    enterprise: the organisation of an Enterprise Grid that the team belongs to, "" without one. known: names
    that were found in the workspace before.
    """

    def __init__(
        self,
        *,
        calls: Calls,
        team: TeamId,
        enterprise: str,
        me: UserId,
        bot: str,
        renderer: Renderer,
        clock: Clock,
        emoji: EmojiNames,
        recent: RecentPosts,
        known: Mapping[str, KnownName],
    ) -> None:
        self.calls = calls
        self.team = team
        self._home = frozenset({team, enterprise}) - {""}
        self.me = me
        self.bot = bot
        self.emoji = emoji
        self.recent = recent
        self.directory = Directory(calls, known, steady=clock.steady)
        self._renderer = renderer
        self._clock = clock
        self._members = Cache[frozenset[UserId]](clock)
        self._external = Cache[bool](clock)
        self._names = Cache[str](clock)
        self._page_at = Micros(0)
        """The time of the page that was read last."""

    @property
    def language(self) -> str:
        return self._renderer.language

    @property
    def voice(self) -> Voice:
        """The language and zone that the desk speaks in."""
        return self._renderer.voice

    def open_form(self, trigger: str, view: Mapping[str, object]) -> None:
        """Opens a form for whoever a trigger is from, at once or never. Raises SlackError."""
        self.calls.post("views.open", trigger_id=trigger, view=view)

    def publish_home(self, user: UserId, view: Mapping[str, object]) -> None:
        """Replaces the app's home as one person sees it. Raises SlackError."""
        self.calls.post("views.publish", user_id=user, view=view)

    def recall(self, place: Place) -> Snapshot | None:
        return self.recent.get(place)

    def look_up(self, place: Place) -> Snapshot:
        """Takes a post that was seen just now from memory; otherwise one call brings all of it."""
        known = self.recent.get(place)
        if known is not None:
            return known
        answer = self.calls.get("reactions.get", channel=place.channel, timestamp=place.ts, full=True)
        message = table_in(answer, "message")
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

    def learn(self, place: Place, message: Loose) -> None:
        """Remembers a post that an event brought, with its permalink, so that a stamp on it costs no call."""
        snapshot = self._named(read_snapshot(message))
        self.recent.put(place, replace(snapshot, permalink=self.permalink(place)))

    def history(self, channel: ChannelId, *, oldest: Micros, cursor: str) -> Page:
        began = self._clock.earliest()
        answer, date = self.calls.get_dated(
            "conversations.history",
            channel=channel,
            oldest=ts_of(oldest),
            limit=PAGE,
            cursor=cursor or None,
        )
        return self._page(answer, channel, moment=self._moment(date, began))

    def replies(self, place: Place, *, oldest: Micros, cursor: str) -> Page:
        began = self._clock.earliest()
        answer, date = self.calls.get_dated(
            "conversations.replies",
            channel=place.channel,
            ts=place.ts,
            oldest=ts_of(oldest),
            limit=PAGE,
            cursor=cursor or None,
        )
        page = self._page(answer, place.channel, moment=self._moment(date, began))
        kept = tuple(post for post in page.posts if post.place != place)  # Slack returns the parent as well
        return replace(page, posts=kept)

    def everyone(self, place: Place) -> SeenPost:
        answer = self.calls.get("reactions.get", channel=place.channel, timestamp=place.ts, full=True)
        return self._seen(table_in(answer, "message"), place.channel)

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

    def find(
        self, key: Key, *, channel: ChannelId, thread_ts: Ts | None, since: Micros, cursor: str
    ) -> Search:
        answer = self.calls.get(
            "conversations.replies" if thread_ts else "conversations.history",
            channel=channel,
            ts=thread_ts,
            oldest=ts_of(since),
            limit=PAGE,
            include_all_metadata=True,
            cursor=cursor or None,
        )
        for message in tables_in(answer, "messages"):
            payload = table_in(table_in(message, "metadata"), "event_payload")
            # anyone who reads the channel can copy a key: only our own message counts
            if payload.get("key") == key and is_by(message, user=self.me, bot=self.bot):
                revision = number_in(payload, "revision") or 0
                return Search(found=OwnMessage(ts=Ts(str(message["ts"])), revision=revision))
        return Search(found=None, after=next_cursor(answer))

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

    def put_canvas(self, saying: Saying, *, channel: ChannelId, mark: Key, must_exist: bool) -> None:
        canvas = self._renderer.canvas(saying, self._called)
        markdown = f"{canvas.markdown}\n\n`{mark}`"
        put_canvas(self.calls, channel, markdown, title=canvas.title, mark=mark, must_exist=must_exist)

    def pin(self, channel: ChannelId, ts: Ts) -> None:
        try:
            self.calls.post("pins.add", channel=channel, timestamp=ts)
        except SlackError as error:
            if error.code != "already_pinned":
                raise

    def whisper(self, saying: Saying, *, to: UserId, channel: ChannelId | None, thread_ts: Ts | None) -> None:
        message = self._renderer.message(saying)
        if channel is None:
            self.calls.post("chat.postMessage", channel=to, text=message.text, blocks=message.blocks)
            return
        self.calls.post(
            "chat.postEphemeral",
            channel=channel,
            user=to,
            thread_ts=thread_ts,
            text=message.text,
            blocks=message.blocks,
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
        return frozenset(map(UserId, texts_in(answer, "users")))

    def _ask_external(self, user: str) -> bool:
        person = table_in(self.calls.get("users.info", user=user), "user")
        if person.get("is_stranger"):
            return True
        # In a Grid a colleague's team is any of the organisation's workspaces, or the organisation itself:
        # https://docs.slack.dev/reference/objects/user-object
        grid = table_in(person, "enterprise_user")
        homes = {text_in(person, "team_id"), text_in(grid, "enterprise_id"), *texts_in(grid, "teams")} - {""}
        if not homes:  # whose that person is must not be guessed: the stamp waits
            raise SlackError("bad_answer", method="users.info")
        return not homes & self._home

    def _ask_name(self, user: str) -> str:
        person = table_in(self.calls.get("users.info", user=user), "user")
        profile = table_in(person, "profile")
        known = text_in(profile, "display_name") or text_in(profile, "real_name")
        return known or text_in(person, "name")

    def _ask_handle(self, group: str) -> str:
        rows = tables_in(self.calls.get("usergroups.list"), "usergroups")
        return next((text_in(row, "handle") for row in rows if row.get("id") == group), group)

    def _called(self, mention: str) -> str:
        """Returns a name with @ for a mention; the id where this token may not read names."""
        found = _MENTION.fullmatch(mention)
        if found is None:  # @here, or a name that was not found
            return plain(mention)
        ask = self._ask_name if is_user_id(found[1]) else self._ask_handle
        try:
            return f"@{self._names.get(found[1], ask)}"
        except SlackError as error:
            if not error.permanent:
                raise
            return found[1]

    def _named(self, snapshot: Snapshot) -> Snapshot:
        """Adds a person's name as the source; without the scope users:read the post stays without one."""
        if snapshot.source or snapshot.author is None:
            return snapshot
        try:
            name = self._names.get(snapshot.author, self._ask_name)
        except SlackError:
            return snapshot
        return replace(snapshot, source=name)

    def _moment(self, date: float | None, began: Micros) -> tuple[Micros, Micros]:
        """Returns between which times Slack made an answer, by its own clock if the answer says so.

        began: when the call began, at the earliest.
        A look and an event are compared to the microsecond, and no clock of ours is as exact.
        """
        if date is None:
            return began, self._clock.now()
        at = Micros(round(date * SECOND))
        # pages are read one after the other, so each is later than the one before
        self._page_at = Micros(max(at, began, self._page_at + 1))
        return self._page_at, max(later(at, STALE), self._page_at)

    def _page(self, answer: Answer, channel: ChannelId, *, moment: tuple[Micros, Micros]) -> Page:
        posts: list[SeenPost] = []
        unread: list[tuple[Place, str]] = []
        for message in filter(_is_post, tables_in(answer, "messages")):
            try:
                posts.append(self._seen(message, channel))
            except Exception as error:  # one odd message must not hide the others of its page
                log.exception("message %s in %s could not be read", message["ts"], channel)
                unread.append((self._place(message, channel), type(error).__name__))
        return Page(
            started=moment[0],
            ended=moment[1],
            posts=tuple(posts),
            after=next_cursor(answer),
            unread=tuple(unread),
        )

    def _place(self, message: Loose, channel: ChannelId) -> Place:
        return Place(team=self.team, channel=channel, ts=Ts(str(message["ts"])))

    def _seen(self, message: Loose, channel: ChannelId) -> SeenPost:
        place = self._place(message, channel)
        micros_of(place.ts)  # raises ValueError for anything that is no time
        latest = text_in(message, "latest_reply")
        return SeenPost(
            place=place,
            snapshot=self.recent.get(place) or read_snapshot(message),
            reactions=tuple(self._seen_reactions(message)),
            latest_reply=Ts(latest) if _is_time(latest) and message.get("reply_count") else None,
            by_app=bool(message.get("bot_id")) and not is_by(message, user=self.me, bot=self.bot),
        )

    def _seen_reactions(self, message: Loose) -> Iterator[SeenReaction]:
        """Yields each emoji once: skin tones and aliases are the same stamp."""
        merged: dict[Emoji, tuple[set[UserId], bool]] = {}
        for one in tables_in(message, "reactions"):
            users = set(map(UserId, texts_in(one, "users")))
            name = self.emoji.canonical(text_in(one, "name"))
            whole = len(users) >= (number_in(one, "count") or len(users))
            before = merged.get(name, (set(), True))
            merged[name] = (before[0] | users, before[1] and whole)
        for name, (users, whole) in merged.items():
            yield SeenReaction(reaction=name, users=frozenset(users), whole=whole)


def _metadata(saying: Saying, key: Key, revision: int) -> dict[str, object]:
    return {"event_type": saying.event, "event_payload": {"key": key, "revision": revision}}


def _is_time(ts: str) -> bool:
    try:
        return bool(ts) and micros_of(ts) >= 0
    except ValueError:
        return False


def _is_post(message: Loose) -> bool:
    """True for what people and apps post; a stamp on a join, a new topic and the like means nothing."""
    ts, subtype = message.get("ts"), message.get("subtype")
    return isinstance(ts, str) and subtype in (
        None,
        "bot_message",
        "file_share",
        "thread_broadcast",
        "me_message",
    )
