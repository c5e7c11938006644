"""What a new fact changes: the turns, what routes decide about them, and what forwards display.

All of it happens in the transaction of the arrival that brought the fact, so no crash can separate a stamp
from its forwards and its ledger entries.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from dataclasses import replace

from threatstamp.core.ledger.kinds import Kind
from threatstamp.core.outbox.departure import State
from threatstamp.core.stamps.forward import holdings, ripe_at
from threatstamp.core.stamps.route import Verdict
from threatstamp.core.stamps.turn import Turn, TurnKind, TurnRecord, compare, fold, remembered
from threatstamp.desk.ports.store import Tx
from threatstamp.desk.ports.tools import Tools
from threatstamp.desk.stamps.judge import Judge
from threatstamp.desk.stamps.leaving import follow_stamps
from threatstamp.desk.stamps.matter import Matter, turn_body


class Deriving:
    """Derives turns from facts, and everything that follows from new turns."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._judge = Judge(tools)

    def derive(self, tx: Tx, matter: Matter) -> int:
        """Folds all facts about this person's reaction, records what changed, and applies the routes.

        Returns the number of new turns.
        """
        place, reaction, user = matter.place, matter.reaction, matter.user
        marks = tx.stamps.marks(place, reaction, user=user)
        presences = tx.stamps.presences(place, reaction, user=user)
        recorded = tx.stamps.turns(place, reaction, user=user)
        on_record = [record.turn for record in recorded]
        evidence = (*presences, *remembered(on_record, presences))
        difference = compare(on_record, fold(marks, evidence))
        by_turn = {record.turn: record for record in recorded}
        for old, better in difference.settled:
            self._settle(tx, matter, record=by_turn[old], better=better)
        for gone in difference.void:
            # the ledger keeps the entry of the turn; this one says that it was wrong
            body = {**turn_body(by_turn[gone]), "seen_at": gone.at, "void": True}
            tx.ledger.append(Kind.SETTLED, body, now=matter.now)
            tx.stamps.drop(by_turn[gone])
        for turn in difference.new:
            self._record(tx, matter, turn)
        if difference.new or difference.settled or difference.void:
            matter.outcome.changed = True
            left = bool(difference.void) or any(one.kind is TurnKind.WITHDRAWAL for one in difference.new)
            follow_stamps(tx, matter, self._tools.policy, left=left)
        return len(difference.new)

    def _record(self, tx: Tx, matter: Matter, turn: Turn) -> None:
        record = tx.stamps.add_turn(
            matter.place,
            matter.post,
            reaction=matter.reaction,
            user=matter.user,
            turn=turn,
            now=matter.now,
        )
        is_stamp = turn.kind is TurnKind.STAMP
        body = {**turn_body(record), "at": turn.at, "exact": turn.exact}
        tx.ledger.append(Kind.STAMP if is_stamp else Kind.WITHDRAWAL, body, now=matter.now)
        if is_stamp:
            policy = self._tools.policy
            for route in policy.routes_for(matter.reaction, matter.post.channel):
                self._judge.judge(tx, matter, route, record=record)

    def _settle(self, tx: Tx, matter: Matter, *, record: TurnRecord, better: Turn) -> None:
        """Gives a turn that a look noticed the exact time from an event that arrived late."""
        tx.stamps.settle(record, better)
        body = {
            **turn_body(record),
            "seen_at": record.turn.at,
            "at": better.at,
            "exact": better.exact,
        }
        tx.ledger.append(Kind.SETTLED, body, now=matter.now)
        for forward in tx.forwards.of_post(matter.post, matter.reaction):
            if forward.user == record.user and forward.event_at == record.turn.at:
                tx.forwards.move(forward, event_at=better.at)
        if better.kind is TurnKind.STAMP:
            self._route_again(tx, matter, record=replace(record, turn=better))

    def _route_again(self, tx: Tx, matter: Matter, *, record: TurnRecord) -> None:
        """Judges a stamp again whose time was corrected: it may turn out to be newer than first contact.

        Only a verdict of `existing` depends on the time. Everything else stays, so nothing fires twice.
        """
        policy = self._tools.policy
        for route in policy.routes_for(matter.reaction, matter.post.channel):
            before = tx.routes.verdict(record, route.route.id)
            if before in (None, Verdict.EXISTING):
                self._judge.judge(tx, matter, route, record=record, before=before)

    def revise_all(self, tx: Tx, matters: Sequence[Matter]) -> None:
        """Orders an edit of every forward whose content a matter may have changed.

        Call this last in a transaction: it locks rows of departures. A claim locks the destination first and
        the departure second, and a transaction in the opposite order could deadlock with it on PostgreSQL.
        """
        new = {departure for matter in matters for departure in matter.outcome.new}
        changed = {(matter.post, matter.reaction): matter for matter in matters if matter.outcome.changed}
        done = {one for matter in changed.values() for one in self._revise(tx, matter, new=new)}
        for card in sorted({card for matter in matters for card in matter.outcome.cards} - new - done):
            tx.outbox.revise(card, now=matters[0].now)
        for digest in sorted({one for matter in matters for one in matter.outcome.joined}):
            tx.outbox.revise(digest, now=matters[0].now)

    def _revise(self, tx: Tx, matter: Matter, *, new: Set[int]) -> Iterator[int]:
        for forward in tx.forwards.of_post(matter.post, matter.reaction):
            if forward.departure in new:
                continue  # its first message will be rendered from the newest turns in any case
            matter.outcome.more = True
            tx.outbox.revise(forward.departure, now=matter.now)
            yield forward.departure
            if forward.state is State.CANCELLED:
                # everybody had withdrawn before the delay was over, and now somebody stamps again
                order = forward.order
                turns = tx.forwards.turns(forward.place, matter.reaction, route=order.route)
                ripe = ripe_at(holdings(turns), order.delay)
                if ripe is not None:
                    tx.outbox.reopen(forward.departure, due_at=max(ripe, matter.now))
