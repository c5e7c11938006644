"""What came in, what was stamped and what was forwarded, month by month, for `counts`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, tzinfo

from threatstamp.core.cases.case import Choice
from threatstamp.desk.ports.records import Figure
from threatstamp.desk.ports.store import Store
from threatstamp.desk.views.times import Times, median_times, month_of


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthCounts:
    """The numbers of one month. month: "2026-11".

    sources: `collected` by source. routes: `forwarded` by route. reactions: `stamped` by emoji, and the
    reactions that no route listens to beside them. reviewed: stories that somebody said are not ours, all at
    once; unreviewed: those of which nobody has said anything. handled: cases that are done. decided:
    decisions, of which not_affected and accepted are some. overdue: open cases whose due date in that month
    is over.
    times: medians in seconds, see `median_times`.
    """

    month: str
    collected: int = 0
    stamped: int = 0
    reviewed: int = 0
    unreviewed: int = 0
    forwarded: int = 0
    handled: int = 0
    undeliverable: int = 0
    opened: int = 0
    decided: int = 0
    responded: int = 0
    not_affected: int = 0
    accepted: int = 0
    overdue: int = 0
    routes: Mapping[str, int] = field(default_factory=dict)
    sources: Mapping[str, int] = field(default_factory=dict)
    reactions: Mapping[str, int] = field(default_factory=dict)
    times: Times = field(default_factory=dict)


def read_counts(
    store: Store, zone: tzinfo, *, month: str | None = None, today: date | None = None
) -> tuple[MonthCounts, ...]:
    """Returns every month from the first to the last one in which something is on record.

    zone: of the calendar. month: only this one, also if nothing is on record in it. today: nothing is overdue
    without it. Raises StoreError.
    """
    found: dict[Figure, dict[str, Counter[str]]] = {}
    with store.reading(whole=True) as read:
        for figure in Figure:
            months = found.setdefault(figure, {})
            for one in read.records.counted(figure):
                at = _overdue(one.name, today) if figure is Figure.OVERDUE else month_of(one.at, zone)
                if at is not None and month in (None, at):
                    months.setdefault(at, Counter())[one.name] += one.count
        times = median_times(read.records.spans(), zone)
    seen = sorted({at for months in found.values() for at in months})
    wanted = (month,) if month is not None else tuple(_from_to(seen[0], seen[-1])) if seen else ()
    return tuple(
        _counts(at, {figure: found[figure].get(at, Counter()) for figure in Figure}, times.get(at, {}))
        for at in wanted
    )


def _counts(month: str, by: Mapping[Figure, Counter[str]], times: Times) -> MonthCounts:
    return MonthCounts(
        month=month,
        collected=by[Figure.COLLECTED].total(),
        stamped=by[Figure.STAMPED].total(),
        reviewed=by[Figure.REVIEWED].total(),
        unreviewed=by[Figure.UNREVIEWED].total(),
        forwarded=by[Figure.FORWARDED].total(),
        handled=by[Figure.HANDLED].total(),
        undeliverable=by[Figure.UNDELIVERABLE].total(),
        opened=by[Figure.OPENED].total(),
        decided=by[Figure.DECIDED].total(),
        responded=by[Figure.RESPONDED].total(),
        not_affected=by[Figure.DECIDED][Choice.NOT_AFFECTED],
        accepted=by[Figure.DECIDED][Choice.ACCEPT],
        overdue=by[Figure.OVERDUE].total(),
        times=times,
        routes=_most_first(by[Figure.FORWARDED]),
        sources=_most_first(by[Figure.COLLECTED]),
        reactions=_most_first(by[Figure.STAMPED] + by[Figure.UNROUTED]),
    )


def together(parts: Iterable[Mapping[str, int]]) -> Mapping[str, int]:
    """Returns what several months amount to, by name."""
    total: Counter[str] = Counter()
    for part in parts:
        total.update(part)
    return _most_first(total)


def _most_first(counts: Mapping[str, int]) -> Mapping[str, int]:
    return dict(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))


def _overdue(day: str, today: date | None) -> str | None:
    """Returns the month of a due date that is over; None for another one."""
    return day[:7] if today is not None and day < today.isoformat() else None


def _from_to(first: str, last: str) -> Iterator[str]:
    year, month = map(int, first.split("-"))
    while (at := f"{year:04}-{month:02}") <= last:
        yield at
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)
