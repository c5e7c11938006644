"""What is owed goes out, each message exactly once: claim, act, record the outcome.

Slack has no idempotency key, so every message carries its key in metadata, and from the second attempt on
the destination's history is asked whether it stands there already.
"""

from __future__ import annotations

from collections.abc import Callable

from threatstamp.core.departure import Claim, Departure, DepartureKind, State, double, retry_in
from threatstamp.core.errors import LeaseLostError, SlackError
from threatstamp.core.forward import (
    confirm_line,
    confirm_reaction,
    ripe_at,
)
from threatstamp.core.ids import Emoji, Ts, UserId
from threatstamp.core.ledger import Kind
from threatstamp.core.policy import Confirm, Policy
from threatstamp.core.post import snapshot_body
from threatstamp.desk.ports import (
    Clock,
    DigestSaying,
    ForwardSaying,
    Found,
    RefusalSaying,
    Saying,
    Store,
    StorySaying,
    Timing,
    Tx,
    Workspace,
)
from threatstamp.desk.shown import Due, forward_body, held_by, plain_saying, publication_body, standing_of

SECOND = 1_000_000
PUBLICATIONS = (DepartureKind.STORY, DepartureKind.DIGEST)
SKEW = 120 * SECOND
"""How far back before our own clock's first attempt a message of ours is looked for."""


