"""Somebody acts on a case: by a button, an emoji or a command, it is this one step."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from threatstamp.core.cases.case import Case, CaseAct, Move, Way, Wish, act_body
from threatstamp.core.cases.moves import BESIDE, WISHES, Actor, Denial, move, step_to
from threatstamp.core.cases.weighing import Scales, advise, is_below, needs_second
from threatstamp.core.ids import ChannelId, UserId
from threatstamp.core.ledger.kinds import Kind
from threatstamp.core.policy import Policy
from threatstamp.core.stamps.post import Place
from threatstamp.core.time import Micros
from threatstamp.desk.cases.briefing import brief_at, give_brief, told_before
from threatstamp.desk.cases.denying import order_denial
from threatstamp.desk.cases.recording import record_move
from threatstamp.desk.cases.register import follow_risk
from threatstamp.desk.cases.ticketing import follow_ticket, ticket_before
from threatstamp.desk.cases.weighing import weighed
from threatstamp.desk.ports.roles import may_act, may_decide
from threatstamp.desk.ports.store import Read, Tx
from threatstamp.desk.ports.tools import Tools

_OF_DECIDERS = (CaseAct.DECIDE, CaseAct.APPROVE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """What somebody wants to do. key: of this click, emoji or command, the same when its event comes again.

    channel: where they did it, and are told if it does not count; None for a command, which says so itself.
    is_answered: whoever brings it says there what came of it.
    seen: how many moves the case had made when they began to fill in a form; None for everything else.
    """

    case: int
    wish: Wish
    by: UserId
    way: Way
    key: str
    channel: ChannelId | None = None
    seen: int | None = None
    is_answered: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Acted:
    """What came of it. denial: None if it counts. moved: False also if it had been done already.

    last: the case's last move, whoever made it; None before the first.
    """

    case: Case | None
    moved: bool = False
    denial: Denial | None = None
    last: Move | None = None

    @property
    def is_pending(self) -> bool:
        """True if it is a decision that waits for a second decider."""
        return self.moved and self.case is not None and self.case.pending == self.case.version


class Acting:
    """The step. One transaction at a time: of two who act at once one wins, and the other is told."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    def find(self, card: Place) -> int | None:
        """Returns the number of the case whose card or hand-over a message of ours is; None for others."""
        with self._tools.store.reading() as read:
            post = read.forwards.original(card)
            case = read.cases.at(post) if post is not None else None
            return case.number if case is not None else brief_at(read.outbox.at(card))

    def act(self, attempt: Attempt, *, event: int | None = None) -> Acted:
        """Does what somebody wants, or records that it does not count. Doing it twice does it once.

        event: the id in the inbox, which is deleted there. Raises StoreError; SlackError while it cannot be
        found out who they are.
        """
        is_decider = attempt.wish.act not in _OF_DECIDERS or may_decide(self._tools, attempt.by)
        barred = self._barred(attempt)
        now = self._tools.clock.now()
        with self._tools.store.transaction() as tx:
            attempt = _under_aliases(attempt, tx.persons.aliases())
            by = Actor(user=attempt.by, is_decider=is_decider)
            acted = _act(tx, attempt, by=by, policy=self._tools.policy, barred=barred, now=now)
            if acted.case is not None and acted.denial is not None:
                _deny(tx, attempt, acted.case, acted.denial, last=acted.last, now=now)
            if event is not None:
                tx.inbox.forget(event)
        return acted

    def tell_unopened(self, case: int, *, by: UserId, channel: ChannelId, key: str) -> None:
        """Tells somebody that their form did not open, and what else they can do. Raises StoreError."""
        now = self._tools.clock.now()
        with self._tools.store.transaction() as tx:
            found = tx.cases.get(case)
            if found is None:
                return
            order = order_denial(
                case,
                Denial.UNOPENED,
                wish=WISHES["note"],
                last=None,
                team=found.place.team,
                channel=channel,
                user=by,
                key=key,
                now=now,
            )
            tx.outbox.owe(order, now=now)

    def _barred(self, attempt: Attempt) -> Denial | None:
        """Returns why somebody may do nothing with cases, whatever it is; None if they may."""
        is_shared = attempt.channel in self._tools.policy.shared  # no other has people from outside
        if is_shared and self._tools.workspace.is_external(attempt.by):
            return Denial.OUTSIDE
        is_theirs = attempt.wish.act is CaseAct.ACKNOWLEDGE  # developers say it, who need no other right
        return None if is_theirs or may_act(self._tools, attempt.by) else Denial.RIGHT


