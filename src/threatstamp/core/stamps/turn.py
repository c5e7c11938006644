"""Turns: stamps and withdrawals, derived from facts in a way that does not depend on their order.

There are two kinds of fact about one person's reaction on one post: *marks* are Slack's events, which have an
exact time but may be lost, late, repeated or out of order; *presences* come from a sweep's look at the post,
which misses nothing that lasts, but only knows whether the reaction was there while the page was read.
`fold` turns the set of all facts into turns. It runs again whenever a fact is added, and `compare` says what
changed, so the result is the same in whatever order the facts arrived.
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
    """What can happen: a person stamps a post, or withdraws the stamp."""

    STAMP = "stamp"
    WITHDRAWAL = "withdrawal"


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Mark:
    """A fact from an event of Slack's: a person reacted, or took the reaction back, at a known time."""

    at: Micros
    kind: TurnKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """A stamp or a withdrawal: one change of one person's reaction on one post.

    exact: `at` is the time of Slack's event. Otherwise it is when a look that noticed the change began, and
    an event that arrives late replaces it with the exact time.
    """

    kind: TurnKind
    at: Micros
    exact: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Reaction:
    """A reaction event from Slack.

    author: who wrote the post. external: the event says that the channel is shared with another organisation.
    """

    place: Place
    reaction: Emoji
    user: UserId
    mark: Mark
    author: UserId | None = None
    external: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnRecord:
    """A turn on record.

    place: where the reaction is. post: the post it counts for; see `Forwards.original`.
    """

    id: int
    place: Place
    post: Place
    reaction: Emoji
    user: UserId
    turn: Turn


def fold(marks: Iterable[Mark], presences: Iterable[Presence]) -> tuple[Turn, ...]:
    """Returns the turns that follow from the facts, oldest first, whatever the order and number of repeats.

    Events win: each event is a turn. A look adds a turn only where it contradicts the events before it, which
    means that an event was lost, and only if no event during the look explains the difference. A look says
    nothing about events after it: its page is older than they are.
    """
    known = sorted(set(marks))
    turns: list[Turn] = []
    held = False
    position = 0
    for look in sorted(set(presences)):
        # Slack answered after it had applied every event from before the call, so the look includes them.
        # Events during the call may or may not be included: `_explained` decides about those.
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
    """True if an event while the page was read accounts for what the look saw: that event is the turn."""
    expected = TurnKind.STAMP if look.present else TurnKind.WITHDRAWAL
    return any(mark.kind is expected and mark.at <= look.ended for mark in following)


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """What has to change so that the turns on record are those that the facts now give."""

    new: tuple[Turn, ...]
    settled: tuple[tuple[Turn, Turn], ...] = field(default=())
    """(as recorded, as it is now known): the same turn with a better time."""

    void: tuple[Turn, ...] = ()
    """Recorded from a look, but refuted since.

    That takes two overlapping sweeps that saw different states.
    """


def compare(recorded: Sequence[Turn], folded: Sequence[Turn]) -> Difference:
    """Returns what a new fact changes.

    A recorded turn that the fold no longer contains is matched with the new one of the same kind that is
    nearest in time: typically a look noticed a stamp, and the event with its exact time arrives now. It must
    not become a second stamp, which could forward the post again.
    """
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
