"""Legends: what the stamps in a source channel do, in its canvas or in a pinned message.

`legend` orders one for each source; from then on each change of the policy brings an edit of those that say
something else now. A channel that is a source no longer keeps its legend, which then says that stamps do
nothing there: whoever looks for it learns why, and nothing that people can see disappears by itself.

There is one canvas in a channel, so creating it twice is impossible, and it carries a mark, by which it is
known as ours after an answer that was lost, or to a database that was restored from a copy. A channel whose
canvas is somebody else's gets the message: only people know what in their canvas may be changed.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import Self

from threatstamp.core import signs
from threatstamp.core.errors import SlackError
from threatstamp.core.ids import ChannelId, Emoji, Key, TeamId, Ts
from threatstamp.core.outbox.body import number_in, read_body, text_in, write_body
from threatstamp.core.outbox.departure import MESSAGE_GONE, Departure, DepartureKind, NewDeparture, State
from threatstamp.core.policy import Policy
from threatstamp.core.stamps.route import BoundRoute
from threatstamp.core.time import Micros, later
from threatstamp.desk.ports.departing import Act, Call, Departing, Message, NotYet
from threatstamp.desk.ports.slack import Saying
from threatstamp.desk.ports.store import Tx
from threatstamp.desk.ports.tools import Tools
from threatstamp.desk.ports.vitals import ReadVitals

CANVAS = DepartureKind(name="legend_canvas", is_paced=False)
MESSAGE = DepartureKind(name="legend_message")
PIN = DepartureKind(name="legend_pin", is_paced=False, is_reported=False)

WAIT = 30.0
"""Seconds until another look while the routes are not known."""

PINNED = "pinned"


@dataclass(frozen=True, slots=True, kw_only=True)
class LegendLine:
    """What one route does. mention, allow: in Slack's form; lost names as plain text."""

    reaction: Emoji
    name: str
    to: tuple[ChannelId, ...]
    in_thread: bool
    mention: tuple[str, ...]
    text: str
    allow: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Legend(Saying):
    """What the stamps in a channel do, in the order of the settings; without lines, nothing.

    quiet: it names nobody, because mentions in a new message would call people.
    """

    lines: tuple[LegendLine, ...]
    quiet: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LegendState:
    """Where a channel's legend is. departure: the one that displays it. content: a digest of what it says.

    number: how many there were, this one included: it makes the names of their departures, which are the same
    again after a restoration. refused: Slack's code, if there is a message because no canvas can be.
    pin: PINNED, Slack's code if the message cannot be pinned, "" before that is known and for a canvas.
    """

    departure: int
    content: str
    number: int
    refused: str = ""
    pin: str = ""

    def write(self) -> str:
        return write_body(
            departure=self.departure,
            content=self.content,
            number=self.number,
            refused=self.refused,
            pin=self.pin,
        )

    @classmethod
    def read(cls, text: str) -> Self:
        body = read_body(text)
        return cls(
            departure=number_in(body, "departure"),
            content=text_in(body, "content"),
            number=number_in(body, "number"),
            refused=text_in(body, "refused"),
            pin=text_in(body, "pin"),
        )


def legend_of(policy: Policy, channel: ChannelId) -> Legend:
    """Returns what the stamps in a channel do now."""
    routes = policy.routes if channel in policy.sources else ()
    return Legend(lines=tuple(_line(route) for route in routes if route.listens_to(channel)))


def order_legends(tools: Tools) -> None:
    """Orders a legend for each source that has none, or whose legend is gone or was refused."""
    policy, now = tools.policy, tools.clock.now()
    with tools.store.transaction() as tx:
        for channel in sorted(policy.sources):
            state = legend_state(tx.vitals, channel, team=policy.team)
            if state is None or _is_over(tx.outbox.get(state.departure)):
                number = state.number + 1 if state else 1
                new = _order(CANVAS, f"{channel}|{number}", channel, team=policy.team, now=now)
                made = tx.outbox.owe(new, now=now)
                assert made is not None  # every number is used once, in the transaction that notes it
                placed = LegendState(departure=made, content=_digest(policy, channel), number=number)
                _put(tx, channel, placed, team=policy.team, now=now)


def refresh_legends(tools: Tools) -> None:
    """Orders an edit of each legend on record, which shows whether somebody has deleted it."""
    with tools.store.transaction() as tx:
        for state in legends(tx.vitals, team=tools.policy.team).values():
            tx.outbox.revise(state.departure, now=tools.clock.now())


def keep_legends(tx: Tx, policy: Policy, *, now: Micros) -> None:
    """Orders an edit of each legend that says something else now.

    Not while routes that somebody keeps elsewhere are not known: they do not count as removed.
    """
    if not policy.is_whole:
        return
    for channel, state in legends(tx.vitals, team=policy.team).items():
        content = _digest(policy, channel)
        if state.content != content:
            tx.outbox.revise(state.departure, now=now)
            _put(tx, channel, replace(state, content=content), team=policy.team, now=now)


def legends(vitals: ReadVitals, *, team: TeamId) -> dict[ChannelId, LegendState]:
    """Returns the legends on record by their channels."""
    prefix = signs.legend(team, "")
    return {
        ChannelId(name.removeprefix(prefix)): LegendState.read(value)
        for name, (value, _) in vitals.every().items()
        if name.startswith(prefix)
    }


