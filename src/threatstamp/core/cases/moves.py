"""The moves of a case as one table: what may be done in which state, by whom, and where it leads."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from threatstamp.core.cases.case import Case, CaseAct, CaseState, Choice, Move, Way, Wish
from threatstamp.core.ids import UserId
from threatstamp.core.text import is_web_link
from threatstamp.core.time import Micros

S = CaseState
LONGEST_LINK = 2_000
"""Characters of a ticket's address."""


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
    INCOMPLETE = "incomplete"
    """It needs a person, a date or a priority, and none was given."""
    MOVED = "moved"
    """Somebody else moved the case while the form was being filled in."""
    SECOND = "second"
    """Somebody else has to agree with a decision than the person who made it."""
    BELOW = "below"
    """It is less than what is recommended, and they did not say why."""
    ITEM = "item"
    """The checklist has no such step."""
    UNTICKED = "unticked"
    """Steps of the checklist are left, and they did not say why."""
    NO_TRACKER = "no_tracker"
    """No tracker is known for its track, so no ticket can be made."""
    CONFIDENTIAL = "confidential"
    """The post's TLP label is stricter than what may go into the tracker."""
    NOWHERE = "nowhere"
    """No channel of developers is known for its track."""
    SEALED = "sealed"
    """What it is about has a TLP label that may not be read in the developers' channel."""
    LINK = "link"
    """What they gave is no address of a web page."""
    UNOPENED = "unopened"
    """Slack did not open the form."""
    OUTSIDE = "outside"
    """They belong to another organisation."""
    UNKNOWN = "unknown"
    """There is no such case."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One line of the table. before: the states in which it applies. after: None if the state stays.

    by_decider: only the deciders may. with_reason: somebody must say why. needs: a name of Details without
    which it means nothing. is_owned: only for cases that have an owner, or that have none. seconded: of a
    decision that waits for a second decider. approves: the decisions with which a second decider agrees.
    by_desk: nobody but the desk itself does it.
    """

    wish: Wish
    before: tuple[CaseState, ...]
    after: CaseState | None
    by_decider: bool = False
    with_reason: bool = False
    needs: str = ""
    is_owned: bool | None = None
    seconded: bool = False
    approves: tuple[Choice, ...] = ()
    by_desk: bool = False


_OPEN = (S.NEW, S.ASSESSING, S.WAITING)
_EXPLAINED = (Choice.ACCEPT, Choice.NOT_AFFECTED)
_AT_WORK = (S.ASSESSING, S.WAITING, S.RESPONDING)


def _decide(choice: Choice, after: CaseState, *, with_reason: bool = False) -> Rule:
    wish = Wish(act=CaseAct.DECIDE, choice=choice)
    return Rule(wish=wish, before=_OPEN, after=after, by_decider=True, with_reason=with_reason)


def _seconded() -> tuple[Rule, ...]:
    """Returns the decisions again, for where a second decider has to agree, and the agreeing."""
    decide = [_decide(one, S.WAITING, with_reason=one in _EXPLAINED) for one in Choice]
    at_work = (Choice.NOW, Choice.PLAN, Choice.MITIGATE)
    after = {S.RESPONDING: at_work, S.ACCEPTED: (Choice.ACCEPT,), S.NOT_AFFECTED: (Choice.NOT_AFFECTED,)}
    agree = (
        Rule(wish=Wish(act=CaseAct.APPROVE), before=(S.WAITING,), after=to, by_decider=True, approves=choices)
        for to, choices in after.items()
    )
    return (*(replace(one, seconded=True) for one in decide), *agree)