class Deliver:
    """The step. `one` does at most one thing; many threads and processes may call it."""

    def __init__(
        self,
        *,
        policy: Policy,
        store: Store,
        workspace: Workspace,
        clock: Clock,
        timing: Timing,
        holder: str,
    ) -> None:
        self.policy = policy
        self._store = store
        self._workspace = workspace
        self._clock = clock
        self._timing = timing
        self._holder = holder
        self.on_claim: Callable[[], None] = _nothing
        """Called after a claim, before its act: somebody else may look for the next one meanwhile."""

    def one(self) -> bool:
        """Delivers the oldest thing that is due; False if nothing can be claimed now."""
        started = self._clock.steady()
        claim = self._store.claim(now=self._clock.now(), lease=self._timing.lease, holder=self._holder)
        if claim is None:
            return False
        self.on_claim()
        self.carry(claim, since=started)
        return True

    def carry(self, claim: Claim, *, since: float) -> None:
        """Acts on a claim that began then (steady clock), and records the outcome."""
        until = since + self._timing.lease - self._timing.timeout - self._timing.margin
        try:
            self._act(claim, until)
        except LeaseLostError:
            self._give_back(claim)
        except SlackError as error:
            self._failed(claim, error)

    def _give_back(self, claim: Claim) -> None:
        """Nothing was sent: if the claim is still ours, another may have it at once."""
        departure, now = claim.departure, self._clock.now()
        with self._store.transaction() as tx:
            if tx.holds(claim) and departure.kind is not DepartureKind.REFUSAL:
                unsure = departure.unsure and not claim.edit
                tx.put_off(departure.id, due_at=now, error=departure.error, unsure=unsure)
                tx.release(claim, next_at=now)

    def _act(self, claim: Claim, until: float) -> None:
        departure = claim.departure
        match departure.kind:
            case DepartureKind.FORWARD:
                self._forward(claim, until)
            case DepartureKind.STORY | DepartureKind.DIGEST:
                self._publish(claim, until)
            case DepartureKind.REACTION:
                self._react(claim)
            case DepartureKind.REFUSAL:
                self._refuse(claim)
            case DepartureKind.DOUBLE:
                self._take_back(claim)
            case DepartureKind.LINE | DepartureKind.ALERT:
                self._say(claim, plain_saying(departure), thread_ts=departure.thread_ts, until=until)

    def _forward(self, claim: Claim, until: float) -> None:
        due = self._complete(self._due(claim.departure.id))
        if not claim.edit and not self._is_ripe(claim, due):
            return
        self._refuse_shared(due)
        saying = self._saying(due, first=not claim.edit)
        thread_ts = self._thread_of(due)
        if claim.edit:
            self._edit(claim, saying, until=until)
        else:
            self._say(claim, saying, thread_ts=thread_ts, until=until)

    def _publish(self, claim: Claim, until: float) -> None:
        """Shows a story, or the lines of a digest, as they stand now."""
        departure = claim.departure
        with self._store.reading() as tx:
            stories = tx.shown_by(departure.id)
        if not stories:
            raise SlackError("story_missing", permanent=True)
        saying: StorySaying | DigestSaying = StorySaying(story=stories[0])
        if departure.kind is DepartureKind.DIGEST:
            saying = DigestSaying(source=str(departure.body["feed"]), stories=stories)
        if claim.edit:
            self._edit(claim, saying, until=until)
        else:
            self._say(claim, saying, thread_ts=None, until=until)

    def _due(self, departure: int) -> Due:
        with self._store.reading() as tx:
            found = tx.forward_of(departure)
            if found is None:
                raise SlackError("forward_missing", permanent=True)
            forward, post = found
            held = held_by(tx, forward)
        return Due(
            forward=forward,
            held=held,
            snapshot=post.snapshot if post else None,
            gone=bool(post and post.gone),
        )

    def _complete(self, due: Due) -> Due:
        """Reads the post if it could not be read when it was stamped."""
        if due.gone or (due.snapshot and due.snapshot.permalink):
            return due
        place = due.forward.place
        try:
            snapshot, gone = self._workspace.look_up(place), False
        except SlackError as error:
            if not error.permanent:
                raise
            snapshot, gone = None, True
        with self._store.transaction() as tx:
            tx.put_post(place, snapshot or due.snapshot, gone=gone, now=self._clock.now())
            if snapshot is not None and due.snapshot is None:
                tx.append(Kind.POST, snapshot_body(place, snapshot))
        return Due(forward=due.forward, held=due.held, snapshot=snapshot or due.snapshot, gone=gone)

    def _is_ripe(self, claim: Claim, due: Due) -> bool:
        """A route with a delay: waits on while somebody holds the stamp, ends silently if nobody does."""
        if not due.forward.order.delay:
            return True
        ripe = ripe_at(due.held, round(due.forward.order.delay * SECOND))
        now = self._clock.now()
        if ripe is not None and ripe <= now:
            return True
        with self._store.transaction() as tx:
            if tx.holds(claim):
                if ripe is None:
                    tx.cancel(claim.departure.id)
                    tx.append(Kind.CANCELLED, forward_body(due.forward))
                else:
                    tx.put_off(claim.departure.id, due_at=ripe, error="", unsure=claim.departure.unsure)
                tx.release(claim, next_at=now)
        return False

    def _refuse_shared(self, due: Due) -> None:
        order, destination = due.forward.order, due.forward.destination
        if not order.external and destination in self.policy.shared:
            raise SlackError("destination_is_shared", permanent=True)

    def _saying(self, due: Due, *, first: bool) -> ForwardSaying:
        now = standing_of(due)
        return ForwardSaying(
            order=due.forward.order,
            place=due.forward.place,
            standing=now,
            snapshot=due.snapshot,
            quiet=first and not now.holders,
        )

    def _thread_of(self, due: Due) -> Ts | None:
        if not due.forward.order.thread:
            return None
        root = due.snapshot.thread_ts if due.snapshot else None
        return root or due.forward.place.ts

    def _say(self, claim: Claim, saying: Saying, *, thread_ts: Ts | None, until: float) -> None:
        departure = claim.departure
        if departure.unsure:
            found = self._find(departure, thread_ts)
            if found is not None:
                self._delivered(claim, ts=found.ts, shown=found.revision)
                return
            until = self._renew(claim)
        ts = self._workspace.post(
            saying,
            channel=departure.channel,
            thread_ts=thread_ts,
            key=departure.key,
            revision=departure.revision,
            until=until,
        )
        quiet = isinstance(saying, ForwardSaying) and saying.quiet
        self._delivered(claim, ts=ts, shown=0 if quiet else departure.revision)

    def _find(self, departure: Departure, thread_ts: Ts | None) -> Found | None:
        return self._workspace.find(
            departure.key,
            channel=departure.channel,
            thread_ts=thread_ts,
            since=departure.created_at - SKEW,
        )

    def _renew(self, claim: Claim) -> float:
        started = self._clock.steady()
        if not self._store.renew(claim, now=self._clock.now(), lease=self._timing.lease):
            raise LeaseLostError
        return started + self._timing.lease - self._timing.timeout - self._timing.margin

    def _edit(self, claim: Claim, saying: Saying, *, until: float) -> None:
        departure = claim.departure
        if departure.message_ts is None:
            raise SlackError("message_not_found", permanent=True)
        self._workspace.edit(
            saying,
            channel=departure.channel,
            ts=departure.message_ts,
            key=departure.key,
            revision=departure.revision,
            until=until,
        )
        now = self._clock.now()
        with self._store.transaction() as tx:
            if tx.holds(claim):
                tx.put_delivered(departure.id, ts=departure.message_ts, shown=departure.revision, now=now)
                tx.release(claim, next_at=self._rested(now))
            else:  # an older text may have come after a newer one: make it anew
                tx.revise(departure.id, now=now)

    def _delivered(self, claim: Claim, *, ts: Ts | None, shown: int) -> None:
        departure = claim.departure
        now = self._clock.now()
        with self._store.transaction() as tx:
            if not tx.holds(claim):
                # the next holder finds the message by its key, unless it came after he had looked
                if ts is not None:
                    tx.owe(double(departure, ts, due_at=now + round(self._timing.lease * SECOND)), now=now)
                return
            tx.put_delivered(departure.id, ts=ts, shown=shown, now=now)
            tx.release(claim, next_at=self._rested(now))
            tx.mend_trouble(f"late:{departure.channel}", now=now)
            if departure.kind is DepartureKind.FORWARD:
                self._record_delivery(tx, departure, ts=ts, now=now)
            elif departure.kind in PUBLICATIONS:
                tx.append(Kind.PUBLISHED, {**publication_body(tx, departure), "message_ts": ts})

    def _record_delivery(self, tx: Tx, departure: Departure, *, ts: Ts | None, now: int) -> None:
        found = tx.forward_of(departure.id)
        if found is None:
            return
        forward, _ = found
        tx.append(Kind.DELIVERED, {**forward_body(forward), "message_ts": ts})
        if self.policy.confirm is Confirm.REACTION:
            tx.owe(confirm_reaction(forward.place, self.policy.confirm_emoji, now=now), now=now)
        elif self.policy.confirm is Confirm.THREAD and not forward.order.thread:
            line = confirm_line(forward.place, forward.order.route_name, to=(forward.destination,), now=now)
            tx.owe(line, now=now)

    def _react(self, claim: Claim) -> None:
        departure = claim.departure
        body = departure.body
        self._workspace.react(departure.channel, Ts(str(body["ts"])), emoji=Emoji(str(body["emoji"])))
        now = self._clock.now()
        with self._store.transaction() as tx:
            if tx.holds(claim):
                tx.put_delivered(departure.id, ts=None, shown=departure.revision, now=now)
                tx.release(claim, next_at=now)

    def _take_back(self, claim: Claim) -> None:
        """A message that arrived after its lease goes, if another one stands for the same departure."""
        departure = claim.departure
        ts = Ts(str(departure.body["ts"]))
        with self._store.reading() as tx:
            meant = tx.departure(int(str(departure.body["departure"])))
        if meant.state is State.PENDING:
            raise SlackError("not_decided")  # its next holder may still find this very message
        stands_elsewhere = meant.message_ts is not None and meant.message_ts != ts
        if stands_elsewhere:
            self._workspace.unsay(departure.channel, ts)
        now = self._clock.now()
        with self._store.transaction() as tx:
            if tx.holds(claim):
                tx.put_delivered(departure.id, ts=None, shown=departure.revision, now=now)
                tx.release(claim, next_at=now)
                if stands_elsewhere:
                    body = {"team": departure.team, "channel": departure.channel, "message_ts": ts}
                    tx.append(Kind.DOUBLE, {**body, "stands": meant.message_ts})

    def _refuse(self, claim: Claim) -> None:
        """Ephemeral messages have no history: the claim ended the order already, so at most once."""
        body = claim.departure.body
        saying = RefusalSaying(
            user=UserId(str(body["user"])),
            route_name=str(body["route_name"]),
            reaction=Emoji(str(body["reaction"])),
        )
        try:
            self._workspace.whisper(saying, channel=claim.departure.channel, thread_ts=None)
        finally:
            with self._store.transaction() as tx:
                if tx.holds(claim):
                    tx.release(claim, next_at=self._rested(self._clock.now()))

    def _rested(self, now: int) -> int:
        return now + round(self._timing.pace * SECOND)

    def _failed(self, claim: Claim, error: SlackError) -> None:
        departure = claim.departure
        now = self._clock.now()
        with self._store.transaction() as tx:
            if not tx.holds(claim):
                return
            wait = _wait(error, departure.attempts + 1, settling=self._timing.settling)
            tx.release(claim, next_at=now + round((wait if error.retry_after else 0.0) * SECOND))
            if departure.kind is DepartureKind.REFUSAL:
                return
            if error.permanent:
                self._give_up(tx, departure, edit=claim.edit, error=error, now=now)
                return
            unsure = error.ambiguous or (departure.unsure and not claim.edit)
            tx.put_off(departure.id, due_at=now + round(wait * SECOND), error=error.code, unsure=unsure)

    def _give_up(self, tx: Tx, departure: Departure, *, edit: bool, error: SlackError, now: int) -> None:
        code = error.code
        if edit:
            tx.put_gone(departure.id, error=code)
        else:
            tx.put_undeliverable(departure.id, error=code, unsure=departure.unsure)
        if departure.kind is DepartureKind.ALERT:
            tx.put_vital("alerts_error", code, now=now)
            return
        found = tx.forward_of(departure.id)
        if found is not None and not edit:
            tx.append(Kind.UNDELIVERABLE, {**forward_body(found[0]), "error": code})
        elif departure.kind in PUBLICATIONS and not edit:
            tx.append(Kind.UNDELIVERABLE, {**publication_body(tx, departure), "error": code})
        if not (edit and code == "message_not_found"):
            kind = "edit" if edit else "undeliverable"
            values = {"channel": departure.channel, "error": code}
            tx.open_trouble(f"{kind}:{departure.channel}:{code}", kind, values=values, now=now)


def _wait(error: SlackError, attempts: int, *, settling: float) -> float:
    if error.retry_after is not None:
        return error.retry_after
    return max(retry_in(attempts), settling) if error.ambiguous else retry_in(attempts)


def _nothing() -> None:
    """Until somebody listens."""
