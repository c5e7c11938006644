"""Who may act on cases at all: the analysts and the deciders; if no analysts are named, everybody."""

from __future__ import annotations

from threatstamp.core.cases.case import CaseAct, act_body
from threatstamp.core.cases.moves import Denial
from threatstamp.core.ids import UserId
from threatstamp.core.ledger.kinds import Kind
from threatstamp.core.policy import Deciders
from threatstamp.desk.cases.act import Acted, Acting, Attempt, last_move
from threatstamp.desk.cases.denying import order_denial
from threatstamp.desk.ports.tools import Tools


class ActingByRole(Acting):
    """The same step, for those who may act. Anybody else is told so where they acted, and it is on record."""

    def __init__(self, tools: Tools) -> None:
        super().__init__(tools)
        self._tools = tools

    def act(self, attempt: Attempt, *, event: int | None = None) -> Acted:
        """As `Acting` does it. Raises StoreError; SlackError while it cannot be found out who they are."""
        is_theirs = attempt.wish.act is CaseAct.ACKNOWLEDGE  # developers say it, who need no other right
        if is_theirs or may_act(self._tools, attempt.by):
            return super().act(attempt, event=event)
        now = self._tools.clock.now()
        with self._tools.store.transaction() as tx:
            if event is not None:
                tx.inbox.forget(event)
            case = tx.cases.get(attempt.case)
            if case is None:
                return Acted(case=None, denial=Denial.UNKNOWN)
            last = last_move(tx, case)
            acted = Acted(case=case, denial=Denial.RIGHT, last=last)
            by = tx.persons.aliases()(attempt.by)
            if attempt.channel is not None and not attempt.is_answered:
                order = order_denial(
                    case.number,
                    Denial.RIGHT,
                    wish=attempt.wish,
                    last=last,
                    team=case.place.team,
                    channel=attempt.channel,
                    user=by,
                    key=attempt.key,
                    now=now,
                )
                if tx.outbox.owe(order, now=now) is None:
                    return acted  # the event came twice
            body = act_body(case, attempt.wish, by=by, way=attempt.way)
            tx.ledger.append(Kind.CASE_DENIED, {**body, "why": Denial.RIGHT.value}, now=now)
        return acted


def may_act(tools: Tools, user: UserId) -> bool:
    """True for those who may act on cases. Raises SlackError while it cannot be found out."""
    policy = tools.policy
    if policy.analysts.is_anybody:
        return True
    return is_named(tools, policy.analysts, user) or is_named(tools, policy.deciders, user)


def is_named(tools: Tools, people: Deciders, user: UserId) -> bool:
    """True for a person who is named by themselves or by a group; not if everybody may. Raises SlackError."""
    if user in people.users:
        return True
    return any(user in tools.workspace.members(group) for group in sorted(people.groups))