def legend_state(vitals: ReadVitals, channel: ChannelId, *, team: TeamId) -> LegendState | None:
    """Returns where a channel's legend is; None if it has none."""
    value = vitals.get(signs.legend(team, channel))
    return LegendState.read(value) if value else None


class PuttingCanvas(Departing):
    """Puts the legend into the channel's canvas; where that is refused, a message takes its place."""

    kind = CANVAS

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._refused: dict[int, str] = {}
        """Slack's code by departure, between the call and the record of its outcome."""

    def prepare(self, departure: Departure, *, edit: bool) -> Act:
        policy = self._tools.policy
        if not policy.is_whole:
            return NotYet(due_at=later(self._tools.clock.now(), WAIT))
        legend = legend_of(policy, departure.channel)
        return Call(act=lambda: self._put(departure, legend, edit=edit))

    def _put(self, departure: Departure, legend: Legend, *, edit: bool) -> None:
        try:
            self._tools.workspace.put_canvas(
                legend, channel=departure.channel, mark=_mark(departure), must_exist=edit
            )
        except SlackError as error:
            # a canvas that an earlier attempt may have made, and that nobody can look for, would get a double
            is_blind = departure.unsure and error.ambiguous
            if edit or is_blind or not error.permanent:
                raise
            self._refused[departure.id] = error.code

    def delivered(self, tx: Tx, departure: Departure, *, ts: Ts | None, now: Micros) -> None:
        code = self._refused.pop(departure.id, "")
        state = legend_state(tx.vitals, departure.channel, team=departure.team)
        if not code or state is None:
            return
        name = f"{departure.channel}|{state.number}"
        new = _order(MESSAGE, name, departure.channel, team=departure.team, now=now)
        made = tx.outbox.owe(new, now=now)
        if made is not None:
            state = replace(state, departure=made, refused=code, pin="")
            _put(tx, departure.channel, state, team=departure.team, now=now)


class PostingLegend(Departing):
    """Posts the legend as a message, which names people only when it is edited: that calls nobody."""

    kind = MESSAGE

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    def prepare(self, departure: Departure, *, edit: bool) -> Act:
        policy = self._tools.policy
        if not policy.is_whole:
            return NotYet(due_at=later(self._tools.clock.now(), WAIT))
        return Message(saying=replace(legend_of(policy, departure.channel), quiet=not edit))

    def delivered(self, tx: Tx, departure: Departure, *, ts: Ts | None, now: Micros) -> None:
        if ts is None:
            return
        # not `provisional`: a message that was found after a crash was posted without the names as well
        tx.outbox.revise(departure.id, now=now)
        body = write_body(ts=ts, legend=departure.id)
        new = _order(PIN, f"{departure.channel}|{ts}", departure.channel, team=departure.team, now=now)
        tx.outbox.owe(replace(new, body=body), now=now)


class Pinning(Departing):
    """Pins the message. Without the right to do that, the legend stays a message like others."""

    kind = PIN

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    def prepare(self, departure: Departure, *, edit: bool) -> Act:
        ts = Ts(text_in(read_body(departure.body), "ts"))
        return Call(act=lambda: self._tools.workspace.pin(departure.channel, ts))

    def delivered(self, tx: Tx, departure: Departure, *, ts: Ts | None, now: Micros) -> None:
        self._note(tx, departure, PINNED, now=now)

    def given_up(self, tx: Tx, departure: Departure, *, error: str, now: Micros) -> None:
        self._note(tx, departure, error, now=now)

    def _note(self, tx: Tx, departure: Departure, pin: str, *, now: Micros) -> None:
        state = legend_state(tx.vitals, departure.channel, team=departure.team)
        if state is not None and state.departure == number_in(read_body(departure.body), "legend"):
            _put(tx, departure.channel, replace(state, pin=pin), team=departure.team, now=now)


def _line(bound: BoundRoute) -> LegendLine:
    route = bound.route
    known = (
        *(f"<@{user}>" for user in sorted(bound.allow_users)),
        *(f"<!subteam^{group}>" for group in sorted(bound.allow_groups)),
    )
    lost = tuple(name for name in route.allow if name in bound.lost)
    return LegendLine(
        reaction=route.reaction,
        name=route.name,
        to=bound.to,
        in_thread=route.thread,
        mention=bound.mention,
        text=route.text,
        allow=(*known, *lost),
    )


def _order(kind: DepartureKind, name: str, channel: ChannelId, *, team: TeamId, now: Micros) -> NewDeparture:
    return NewDeparture(name=name, team=team, kind=kind, channel=channel, due_at=now)


def _mark(departure: Departure) -> Key:
    """Returns the mark of the channel's canvas: whichever departure puts it there, it is the same."""
    return _order(CANVAS, departure.channel, departure.channel, team=departure.team, now=Micros(0)).key


def _digest(policy: Policy, channel: ChannelId) -> str:
    """Returns a digest of what a legend says, and in which language."""
    said = f"{policy.language}|{legend_of(policy, channel)!r}"
    return hashlib.sha256(said.encode()).hexdigest()


def _put(tx: Tx, channel: ChannelId, state: LegendState, *, team: TeamId, now: Micros) -> None:
    tx.vitals.put(signs.legend(team, channel), state.write(), now=now)


def _is_over(departure: Departure) -> bool:
    """True for a legend that nobody can see: it was refused for good, or somebody has deleted it."""
    return departure.state is State.UNDELIVERABLE or departure.error == MESSAGE_GONE
