"""Tickets are made in the developers' trackers, each exactly once, and asked for until they are closed.

No tracker has an idempotency key. So a claim says on record, before the call, that an attempt was made; from
then on the ticket is looked for by its key before it is made again. A claim lasts longer than its calls, and
nobody looks before it has ended: the tracker may still be carrying the call out.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace

from threatstamp.core.cases.ticket import Ticket, TicketState
from threatstamp.core.errors import TrackerError, is_about_one
from threatstamp.core.ids import TrackerName
from threatstamp.core.time import Micros, later
from threatstamp.core.trouble import TroubleKind
from threatstamp.desk.cases.briefing import BriefSaying, brief_of
from threatstamp.desk.cases.ticketing import is_marked, order_closed, record_ticket
from threatstamp.desk.ports.tickets import MadeTicket, TicketDraft, TicketLook, Tracker
from threatstamp.desk.ports.tools import Tools

LEASE = 240.0
"""Seconds for which a claim lasts."""

LONGEST_CALL = 90.0
"""Seconds that the calls which make a ticket may last together."""

SETTLING = 120.0
"""Seconds after a call without an answer in which nobody looks: what is new is found by then (Jira's search
shows most changes within seconds, some after minutes)."""

ASK_EVERY = 900.0
"""Seconds between two questions about one ticket."""

ASK_GONE = 86_400.0
"""The same for a ticket that was not found: somebody has deleted it, or our account may not read it now."""

FIRST_WAIT, LONGEST_WAIT = 30.0, 600.0
"""Seconds until a tracker is asked again after a failure, doubled each time."""

LATE = 900.0
"""Seconds after which a failure that may pass is a trouble, too."""


@dataclass(slots=True)
class _Patience:
    """How a tracker is. not_before, failing_since: by the steady clock."""

    not_before: float = 0.0
    failing_since: float | None = None
    wait: float = FIRST_WAIT


class TendTickets:
    """The step. draft: returns what a ticket says."""

    def __init__(self, tools: Tools, *, draft: Callable[[Ticket, BriefSaying], TicketDraft]) -> None:
        self._tools = tools
        self._draft = draft
        self._patience: dict[TrackerName, _Patience] = {}

    def begin_anew(self, trackers: Collection[TrackerName]) -> None:
        """Leaves no tracker alone any more: what was wrong with one may be right now. Raises StoreError.

        trackers: all that there are; the troubles of others are closed.
        """
        self._patience = {}
        with self._tools.store.reading() as read:
            found = read.troubles.unfixed(TroubleKind.TICKET)
        for subject in {one.subject for one in found} - set(trackers):
            with self._tools.store.transaction() as tx:
                tx.troubles.fix(TroubleKind.TICKET, subject, now=self._tools.clock.now())

    def run(self, trackers: Mapping[TrackerName, Tracker]) -> bool:
        """Makes what is owed and asks for what is open, as far as it is due; True if messages are owed now.

        A tracker that fails is left alone for a while, and the others go on. Raises StoreError.
        """
        has_changed = False
        while (found := self._claim(trackers)) is not None:
            ticket, since = found
            try:
                done = self._tend(ticket, trackers[ticket.tracker], since)
                has_changed = done or has_changed
            except TrackerError as error:
                self._failed(ticket, error)
            except Exception as error:
                if is_about_one(error):  # a fault of ours: the others must not wait for its end
                    self._failed(ticket, TrackerError("tracker_fault", permanent=True, ambiguous=True))
                raise
            else:
                self._succeeded(ticket.tracker)
        return has_changed

    def _claim(self, trackers: Mapping[TrackerName, Tracker]) -> tuple[Ticket, float] | None:
        steady = self._tools.clock.steady()  # before the claim: it may seem older than it is, never younger
        free = [name for name in trackers if self._of(name).not_before <= steady]
        if not free:
            return None
        now = self._tools.clock.now()
        with self._tools.store.reading() as read:
            if not read.tickets.is_due(free, now=now):
                return None
        with self._tools.store.transaction() as tx:
            found = tx.tickets.claim(free, now=now, until=later(now, LEASE))
        return None if found is None else (found, steady)

    def _tend(self, ticket: Ticket, tracker: Tracker, since: float) -> bool:
        if ticket.state is not TicketState.OWED:
            return self._looked(ticket, tracker.look(ticket.number, ticket.mark))
        saying = self._saying(ticket)
        if saying is None:
            return self._withheld(ticket)
        made = self._found(ticket, tracker)
        if made is None:
            if self._tools.clock.steady() - since > LEASE - LONGEST_CALL:
                self._put(replace(ticket, due_at=self._tools.clock.now()))  # this process was paused
                return False
            made = tracker.make(self._draft(ticket, saying))
        return self._made(ticket, made, tracker)

    def _saying(self, ticket: Ticket) -> BriefSaying | None:
        """Returns what a ticket says of its case; None if that may not go out (any more)."""
        saying = brief_of(self._tools, ticket.case)
        plan = saying.card.tracker if saying else None
        if saying is None or plan is None or plan.name != ticket.tracker:
            return saying
        with self._tools.store.reading() as read:
            marked = is_marked(read, saying.card.case, plan, self._tools.policy)
        return None if marked else saying

    def _found(self, ticket: Ticket, tracker: Tracker) -> MadeTicket | None:
        if not ticket.unsure or not tracker.can_be_asked:
            return None
        return tracker.find(ticket.key, since=ticket.owed_at)

    def _made(self, ticket: Ticket, made: MadeTicket, tracker: Tracker) -> bool:
        policy, now = self._tools.policy, self._tools.clock.now()
        asks = tracker.can_be_asked and made.number
        done = replace(
            ticket,
            state=TicketState.MADE,
            number=made.number,
            link=made.link,
            unsure=False,
            error="",
            due_at=self._next(ASK_EVERY) if asks else None,
        )
        with self._tools.store.transaction() as tx:
            if not tx.tickets.put(done):
                return False  # whoever has claimed it since finds it by its key
            record_ticket(tx, done, policy, now=now)
        return True

    def _looked(self, ticket: Ticket, look: TicketLook) -> bool:
        policy, now = self._tools.policy, self._tools.clock.now()
        due_at = self._next(ASK_GONE if look.is_gone else ASK_EVERY)
        # one that is closed and cannot be told yet has to be found closed again, not unchanged
        asked = replace(ticket, due_at=due_at, error="", mark="" if look.is_closed else look.mark)
        with self._tools.store.transaction() as tx:
            if look.is_closed and order_closed(tx, ticket, policy, now=now):
                tx.tickets.put(replace(asked, state=TicketState.CLOSED, due_at=None))
                return True
            tx.tickets.put(asked)
        return False

    def _withheld(self, ticket: Ticket) -> bool:
        now = self._tools.clock.now()
        with self._tools.store.transaction() as tx:
            case = tx.cases.get(ticket.case)
            if not tx.tickets.put(replace(ticket, state=TicketState.WITHHELD, due_at=None)) or case is None:
                return False
            for card in tx.forwards.cards(case.place):  # they say that a ticket is being made
                tx.outbox.revise(card, now=now)
        return True

    def _put(self, ticket: Ticket) -> None:
        with self._tools.store.transaction() as tx:
            tx.tickets.put(ticket)

    def _next(self, seconds: float) -> Micros:
        """Returns the next time, a little scattered: tickets made together are not asked for at once."""
        spread = random.uniform(1.0, 1.1)  # noqa: S311 - no secret
        return later(self._tools.clock.now(), seconds * spread)

    def _failed(self, ticket: Ticket, error: TrackerError) -> None:
        """Puts the next attempt off, and tells people once that is worth it.

        A clear refusal proves that this attempt made nothing, but nothing about earlier ones.
        """
        tools, patience = self._tools, self._of(ticket.tracker)
        steady, now = tools.clock.steady(), tools.clock.now()
        if patience.failing_since is None:
            patience.failing_since = steady
        wait = max(patience.wait * random.uniform(1.0, 1.2), error.retry_after or 0.0)  # noqa: S311
        patience.not_before, patience.wait = steady + wait, min(2 * patience.wait, LONGEST_WAIT)
        unsure = ticket.state is TicketState.OWED and (ticket.unsure or error.ambiguous)
        due_at = later(now, max(wait, SETTLING) if error.ambiguous else wait)
        is_told = error.permanent or steady - patience.failing_since >= LATE
        with tools.store.transaction() as tx:
            tx.tickets.put(replace(ticket, unsure=unsure, error=error.code, due_at=due_at))
            if not is_told:
                return
            values = {"name": str(ticket.tracker), "error": error.code}
            for trouble in tx.troubles.unfixed(TroubleKind.TICKET):
                if trouble.subject == ticket.tracker and trouble.values != values:
                    tx.troubles.fix(TroubleKind.TICKET, ticket.tracker, now=now)
            tx.troubles.open(TroubleKind.TICKET, ticket.tracker, values=values, now=now)

    def _succeeded(self, tracker: TrackerName) -> None:
        self._patience[tracker] = _Patience()
        with self._tools.store.reading() as read:
            is_open = any(one.subject == tracker for one in read.troubles.unfixed(TroubleKind.TICKET))
        if is_open:
            with self._tools.store.transaction() as tx:
                tx.troubles.fix(TroubleKind.TICKET, tracker, now=self._tools.clock.now())

    def _of(self, tracker: TrackerName) -> _Patience:
        return self._patience.setdefault(tracker, _Patience())
