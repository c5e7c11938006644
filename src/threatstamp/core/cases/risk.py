"""Accepted risks: what somebody decided to live with, until when, and when somebody last looked at it again.

The register has no table of its own: it is what the ledger's entries amount to, together with the cases whose
decision was to accept.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta, tzinfo
from enum import StrEnum

from threatstamp.core.cases.case import Case, Move
from threatstamp.core.cases.details import NO_DETAILS
from threatstamp.core.ledger.entry import LedgerEntry, read_body
from threatstamp.core.ledger.kinds import Kind
from threatstamp.core.time import Micros, datetime_of

REVIEW_EVERY = timedelta(days=365)
"""A risk that nobody has looked at for so long is overdue."""


LONGEST_TITLE = 300


def risk_key(said: str) -> str:
    """Returns a risk's key, however people write it: R3, r3 or 3; C42."""
    key = said.strip().upper()
    return f"R{key}" if key.isdecimal() else key


class RiskLevel(StrEnum):
    """How grave a risk is. Each has words `level_…` in the catalogue `risks`."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskStep:
    """One line of a risk's history. what: "add", "accept" (of a case), "review" or "close"."""

    at: Micros
    who: str
    what: str
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Risk:
    """One line of the register.

    key: "R3" for one that was added by hand, "C42" for what the decision about case 42 accepted. before,
    after: its level without and with what is done about it. since: when it was accepted. case: the one that
    it is about.
    """

    key: str
    title: str
    since: date
    owner: str | None = None
    before: RiskLevel | None = None
    after: RiskLevel | None = None
    accepted_until: date | None = None
    reviewed_on: date | None = None
    case: int | None = None
    is_closed: bool = False
    history: tuple[RiskStep, ...] = ()

    @property
    def is_of_case(self) -> bool:
        """True for what a case's decision accepted: its title is the post's."""
        return self.case is not None and self.key == f"C{self.case}"

    def is_overdue(self, today: date) -> bool:
        """True if its time is over, or nobody has looked at it for a year."""
        if self.is_closed:
            return False
        is_over = self.accepted_until is not None and self.accepted_until < today
        return is_over or (self.reviewed_on or self.since) + REVIEW_EVERY < today

    def is_ending(self, today: date, *, days: float) -> bool:
        """True if it is not overdue yet, and its last day is not further away than so many days; 0: never."""
        if self.is_closed or self.accepted_until is None or not days or self.is_overdue(today):
            return False
        return self.accepted_until <= today + timedelta(days=max(1.0, days))


@dataclass(frozen=True, slots=True, kw_only=True)
class DueRisks:
    """The risks that somebody has to look at: those overdue, and those whose last day is near."""

    overdue: tuple[Risk, ...] = ()
    ending: tuple[Risk, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.overdue or self.ending)


def due_risks(risks: Iterable[Risk], today: date, *, days: float) -> DueRisks:
    """Returns those of a register that somebody has to look at. days: see `Risk.is_ending`."""
    found = tuple(risks)
    return DueRisks(
        overdue=tuple(one for one in found if one.is_overdue(today)),
        ending=tuple(one for one in found if one.is_ending(today, days=days)),
    )


def accepted_risk(case: Case, decided: Move | None, *, title: str, zone: tzinfo) -> Risk:
    """Returns the line of a case whose decision was to accept. zone: in which days are counted."""
    at = decided.at if decided else case.opened_at
    who = decided.by if decided else case.opened_by
    reason = decided.wish.reason if decided else ""
    details = decided.wish.details if decided else NO_DETAILS
    return Risk(
        key=f"C{case.number}",
        title=title,
        since=datetime_of(at).astimezone(zone).date(),
        owner=case.owner,
        before=RiskLevel(details.risk) if details.risk else None,
        accepted_until=details.until,
        case=case.number,
        history=(RiskStep(at=at, who=who, what="accept", reason=reason),),
    )


def fold_risks(of_cases: Iterable[Risk], entries: Iterable[LedgerEntry]) -> tuple[Risk, ...]:
    """Returns the register: what cases accepted, and what the entries say; by age.

    entries: of the kinds `risk` and `risk_reviewed`, in order. Those whose body was redacted say nothing.
    """
    found = {risk.key: risk for risk in of_cases}
    for entry in entries:
        body = read_body(entry.body) if entry.body is not None else None
        if body is None:
            continue
        key = str(body.get("risk_id"))
        if entry.kind == Kind.RISK.value:
            found[key] = _added(key, body, at=entry.at)
        elif key in found:
            found[key] = _reviewed(found[key], body, at=entry.at)
    return tuple(found.values())


def _added(key: str, body: Mapping[str, object], *, at: Micros) -> Risk:
    case = body.get("case")
    return Risk(
        key=key,
        title=str(body.get("title")),
        since=_date(body, "accepted_on") or date.min,
        owner=_text(body, "owner"),
        before=_level(body, "before"),
        after=_level(body, "after"),
        accepted_until=_date(body, "accepted_until"),
        case=case if isinstance(case, int) else None,
        history=(_step("add", body, at=at),),
    )


def _reviewed(risk: Risk, body: Mapping[str, object], *, at: Micros) -> Risk:
    """Returns a risk after a review: what it says nothing about stays."""
    is_closed = body.get("closed") is True
    return replace(
        risk,
        owner=_text(body, "owner") or risk.owner,
        after=_level(body, "after") or risk.after,
        accepted_until=_date(body, "accepted_until") or risk.accepted_until,
        reviewed_on=_date(body, "reviewed_on"),
        is_closed=is_closed,
        history=(*risk.history, _step("close" if is_closed else "review", body, at=at)),
    )


def _step(what: str, body: Mapping[str, object], *, at: Micros) -> RiskStep:
    return RiskStep(at=at, who=str(body.get("by")), what=what, reason=str(body.get("reason") or ""))


def _text(body: Mapping[str, object], name: str) -> str | None:
    value = body.get(name)
    return value if isinstance(value, str) else None


def _level(body: Mapping[str, object], name: str) -> RiskLevel | None:
    value = _text(body, name)
    return RiskLevel(value) if value in list(RiskLevel) else None


def _date(body: Mapping[str, object], name: str) -> date | None:
    value = _text(body, name)
    try:
        return date.fromisoformat(value) if value else None
    except ValueError:  # of another version
        return None
