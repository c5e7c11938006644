"""What people brought to an act on a case, in words."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from threatstamp.core.cases.details import Details
from threatstamp.core.cases.track import BUILT_IN, TrackPlan
from threatstamp.core.ids import TrackName
from threatstamp.texts.catalogue import Texts
from threatstamp.texts.times import say_day


def detail_words(
    details: Details,
    texts: Texts,
    *,
    person: Callable[[str], str] = str,
    words: Callable[[str], str] = str,
) -> Iterator[str]:
    """Yields a phrase for each detail. person: how somebody is named; words: how somebody's words are put."""
    if details.to is not None:
        yield texts("casework.said_to", person=person(details.to))
    if details.priority is not None:
        yield texts("casework.said_priority", priority=texts(f"priority.priority_{details.priority.value}"))
    if details.risk is not None:
        yield texts("casework.said_risk", risk=texts(f"priority.priority_{details.risk.value}"))
    if details.effort is not None:
        yield texts("casework.said_effort", effort=say_effort(details.effort, texts))
    if details.until is not None:
        yield texts("casework.said_until", day=say_day(details.until, texts.language))
    if details.author is not None:
        yield texts("casework.said_author", person=person(details.author))
    if details.cause:
        yield cause_words(details.cause, texts)
    if details.item is not None:
        yield texts("checklist.said_item", item=details.item)
    if details.audience:
        yield texts("casework.said_audience", audience=words(details.audience))


def track_words(name: TrackName, plan: TrackPlan | None, texts: Texts) -> str:
    """Returns what people call a track. plan: None where the settings say nothing of it."""
    label = plan.label.told(texts.language) if plan else ""
    if label:
        return label
    return texts(f"home.track_{name}") if name in BUILT_IN else name


def say_effort(effort: str, texts: Texts) -> str:
    """Returns an effort in words: "M", "6人時", "6 h"."""
    if effort.endswith("h"):
        return texts("casework.hours", hours=effort.removesuffix("h"))
    return effort


def cause_words(cause: str, texts: Texts) -> str:
    """Returns why the desk reopened a case: "expired", or a kind of change, an id and numbers."""
    kind, *rest = cause.split()
    if kind not in CAUSES:
        return cause
    cve, before, after = (*rest, "", "", "")[:3]
    return texts(f"weighing.cause_{kind}", cve=cve, before=before, after=after)


CAUSES = ("expired", "listed", "scored", "fixed")
"""Each has words `cause_…`."""
