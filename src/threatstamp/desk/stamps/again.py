"""Stamps are judged again: those that wait for an answer from Slack, and those from before first contact."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from threatstamp.core.errors import is_about_one
from threatstamp.core.ids import RouteId
from threatstamp.core.stamps.route import BoundRoute, Contact, Verdict
from threatstamp.core.stamps.turn import TurnRecord
from threatstamp.core.time import Micros
from threatstamp.core.trouble import TroubleKind
from threatstamp.desk.ports.store import Read, Tx
from threatstamp.desk.ports.tools import Tools
from threatstamp.desk.stamps.aside import Aside
from threatstamp.desk.stamps.derive import Deriving
from threatstamp.desk.stamps.judge import Judge
from threatstamp.desk.stamps.matter import Matter, matter_of
from threatstamp.desk.stamps.people import Membership, ask_membership
from threatstamp.desk.stamps.take import TakeStamps

Waiting = tuple[TurnRecord, BoundRoute]
"""A stamp on record, and a route that has to judge it again."""

ALWAYS_MET = Contact(since=Micros(0), looked_at=Micros(0))
"""A first contact so long ago that no stamp is older."""


class JudgeAgain:
    """The step. Both methods are idempotent: a stamp that gets the same verdict again is left as it is.

    One that cannot be judged stops no other: it is put aside, and judged again the next time.
    """

    def __init__(
        self, tools: Tools, stamps: TakeStamps, *, odd: Callable[[str, Exception], None] | None = None
    ) -> None:
        """odd: called with a post and the error if a stamp on it could not be judged, a fault of ours."""
        self._odd = odd
        self._told: set[int] = set()
        self._tools = tools
        self._stamps = stamps
        self._judge = Judge(tools)
        self._deriving = Deriving(tools)

    def waiting(self) -> bool:
        """Judges the stamps that wait because a group or person could not be read; True if there were any.

        Those that were withdrawn meanwhile lapse: there is nothing left to forward.
        """
        tools = self._tools
        with tools.store.reading() as read:
            judged = self._with_routes(read.routes.judged(Verdict.WAITS, team=tools.policy.team))
            # Slack is not asked about the others: no alert has to say that a group cannot be read for them
            waiting = [(record, route) for record, route in judged if _is_held(read, record)]
            reported = read.troubles.unfixed(TroubleKind.PEOPLE, TroubleKind.POST)
        if not judged and not reported:
            return False
        membership = self._ask(waiting)
        aside = Aside(tools, "waiting")
        self._in_one_or_each(lambda some: self._judge_waiting(some, membership), judged, aside)
        with tools.store.transaction() as tx:
            aside.fix(tx)
            self._report_unread(tx, membership.unread)
        return bool(waiting)

    def _judge_waiting(self, judged: Sequence[Waiting], membership: Membership) -> int:
        tools = self._tools
        with tools.store.transaction() as tx:
            matters: list[Matter] = []
            for record, route in judged:
                now = tools.clock.now()
                if tx.routes.verdict(record, route.route.id) is not Verdict.WAITS:
                    continue  # another process was faster
                if not _is_held(tx, record):
                    tx.routes.put_verdict(record, route.route.id, verdict=Verdict.LAPSED, now=now)
                    continue
                matters.append(matter_of(record, membership=membership, now=now))
                self._judge.judge(tx, matters[-1], route, record=record, before=Verdict.WAITS)
            self._deriving.revise_all(tx, matters)
        return len(matters)

    def _in_one_or_each(
        self, judge: Callable[[Sequence[Waiting]], int], judged: Sequence[Waiting], aside: Aside
    ) -> int:
        """Judges all stamps in one transaction; if that fails because of one, each in its own.

        Returns how many were judged.
        """
        try:
            return judge(judged)
        except Exception as error:
            if not is_about_one(error):
                raise
        return sum(self._alone(judge, one, aside) for one in judged)

    def _alone(self, judge: Callable[[Sequence[Waiting]], int], one: Waiting, aside: Aside) -> int:
        record, _ = one
        try:
            return judge([one])
        except Exception as error:
            if not is_about_one(error):
                raise
            aside.put(record.place, type(error).__name__)
            if self._odd is not None and record.id not in self._told:  # it is tried every few seconds
                self._told.add(record.id)
                self._odd(f"{record.place.channel} {record.place.ts}", error)
            return 0

    def existing(self) -> int:
        """Forwards the stamps from before first contact that are still held; returns how many were judged.

        What the old script has forwarded stays as it is, and is not counted.
        """
        tools = self._tools
        with tools.store.reading() as read:
            judged = read.routes.judged(Verdict.EXISTING, team=tools.policy.team)
        existing = self._with_routes(judged)
        membership = self._ask(existing)
        aside = Aside(tools, "existing")
        count = self._in_one_or_each(lambda some: self._judge_existing(some, membership), existing, aside)
        with tools.store.transaction() as tx:
            aside.fix(tx)
        return count

    def _judge_existing(self, existing: Sequence[Waiting], membership: Membership) -> int:
        tools = self._tools
        matters: list[Matter] = []
        with tools.store.transaction() as tx:
            for record, route in existing:
                if not _is_held(tx, record):
                    continue
                matter = matter_of(record, membership=membership, now=tools.clock.now())
                before = Verdict.EXISTING
                found = self._judge.judge(tx, matter, route, record=record, before=before, contact=ALWAYS_MET)
                if found is not before:  # else the old script has forwarded the post
                    matters.append(matter)
            self._deriving.revise_all(tx, matters)
        return len(matters)

    def _with_routes(self, judged: Sequence[tuple[TurnRecord, RouteId]]) -> list[Waiting]:
        """Drops the stamps whose route has been removed from the settings."""
        routes = {route.route.id: route for route in self._tools.policy.routes}
        return [(record, routes[route]) for record, route in judged if route in routes]

    def _ask(self, waiting: Sequence[Waiting]) -> Membership:
        shared = self._stamps.shared
        return ask_membership(
            self._tools.workspace,
            [route for _, route in waiting],
            users=sorted({record.user for record, _ in waiting}),
            shared=any(record.place.channel in shared for record, _ in waiting),
        )

    def _report_unread(self, tx: Tx, unread: Mapping[str, str]) -> None:
        """Keeps a trouble open for each group or person that cannot be read while stamps wait for it."""
        now = self._tools.clock.now()
        for name, code in unread.items():
            values = {"name": name, "error": code}
            tx.troubles.open(TroubleKind.PEOPLE, name, values=values, now=now)
        for trouble in tx.troubles.unfixed(TroubleKind.PEOPLE):
            if trouble.subject not in unread:
                tx.troubles.fix(TroubleKind.PEOPLE, trouble.subject, now=now)


def _is_held(read: Read | Tx, stamp: TurnRecord) -> bool:
    """True if the person has not withdrawn the stamp."""
    turns = read.stamps.turns(stamp.place, stamp.reaction, user=stamp.user)
    return bool(turns) and turns[-1].id == stamp.id
