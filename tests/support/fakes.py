"""Fakes that keep the ports' promises and remember what was asked of them."""

from __future__ import annotations

import itertools
import weakref
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from sqlalchemy import create_engine, event
from sqlalchemy.pool import StaticPool

from threatstamp.core.errors import LeaseLostError, SlackError
from threatstamp.core.ids import ChannelId, Emoji, GroupId, Key, Ts, UserId
from threatstamp.core.post import Place, Snapshot
from threatstamp.desk.ports import Found, Page, RefusalSaying, Saying, SeenPost
from threatstamp.slack.blocks import Rendered, Renderer
from threatstamp.store.connection import _begin_sqlite, _prepare_sqlite
from threatstamp.store.store import SqlStore
from threatstamp.store.tables import metadata
from threatstamp.texts.catalogue import Language, Texts


def memory_store() -> SqlStore:
    """A store in memory, made in a few milliseconds. It is closed when nobody holds it any more."""
    engine = create_engine("sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False})
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    metadata.create_all(engine)
    store = SqlStore(engine)
    weakref.finalize(store, engine.dispose)
    return store


class FakeClock:
    """Time that a test moves."""

    def __init__(self, now: int = 0) -> None:
        self.time = now

    def now(self) -> int:
        return self.time

    def steady(self) -> float:
        return self.time / 1e6

    def wait(self, seconds: float) -> bool:
        self.time += round(seconds * 1e6)
        return True


@dataclass
class Standing:
    """A message that stands in the fake."""

    channel: ChannelId
    ts: Ts
    key: Key
    revision: int
    shown: Rendered
    called: str
    """What the first posting's text was: whom it called."""


@dataclass
class FakeSlack:
    """Slack as the steps need it, in memory."""

    clock: FakeClock
    groups: dict[str, frozenset[UserId]] = field(default_factory=dict)
    strangers: frozenset[UserId] = frozenset()
    messages: list[Standing] = field(default_factory=list)
    whispers: list[RefusalSaying] = field(default_factory=list)
    reactions: list[tuple[str, str, str]] = field(default_factory=list)
    errors: list[SlackError] = field(default_factory=list)
    """Raised by the next posts, in turn, before anything is done."""
    gone: bool = False
    seen: list[SeenPost] = field(default_factory=list)
    """What the history of a channel shows."""
    _numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))
    _renderer: Renderer = field(default_factory=lambda: Renderer(Texts(Language.JA), ZoneInfo("Asia/Tokyo")))

    def recall(self, place: Place) -> Snapshot | None:
        return None

    def look_up(self, place: Place) -> Snapshot:
        if self.gone:
            raise SlackError("message_not_found", permanent=True)
        return Snapshot(text="本文", title="題名", link="https://x.example/", permalink="https://p.example/1")

    def history(self, channel: ChannelId, *, oldest: int, cursor: str) -> Page:
        posts = tuple(post for post in self.seen if post.place.channel == channel)
        return Page(started=self.clock.now(), ended=self.clock.now(), posts=posts)

    def replies(self, place: Place, *, oldest: int, cursor: str) -> Page:
        raise NotImplementedError

    def everyone(self, place: Place) -> SeenPost:
        raise NotImplementedError

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
        if self.clock.steady() > until:
            raise LeaseLostError
        if self.errors:
            raise self.errors.pop(0)
        shown = self._renderer.message(saying)
        ts = Ts(f"17000.{next(self._numbers):06d}")
        self.messages.append(Standing(channel, ts, key, revision, shown, shown.text))
        return ts

    def edit(
        self, saying: Saying, *, channel: ChannelId, ts: Ts, key: Key, revision: int, until: float
    ) -> None:
        for message in self.messages:
            if message.ts == ts:
                message.shown, message.revision = self._renderer.message(saying), revision
                return
        raise SlackError("message_not_found", permanent=True)

    def find(self, key: Key, *, channel: ChannelId, thread_ts: Ts | None, since: int) -> Found | None:
        for message in self.messages:
            if message.key == key:
                return Found(ts=message.ts, revision=message.revision)
        return None

    def react(self, channel: ChannelId, ts: Ts, *, emoji: Emoji) -> None:
        self.reactions.append((channel, ts, emoji))

    def unsay(self, channel: ChannelId, ts: Ts) -> None:
        self.messages = [one for one in self.messages if (one.channel, one.ts) != (channel, ts)]

    def whisper(self, saying: RefusalSaying, *, channel: ChannelId, thread_ts: Ts | None) -> None:
        self.whispers.append(saying)

    def members(self, group: GroupId) -> frozenset[UserId]:
        if group not in self.groups:
            raise SlackError("timeout")
        return self.groups[group]

    def is_external(self, user: UserId) -> bool:
        return user in self.strangers
