"""What one transaction can read and write of stamps, forwards, departures and the record."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from threatstamp.core.departure import Claim, Departure, NewDeparture
from threatstamp.core.forward import Forward, NewForward, Said
from threatstamp.core.ids import ChannelId, Emoji, RouteId, TeamId, Ts, UserId
from threatstamp.core.ledger import Kind, LedgerEntry
from threatstamp.core.post import Place, Snapshot
from threatstamp.core.route import Contact, Verdict
from threatstamp.core.stamp import Look, Mark, Stamp
from threatstamp.desk.ports.slack import SeenReaction


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
class Trouble:
    """Something that needs an operator. kind and values choose the sentence."""

    key: str
    kind: str
    values: Mapping[str, str]
    opened_at: int
    mended_at: int | None = None
    told: bool = False


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
    def put_undeliverable(self, departure: int, *, error: str, unsure: bool) -> None:
        """Nothing tries it any more. unsure: it may stand all the same, should it be tried again."""

    def stuck_edits(self) -> tuple[Departure, ...]:
        """Returns the messages that stand, but whose last edit Slack refused."""

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
    def forget_user(self, user: UserId) -> None:
        """Puts another name in a person's place, the same one whenever that person is seen again."""

    def aliases(self) -> Callable[[UserId], UserId]:
        """Returns what gives a forgotten person that other name, and anybody else their own."""

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
