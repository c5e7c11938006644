"""The risk register as a table, one risk as a page, and both as JSON."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date

from threatstamp.core.cases.risk import Risk, RiskLevel
from threatstamp.core.time import utc_text
from threatstamp.render.columns import cut, pad, width
from threatstamp.render.unseen import clean
from threatstamp.texts.catalogue import Texts

GAP = "  "
NARROWEST_TITLE = 20


def risk_rows(
    risks: Sequence[Risk], texts: Texts, *, today: date, columns: int | None = None
) -> Iterator[str]:
    """Yields a table of risks, the overdue ones first; titles are cut so that it keeps to the columns."""
    heads = tuple(texts(f"risks.{name}") for name in ("key", "level", "owner", "until", "reviewed", "title"))
    ordered = sorted(risks, key=lambda one: not one.is_overdue(today))
    rows = [heads, *(_row(one, texts, today) for one in ordered)]
    widths = [max(map(width, column)) for column in zip(*rows, strict=True)]
    before = sum(widths[:-1]) + len(GAP) * (len(widths) - 1)
    for row in rows:
        last = row[-1] if columns is None else cut(row[-1], max(columns - before, NARROWEST_TITLE))
        cells = [pad(cell, size) for cell, size in zip(row[:-1], widths, strict=False)]
        yield GAP.join([*cells, last]).rstrip()


def _row(one: Risk, texts: Texts, today: date) -> tuple[str, ...]:
    until = _said(one.accepted_until, texts)
    return (
        one.key,
        _level(one.after or one.before, texts),
        clean(one.owner or "") or texts("cases.nobody"),
        texts("risks.overdue", until=until) if one.is_overdue(today) else until,
        _said(one.reviewed_on, texts),
        _title(one, texts),
    )


def risk_lines(one: Risk, texts: Texts, *, today: date, say: Callable[[int], str]) -> Iterator[str]:
    """Yields a risk with its history, oldest first."""
    yield f"{one.key}{GAP}{_title(one, texts)}"
    yield texts("risks.line_level", before=_level(one.before, texts), after=_level(one.after, texts))
    until = _said(one.accepted_until, texts)
    yield texts(
        "risks.line_until",
        until=texts("risks.overdue", until=until) if one.is_overdue(today) else until,
        reviewed=_said(one.reviewed_on, texts),
    )
    yield texts("risks.line_owner", owner=clean(one.owner or "") or texts("cases.nobody"))
    if one.case is not None:
        yield texts("risks.line_case", case=one.case)
    yield ""
    for step in one.history:
        parts = (say(step.at), texts(f"risks.step_{step.what}"), clean(step.who), clean(step.reason))
        yield GAP.join(part for part in parts if part)


def risk_body(one: Risk, *, today: date) -> dict[str, object]:
    """Returns a risk for programs; null for what is not known."""
    return {
        "risk": one.key,
        "title": one.title,
        "owner": one.owner,
        "before": one.before,
        "after": one.after,
        "accepted_on": one.since.isoformat(),
        "accepted_until": one.accepted_until.isoformat() if one.accepted_until else None,
        "reviewed_on": one.reviewed_on.isoformat() if one.reviewed_on else None,
        "overdue": one.is_overdue(today),
        "open": not one.is_closed,
        "case": one.case,
        "history": [
            {"at": utc_text(step.at), "who": step.who, "what": step.what, "detail": step.reason}
            for step in one.history
        ],
    }


def _level(level: RiskLevel | None, texts: Texts) -> str:
    return texts(f"risks.level_{level.value}" if level else "risks.level_unknown")


def _said(day: date | None, texts: Texts) -> str:
    return day.isoformat() if day else texts("risks.no_date")


def _title(one: Risk, texts: Texts) -> str:
    return clean(one.title) or texts("cases.untitled")
