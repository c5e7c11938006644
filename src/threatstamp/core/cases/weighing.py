"""What a decision about a case weighs: risk against effort, with what a table recommends and why.

What the machine found (the assessment of the story, a proposed due date, the recommendation) stands beside
what people said, and never replaces it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import lru_cache
from statistics import median

from threatstamp.core.assets.naming import Name, NameFinder
from threatstamp.core.assets.product import Criticality, Product
from threatstamp.core.calendar import Calendar
from threatstamp.core.cases.call import Tally
from threatstamp.core.cases.case import Case, CaseAct, Choice, Move, Wish
from threatstamp.core.cases.ticket import TrackerPlan
from threatstamp.core.cases.track import TrackPlan, calls_staff, channel_of, plans_of, tracker_of
from threatstamp.core.ids import ChannelId, TrackerName, TrackName, UserId
from threatstamp.core.priority.replay import StoryPriority
from threatstamp.core.priority.table import DecisionTable
from threatstamp.core.priority.urgency import SCALE, Priority
from threatstamp.core.stamps.post import Snapshot
from threatstamp.core.time import Micros

CHOICES = (Choice.ACCEPT, Choice.MITIGATE, Choice.PLAN, Choice.NOW)
"""What can be recommended, from the least to the most that is done."""

EFFORTS = ("L", "M", "S")
"""From the greatest to the least effort: the less it takes, the more a table recommends."""

_CRITICALITIES = (Criticality.LOW, Criticality.MEDIUM, Criticality.HIGH)
WEEK = 7 * 86_400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Recommending:
    """The table of recommendations: priority and criticality lead to a risk, risk and effort to a choice.

    hours: so many count as S, and so many as M; anything longer is L. Both tables are without flaws.
    """

    name: str
    risks: DecisionTable
    choices: DecisionTable
    hours: tuple[int, int]

    def size(self, effort: str) -> str:
        """Returns "S", "M" or "L" for an effort as it is kept."""
        if not effort.endswith("h"):
            return effort
        small, medium = self.hours
        hours = int(effort.removesuffix("h"))
        return "S" if hours <= small else "M" if hours <= medium else "L"

    def risk(self, priority: Priority, criticality: Criticality | None) -> Priority:
        """Returns the risk; where the criticality of no product is known, that of a medium one."""
        answers = (priority.value, (criticality or Criticality.MEDIUM).value)
        return Priority(self.risks.find(answers)[1].name)

    def choice(self, risk: Priority, effort: str) -> Choice:
        return Choice(self.choices.find((risk.value, self.size(effort)))[1].name)


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseRules:
    """What the house wants of cases. second_approver: the priority from which on a decision needs two people.

    recommending: None: nothing is recommended. has_response_times: the days of the table of priorities
    propose due dates. remind_before: seconds before the end of an accepted risk; 0: never.
    """

    recommending: Recommending | None = None
    has_response_times: bool = False
    second_approver: Priority | None = None
    remind_before: float = WEEK


@dataclass(frozen=True, slots=True, kw_only=True)
class Scales:
    """What weighs: rules, the table of priorities (None: there is none), products, calendar, tracks."""

    rules: CaseRules = CaseRules()
    table: DecisionTable | None = None
    products: tuple[Product, ...] = ()
    calendar: Calendar = field(default_factory=Calendar)
    tracks: Mapping[TrackName, TrackPlan] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """A recommendation with its why. priority, criticality: None: not known. table: its name.

    risk: what follows from those, or what somebody found. effort: as it was estimated.
    """

    choice: Choice
    risk: Priority
    effort: str
    priority: Priority | None
    criticality: Criticality | None
    table: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseCard:
    """What a card in Slack displays of a case. decided: the move that decided it. pending: one that waits.

    assessed: what the machine ruled about the story. estimate: the effort that was said last before it was
    done. criticality: of the gravest product that is named. proposed: a due date. advice: None where priority
    or effort is not known. tally: of its newest update call; None if there is none. is_calling: that one is
    still open. calls_at: when it goes out, if it is planned. plan: of its track; None where the settings say
    nothing of it. briefed, acknowledged: by which it was handed over to developers, and by which one of them
    said that they have seen it. ticket: the address of the newest one; making: the tracker in which one is
    being made. added: tracks that stamps of further routes have added; more: what the settings say of those.
    voices: everybody who holds a stamp that fired a route of the case, once each, whichever post and
    reaction. twins: the numbers of other cases of the story: it was joined of two that each had one.
    """

    case: Case
    decided: Move | None = None
    pending: Move | None = None
    assessed: StoryPriority | None = None
    estimate: str | None = None
    criticality: Criticality | None = None
    proposed: date | None = None
    advice: Advice | None = None
    tally: Tally | None = None
    is_calling: bool = False
    calls_at: Micros | None = None
    plan: TrackPlan | None = None
    added: tuple[TrackName, ...] = ()
    voices: tuple[UserId, ...] = ()
    twins: tuple[int, ...] = ()
    more: tuple[TrackPlan, ...] = ()
    briefed: Move | None = None
    acknowledged: Move | None = None
    ticket: str = ""
    making: TrackerName | None = None

    @property
    def is_update(self) -> bool:
        """True if staff may be called to update something."""
        return calls_staff(self.case, self.more)

    @property
    def channel(self) -> ChannelId | None:
        """Where it is handed over to developers; None: nowhere."""
        return channel_of(self._plans)

    @property
    def tracker(self) -> TrackerPlan | None:
        """Where it gets a ticket; None: nowhere."""
        return tracker_of(self._plans)

    @property
    def _plans(self) -> tuple[TrackPlan, ...]:
        return (self.plan, *self.more) if self.plan else self.more

    @property
    def priority(self) -> Priority | None:
        """What people say, else what the machine ruled; None if neither is known."""
        ruled = self.assessed.priority if self.assessed else Priority.NOT_ASSESSED
        return self.case.priority or (None if ruled is Priority.NOT_ASSESSED else ruled)


def card_of(case: Case, moves: Sequence[Move], assessed: StoryPriority | None) -> CaseCard:
    """Returns what a card displays of a case with these moves. assessed: what was ruled about its story."""
    by_number = {one.number: one for one in moves}
    said = (one.wish.details.effort for one in reversed(moves) if one.wish.act is not CaseAct.DONE)
    return CaseCard(
        case=case,
        decided=by_number.get(case.decision or 0),
        pending=by_number.get(case.pending or 0),
        assessed=assessed,
        estimate=next((effort for effort in said if effort), None),
        briefed=_first(moves, CaseAct.BRIEF),
        acknowledged=_first(moves, CaseAct.ACKNOWLEDGE),
        ticket=next(
            (
                one.wish.reason
                for one in reversed(moves)
                if one.wish.act is CaseAct.TICKET and one.wish.reason
            ),
            "",
        ),
    )


def _first(moves: Sequence[Move], act: CaseAct) -> Move | None:
    return next((one for one in moves if one.wish.act is act), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """What efforts came to in so many cases, as medians in hours."""

    cases: int
    estimated: float
    took: float


def spent_on(done: Iterable[Sequence[Move]]) -> Spent | None:
    """Returns how far estimates were true; None where no case has both in hours. done: their moves."""
    found: list[tuple[int, int]] = []
    for moves in done:
        actual = next((one for one in reversed(moves) if one.wish.act is CaseAct.DONE), None)
        took = _hours(actual.wish.details.effort if actual else None)
        said = (one.wish.details.effort for one in reversed(moves) if one.wish.act is not CaseAct.DONE)
        estimated = _hours(next((effort for effort in said if effort), None))
        if took is not None and estimated is not None:
            found.append((estimated, took))
    if not found:
        return None
    estimates, efforts = zip(*found, strict=True)
    return Spent(cases=len(found), estimated=median(estimates), took=median(efforts))


def _hours(effort: str | None) -> int | None:
    return int(effort.removesuffix("h")) if effort and effort.endswith("h") else None


def weigh(card: CaseCard, scales: Scales, snapshot: Snapshot | None) -> CaseCard:
    """Returns the card with what follows. snapshot: of the post, in which products are named."""
    words = f"{snapshot.title}\n{snapshot.text}" if snapshot else ""
    plan, more = scales.tracks.get(card.case.track), plans_of(scales.tracks, card.added)
    known = replace(card, criticality=criticality_of(words, scales.products), plan=plan, more=more)
    return replace(known, proposed=_proposed(known, scales), advice=advise(known, scales.rules))


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """What a recommendation rests on. None: not known."""

    priority: Priority | None
    criticality: Criticality | None
    effort: str | None


def advise(card: CaseCard, rules: CaseRules, *, wish: Wish | None = None) -> Advice | None:
    """Returns what is recommended; risk and effort of the wish count before what is known otherwise."""
    ground = Basis(priority=card.priority, criticality=card.criticality, effort=card.estimate)
    return recommend(ground, rules, wish=wish)


def recommend(ground: Basis, rules: CaseRules, *, wish: Wish | None = None) -> Advice | None:
    """The same, of what is known alone."""
    table, priority = rules.recommending, ground.priority
    effort = (wish.details.effort if wish else None) or ground.effort
    risk = wish.details.risk if wish else None
    if table is None or effort is None or (risk is None and priority is None):
        return None
    if risk is None and priority is not None:
        risk = table.risk(priority, ground.criticality)
    assert risk is not None
    return Advice(
        choice=table.choice(risk, effort),
        risk=risk,
        effort=effort,
        priority=priority,
        criticality=ground.criticality,
        table=table.name,
    )


def is_below(choice: Choice | None, advice: Advice | None) -> bool:
    """True if somebody chooses less than is recommended. Not to be affected is no less."""
    if advice is None or choice not in CHOICES:
        return False
    return CHOICES.index(choice) < CHOICES.index(advice.choice)


def needs_second(card: CaseCard, rules: CaseRules, wish: Wish) -> bool:
    """True if a decision waits for a second decider: by the graver of its priority and the risk it names."""
    if rules.second_approver is None:
        return False
    found = [SCALE.index(one) for one in (card.priority, wish.details.risk) if one in SCALE]
    return bool(found) and max(found) >= SCALE.index(rules.second_approver)


def criticality_of(words: str, products: Sequence[Product]) -> Criticality | None:
    """Returns that of the gravest product that is named there; None if none is, or none has any."""
    known = tuple(one for one in products if one.criticality is not None)
    if not known or not words:
        return None
    of = {name for mention in product_finder(known).find(words) for name in mention.of}
    named = [_CRITICALITIES.index(one.criticality) for one in known if one.criticality and one.name in of]
    return _CRITICALITIES[max(named)] if named else None


@lru_cache(maxsize=4)
def product_finder(products: tuple[Product, ...]) -> NameFinder:
    """Returns what finds these products in texts, by their names and those that are built in."""
    return NameFinder(
        Name(text=text, of=one.name, vendors=(one.vendor,) if one.vendor else ())
        for one in products
        for text in (one.name, *one.aliases)
    )


def _proposed(card: CaseCard, scales: Scales) -> date | None:
    """Returns the day by which the track or the table wants it done, in calendar days.

    They are counted from the assessment or the case, whichever came later.
    """
    assessed, priority = card.assessed, card.priority
    if card.plan is not None and priority is not None and priority in card.plan.due:
        begun = Micros(max(card.case.opened_at, assessed.assessed_at if assessed else 0))
        return scales.calendar.due_on(card.plan.due[priority], since=begun, working=False)
    if not scales.rules.has_response_times or assessed is None or scales.table is None:
        return None
    outcome = next((one for one in scales.table.outcomes if one.name == assessed.outcome), None)
    if outcome is None or outcome.days is None:
        return None
    since = Micros(max(card.case.opened_at, assessed.assessed_at))
    return scales.calendar.due_on(outcome.days, since=since, working=False)
