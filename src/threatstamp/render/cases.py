"""Cases as tables, as a page with their history, and as JSON."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from threatstamp.core.cases.case import Case, CaseAct, Move
from threatstamp.core.cases.moves import BY_STAMP, RULES, wishes_of
from threatstamp.core.cases.weighing import Advice, CaseCard
from threatstamp.core.priority.urgency import Priority
from threatstamp.core.time import Micros, utc_text
from threatstamp.desk.views.cases import CaseView
from threatstamp.render.checklist import checklist_body, checklist_lines
from threatstamp.render.columns import cut, pad, width
from threatstamp.render.unseen import clean
from threatstamp.texts.casework import detail_words
from threatstamp.texts.catalogue import Texts
from threatstamp.texts.times import say_day
from threatstamp.texts.weighing import advice_words, spent_words, weighed_words

GAP = "  "
NARROWEST_TITLE = 12
Say = Callable[[int], str]
"""A moment as people say it."""


def case_rows(cases: Sequence[CaseView], texts: Texts, *, columns: int | None = None) -> Iterator[str]:
    """Yields a table of cases; titles are cut so that it keeps to the columns."""
    names = ("cases.number", "cases.state", "cases.owner", "casework.priority", "casework.due", "cases.title")
    heads = tuple(texts(name) for name in names)
    rows = [
        (
            f"#{one.case.number}",
            texts(f"cases.state_{one.case.state.value}"),
            one.case.owner or texts("cases.nobody"),
            _priority(one.card, texts),
            _due(one.case, texts),
            _title(one, texts),
        )
        for one in cases
    ]
    yield from _table([heads, *rows], columns)


def case_lines(one: CaseView, texts: Texts, *, say: Say) -> Iterator[str]:
    """Yields a case with its history, oldest first."""
    case, decided = one.case, one.decided
    yield f"#{case.number}{GAP}{_title(one, texts)}"
    state = texts(f"cases.state_{case.state.value}")
    yield texts("cases.line", state=state, owner=case.owner or texts("cases.nobody"))
    yield texts("casework.line", priority=_priority(one.card, texts), due=_due(case, texts))
    yield from map(clean, weighed_words(one.card, texts))
    if one.card.pending is not None:
        waiting = one.card.pending
        choice = texts(f"cases.wish_{waiting.wish.name}")
        yield texts("weighing.pending", choice=choice, person=clean(waiting.by))
    if decided is not None:
        yield texts(
            "cases.line_decided", choice=texts(f"cases.wish_{decided.wish.name}"), who=clean(decided.by)
        )
    if one.approved is not None:
        yield texts("weighing.approved", person=clean(one.approved.by))
    if CaseAct.DECIDE in {wish.act for wish in wishes_of(case)}:
        yield advice_words(one.card, texts)
        if one.spent is not None:
            yield spent_words(one.spent, texts)
    yield from _ticket(one.card, texts)
    yield from map(clean, checklist_lines(one, texts, say=say))
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
                clean(GAP.join(filter(None, (*detail_words(move.wish.details, texts), move.wish.reason)))),
            )
        )
    yield from _table(rows, None)


def move_rows(texts: Texts) -> Iterator[str]:
    """Yields the table of moves: what may be done in which state, where it leads, and who may."""
    rows = [tuple(texts(f"cases.move_{name}") for name in ("before", "act", "after", "who"))]
    for rule in RULES:
        if rule.wish.act in BY_STAMP or rule.by_desk:
            continue
        who = texts("cases.who_deciders" if rule.by_decider else "cases.who_anybody")
        act, choice = rule.wish.act.value.replace("_", "-"), rule.wish.choice
        command = f"{act} {choice.value}" if choice else act
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
        "track": case.track,
        "title": one.title,
        "story": one.story,
        "post": {"channel": case.place.channel, "ts": case.place.ts, "permalink": one.permalink},
        "owner": case.owner,
        "priority": (one.card.priority or Priority.NOT_ASSESSED).value,
        "due_on": case.due_on.isoformat() if case.due_on else None,
        "decision": None if one.decided is None else _decision(one.decided, one.card.estimate),
        "responses": [_response(move) for move in one.moves if move.wish.act is CaseAct.RESPOND],
        "history": list(_history(one)),
        "recommended": None if one.card.advice is None else _advice(one.card.advice),
        "assessed": None if one.card.assessed is None else _assessed(one.card),
        "pending": None if one.card.pending is None else _decision(one.card.pending, one.card.estimate),
        "approved_by": one.approved.by if one.approved else None,
        "checklist": checklist_body(one),
        "ticket": one.card.ticket or None,
    }


def _decision(move: Move, estimate: str | None) -> dict[str, object]:
    details = move.wish.details
    return {
        "choice": move.wish.choice,
        "by": move.by,
        "at": utc_text(move.at),
        "reason": move.wish.reason,
        "risk": details.risk.value if details.risk else None,
        "effort": details.effort or estimate,
        "until": details.until.isoformat() if details.until else None,
    }


def _advice(advice: Advice) -> dict[str, object]:
    return {
        "choice": advice.choice,
        "risk": advice.risk,
        "effort": advice.effort,
        "priority": advice.priority,
        "criticality": advice.criticality,
        "table": advice.table,
    }


def _assessed(card: CaseCard) -> dict[str, object]:
    assert card.assessed is not None
    return {
        "priority": card.assessed.priority,
        "cve": card.assessed.cve,
        "at": utc_text(card.assessed.assessed_at),
        "proposed_due_on": card.proposed.isoformat() if card.proposed else None,
    }


def _response(move: Move) -> dict[str, object]:
    said = move.wish
    return {
        "at": utc_text(move.at),
        "by": move.by,
        "audience": said.details.audience or None,
        "text": said.reason,
    }


def _history(one: CaseView) -> Iterator[dict[str, object]]:
    case = one.case
    yield _line(case.opened_at, case.opened_by, "open", case.track)
    for move in one.moves:
        details = move.wish.details
        said = (
            move.wish.choice,
            details.to,
            details.priority,
            details.risk,
            details.effort,
            details.until.isoformat() if details.until else "",
            details.audience,
            details.cause,
            "" if details.item is None else str(details.item),
            details.author,
            move.wish.reason,
        )
        yield _line(move.at, move.by, move.wish.act.value, GAP.join(filter(None, said)))


def _line(at: Micros, who: str, what: str, detail: str) -> dict[str, object]:
    return {"at": utc_text(at), "who": who, "what": what, "detail": detail}


def _priority(card: CaseCard, texts: Texts) -> str:
    return texts(f"priority.priority_{(card.priority or Priority.NOT_ASSESSED).value}")


def _due(case: Case, texts: Texts) -> str:
    return say_day(case.due_on, texts.language) if case.due_on else texts("casework.no_due")


def _title(one: CaseView, texts: Texts) -> str:
    return clean(one.title) or texts("cases.untitled")


def _ticket(card: CaseCard, texts: Texts) -> Iterator[str]:
    if card.ticket:
        yield texts("brief.show_ticket", link=clean(card.ticket))
    elif card.making:
        yield texts("brief.making", tracker=clean(card.making))


def _table(rows: Sequence[tuple[str, ...]], columns: int | None) -> Iterator[str]:
    widths = [max(map(width, column)) for column in zip(*rows, strict=True)]
    before = sum(widths[:-1]) + len(GAP) * (len(widths) - 1)
    for row in rows:
        last = row[-1] if columns is None else cut(row[-1], max(columns - before, NARROWEST_TITLE))
        cells = [pad(cell, size) for cell, size in zip(row[:-1], widths, strict=False)]
        yield GAP.join([*cells, last]).rstrip()
