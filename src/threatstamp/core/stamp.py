"""A stamp: what a person said with a reaction. Who holds one follows from facts, in whatever order they came.

Two kinds of fact are known of one person's reaction on one post: *marks*, Slack's own events with their
time, and *looks*, what a sweep saw of it while it read. Folding them gives *turns*: stamps and withdrawals.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from threatstamp.core.ids import Emoji, UserId
from threatstamp.core.post import Place


class Turn(StrEnum):
    """The two things that can happen to a stamp."""

    STAMP = "stamp"
    WITHDRAWAL = "withdrawal"


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Mark:
    """Slack's event: somebody reacted, or took it back, at a known time (microseconds)."""

    at: int
    turn: Turn


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Look:
    """A sweep's reading: the reaction was there, or surely not, at some moment of [started, ended]."""

    started: int
    ended: int
    present: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """One turn of one person's reaction on one post.

    exact: `at` is the event's time; otherwise it is when a sweep saw it, and a late event will settle it.
    """

    turn: Turn
    at: int
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


def fold(marks: Iterable[Mark], looks: Iterable[Look]) -> tuple[Stamp, ...]:
    """Returns the turns that the facts amount to, oldest first.

    A function of the two sets alone, so any order of arrival ends the same. An event is always a turn of
    its own. A look makes one only where it contradicts what the events say, and where no event within the
    look's own time explains it; it speaks of what is older than its call.
    """
    known = sorted(set(marks))
    turns: list[Stamp] = []
    held = False
    position = 0
    for look in sorted(set(looks)):
        while position < len(known) and known[position].at < look.started:
            turns.append(_exact(known[position]))
            held = known[position].turn is Turn.STAMP
            position += 1
        if look.present == held or _explained(look, known[position:]):
            continue
        held = look.present
        turn = Turn.STAMP if held else Turn.WITHDRAWAL
        turns.append(Stamp(turn=turn, at=look.started, exact=False))
    turns.extend(_exact(mark) for mark in known[position:])
    return tuple(turns)


def _exact(mark: Mark) -> Stamp:
    return Stamp(turn=mark.turn, at=mark.at, exact=True)


def _explained(look: Look, later: Sequence[Mark]) -> bool:
    wanted = Turn.STAMP if look.present else Turn.WITHDRAWAL
    return any(mark.turn is wanted and mark.at <= look.ended for mark in later)


def is_held(turns: Sequence[Stamp]) -> bool:
    """True if the newest turn is a stamp."""
    return bool(turns) and turns[-1].turn is Turn.STAMP


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """How the turns on record become the turns that the facts amount to now."""

    new: tuple[Stamp, ...]
    settled: tuple[tuple[Stamp, Stamp], ...] = field(default=())
    """(as recorded, as it turned out): the same turn, its time now known better."""
    void: tuple[Stamp, ...] = ()
    """Recorded from a look, and not so after all: two sweeps at once had contradicted each other."""


def compare(recorded: Sequence[Stamp], folded: Sequence[Stamp]) -> Change:
    """Returns what a new fact changed. A seen turn that vanished is the nearest new one of its kind."""
    gone = [turn for turn in recorded if turn not in folded]
    fresh = [turn for turn in folded if turn not in recorded]
    settled: list[tuple[Stamp, Stamp]] = []
    void: list[Stamp] = []
    for old in gone:
        alike = (turn for turn in fresh if turn.turn is old.turn)
        match = min(alike, key=lambda turn, at=old.at: abs(turn.at - at), default=None)  # type: ignore[misc]  # mypy knows no default in a lambda
        if match is None:
            void.append(old)
        else:
            fresh.remove(match)
            settled.append((old, match))
    return Change(new=tuple(fresh), settled=tuple(settled), void=tuple(void))