RULES = (
    Rule(wish=Wish(act=CaseAct.TAKE), before=(S.NEW,), after=S.ASSESSING),
    Rule(wish=Wish(act=CaseAct.TAKE), before=_AT_WORK, after=None),
    Rule(wish=Wish(act=CaseAct.HAND_OVER), before=(S.NEW,), after=S.ASSESSING, needs="to"),
    Rule(wish=Wish(act=CaseAct.HAND_OVER), before=_AT_WORK, after=None, needs="to"),
    Rule(wish=Wish(act=CaseAct.ASSESS), before=(S.ASSESSING,), after=S.WAITING),
    Rule(
        wish=Wish(act=CaseAct.PRIORITY),
        before=(S.NEW, *_AT_WORK),
        after=None,
        with_reason=True,
        needs="priority",
    ),
    Rule(wish=Wish(act=CaseAct.DUE), before=(S.NEW, *_AT_WORK), after=None, needs="until"),
    _decide(Choice.NOW, S.RESPONDING),
    _decide(Choice.PLAN, S.RESPONDING),
    _decide(Choice.MITIGATE, S.RESPONDING),
    _decide(Choice.ACCEPT, S.ACCEPTED, with_reason=True),
    _decide(Choice.NOT_AFFECTED, S.NOT_AFFECTED, with_reason=True),
    *_seconded(),
    Rule(wish=Wish(act=CaseAct.RESPOND), before=(S.RESPONDING,), after=None, with_reason=True),
    Rule(wish=Wish(act=CaseAct.DONE), before=(S.RESPONDING,), after=S.DONE),
    Rule(
        wish=Wish(act=CaseAct.REOPEN),
        before=(S.DONE, S.NOT_AFFECTED, S.ACCEPTED, S.WITHDRAWN),
        after=S.ASSESSING,
        with_reason=True,
    ),
    Rule(
        wish=Wish(act=CaseAct.REOPEN),
        before=(S.ACCEPTED, S.RESPONDING),
        after=S.ASSESSING,
        needs="cause",
        by_desk=True,
    ),
    Rule(wish=Wish(act=CaseAct.BRIEF), before=(S.NEW, *_AT_WORK), after=None),
    Rule(wish=Wish(act=CaseAct.ACKNOWLEDGE), before=(S.NEW, *_AT_WORK), after=None),
    Rule(wish=Wish(act=CaseAct.TICKET), before=(S.NEW, *_AT_WORK), after=None),
    Rule(wish=Wish(act=CaseAct.TICKET), before=tuple(S), after=None, by_desk=True),
    Rule(wish=Wish(act=CaseAct.CHECK), before=(S.NEW, *_AT_WORK), after=None, needs="item"),
    Rule(wish=Wish(act=CaseAct.UNCHECK), before=(S.NEW, *_AT_WORK), after=None, needs="item"),
    Rule(wish=Wish(act=CaseAct.RISK), before=tuple(S), after=None, with_reason=True),
    Rule(wish=Wish(act=CaseAct.NOTE), before=tuple(S), after=None, with_reason=True),
    Rule(wish=Wish(act=CaseAct.WITHDRAW), before=_OPEN, after=S.WITHDRAWN),
    Rule(wish=Wish(act=CaseAct.RETURN), before=(S.WITHDRAWN,), after=S.NEW, is_owned=False),
    Rule(wish=Wish(act=CaseAct.RETURN), before=(S.WITHDRAWN,), after=S.ASSESSING, is_owned=True),
    Rule(wish=Wish(act=CaseAct.RAISE), before=(S.NEW, *_AT_WORK, S.WITHDRAWN), after=None, needs="priority"),
)
"""Every move. A case is taken only while nobody looks after it; only a decision that waits is approved, by
somebody else."""

BY_STAMP = frozenset({CaseAct.WITHDRAW, CaseAct.RETURN, CaseAct.RAISE})
"""What follows from stamps on the post alone."""

WISHES = {rule.wish.name: rule.wish for rule in RULES}
"""What can be wished for, by name."""

_PLAIN = tuple(
    dict.fromkeys(
        rule.wish.name
        for rule in RULES
        if not rule.with_reason and not rule.needs and rule.wish.act not in BY_STAMP
    )
)

BY_EMOJI = _PLAIN
"""What an emoji on the card can say: everything that needs neither a reason nor anything else."""

BESIDE = frozenset(
    {
        CaseAct.NOTE,
        CaseAct.RISK,
        CaseAct.RESPOND,
        CaseAct.CHECK,
        CaseAct.UNCHECK,
        CaseAct.TICKET,
        CaseAct.BRIEF,
        CaseAct.ACKNOWLEDGE,
    }
)
"""Acts that go together with whatever somebody else does at the same time."""

_RANKING = frozenset({CaseAct.PRIORITY, CaseAct.RAISE})
_TICKING = frozenset({CaseAct.CHECK, CaseAct.UNCHECK})
_KEEPING = frozenset(
    {
        CaseAct.HAND_OVER,
        CaseAct.PRIORITY,
        CaseAct.DUE,
        CaseAct.RESPOND,
        CaseAct.NOTE,
        CaseAct.RISK,
        CaseAct.TICKET,
    }
)
"""Acts that somebody may do again and again, each time with something else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who acts, and what is asked of them. needs_second: what they decide waits for a second decider."""

    user: UserId
    is_decider: bool = False
    is_desk: bool = False
    needs_second: bool = False


def move(
    case: Case, wish: Wish, *, by: Actor, last: Move | None, pending: Move | None = None
) -> Case | Denial:
    """Returns the case as the wish leaves it; the same value if this person has done just that already.

    last: the case's last move. So a double click does nothing twice, and nobody is told off for it.
    pending: the decision that waits for a second decider.
    """
    if _is_repeated(case, wish, by=by.user, last=last):
        return case
    waits = case.pending is not None and pending is not None
    found = (
        one for one in RULES if _applies(one, case, wish) and _suits(one, by, pending if waits else None)
    )
    rule = next(found, None)
    if rule is None:
        return Denial.STATE
    why = _denial(rule, case, wish, by=by, pending=pending)
    if why is not None:
        return why
    number = case.version + 1
    decisions = {CaseAct.DECIDE: None if rule.seconded else number, CaseAct.APPROVE: case.pending}
    waiting = {CaseAct.DECIDE: number if rule.seconded else None}
    owners = {CaseAct.TAKE: by.user, CaseAct.HAND_OVER: wish.details.to}
    is_settled = wish.act in (CaseAct.APPROVE, CaseAct.REOPEN, CaseAct.WITHDRAW)
    return replace(
        case,
        state=rule.after or case.state,
        version=number,
        owner=owners.get(wish.act, case.owner),
        decision=None if wish.act is CaseAct.REOPEN else decisions.get(wish.act, case.decision),
        pending=None if is_settled else waiting.get(wish.act, case.pending),
        priority=wish.details.priority if wish.act in _RANKING else case.priority,
        due_on=_due_on(case, pending.wish if rule.approves and pending else wish, rule),
        ticked=_ticked(case, wish),
    )


