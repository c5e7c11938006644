"""The moves of a case as one table: what may be done in which state, by whom, and where it leads."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from threatstamp.core.cases.case import CLOSED, Case, CaseAct, CaseState, Choice, Move, Wish
from threatstamp.core.ids import UserId

S = CaseState


class Denial(StrEnum):
    """Why somebody's act does not count. Each has a sentence `denied_…` in the catalogue `cases`."""

    TAKEN = "taken"
    """Somebody else looks after the case."""
    STATE = "state"
    """The case is in a state in which nobody can do this."""
    RIGHT = "right"
    """Only the deciders of the settings may."""
    REASON = "reason"
    """It needs a reason."""
    OUTSIDE = "outside"
    """They belong to another organisation."""
    UNKNOWN = "unknown"
    """There is no such case."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One line of the table. before: the states in which it applies. after: None if the state stays.

    by_decider: only the deciders may. with_reason: somebody must say why.
    """

    wish: Wish
    before: tuple[CaseState, ...]
    after: CaseState | None
    by_decider: bool = False
    with_reason: bool = False


_OPEN = (S.NEW, S.ASSESSING, S.WAITING)


def _decide(choice: Choice, after: CaseState, *, with_reason: bool = False) -> Rule:
    wish = Wish(act=CaseAct.DECIDE, choice=choice)
    return Rule(wish=wish, before=_OPEN, after=after, by_decider=True, with_reason=with_reason)


RULES = (
    Rule(wish=Wish(act=CaseAct.TAKE), before=(S.NEW,), after=S.ASSESSING),
    Rule(wish=Wish(act=CaseAct.TAKE), before=(S.ASSESSING, S.WAITING, S.RESPONDING), after=None),
    Rule(wish=Wish(act=CaseAct.ASSESS), before=(S.ASSESSING,), after=S.WAITING),
    _decide(Choice.NOW, S.RESPONDING),
    _decide(Choice.PLAN, S.RESPONDING),
    _decide(Choice.MITIGATE, S.RESPONDING),
    _decide(Choice.ACCEPT, S.ACCEPTED, with_reason=True),
    _decide(Choice.NOT_AFFECTED, S.NOT_AFFECTED, with_reason=True),
    Rule(wish=Wish(act=CaseAct.DONE), before=(S.RESPONDING,), after=S.DONE),
    Rule(
        wish=Wish(act=CaseAct.REOPEN),
        before=(S.DONE, S.NOT_AFFECTED, S.ACCEPTED),
        after=S.ASSESSING,
        with_reason=True,
    ),
)
"""Every move. A case is taken only while nobody looks after it."""

WISHES = {rule.wish.name: rule.wish for rule in RULES}
"""What can be wished for, by name."""

BY_EMOJI = tuple(dict.fromkeys(rule.wish.name for rule in RULES if not rule.with_reason))
"""What an emoji can say: everything that needs no reason. A button on the card says the same."""


def move(case: Case, wish: Wish, *, by: UserId, is_decider: bool, last: Move | None) -> Case | Denial:
    """Returns the case as the wish leaves it; the same value if this person has done just that already.

    last: the case's last move. So a double click does nothing twice, and nobody is told off for it.
    """
    if _is_repeated(case, wish, by=by, last=last):
        return case
    rule = next((one for one in RULES if _is_of(one, wish) and case.state in one.before), None)
    if rule is None:
        return Denial.STATE
    if wish.act is CaseAct.TAKE and case.owner is not None:
        return Denial.TAKEN
    if rule.by_decider and not is_decider:
        return Denial.RIGHT
    if rule.with_reason and not wish.reason.strip():
        return Denial.REASON
    number = case.version + 1
    decisions = {CaseAct.DECIDE: number, CaseAct.REOPEN: None}
    return replace(
        case,
        state=rule.after or case.state,
        version=number,
        owner=by if wish.act is CaseAct.TAKE else case.owner,
        decision=decisions.get(wish.act, case.decision),
    )


def wishes_of(case: Case) -> Iterator[Wish]:
    """Yields what a button can offer now, in the order of the table."""
    if case.state in CLOSED:
        return
    for rule in RULES:
        is_taken = rule.wish.act is CaseAct.TAKE and case.owner is not None
        # a decision is asked of the deciders once somebody has looked at the case; a command decides earlier
        is_early = rule.by_decider and case.state is S.NEW
        if case.state in rule.before and not rule.with_reason and not is_taken and not is_early:
            yield rule.wish


def _is_of(rule: Rule, wish: Wish) -> bool:
    return (rule.wish.act, rule.wish.choice) == (wish.act, wish.choice)


def _is_repeated(case: Case, wish: Wish, *, by: UserId, last: Move | None) -> bool:
    if wish.act is CaseAct.TAKE:
        return case.owner == by
    if last is None or last.by != by:
        return False
    return (last.wish.act, last.wish.choice) == (wish.act, wish.choice)
