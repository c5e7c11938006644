"""Fakes that implement the ports in memory, record their calls, and can follow a script."""

from __future__ import annotations

import itertools
import sqlite3
import weakref
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.pool import StaticPool

from tests.support.script import Script
from threatstamp.app.kinds import renderer
from threatstamp.core.errors import LeaseLostError, SlackError
from threatstamp.core.facts.cve import CveId
from threatstamp.core.facts.vulnerability import Vulnerability
from threatstamp.core.ids import ChannelId, Emoji, FeedName, GroupId, Key, Ts, UserId
from threatstamp.core.news.entry import Fetched
from threatstamp.core.news.feed import FeedClaim, Request
from threatstamp.core.policy import Policy
from threatstamp.core.stamps.post import Place, Snapshot
from threatstamp.core.time import SECOND, Micros
from threatstamp.desk.ports.facts import Facts
from threatstamp.desk.ports.slack import OwnMessage, Page, Saying, Search, SeenPost
from threatstamp.desk.ports.store import Store
from threatstamp.desk.ports.time import Timing
from threatstamp.desk.ports.tools import PolicyInForce, Tools, no_products
from threatstamp.slack.blocks.renderer import Renderer
from threatstamp.slack.blocks.voice import Rendered
from threatstamp.store.connection import _begin_sqlite, _prepare_sqlite
from threatstamp.store.store import SqlStore
from threatstamp.store.tables.columns import metadata
from threatstamp.texts.catalogue import Language, Texts


def memory_store() -> SqlStore:
    """Returns a store in memory, created within a millisecond. It is closed when it is garbage-collected."""
    engine = _in_memory(_made())
    with engine.connect() as new:
        _driven(_kept()).backup(_driven(new))
    store = SqlStore(engine)
    weakref.finalize(store, engine.dispose)
    return store


@cache
def _made() -> Engine:
    """Returns the engine whose database is copied: to create the tables takes thirty times as long."""
    engine = _in_memory(None)
    metadata.create_all(engine)
    return engine


@cache
def _kept() -> Connection:
    return _made().connect()


