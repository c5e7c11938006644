"""A destination is searched for a message of ours that an earlier attempt may have posted."""

from __future__ import annotations

from dataclasses import dataclass

from threatstamp.core import signs
from threatstamp.core.errors import DeskError, LeaseLostError, SlackError
from threatstamp.core.ids import Ts
from threatstamp.core.outbox.claim import Claim
from threatstamp.core.time import DAY, Micros, later
from threatstamp.desk.ports.slack import OwnMessage
from threatstamp.desk.ports.store import Read
from threatstamp.desk.ports.tools import Tools

SKEW = 120.0
"""The search begins this many seconds earlier: the clocks of the process that recorded the departure, of this
one and of Slack may differ."""

INVALID_CURSOR = "invalid_cursor"
"""Slack keeps its cursors for a while only."""


GAP_COUNTS = 2 * DAY
"""So long after a restoration, in microseconds, every message is searched for before it is posted: by then
the sweeps and the feeds have brought all that the copy did not know."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """What a restored database does not know: messages of ours from `since` on. until: see GAP_COUNTS."""

    since: Micros
    until: Micros


def read_gap(read: Read) -> Gap | None:
    """Returns the gap that the last restoration left; None if there never was one."""
    value, at = read.vitals.every().get(signs.RESTORED, ("", Micros(0)))
    return Gap(since=Micros(int(value)), until=Micros(at + GAP_COUNTS)) if value.isdecimal() else None


class SearchInterruptedError(DeskError):
    """A page could not be read, for the reason in `error`. cursor: where the search goes on."""

    def __init__(self, error: SlackError, cursor: str) -> None:
        super().__init__(str(error))
        self.error = error
        self.cursor = cursor


def search(
    tools: Tools, claim: Claim, thread_ts: Ts | None, *, since: Micros, until: float
) -> tuple[OwnMessage | None, float]:
    """Searches from `since` on; returns the message, if it exists, and until when a post may begin.

    It reads page by page, and an interrupted search goes on where it was. With pages of 15 messages and one
    call a minute, as Slack grants them to some apps, it would otherwise never end
    (https://docs.slack.dev/apis/web-api/rate-limits/#non-marketplace-apps).

    Raises SearchInterruptedError; LeaseLostError if the claim is not ours any more.
    """
    departure = claim.departure
    cursor, began_anew = departure.searched, False
    while True:
        try:
            page = tools.workspace.find(
                departure.key,
                channel=departure.channel,
                thread_ts=thread_ts,
                since=later(since, -SKEW),
                cursor=cursor,
            )
        except SlackError as error:
            if error.code == INVALID_CURSOR and cursor and not began_anew:
                cursor, began_anew = "", True
                continue
            raise SearchInterruptedError(error, cursor) from error
        if page.found is not None:
            return page.found, until
        until = _renew(tools, claim)  # the page may have used up the time in which the post must begin
        cursor = page.after
        if not cursor:
            return None, until


def _renew(tools: Tools, claim: Claim) -> float:
    """Extends the lease; returns until when a call may begin. Raises LeaseLostError."""
    started = tools.clock.steady()
    if not tools.store.renew(claim, now=tools.clock.now(), lease=tools.timing.lease):
        raise LeaseLostError
    return started + tools.timing.longest_start
