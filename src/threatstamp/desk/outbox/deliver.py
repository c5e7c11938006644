"""Departures are delivered, each exactly once: claim, act, record the outcome.

Neither a transaction nor a lock spans the call to Slack, so three rules make it exactly once:

1. *Claim.* Only the holder of the destination's lease acts. A call begins only while the lease is young
   enough for its answer to arrive before the lease ends, by a clock that also runs while the process is
   paused.
2. *Search before repeating.* chat.postMessage has no idempotency key. So every message carries its
   departure's key in its metadata, and the claim marks the departure `unsure` before the call. An attempt
   that finds it unsure first searches the destination's history for the key, and adopts the message if it is
   there. The first attempt skips the search, which would cost every message a call for nothing, unless the
   database was restored from a copy a short time ago: then there may have been attempts that it forgot.
3. *Fence.* An outcome counts only if the claim's token is still the newest. Whoever lost the claim records
   nothing but a possible double, which is then deleted; see `doubling.py`.

A message counts as sent once the outcome is committed, not when Slack answers: a crash between the two leaves
the departure unsure, and the next holder finds the message. What remains is documented in the README: a
message that Slack applies after the search and later than the settling time.

What a departure contains, and what follows from it, is in its kind (`Departing`); this is the same for all.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from threatstamp.core.errors import ContentError, DeskError, LeaseLostError, SlackError, is_about_one
from threatstamp.core.ids import Ts
from threatstamp.core.outbox.claim import Claim
from threatstamp.core.outbox.departure import MESSAGE_GONE, Departure, Withheld, retry_in
from threatstamp.core.time import Micros, later
from threatstamp.core.trouble import TroubleKind, refused_subject
from threatstamp.desk.outbox.doubling import order_double
from threatstamp.desk.outbox.search import Gap, SearchInterruptedError, search
from threatstamp.desk.ports.departing import Act, Call, Departing, Message, Never, NotYet, Said
from threatstamp.desk.ports.store import Tx
from threatstamp.desk.ports.tools import Tools

UNEXPECTED = "unexpected_error"
"""Our own code for a delivery that ended in a fault of ours: tried again, like one without an answer."""


class Deliver:
    """The step. `one` delivers at most one departure; any number of threads and processes may call it.

    kinds: every kind of departure by its name.
    """

    def __init__(
        self,
        tools: Tools,
        kinds: Mapping[str, Departing],
        *,
        report: Callable[[Departure, Exception], None] | None = None,
        gap: Gap | None = None,
    ) -> None:
        """report: called with the error if a departure cannot be delivered because of a bug of ours.

        gap: what the database does not know since it was restored.
        """
        self._tools = tools
        self._gap = gap
        self._kinds = kinds
        self._report = report

    def one(self, *, claimed: Callable[[], None] | None = None) -> bool:
        """Delivers the oldest departure that is due; False if nothing can be claimed now.

        claimed: called between claim and call, so that another thread can look for more work meanwhile.
        """
        tools = self._tools
        started = tools.clock.steady()  # before the claim: the lease may seem older than it is, never younger
        claim = tools.store.claim(now=tools.clock.now(), lease=tools.timing.lease, holder=tools.holder)
        if claim is None:
            return False
        if claimed is not None:
            claimed()
        self.carry(claim, since=started)
        return True

    def carry(self, claim: Claim, *, since: float) -> None:
        """Executes a claimed departure and records the outcome.

        since: when the claim began, by the steady clock.
        """
        try:
            self._act(claim, since + self._tools.timing.longest_start)
        except LeaseLostError:
            self._give_back(claim)
        except ContentError as error:
            # Tried for ever, it would hold up everything behind it. Withheld, an operator hears of it, and
            # can `retry` it after an upgrade.
            if self._report is not None:
                self._report(claim.departure, error)
            self._withhold(claim, Withheld.UNREADABLE)
        except SearchInterruptedError as interrupted:
            self._failed(claim, interrupted.error, searched=interrupted.cursor)
        except SlackError as error:
            self._failed(claim, error)
        except Exception as error:
            if not is_about_one(error):
                raise
            # a fault of ours, perhaps after the message was sent: those behind it must not wait for its end
            if self._report is not None:
                self._report(claim.departure, error)
            self._failed(claim, SlackError(UNEXPECTED, ambiguous=True))

    def _give_back(self, claim: Claim) -> None:
        """Releases a claim for which nothing was sent, so that another worker can have it at once."""
        departure, now = claim.departure, self._tools.clock.now()
        with self._tools.store.transaction() as tx:
            if tx.claims.holds(claim) and not departure.kind.at_most_once:
                # `departure` is as it was before the claim: sure again, if no earlier attempt was made
                unsure = departure.unsure and not claim.edit
                tx.outbox.put_off(departure.id, due_at=now, error=departure.error, unsure=unsure)
                tx.claims.release(claim, next_at=now)

    def _act(self, claim: Claim, until: float) -> None:
        departure = claim.departure
        kind = self._kinds.get(departure.kind.name)
        if kind is None:  # a newer version recorded it, which may be running beside this one
            self._withhold(claim, Withheld.UNKNOWN, wait=retry_in(departure.attempts + 1))
            return
        match self._prepared(claim, kind):
            case Message() as message:
                if claim.edit:
                    self._edit(claim, message, until=until)
                else:
                    self._post(claim, kind, message, until=until)
            case Call(act=act) if departure.kind.at_most_once:
                self._once(claim, act)
            case Call(act=act):
                act()
                self._delivered(claim, kind, ts=None, displayed=departure.revision)
            case NotYet() as not_yet:
                self._wait_on(claim, kind, not_yet)
            case Said() as said:
                self._said(claim, kind, said)
            case Never(reason=reason):
                self._withhold(claim, reason)

    def _prepared(self, claim: Claim, kind: Departing) -> Act:
        """Returns what to do. Raises ContentError where the kind cannot make sense of its body."""
        departure = claim.departure
        try:
            return kind.prepare(departure, edit=claim.edit)
        except DeskError:
            raise
        except Exception as error:
            raise ContentError(departure.kind.name) from error

    def _withhold(self, claim: Claim, reason: Withheld, *, wait: float | None = None) -> None:
        """Records why the desk does not send a departure. wait: seconds until it looks again, None: never."""
        departure, now = claim.departure, self._tools.clock.now()
        with self._tools.store.transaction() as tx:
            if not tx.claims.holds(claim):
                return
            tx.claims.release(claim, next_at=now)
            if departure.kind.at_most_once:
                return
            if wait is None:
                self._give_up(tx, claim, code=reason.value, now=now)
            else:
                due_at = later(now, wait)
                tx.outbox.put_off(departure.id, due_at=due_at, error=reason.value, unsure=departure.unsure)

    def _wait_on(self, claim: Claim, kind: Departing, not_yet: NotYet) -> None:
        """Postpones a departure that is not to be executed yet, or cancels one whose reason is gone."""
        departure, now = claim.departure, self._tools.clock.now()
        with self._tools.store.transaction() as tx:
            if not tx.claims.holds(claim):
                return
            if not_yet.due_at is None:
                tx.outbox.cancel(departure.id)
                kind.cancelled(tx, departure, now=now)
            else:
                tx.outbox.put_off(departure.id, due_at=not_yet.due_at, error="", unsure=departure.unsure)
            if not_yet.record is not None:
                not_yet.record(tx, now)
            tx.claims.release(claim, next_at=now)

    def _post(self, claim: Claim, kind: Departing, message: Message, *, until: float) -> None:
        departure = claim.departure
        since = self._doubtful_since(departure)
        if since is not None:
            found, until = search(self._tools, claim, message.thread_ts, since=since, until=until)
            if found is not None:
                self._delivered(claim, kind, ts=found.ts, displayed=found.revision)
                return
        if message.unless_there is not None:
            self._wait_on(claim, kind, message.unless_there)
            return
        ts = self._tools.workspace.post(
            message.saying,
            channel=departure.channel,
            thread_ts=message.thread_ts,
            key=departure.key,
            revision=departure.revision,
            until=until,
        )
        displayed = 0 if message.provisional else departure.revision  # 0: an edit is due at once
        self._delivered(claim, kind, ts=ts, displayed=displayed)

    def _doubtful_since(self, departure: Departure) -> Micros | None:
        """Returns since when the message may exist already; None if this is certainly its first attempt.

        Keys are digests of natural names, so what a copy of the database did not know gets its old key when
        a sweep or a feed brings it again.
        """
        gap = self._gap
        if gap is not None and self._tools.clock.now() < gap.until:
            return min(gap.since, departure.created_at)
        return departure.created_at if departure.unsure else None

    def _edit(self, claim: Claim, message: Message, *, until: float) -> None:
        departure = claim.departure
        if departure.message_ts is None:
            raise SlackError(MESSAGE_GONE, permanent=True)
        self._tools.workspace.edit(
            message.saying,
            channel=departure.channel,
            ts=departure.message_ts,
            key=departure.key,
            revision=departure.revision,
            until=until,
        )
        now = self._tools.clock.now()
        with self._tools.store.transaction() as tx:
            if not tx.claims.holds(claim):
                # our edit may have reached Slack after a newer one of another holder: order the newest again
                tx.outbox.revise(departure.id, now=now)
                return
            tx.outbox.put_delivered(
                departure.id, ts=departure.message_ts, displayed=departure.revision, now=now
            )
            tx.claims.release(claim, next_at=self._rested(departure, now))

    def _delivered(self, claim: Claim, kind: Departing, *, ts: Ts | None, displayed: int) -> None:
        departure = claim.departure
        now = self._tools.clock.now()
        with self._tools.store.transaction() as tx:
            if not tx.claims.holds(claim):
                # the next holder has found this message by its key, unless it arrived after the search;
                # decide that when his lease is over, too
                if ts is None:  # as in `_edit`: our call may have undone what a newer one did
                    tx.outbox.revise(departure.id, now=now)
                else:
                    due_at = later(now, self._tools.timing.lease)
                    tx.outbox.owe(order_double(departure, ts, due_at=due_at), now=now)
                return
            tx.outbox.put_delivered(departure.id, ts=ts, displayed=displayed, now=now)
            tx.claims.release(claim, next_at=self._rested(departure, now))
            if departure.error:  # it had failed before, so it may have been late
                self._fix_late(tx, departure, now=now)
            if not claim.edit:
                kind.delivered(tx, departure, ts=ts, now=now)

    def _said(self, claim: Claim, kind: Departing, said: Said) -> None:
        """Records what the message of another departure has said."""
        departure, now = claim.departure, self._tools.clock.now()
        with self._tools.store.transaction() as tx:
            if not tx.claims.holds(claim):
                return
            tx.outbox.put_delivered(departure.id, ts=said.ts, displayed=departure.revision, now=now)
            tx.claims.release(claim, next_at=now)
            if not claim.edit:
                kind.delivered(tx, departure, ts=said.ts, now=now)
            if said.record is not None:
                said.record(tx, now)

    def _fix_late(self, tx: Tx, departure: Departure, *, now: Micros) -> None:
        """Closes a channel's trouble about late messages once none is late any more."""
        late = tx.backlog.late(before=later(now, -self._tools.timing.late))
        if all(one.channel != departure.channel for one in late):
            tx.troubles.fix(TroubleKind.LATE, departure.channel, now=now)

    def _once(self, claim: Claim, act: Callable[[], None]) -> None:
        """Makes a call at most once: the claim has completed the departure already, so nobody repeats it."""
        try:
            act()
        finally:
            with self._tools.store.transaction() as tx:
                if tx.claims.holds(claim):
                    now = self._tools.clock.now()
                    tx.claims.release(claim, next_at=self._rested(claim.departure, now))

    def _rested(self, departure: Departure, now: Micros) -> Micros:
        return later(now, self._tools.timing.pace) if departure.kind.is_paced else now

    def _failed(self, claim: Claim, error: SlackError, *, searched: str | None = None) -> None:
        """Records a failure. searched: the cursor of the search that failed, None if it was another call."""
        departure = claim.departure
        now = self._tools.clock.now()
        with self._tools.store.transaction() as tx:
            if not tx.claims.holds(claim):
                return
            wait = _wait(error, departure.attempts + 1, settling=self._tools.timing.settling)
            # Only a rate limit of posts concerns the whole destination. Any other failure, also one of the
            # search or of another call, which have limits of their own, must not hold up the rest.
            is_post = departure.kind.is_paced and searched is None
            rest = wait if error.retry_after and is_post else 0.0
            tx.claims.release(claim, next_at=later(now, rest))
            if departure.kind.at_most_once:
                return
            if error.permanent:
                self._give_up(tx, claim, code=error.code, now=now)
                return
            # A clear refusal proves that this attempt sent nothing, but nothing about earlier ones. An edit
            # can be repeated safely, so it does not inherit the doubt.
            unsure = error.ambiguous or (departure.unsure and not claim.edit)
            due_at = later(now, wait)
            tx.outbox.put_off(
                departure.id, due_at=due_at, error=error.code, unsure=unsure, searched=searched or ""
            )

    def _give_up(self, tx: Tx, claim: Claim, *, code: str, now: Micros) -> None:
        departure = claim.departure
        if claim.edit:
            tx.outbox.put_gone(departure.id, error=code)
        else:
            tx.outbox.put_undeliverable(departure.id, error=code, unsure=departure.unsure)
            kind = self._kinds.get(departure.kind.name)
            if kind is not None:
                kind.given_up(tx, departure, error=code, now=now)
        is_deleted = claim.edit and code == MESSAGE_GONE  # a person deleted it, and knows that
        if departure.kind.is_reported and not is_deleted:
            trouble = TroubleKind.EDIT if claim.edit else TroubleKind.UNDELIVERABLE
            values = {"channel": departure.channel, "error": code}
            tx.troubles.open(trouble, refused_subject(departure.channel, code), values=values, now=now)


def _wait(error: SlackError, attempts: int, *, settling: float) -> float:
    """Returns the seconds until the next attempt.

    After an ambiguous error at least the settling time: Slack may still be executing the call, and a search
    that comes too early would not find the message.
    """
    if error.retry_after is not None:
        return error.retry_after
    return max(retry_in(attempts), settling) if error.ambiguous else retry_in(attempts)
