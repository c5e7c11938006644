"""Denials: a person whose act on a case does not count is told privately, where they acted, at most once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from threatstamp.core.cases.case import CaseState, Move, Wish
from threatstamp.core.cases.moves import WISHES, Denial
from threatstamp.core.ids import ChannelId, TeamId, UserId
from threatstamp.core.outbox.body import number_in, read_body, text_in, write_body
from threatstamp.core.outbox.departure import Departure, DepartureKind, NewDeparture
from threatstamp.core.time import Micros
from threatstamp.desk.ports.departing import Act, Call, Departing
from threatstamp.desk.ports.slack import Saying
from threatstamp.desk.ports.tools import Tools

DENIAL = DepartureKind(name="denial", is_paced=False, is_reported=False, at_most_once=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Denied(Saying):
    """The notice to the person. state: the case's. other: who moved it last; None before the first move."""

    case: int
    user: UserId
    why: Denial
    wish: Wish
    state: CaseState
    other: UserId | None

    def write(self) -> str:
        return write_body(
            case=self.case,
            user=self.user,
            why=self.why.value,
            wish=self.wish.name,
            state=self.state.value,
            other=self.other or "",
        )

    @classmethod
    def read(cls, text: str) -> Self:
        body = read_body(text)
        other = text_in(body, "other")
        return cls(
            case=number_in(body, "case"),
            user=UserId(text_in(body, "user")),
            why=Denial(text_in(body, "why")),
            wish=WISHES[text_in(body, "wish")],
            state=CaseState(text_in(body, "state")),
            other=UserId(other) if other else None,
        )


def order_denial(
    case: int,
    why: Denial,
    *,
    wish: Wish,
    last: Move | None,
    team: TeamId,
    channel: ChannelId,
    user: UserId,
    key: str,
    now: Micros,
) -> NewDeparture:
    """Returns the order to tell the person. key: of the attempt. last: the case's last move."""
    denied = Denied(
        case=case,
        user=user,
        why=why,
        wish=wish,
        state=last.after if last else CaseState.NEW,
        other=last.by if last else None,
    )
    return NewDeparture(
        name=f"{case}|{key}", team=team, kind=DENIAL, channel=channel, due_at=now, body=denied.write()
    )


class Denying(Departing):
    """Tells the person in the channel where they acted."""

    kind = DENIAL

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    def prepare(self, departure: Departure, *, edit: bool) -> Act:
        denied = Denied.read(departure.body)
        return Call(
            act=lambda: self._tools.workspace.whisper(
                denied, to=denied.user, channel=departure.channel, thread_ts=None
            )
        )