def _denial(rule: Rule, case: Case, wish: Wish, *, by: Actor, pending: Move | None) -> Denial | None:
    if wish.act is CaseAct.TAKE and case.owner is not None:
        return Denial.TAKEN
    if rule.by_decider and not by.is_decider:
        return Denial.RIGHT
    if rule.approves and pending is not None and pending.by == by.user:
        return Denial.SECOND
    if rule.with_reason and not wish.reason.strip():
        return Denial.REASON
    if rule.needs and not getattr(wish.details, rule.needs):
        return Denial.INCOMPLETE
    if wish.act is CaseAct.TICKET and wish.reason and not is_ticket_link(wish.reason):
        return Denial.LINK
    if wish.act in _TICKING and wish.details.item not in range(1, len(case.checklist) + 1):
        return Denial.ITEM
    if wish.act is CaseAct.DONE and case.left and not wish.reason.strip():
        return Denial.UNTICKED
    return None


def _suits(rule: Rule, by: Actor, pending: Move | None) -> bool:
    """True if a rule is for this actor, and for the decision that waits."""
    if rule.by_desk is not by.is_desk or (rule.approves and pending is None):
        return False
    if rule.approves and pending is not None:
        return pending.wish.choice in rule.approves
    return rule.wish.act is not CaseAct.DECIDE or rule.seconded is by.needs_second


def step_to(moved: Case, before: Case, wish: Wish, *, by: UserId, way: Way, at: Micros) -> Move:
    """Returns the move by which a case became what it is. moved: the case as `move` has left it."""
    return Move(
        number=moved.version, wish=wish, by=by, way=way, before=before.state, after=moved.state, at=at
    )


def wishes_of(case: Case) -> Iterator[Wish]:
    """Yields what can be done with a case now, in the order of the table; who may is not asked."""
    yield from dict.fromkeys(rule.wish for rule in RULES if _is_offered(rule, case))


def _is_offered(rule: Rule, case: Case) -> bool:
    if rule.by_desk or rule.wish.act in BY_STAMP or (rule.approves and case.pending is None):
        return False
    if rule.wish.act in _TICKING and not case.checklist:
        return False
    is_taken = rule.wish.act is CaseAct.TAKE and case.owner is not None
    return _applies(rule, case, rule.wish) and not is_taken


def is_plain(wish: Wish) -> bool:
    """True if a click says all that the wish needs."""
    return wish.name in _PLAIN


def _applies(rule: Rule, case: Case, wish: Wish) -> bool:
    if (rule.wish.act, rule.wish.choice) != (wish.act, wish.choice) or case.state not in rule.before:
        return False
    return rule.is_owned in (None, case.owner is not None)


def _due_on(case: Case, wish: Wish, rule: Rule) -> date | None:
    """Returns the due date: a plan to do it by a date sets it, the end of an accepted risk does not."""
    until = wish.details.until
    is_due = wish.act is CaseAct.DUE or (wish.act is CaseAct.DECIDE and rule.after is S.RESPONDING)
    return until if is_due and until is not None else case.due_on


def _ticked(case: Case, wish: Wish) -> tuple[int, ...]:
    found, item = set(case.ticked), wish.details.item
    if item is not None and wish.act is CaseAct.CHECK:
        found.add(item)
    elif item is not None and wish.act is CaseAct.UNCHECK:
        found.discard(item)
    return tuple(sorted(found))


def _is_repeated(case: Case, wish: Wish, *, by: UserId, last: Move | None) -> bool:
    if wish.act is CaseAct.TAKE:
        return case.owner == by
    if wish.act is CaseAct.HAND_OVER and case.owner is not None:
        return case.owner == wish.details.to
    if wish.act in _TICKING and wish.details.item in range(1, len(case.checklist) + 1):
        return (wish.details.item in case.ticked) is (wish.act is CaseAct.CHECK)
    if last is None or last.by != by:
        return False
    if wish.act in _KEEPING:
        return last.wish == wish
    return (last.wish.act, last.wish.choice) == (wish.act, wish.choice)


def is_ticket_link(text: str) -> bool:
    """True for an address of a web page that a card can link."""
    return len(text) <= LONGEST_LINK and is_web_link(text) and not any(char.isspace() for char in text)
