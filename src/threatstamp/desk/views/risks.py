"""The risk register, for `risk list` and `risk show`."""

from __future__ import annotations

from datetime import date, tzinfo
from heapq import merge

from threatstamp.core.cases.case import CaseState
from threatstamp.core.cases.details import NO_DETAILS
from threatstamp.core.cases.risk import Risk, RiskLevel, RiskStep, fold_risks
from threatstamp.core.ledger.kinds import Kind
from threatstamp.core.time import Micros, datetime_of
from threatstamp.desk.ports.store import Store
from threatstamp.desk.views.cases import CaseView, read_cases


def read_risks(store: Store, zone: tzinfo) -> tuple[Risk, ...]:
    """Returns the register, the oldest first. zone: in which days are counted. Raises StoreError."""
    cases = [one for one in read_cases(store) if one.case.state is CaseState.ACCEPTED]
    with store.reading(whole=True) as read:
        kinds = (read.ledger.entries(kind=kind.value) for kind in (Kind.RISK, Kind.RISK_REVIEWED))
        entries = list(merge(*kinds, key=lambda entry: entry.sequence))
    return fold_risks([_of_case(one, zone) for one in cases], entries)


def _of_case(view: CaseView, zone: tzinfo) -> Risk:
    case, decided = view.case, view.decided
    at = decided.at if decided else case.opened_at
    who = decided.by if decided else case.opened_by
    reason = decided.wish.reason if decided else ""
    details = decided.wish.details if decided else NO_DETAILS
    return Risk(
        key=f"C{case.number}",
        title=view.title,
        since=_day(at, zone),
        owner=case.owner,
        before=RiskLevel(details.risk) if details.risk else None,
        accepted_until=details.until,
        case=case.number,
        history=(RiskStep(at=at, who=who, what="accept", reason=reason),),
    )


def _day(at: Micros, zone: tzinfo) -> date:
    return datetime_of(at).astimezone(zone).date()