def _in_memory(like: Engine | None) -> Engine:
    """like: one whose statements are compiled already; a new dialect would compile each of them again."""
    engine = create_engine("sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False})
    if like is not None:
        engine.dialect, engine._compiled_cache = like.dialect, like._compiled_cache
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _driven(connection: Connection) -> sqlite3.Connection:
    driven = connection.connection.driver_connection
    assert isinstance(driven, sqlite3.Connection)
    return driven


class FakeClock:
    """A clock that only the test moves. time: microseconds."""

    def __init__(self, now: int = 0) -> None:
        self.time = now

    def now(self) -> Micros:
        return Micros(self.time)

    def earliest(self) -> Micros:
        return Micros(self.time)

    def steady(self) -> float:
        return self.time / SECOND

    def wait(self, seconds: float) -> bool:
        self.time += round(seconds * SECOND)
        return True


@dataclass
class Posted:
    """A message in the fake Slack."""

    channel: ChannelId
    ts: Ts
    key: Key
    revision: int
    rendered: Rendered
    first_text: str
    """The text of the first post, whose mentions notified people; edits notify nobody."""
    thread_ts: Ts | None = None


POST = Snapshot(text="本文", title="題名", link="https://x.example/", permalink="https://p.example/1")


@dataclass
class FakeSlack:
    """The Workspace port in memory."""

    clock: FakeClock
    script: Script = field(default_factory=Script)
    groups: dict[str, frozenset[UserId]] = field(default_factory=dict)
    external_users: frozenset[UserId] = frozenset()
    messages: list[Posted] = field(default_factory=list)
    whispers: list[Saying] = field(default_factory=list)
    told: list[UserId] = field(default_factory=list)
    """Who was told something in a direct message."""
    reactions: list[tuple[str, str, str]] = field(default_factory=list)
    canvases: dict[ChannelId, tuple[str, str]] = field(default_factory=dict)
    """The mark and the words of each channel's canvas."""
    pins: list[tuple[ChannelId, Ts]] = field(default_factory=list)
    searched: list[str] = field(default_factory=list)
    """The cursors of searches."""
    searched_since: list[Micros] = field(default_factory=list)
    gone: bool = False
    snapshot: Snapshot = POST
    """What every post says."""
    seen: list[SeenPost] = field(default_factory=list)
    """The posts in the history of channels."""
    replied: list[SeenPost] = field(default_factory=list)
    """The replies in threads."""
    _numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))
    _renderer: Renderer = field(default_factory=lambda: renderer(Texts(Language.JA), ZoneInfo("Asia/Tokyo")))

    def recall(self, place: Place) -> Snapshot | None:
        return None

    def look_up(self, place: Place) -> Snapshot:
        return self.script.call("look_up", self._look_up)

    def _look_up(self) -> Snapshot:
        if self.gone:
            raise SlackError("message_not_found", permanent=True)
        return self.snapshot

    def history(self, channel: ChannelId, *, oldest: Micros, cursor: str) -> Page:
        posts = tuple(post for post in self.seen if post.place.channel == channel)
        return Page(started=self.clock.now(), ended=self.clock.now(), posts=posts)

    def replies(self, place: Place, *, oldest: Micros, cursor: str) -> Page:
        posts = tuple(post for post in self.replied if post.snapshot.thread_ts == place.ts)
        return Page(started=self.clock.now(), ended=self.clock.now(), posts=posts)

    def everyone(self, place: Place) -> SeenPost:
        unseen = SeenPost(place=place, snapshot=self.snapshot, reactions=())
        found = next((post for post in self.seen if post.place == place), unseen)
        return self.script.call("everyone", lambda: found)

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

        def usually() -> Ts:
            rendered = self._renderer.message(saying)
            ts = Ts(f"17000.{next(self._numbers):06d}")
            self.messages.append(Posted(channel, ts, key, revision, rendered, rendered.text, thread_ts))
            return ts

        return self.script.call("post", usually)

    def edit(
        self, saying: Saying, *, channel: ChannelId, ts: Ts, key: Key, revision: int, until: float
    ) -> None:
        def usually() -> None:
            for message in self.messages:
                if message.ts == ts:
                    message.rendered, message.revision = self._renderer.message(saying), revision
                    return
            raise SlackError("message_not_found", permanent=True)

        self.script.call("edit", usually)

    def find(
        self, key: Key, *, channel: ChannelId, thread_ts: Ts | None, since: Micros, cursor: str
    ) -> Search:
        self.searched.append(cursor)
        self.searched_since.append(since)

        def usually() -> Search:
            found = (one for one in self.messages if one.key == key)
            return Search(found=next((OwnMessage(ts=one.ts, revision=one.revision) for one in found), None))

        return self.script.call("find", usually)

    def react(self, channel: ChannelId, ts: Ts, *, emoji: Emoji) -> None:
        self.reactions.append((channel, ts, emoji))

    def unsay(self, channel: ChannelId, ts: Ts) -> None:
        self.messages = [one for one in self.messages if (one.channel, one.ts) != (channel, ts)]

    def put_canvas(self, saying: Saying, *, channel: ChannelId, mark: Key, must_exist: bool) -> None:
        def usually() -> None:
            ours = self.canvases.get(channel)
            if must_exist and (ours is None or ours[0] != mark):
                raise SlackError("message_not_found", permanent=True)
            if ours is not None and ours[0] != mark:
                raise SlackError("channel_canvas_already_exists", permanent=True)
            self.canvases[channel] = (mark, self._renderer.canvas(saying, str).markdown)

        self.script.call("put_canvas", usually)

    def pin(self, channel: ChannelId, ts: Ts) -> None:
        self.script.call("pin", lambda: self.pins.append((channel, ts)))

    def whisper(self, saying: Saying, *, to: UserId, channel: ChannelId | None, thread_ts: Ts | None) -> None:
        self.script.call("whisper", lambda: self.whispers.append(saying))
        self.told += [to] if channel is None else []

    def members(self, group: GroupId) -> frozenset[UserId]:
        if group not in self.groups:
            raise SlackError("timeout")
        return self.groups[group]

    def is_external(self, user: UserId) -> bool:
        return user in self.external_users


@dataclass
class FakeFetching:
    """The Fetching port with prepared answers for each feed, used in order; the last one is repeated."""

    script: Script = field(default_factory=Script)
    answers: dict[FeedName, list[Fetched]] = field(default_factory=dict)
    requests: list[Request] = field(default_factory=list)

    def fetch_all(self, requests: Sequence[tuple[FeedClaim, Request]]) -> Iterator[tuple[FeedClaim, Fetched]]:
        return self.script.call("fetch_all", lambda: self._answers(requests))

    def _answers(self, requests: Sequence[tuple[FeedClaim, Request]]) -> Iterator[tuple[FeedClaim, Fetched]]:
        for claim, request in requests:
            self.requests.append(request)
            waiting = self.answers[claim.state.name]
            yield claim, waiting.pop(0) if len(waiting) > 1 else waiting[0]


@dataclass
class FakeFacts:
    """The Facts port: what is known, and what was asked for."""

    vulnerabilities: dict[CveId, Vulnerability] = field(default_factory=dict)
    asked: list[tuple[CveId, ...]] = field(default_factory=list)

    def known(self, cves: Sequence[CveId]) -> tuple[Vulnerability, ...]:
        self.asked.append(tuple(cves))
        return tuple(self.vulnerabilities[one] for one in cves if one in self.vulnerabilities)


def tools_of(
    policy: Policy,
    *,
    store: Store,
    slack: FakeSlack,
    clock: FakeClock,
    pace: float = 0.0,
    facts: Facts | None = None,
    products_of: Callable[[str], frozenset[str]] = no_products,
) -> Tools:
    """Returns tools of fakes and a real store."""
    return Tools(
        store=store,
        workspace=slack,
        clock=clock,
        timing=Timing(pace=pace),
        holder="test",
        in_force=PolicyInForce(policy),
        facts=facts or FakeFacts(),
        products_of=products_of,
    )


def owed(store: Store) -> int:
    """Returns how many departures wait."""
    with store.reading() as read:
        return read.backlog.count()
