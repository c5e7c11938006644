"""What is known where a case is decided, read from the record."""

from __future__ import annotations

from threatstamp.core.cases.case import Case
from threatstamp.core.cases.weighing import CaseCard, Scales, weigh
from threatstamp.desk.ports.store import Read, Tx


def weighed(read: Read | Tx, case: Case, scales: Scales) -> CaseCard:
    """Returns what is known where a case is decided."""
    post = read.posts.get(case.place)
    card = read.cases.card(case.place) or CaseCard(case=case)
    return weigh(card, scales, post.snapshot if post else None)
