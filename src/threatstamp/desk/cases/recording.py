"""A move of a case is recorded, whoever made it."""

from __future__ import annotations

from threatstamp.core.cases.case import Case, Move, move_body
from threatstamp.core.ledger.kinds import Kind
from threatstamp.desk.cases.briefing import revise_brief
from threatstamp.desk.cases.requesting import request_decision
from threatstamp.desk.ports.store import Tx


def record_move(tx: Tx, moved: Case, step: Move, *, key: str) -> None:
    """Records a move, has cards and hand-over edited, and calls deciders who are waited for.

    moved: the case as the move leaves it.
    """
    tx.cases.put(moved, step, key=key)
    tx.ledger.append(Kind.CASE_MOVED, move_body(moved, step), now=step.at)
    # after everything else: a transaction that locks rows of departures first could deadlock with a claim
    for card in tx.forwards.cards(moved.place):
        tx.outbox.revise(card, now=step.at)
    revise_brief(tx, moved, now=step.at)
    request_decision(tx, moved, step)
