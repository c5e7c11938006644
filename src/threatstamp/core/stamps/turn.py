"""Turns: stamps and withdrawals. Who holds a stamp follows from facts, in whatever order they came.

Two kinds of fact are known of one person's reaction on one post: *marks*, Slack's own events with their
time, and *looks*, which say whether it was there while a sweep read. Folding them gives the turns.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from threatstamp.core.ids import Emoji, UserId
from threatstamp.core.stamps.look import Presence
from threatstamp.core.stamps.post import Place
from threatstamp.core.time import Micros


class TurnKind(StrEnum):
    """The two things that can happen: a person stamps, or takes the stamp back."""

    STAMP = "stamp"
    WITHDRAWAL = "withdrawal"


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Mark:
    """Slack's event: somebody reacted, or took it back, at a known time."""

    at: Micros
    kind: TurnKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One step in the life of one person's reaction on one post.

    exact: `at` is the event's time; otherwise it is when a look saw it, and a late event will settle it.
    """

    kind: TurnKind
    at: Micros
    exact: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Reaction:
    """A reaction as Slack tells it, in the desk's words. external: Slack says that the channel is shared."""

    place: Place
    reaction: Emoji
    user: UserId
    mark: Mark
    author: UserId | None = None
    external: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnRecord:
    """A turn on record, with where it was made and which post it counts for."""

    id: int
    place: Place
    post: Place
    reaction: Emoji
    user: UserId
    turn: Turn


def fold(marks: Iterable[Mark], presences: Iterable[Presence]) -> tuple[Turn, ...]:
    """Returns the turns that the facts amount to, oldest first.

    A function of the two sets alone, so any order of arrival ends the same. An event is always a turn of
    its own. A look makes one only where it contradicts what the events say, and where no event within the
    look's own time explains it; it speaks of what is older than its call.
    """
    known = sorted(set(marks))
    turns: list[Turn] = []
    held = False
    position = 0
    for look in sorted(set(presences)):
        # events from before the look's call come first: the look must have seen what they did
        while position < len(known) and known[position].at < look.started:
            turns.append(_exact(known[position]))
            held = known[position].kind is TurnKind.STAMP
            position += 1
        if look.present == held or _explained(look, known[position:]):
            continue
        held = look.present
        kind = TurnKind.STAMP if held else TurnKind.WITHDRAWAL
        turns.append(Turn(kind=kind, at=look.started, exact=False))
    turns.extend(_exact(mark) for mark in known[position:])
    return tuple(turns)


def remembered(recorded: Iterable[Turn], presences: Iterable[Presence]) -> tuple[Presence, ...]:
    """Returns the looks that turns on record are evidence of, but that have been purged since.

    Looks are purged after some days, turns are not. Without this, the next fold would miss the look that a
    turn was derived from, and the turn would count as void.
    """
    known = {one.started for one in presences}
    return tuple(
        Presence(started=turn.at, ended=turn.at, present=turn.kind is TurnKind.STAMP)
        for turn in recorded
        if not turn.exact and turn.at not in known
    )


def _exact(mark: Mark) -> Turn:
    return Turn(kind=mark.kind, at=mark.at, exact=True)


def _explained(look: Presence, following: Sequence[Mark]) -> bool:
    """True if an event happened while the page was read that made it so: then the event is the turn."""
    expected = TurnKind.STAMP if look.present else TurnKind.WITHDRAWAL
    return any(mark.kind is expected and mark.at <= look.ended for mark in following)


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """How the turns on record become the turns that the facts amount to now."""

    new: tuple[Turn, ...]
    settled: tuple[tuple[Turn, Turn], ...] = field(default=())
    """(as recorded, as it turned out): the same turn, its time now known better."""

    void: tuple[Turn, ...] = ()
    """Recorded from a look, and not so after all: two sweeps at once had contradicted each other."""


def compare(recorded: Sequence[Turn], folded: Sequence[Turn]) -> Difference:
    """Returns what a new fact changed. A seen turn that vanished is the nearest new one of its kind."""
    gone = [turn for turn in recorded if turn not in folded]
    fresh = [turn for turn in folded if turn not in recorded]
    settled: list[tuple[Turn, Turn]] = []
    void: list[Turn] = []
    for old in gone:
        match = _nearest(old, fresh)
        if match is None:
            void.append(old)
        else:
            fresh.remove(match)
            settled.append((old, match))
    return Difference(new=tuple(fresh), settled=tuple(settled), void=tuple(void))


def _nearest(old: Turn, fresh: Iterable[Turn]) -> Turn | None:
    alike = [turn for turn in fresh if turn.kind is old.kind]
    return min(alike, key=lambda turn: abs(turn.at - old.at)) if alike else None
