"""The risk register is written: a risk is added by hand, or somebody looks at one again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from threatstamp.core.cases.case import Case, CaseAct, CaseState, Move
from threatstamp.core.cases.risk import LONGEST_TITLE, RiskLevel
from threatstamp.core.ids import UserId
from threatstamp.core.ledger.entry import read_body
from threatstamp.core.ledger.kinds import Kind
from threatstamp.core.policy import Policy
from threatstamp.core.priority.urgency import SCALE
from threatstamp.core.text import one_line
from threatstamp.core.time import Micros
from threatstamp.desk.ports.store import Store, Tx


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskWords:
    """What somebody says of a risk; None: nothing. by: who says it."""

    by: UserId
    owner: UserId | None = None
    after: RiskLevel | None = None
    accepted_until: date | None = None
    reason: str = ""


def add_risk(
    store: Store,
    title: str,
    words: RiskWords,
    *,
    before: RiskLevel | None,
    case: int | None,
    today: date,
    now: Micros,
) -> str | None:
    """Adds a risk to the register and returns its key; None if there is no such case."""
    with store.transaction() as tx:
        if case is not None and tx.cases.get(case) is None:
            return None
        return _add(tx, title, words, before=before, case=case, today=today, now=now)


def follow_risk(tx: Tx, case: Case, step: Move, policy: Policy) -> None:
    """Adds what a case leaves to the register, by the act that says so; its title is the case's."""
    if step.wish.act is not CaseAct.RISK:
        return
    post, details = tx.posts.get(case.place), step.wish.details
    snapshot = post.snapshot if post else None
    words = RiskWords(
        by=step.by,
        owner=details.to or case.owner,
        after=RiskLevel(details.risk) if details.risk else None,
        accepted_until=details.until,
        reason=step.wish.reason,
    )
    _add(
        tx,
        one_line(snapshot.title or snapshot.text)[:LONGEST_TITLE] if snapshot else f"#{case.number}",
        words,
        before=RiskLevel(case.priority) if case.priority in SCALE else None,
        case=case.number,
        today=policy.calendar.day_of(step.at),
        now=step.at,
    )


def _add(
    tx: Tx,
    title: str,
    words: RiskWords,
    *,
    before: RiskLevel | None,
    case: int | None,
    today: date,
    now: Micros,
) -> str:
    number = sum(1 for _ in tx.ledger.entries(kind=Kind.RISK.value)) + 1
    body = {
        **_said(tx, f"R{number}", words),
        "title": title,
        "before": before.value if before else None,
        "accepted_on": today.isoformat(),
        "case": case,
    }
    tx.ledger.append(Kind.RISK, body, now=now)
    return f"R{number}"


def review_risk(
    store: Store, key: str, words: RiskWords, *, is_closed: bool, today: date, now: Micros
) -> bool:
    """Records that somebody looked at a risk again; False if there is none of that key."""
    with store.transaction() as tx:
        if not _is_known(tx, key):
            return False
        body = {**_said(tx, key, words), "reviewed_on": today.isoformat(), "closed": is_closed}
        tx.ledger.append(Kind.RISK_REVIEWED, body, now=now)
    return True


def _is_known(tx: Tx, key: str) -> bool:
    number = key[1:]
    if key.startswith("C") and number.isdecimal():
        case = tx.cases.get(int(number))
        return case is not None and case.state is CaseState.ACCEPTED
    bodies = (read_body(one.body) for one in tx.ledger.entries(kind=Kind.RISK.value) if one.body is not None)
    return any(body is not None and body.get("risk_id") == key for body in bodies)


def _said(tx: Tx, key: str, words: RiskWords) -> dict[str, object]:
    alias = tx.persons.aliases()
    return {
        "risk_id": key,
        "owner": alias(words.owner) if words.owner else None,
        "after": words.after.value if words.after else None,
        "accepted_until": words.accepted_until.isoformat() if words.accepted_until else None,
        "reason": words.reason,
        "by": alias(words.by),
    }
