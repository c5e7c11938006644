"""A track: what the house wants of one sort of cases."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from threatstamp.core.cases.case import Case, CaseAct, Move
from threatstamp.core.cases.ticket import TrackerPlan
from threatstamp.core.ids import ChannelId, TrackName
from threatstamp.core.priority.table import ChecklistStep, Wording
from threatstamp.core.priority.urgency import Priority
from threatstamp.core.stamps.route import Track

NO_WORDS = Wording(ja="", en="")
BUILT_IN = {TrackName(one.value): one for one in Track}


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackPlan:
    """What the settings say of a track. kind: the built-in one that it starts from, or is.

    label: what people call it; empty for a built-in one, which has words of its own. lead: mentions of those
    who are reminded with the owner. channel: where its cases are handed over to developers; None: nowhere.
    tracker: where they get a ticket; None: nowhere.
    due: calendar days until a case of that priority is due; those of the table of priorities for others.
    """

    name: TrackName
    kind: Track
    label: Wording = NO_WORDS
    lead: tuple[str, ...] = ()
    channel: ChannelId | None = None
    tracker: TrackerPlan | None = None
    checklist: tuple[ChecklistStep, ...] = ()
    due: Mapping[Priority, int] = field(default_factory=dict)


def plan_of(tracks: Mapping[TrackName, TrackPlan], name: TrackName) -> TrackPlan:
    """Returns the plan of a track; a bare one where the settings say nothing of it (any more)."""
    found = tracks.get(name)
    if found is not None:
        return found
    return TrackPlan(name=name, kind=BUILT_IN.get(name, Track.PRODUCT))


def plans_of(tracks: Mapping[TrackName, TrackPlan], names: Iterable[TrackName]) -> tuple[TrackPlan, ...]:
    """The same of several, in their order."""
    return tuple(plan_of(tracks, name) for name in names)


def calls_staff(case: Case, added: Iterable[TrackPlan]) -> bool:
    """True if staff may be called to update something: by the case's own kind, or that of an added track."""
    return Track.APP_UPDATE in (case.kind, *(one.kind for one in added))


def channel_of(plans: Iterable[TrackPlan]) -> ChannelId | None:
    """Returns where cases of these tracks are handed over: the first channel that one of them has."""
    return next((one.channel for one in plans if one.channel is not None), None)


def tracker_of(plans: Iterable[TrackPlan]) -> TrackerPlan | None:
    """Returns where cases of these tracks get a ticket: the first tracker that one of them has."""
    return next((one.tracker for one in plans if one.tracker is not None), None)


def step_body(step: ChecklistStep) -> dict[str, object]:
    """Returns a step of a checklist as the record has it, in the order of its canonical JSON."""
    return {"en": step.text.en, "hours": step.hours, "ja": step.text.ja}


def last_ticks(case: Case, moves: Iterable[Move]) -> Mapping[int, Move]:
    """Returns by which move each step that is done was ticked last."""
    ticks = (one for one in moves if one.wish.act is CaseAct.CHECK)
    return {item: one for one in ticks if (item := one.wish.details.item) in case.ticked and item is not None}
