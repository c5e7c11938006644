"""A ticket: a case as the developers' own tracker has it, made there once and followed until it is closed."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from enum import StrEnum

from threatstamp.core.ids import Key, TeamId, TrackerName
from threatstamp.core.news.marking import Tlp
from threatstamp.core.time import Micros

_NUMBERED = re.compile(
    r"https?://[^/?#]+/(?:[^?#]*/)?(issues/(\d{1,12})|(?:browse|view)/([A-Z][A-Z0-9_]*-\d{1,12}))(?=[/?#]|$)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackerPlan:
    """What the settings say of a tracker. tlp: the strictest label of posts whose tickets may go there.

    begins: how the addresses of its tickets begin; "" where that is not known.
    """

    name: TrackerName
    tlp: Tlp = Tlp.GREEN
    begins: str = ""

    def number_of(self, link: str) -> str:
        """Returns the number of a ticket there, by its address; "" for any other address."""
        is_there = bool(self.begins) and link.startswith(self.begins)
        return ticket_name(link).removeprefix("#") if is_there else ""


class TicketState(StrEnum):
    """How far a ticket is."""

    OWED = "owed"
    """It is to be made."""
    MADE = "made"
    """It is there, and asked for, as far as its tracker can be asked."""
    CLOSED = "closed"
    """It was closed there, which was said in the thread of the card."""
    WITHHELD = "withheld"
    """The post's TLP label is stricter than what may go there, which was only seen when it was made."""
    SHADOW = "shadow"
    """It was ordered while the desk was in shadow, and is never made."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """The ticket of a case; a case has one. key: what it is found by in the tracker, from before it is made.

    number, link: as the tracker has them; "" until it is made, or if it does not say. due_at: when it is made
    or asked for next; None: never. token: grows with each claim, which fences off older ones. unsure: an
    earlier attempt may have made it, so it is looked for before it is made again. mark: what the tracker said
    of its state last (an ETag), "" for nothing. error: the code of the last failure, "" after a success.
    """

    case: int
    tracker: TrackerName
    key: Key
    state: TicketState
    owed_at: Micros
    due_at: Micros | None
    token: int = 0
    unsure: bool = False
    number: str = ""
    link: str = ""
    mark: str = ""
    error: str = ""


def new_ticket(case: int, tracker: TrackerName, *, team: TeamId, opened_at: Micros, now: Micros) -> Ticket:
    """Returns a ticket to be made. Its key is a digest, since everybody who reads the ticket may see it.

    opened_at: of the case; so two databases that number their cases alike have different keys.
    """
    made = hashlib.sha256(f"{team}|ticket|{case}|{opened_at}".encode()).hexdigest()
    return Ticket(
        case=case, tracker=tracker, key=Key(made[:32]), state=TicketState.OWED, owed_at=now, due_at=now
    )


def ticket_name(link: str) -> str:
    """Returns what people call a ticket, by its address: "#12", "SEC-12"; "" if the address does not say."""
    found = _NUMBERED.match(link)
    if found is None:
        return ""
    return f"#{found[2]}" if found[2] else found[3]
