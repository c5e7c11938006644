"""What the steps need from outside: a store, a workspace, a clock. Every effect goes through here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from threatstamp.core.departure import Claim, Departure, NewDeparture
from threatstamp.core.forward import Forward, NewForward, Order, Said, Standing
from threatstamp.core.ids import ChannelId, Emoji, GroupId, Key, RouteId, TeamId, Ts, UserId
from threatstamp.core.ledger import Kind, LedgerEntry
from threatstamp.core.post import Place, Snapshot
from threatstamp.core.route import Contact, Verdict
from threatstamp.core.stamp import Look, Mark, Stamp


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """How patient the desk is, in seconds. A lease outlives a post's timeout by far more than its start."""

    lease: float = 12.0
    timeout: float = 8.0
    margin: float = 2.0
    """A post must begin so long before lease and timeout would meet."""
    pace: float = 1.0
    scan: float = 2.0
    settling: float = 4.0
    late: float = 300.0
    """A forward that has waited so long is said in alerts."""


class Clock(Protocol):
    """Time. now: microseconds since 1970; steady: seconds that go on while the process is stopped."""

    def now(self) -> int: ...
    def steady(self) -> float: ...
    def wait(self, seconds: float) -> bool:
        """Waits; False at once when the process is asked to end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenReaction:
    """One emoji under a post as a look found it. whole: everybody who used it is in `users`."""

    reaction: Emoji
    users: frozenset[UserId]
    whole: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenPost:
    """A post as a look found it."""

    place: Place
    snapshot: Snapshot
    reactions: tuple[SeenReaction, ...]
    latest_reply: Ts | None = None
    """Given for a post that has a thread under it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page of a channel or of a thread, read between `started` and `ended` (microseconds).

    after: the cursor of the next page, "" on the last.
    """

    started: int
    ended: int
    posts: tuple[SeenPost, ...]
    after: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """What one look says of one post, kept so that events that come late are judged with it."""

    place: Place
    started: int
    ended: int
    reactions: tuple[SeenReaction, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PostRecord:
    """A post on record. snapshot: None while it could not be read; gone: it was deleted before it was."""

    place: Place
    snapshot: Snapshot | None
    gone: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class StampRecord:
    """A turn on record, with where it was made and which post it counts for."""

    id: int
    place: Place
    post: Place
    reaction: Emoji
    user: UserId
    stamp: Stamp


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One of our own messages in Slack's history. revision: what it showed when it was posted."""

    ts: Ts
    revision: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """Something that needs an operator. kind and values choose the sentence."""

    key: str
    kind: str
    values: Mapping[str, str]
    opened_at: int
    mended_at: int | None = None
    told: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ForwardSaying:
    """A forward as it should stand now. quiet: taken back before it was ever said, so it calls nobody."""

    order: Order
    place: Place
    standing: Standing
    snapshot: Snapshot | None
    quiet: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LineSaying:
    """The line in a source post's thread that says where it went."""

    route_name: str
    to: tuple[ChannelId, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertSaying:
    """What an operator is told: a trouble, or that it is mended, or the ledger's head."""

    kind: str
    values: Mapping[str, str]
    mended: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusalSaying:
    """What somebody is told, privately, whose stamp may not be used."""

    user: UserId
    route_name: str
    reaction: Emoji


Saying = ForwardSaying | LineSaying | AlertSaying
"""What is posted as a message, rendered by the workspace."""


class Workspace(Protocol):
    """Slack, as the steps need it. Every method raises SlackError; nothing here is retried inside."""

    def recall(self, place: Place) -> Snapshot | None:
        """Returns a post that was seen just now, without asking anybody."""

    def look_up(self, place: Place) -> Snapshot:
        """Reads a post with its permalink; SlackError("message_not_found", permanent) if it is gone."""

    def history(self, channel: ChannelId, *, oldest: int, cursor: str) -> Page:
        """Reads one page of a channel back to `oldest` (microseconds), newest first, without replies."""

    def replies(self, place: Place, *, oldest: int, cursor: str) -> Page:
        """Reads one page of a thread's replies since `oldest`."""

    def everyone(self, place: Place) -> SeenPost:
        """Reads one post with every user of every reaction, where a page cut the list short."""

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
        """Posts once. Raises LeaseLostError, having sent nothing, when `until` (steady clock) has passed."""

    def edit(
        self, saying: Saying, *, channel: ChannelId, ts: Ts, key: Key, revision: int, until: float
    ) -> None:
        """Replaces what a message of ours shows."""

    def find(self, key: Key, *, channel: ChannelId, thread_ts: Ts | None, since: int) -> Found | None:
        """Looks for our own message with that key, posted since then."""

    def react(self, channel: ChannelId, ts: Ts, *, emoji: Emoji) -> None:
        """Puts our own reaction there; no error if it stands already."""

    def whisper(self, saying: RefusalSaying, *, channel: ChannelId, thread_ts: Ts | None) -> None:
        """Says something that only one person sees."""

    def members(self, group: GroupId) -> frozenset[UserId]:
        """Returns who is in a user group now, perhaps a minute old."""

    def is_external(self, user: UserId) -> bool:
        """True for a person of another organisation."""


class Facts(Protocol):
    """What was seen, and the turns that it amounts to."""

    def add_mark(self, place: Place, reaction: Emoji, *, user: UserId, mark: Mark, now: int) -> None: ...
    def marks(self, place: Place, reaction: Emoji, *, user: UserId) -> tuple[Mark, ...]: ...
    def add_sightings(self, sightings: Sequence[Sighting]) -> None: ...
    def looks(self, place: Place, reaction: Emoji, *, user: UserId) -> tuple[Look, ...]: ...
    def stamps(self, place: Place, reaction: Emoji, *, user: UserId) -> tuple[StampRecord, ...]: ...
    def stamps_at(self, places: Sequence[Place]) -> tuple[StampRecord, ...]: ...
    def add_stamp(
        self, place: Place, post: Place, *, reaction: Emoji, user: UserId, stamp: Stamp, now: int
    ) -> StampRecord: ...
    def settle_stamp(self, record: StampRecord, stamp: Stamp) -> None: ...
    def drop_stamp(self, record: StampRecord) -> None: ...
    def count_unrouted(self, place: Place, reaction: Emoji, *, user: UserId, mark: Mark) -> None: ...
    def post(self, place: Place) -> PostRecord | None: ...
    def keep_post(self, place: Place, snapshot: Snapshot | None, *, now: int) -> bool:
        """Keeps a post as it was when it was first seen; True if what it says was not on record before."""

    def put_post(self, place: Place, snapshot: Snapshot | None, *, gone: bool, now: int) -> None:
        """Replaces what is known of a post."""

    def original(self, place: Place) -> Place | None:
        """Returns the post that a forward of ours, standing at that place, was made for."""

    def put_edited(self, place: Place, digest: str) -> bool:
        """Notes that a post on record was edited; False if that edit is known, or the post is not."""

    def put_deleted(self, place: Place, *, now: int) -> bool:
        """Notes that a post on record was deleted; False if that is known, or the post is not."""


class Routing(Protocol):
    """What routes made of stamps, and the forwards that came of it."""

    def contact(self, channel: ChannelId, route: RouteId, *, team: TeamId) -> Contact | None: ...
    def put_contact(self, channel: ChannelId, route: RouteId, *, team: TeamId, contact: Contact) -> None: ...
    def verdict(self, stamp: StampRecord, route: RouteId) -> Verdict | None: ...
    def put_verdict(self, stamp: StampRecord, route: RouteId, *, verdict: Verdict, now: int) -> None: ...
    def judged(self, verdict: Verdict, *, team: TeamId) -> tuple[tuple[StampRecord, RouteId], ...]: ...
    def forwards(self, post: Place, reaction: Emoji) -> tuple[Forward, ...]: ...
    def forward_of(self, departure: int) -> tuple[Forward, PostRecord | None] | None:
        """Returns the forward that a departure carries, with the post that it is made of."""

    def add_forward(self, new: NewForward, *, departure: int, now: int) -> None: ...
    def move_forward(self, forward: Forward, *, event_at: int) -> None: ...
    def said(self, post: Place, reaction: Emoji, *, route: RouteId) -> tuple[Said, ...]:
        """Returns the stamps that fired the route, and every withdrawal of that reaction."""


class Owed(Protocol):
    """Departures, and the claims on their destinations."""

    def owe(self, new: NewDeparture, *, now: int) -> int | None:
        """Adds a departure and returns its id; None if it is there already."""

    def owe_claimed(
        self, new: NewDeparture, *, now: int, lease: float, holder: str
    ) -> tuple[int, Claim | None] | None:
        """The same, and claims it at once where its destination is free and nothing else waits there."""

    def departure(self, departure: int) -> Departure: ...
    def departure_at(self, place: Place) -> Departure | None: ...
    def revise(self, departure: int, *, now: int) -> None:
        """Wants what a departure shows to be made anew, once it stands."""

    def put_off(self, departure: int, *, due_at: int, error: str, unsure: bool) -> None: ...
    def reopen(self, departure: int, *, due_at: int) -> None: ...
    def cancel(self, departure: int) -> None: ...
    def put_delivered(self, departure: int, *, ts: Ts | None, shown: int, now: int) -> None: ...
    def put_undeliverable(self, departure: int, *, error: str) -> None: ...
    def put_gone(self, departure: int, *, error: str) -> None:
        """Our message cannot be edited any more: somebody deleted it, or the channel is closed."""

    def undeliverable(self) -> tuple[Departure, ...]: ...
    def late(self, *, before: int) -> tuple[Departure, ...]: ...
    def holds(self, claim: Claim) -> bool: ...
    def release(self, claim: Claim, *, next_at: int) -> None: ...


class Record(Protocol):
    """The ledger, and what an operator must know."""

    def append(self, kind: Kind, body: Mapping[str, object]) -> LedgerEntry: ...
    def entries_about(self, user: UserId) -> tuple[LedgerEntry, ...]: ...
    def entry(self, sequence: int) -> LedgerEntry | None: ...
    def redact(self, sequences: Sequence[int]) -> None: ...
    def forget_user(self, user: UserId) -> None: ...
    def troubles(self, prefix: str = "") -> tuple[Trouble, ...]:
        """Returns the open troubles whose key begins so."""

    def untold(self) -> tuple[Trouble, ...]:
        """Returns troubles, and mended ones, that alerts do not know of yet."""

    def open_trouble(self, key: str, kind: str, *, values: Mapping[str, str], now: int) -> None:
        """Opens a trouble; nothing happens if it is open already."""

    def mend_trouble(self, key: str, *, now: int) -> None:
        """Closes a trouble; nothing happens if it is not open."""

    def told(self, trouble: Trouble) -> None: ...
    def vital(self, name: str) -> str | None: ...
    def put_vital(self, name: str, value: str, *, now: int) -> None: ...
    def forget_event(self, event: int) -> None: ...


class Tx(Facts, Routing, Owed, Record, Protocol):
    """One short write transaction. Nothing in it waits for the outside world."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """An event in the inbox: Slack's own JSON, until it is worked off."""

    id: int
    body: str
    attempts: int


class Inbox(Protocol):
    """Events that were kept before they were acknowledged."""

    def keep(self, event_id: str, body: str, *, team: str, now: int) -> Kept | None:
        """Stores an event durably, taken by the caller; None if it is being worked on already."""

    def take(self, *, now: int, limit: int) -> tuple[Kept, ...]:
        """Claims events that nobody is working on."""

    def put_back(self, event: Kept, *, due_at: int, error: str, failed: bool) -> None:
        """Keeps an event for later; failed: nothing will work it off, it stays to be looked at."""


class Store(Inbox, Protocol):
    """The database."""

    def transaction(self) -> AbstractContextManager[Tx]:
        """One write transaction at a time over all processes; commits unless the block raises."""

    def reading(self) -> AbstractContextManager[Tx]:
        """A transaction that only reads and keeps nobody waiting."""

    def claim(self, *, now: int, lease: float, holder: str) -> Claim | None:
        """Claims the oldest due departure whose destination is free and rested."""

    def renew(self, claim: Claim, *, now: int, lease: float) -> bool:
        """Prolongs a claim; False if it is not ours any more."""

    def next_due(self, *, now: int) -> int | None:
        """When something will be due that can be claimed (microseconds); None if nothing is owed."""