def _under_aliases(attempt: Attempt, alias: Callable[[UserId], UserId]) -> Attempt:
    details = attempt.wish.details
    details = replace(
        details,
        to=None if details.to is None else alias(details.to),
        author=None if details.author is None else alias(details.author),
    )
    return replace(attempt, by=alias(attempt.by), wish=replace(attempt.wish, details=details))


def _act(tx: Tx, attempt: Attempt, *, by: Actor, policy: Policy, barred: Denial | None, now: Micros) -> Acted:
    case = tx.cases.get(attempt.case)
    if case is None:
        return Acted(case=None, denial=Denial.UNKNOWN)
    last = last_move(tx, case)
    if barred is not None:
        return Acted(case=case, denial=barred, last=last)
    if tx.cases.is_known(attempt.key):
        return Acted(case=case, last=last)
    if _has_moved_on(tx, case, attempt):
        return Acted(case=case, denial=Denial.MOVED, last=last)
    told = told_before(tx, case, attempt.wish, policy) or ticket_before(tx, case, attempt.wish, policy)
    moved = _moved(tx, case, attempt.wish, by=by, scales=policy.scales, last=last)
    if not isinstance(moved, Denial) and told:
        moved = told if isinstance(told, Denial) else case
    if isinstance(moved, Denial):
        return Acted(case=case, denial=moved, last=last)
    if moved == case:
        return Acted(case=case, last=last)
    step = step_to(moved, case, attempt.wish, by=attempt.by, way=attempt.way, at=now)
    record_move(tx, moved, step, key=attempt.key)
    give_brief(tx, moved, step, policy)
    follow_risk(tx, moved, step, policy)
    follow_ticket(tx, moved, step, policy)
    return Acted(case=moved, moved=True, last=step)


def _moved(tx: Tx, case: Case, wish: Wish, *, by: Actor, scales: Scales, last: Move | None) -> Case | Denial:
    """Returns the case as the wish leaves it, or why it does not count."""
    if wish.act not in _OF_DECIDERS:
        return move(case, wish, by=by, last=last)
    card = weighed(tx, case, scales)
    by = replace(by, needs_second=needs_second(card, scales.rules, wish))
    moved = move(case, wish, by=by, last=last, pending=card.pending)
    is_new = not isinstance(moved, Denial) and moved != case
    if is_new and not wish.reason.strip() and is_below(wish.choice, advise(card, scales.rules, wish=wish)):
        return Denial.BELOW
    return moved


def _has_moved_on(tx: Tx, case: Case, attempt: Attempt) -> bool:
    """True if somebody else has changed the case since this person began to fill in a form about it."""
    if attempt.seen is None or attempt.seen == case.version or attempt.wish.act in BESIDE:
        return False
    since = tx.cases.moves(case.number)[attempt.seen :]
    return any(one.by != attempt.by and one.wish.act not in BESIDE for one in since)


def _deny(tx: Tx, attempt: Attempt, case: Case, why: Denial, *, last: Move | None, now: Micros) -> None:
    """Records an act that does not count and tells the person where they acted, once for each attempt."""
    if attempt.channel is not None and not attempt.is_answered:
        order = order_denial(
            attempt.case,
            why,
            wish=attempt.wish,
            last=last,
            team=case.place.team,
            channel=attempt.channel,
            user=attempt.by,
            key=attempt.key,
            now=now,
        )
        if tx.outbox.owe(order, now=now) is None:
            return  # the event came twice
    body = {**act_body(case, attempt.wish, by=attempt.by, way=attempt.way), "why": why.value}
    tx.ledger.append(Kind.CASE_DENIED, body, now=now)


def last_move(read: Read | Tx, case: Case) -> Move | None:
    """Returns the case's last move."""
    return read.cases.moves(case.number)[-1] if case.version else None
