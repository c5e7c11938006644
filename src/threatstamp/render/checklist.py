"""The checklist of a case as lines for people and as values for programs."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from threatstamp.core.cases.case import Move
from threatstamp.core.cases.track import last_ticks
from threatstamp.core.time import Micros, utc_text
from threatstamp.desk.views.cases import CaseView
from threatstamp.texts.catalogue import Texts


def checklist_lines(one: CaseView, texts: Texts, *, say: Callable[[int], str]) -> Iterator[str]:
    """Yields the steps, each with who did it and when, or until when it is to be done."""
    case, ticks = one.case, last_ticks(one.case, one.moves)
    if case.checklist:
        yield texts("checklist.show", done=len(case.ticked), count=len(case.checklist))
    for item, step in enumerate(case.checklist, 1):
        line = texts("checklist.line", item=item, text=step.text.told(texts.language))
        move, clock = ticks.get(item), case.clock_of(item)
        if move is not None:
            yield texts("checklist.show_done", line=line, person=move.by, when=say(move.at))
        elif clock is not None:
            yield texts("checklist.show_until", line=line, when=say(clock))
        else:
            yield texts("checklist.show_open", line=line)


def checklist_body(one: CaseView) -> list[dict[str, object]]:
    """Returns the steps; times in UTC, null for what is not done or has no clock."""
    case, ticks = one.case, last_ticks(one.case, one.moves)
    return [
        {
            "item": item,
            "text": step.text.en,
            "until": _utc(case.clock_of(item)),
            "done": item in ticks,
            **_who(ticks.get(item)),
        }
        for item, step in enumerate(case.checklist, 1)
    ]


def _who(move: Move | None) -> dict[str, object]:
    return {"by": move.by if move else None, "at": utc_text(move.at) if move else None}


def _utc(at: Micros | None) -> str | None:
    return None if at is None else utc_text(at)
