"""How long cases took: from the post to the stamp, from there to the decision, and until they were done."""

from __future__ import annotations

import statistics
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, tzinfo

from threatstamp.core.time import DAY, SECOND, Micros, datetime_of
from threatstamp.desk.ports.records import CaseSpan

Times = Mapping[str, Mapping[str, object]]
"""Of "stamp", "decision" and "done": {"cases": how many, "median": seconds, "priority": {name: seconds},
"track": {name: seconds}}. Cases without a priority are "none" among them."""

LAST_DAY = (date(9999, 12, 30) - date(1970, 1, 1)).days * DAY
"""A time after it, or not after 1970, is damage: no calendar says its month."""


def month_of(at: Micros, zone: tzinfo) -> str | None:
    """Returns the month of a moment, "2026-11"; None if no calendar has it."""
    if not 0 < at < LAST_DAY:
        return None
    local = datetime_of(at).astimezone(zone)
    return f"{local.year:04}-{local.month:02}"


def median_times(spans: Iterable[CaseSpan], zone: tzinfo) -> Mapping[str, Times]:
    """Returns the medians of each month, in which what is measured ended. Those below zero are damage."""
    found: defaultdict[str, defaultdict[str, list[tuple[CaseSpan, int]]]] = defaultdict(
        lambda: defaultdict(list)
    )
    for span in spans:
        for name, since, until in _ends(span):
            month = month_of(until, zone)
            if month is not None and until >= since:
                found[month][name].append((span, until - since))
    return {month: {name: _medians(of) for name, of in names.items()} for month, names in found.items()}


def _ends(span: CaseSpan) -> Iterator[tuple[str, Micros, Micros]]:
    yield "stamp", span.posted_at, span.opened_at
    if span.decided_at is not None:
        yield "decision", span.opened_at, span.decided_at
    if span.done_at is not None:
        yield "done", span.opened_at, span.done_at


def _medians(of: list[tuple[CaseSpan, int]]) -> Mapping[str, object]:
    by_priority, by_track = defaultdict(list), defaultdict(list)
    for span, taken in of:
        by_priority[span.priority or "none"].append(taken)
        by_track[span.track].append(taken)
    return {
        "cases": len(of),
        "median": _seconds([taken for _, taken in of]),
        "priority": {name: _seconds(taken) for name, taken in sorted(by_priority.items())},
        "track": {name: _seconds(taken) for name, taken in sorted(by_track.items())},
    }


def _seconds(taken: list[int]) -> int:
    return round(statistics.median(taken) / SECOND)
