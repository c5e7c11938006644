"""Cases as tables, as a page with their history, and as JSON."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from threatstamp.core.cases.case import Move
from threatstamp.core.cases.moves import RULES
from threatstamp.core.time import Micros, utc_text
from threatstamp.desk.views.cases import CaseView
from threatstamp.render.columns import cut, pad, width
from threatstamp.render.unseen import clean
from threatstamp.texts.catalogue import Texts

GAP = "  "
NARROWEST_TITLE = 20
Say = Callable[[int], str]
"""A moment as people say it."""


def case_rows(cases: Sequence[CaseView], texts: Texts, *, columns: int | None = None) -> Iterator[str]:
    """Yields a table of cases; titles are cut so that it keeps to the columns."""
    heads = tuple(texts(f"cases.{name}") for name in ("number", "state", "owner", "title"))
    rows = [
        (
            f"#{one.case.number}",
            texts(f"cases.state_{one.case.state.value}"),
            one.case.owner or texts("cases.nobody"),
            _title(one, texts),
        )
        for one in cases
    ]
    yield from _table([heads, *rows], columns)


def case_lines(one: CaseView, texts: Texts, *, say: Say) -> Iterator[str]:
    """Yields a case with its history, oldest first."""
    case, decided = one.case, one.decided
    yield f"#{case.number}{GAP}{_title(one, texts)}"
    yield texts(
        "cases.line",
        state=texts(f"cases.state_{case.state.value}"),
        owner=case.owner or texts("cases.nobody"),
    )
    if decided is not None:
        yield texts(
            "cases.line_decided", choice=texts(f"cases.wish_{decided.wish.name}"), who=clean(decided.by)
        )
    if one.permalink:
        yield clean(one.permalink)
    yield ""
    rows = [(say(case.opened_at), texts("cases.opened"), clean(case.opened_by), texts("cases.way_stamp"), "")]
    for move in one.moves:
        rows.append(
            (
                say(move.at),
                texts(f"cases.wish_{move.wish.name}"),
                clean(move.by),
                texts(f"cases.way_{move.way.value}"),
                clean(move.wish.reason),
            )
        )
    yield from _table(rows, None)


def move_rows(texts: Texts) -> Iterator[str]:
    """Yields the table of moves: what may be done in which state, where it leads, and who may."""
    rows = [tuple(texts(f"cases.move_{name}") for name in ("before", "act", "after", "who"))]
    for rule in RULES:
        who = texts("cases.who_deciders" if rule.by_decider else "cases.who_anybody")
        command = f"{rule.wish.act.value} {rule.wish.choice.value if rule.wish.choice else ''}".strip()
        for before in rule.before:
            after = rule.after or before
            rows.append(
                (
                    texts(f"cases.state_{before.value}"),
                    f"{texts(f'cases.wish_{rule.wish.name}')} ({command})",
                    texts(f"cases.state_{after.value}"),
                    texts("cases.with_reason", who=who) if rule.with_reason else who,
                )
            )
    yield from _table(rows, None)


def case_body(one: CaseView) -> dict[str, object]:
    """Returns a case for programs; times in UTC, null for what is not known (yet)."""
    case = one.case
    return {
        "case": case.number,
        "state": case.state.value,
        "track": case.track.value,
        "title": one.title,
        "story": one.story,
        "post": {"channel": case.place.channel, "ts": case.place.ts, "permalink": one.permalink},
        "owner": case.owner,
        "priority": "not_assessed",
        "due_on": None,
        "decision": None if one.decided is None else _decision(one.decided),
        "responses": [],
        "history": list(_history(one)),
    }


def _decision(move: Move) -> dict[str, object]:
    return {
        "choice": move.wish.choice,
        "by": move.by,
        "at": utc_text(move.at),
        "reason": move.wish.reason,
        "risk": None,
        "effort": None,
        "until": None,
    }


def _history(one: CaseView) -> Iterator[dict[str, object]]:
    case = one.case
    yield _line(case.opened_at, case.opened_by, "open", case.track.value)
    for move in one.moves:
        detail = GAP.join(filter(None, (move.wish.choice or "", move.wish.reason)))
        yield _line(move.at, move.by, move.wish.act.value, detail)


def _line(at: Micros, who: str, what: str, detail: str) -> dict[str, object]:
    return {"at": utc_text(at), "who": who, "what": what, "detail": detail}


def _title(one: CaseView, texts: Texts) -> str:
    return clean(one.title) or texts("cases.untitled")


def _table(rows: Sequence[tuple[str, ...]], columns: int | None) -> Iterator[str]:
    widths = [max(map(width, column)) for column in zip(*rows, strict=True)]
    before = sum(widths[:-1]) + len(GAP) * (len(widths) - 1)
    for row in rows:
        last = row[-1] if columns is None else cut(row[-1], max(columns - before, NARROWEST_TITLE))
        cells = [pad(cell, size) for cell, size in zip(row[:-1], widths, strict=False)]
        yield GAP.join([*cells, last]).rstrip()
