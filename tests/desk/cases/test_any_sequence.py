"""Whatever people do, in whatever order and from however stale a form, the record and the card agree."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from tests.desk.cases.test_act import CARD, CASED, CISO, GROUP, ITO, SATO
from tests.desk.stamps.test_any_order import ALARM, POLICY, TEAM, USERS, Desk, Event
from threatstamp.config.recommending import built_in
from threatstamp.core.cases.case import Case, CaseAct, CaseState, Move, Way
from threatstamp.core.cases.details import Details
from threatstamp.core.cases.moves import BESIDE, RULES, WISHES, Denial
from threatstamp.core.cases.track import TrackPlan
from threatstamp.core.cases.weighing import CaseRules
from threatstamp.core.ids import TrackName
from threatstamp.core.ledger.kinds import Kind
from threatstamp.core.priority.table import ChecklistStep, Wording
from threatstamp.core.priority.urgency import SCALE, Priority
from threatstamp.core.stamps.route import Track
from threatstamp.core.stamps.turn import Mark, TurnKind
from threatstamp.core.time import DAY
from threatstamp.desk.cases.act import Acting, Attempt
from threatstamp.desk.cases.clock import CaseClock
from threatstamp.desk.record.compare import compare_records
from threatstamp.texts.catalogue import Language, Texts

PEOPLE = st.sampled_from([SATO, CISO, ITO])
DETAILS = st.builds(
    Details,
    to=st.sampled_from([None, SATO, ITO]),
    until=st.sampled_from([None, date(2026, 12, 24)]),
    effort=st.sampled_from([None, "M", "6h"]),
    risk=st.sampled_from([None, Priority.LOW]),
    priority=st.sampled_from([None, *SCALE]),
    audience=st.sampled_from(["", "社員"]),
    item=st.sampled_from([None, 1, 2, 3]),
)
TEXTS = Texts(Language.JA)
STEP = ChecklistStep(hours=2, text=Wording(ja="範囲", en="Scope"))
PLAN = TrackPlan(name=TrackName("product"), kind=Track.PRODUCT, checklist=(STEP, STEP))


class Cases(RuleBasedStateMachine):
    """People with different rights act on one case, by fresh clicks and stale forms; stamps come and go."""

    @initialize()
    def open(self) -> None:
        self.desk = Desk()
        rules = CaseRules(recommending=built_in(), second_approver=Priority.HIGH)
        self.desk.tools.in_force.now = replace(CASED, cases=rules, tracks={PLAN.name: PLAN})
        self.desk.slack.groups = {GROUP: frozenset({ITO})}
        with self.desk.store.transaction() as tx:
            for channel, route in POLICY.contacts():
                body = {"team": TEAM, "channel": channel, "route": route}
                tx.ledger.append(Kind.CONTACT, body, now=self.desk.clock.now())
        self.number = 0
        self.denied = 0
        self._stamp(TurnKind.STAMP)

    def teardown(self) -> None:
        if hasattr(self, "desk"):
            self.desk.store.close()

    @rule(
        name=st.sampled_from(sorted(WISHES)),
        by=PEOPLE,
        reason=st.sampled_from(["", "理由"]),
        details=DETAILS,
        stale=st.integers(0, 3),
        again=st.booleans(),
    )
    def act(self, name: str, by: str, reason: str, details: Details, stale: int, again: bool) -> None:
        self.number += 1
        self.desk.clock.time += 1_000_000
        case, before = self._case()
        wish = replace(WISHES[name], reason=reason, details=details)
        attempt = Attempt(
            case=1,
            wish=wish,
            by=SATO if by == SATO else CISO if by == CISO else ITO,
            way=Way.DIALOG,
            key=f"key-{self.number}",
            channel=CARD,
            seen=max(0, case.version - stale),
        )
        acted = Acting(self.desk.tools).act(attempt)
        self.denied += acted.denial is not None
        if acted.moved:
            assert stale == 0 or not _changed_by_others(before, attempt)
        else:
            assert self._case()[0] == case
        if acted.denial is Denial.RIGHT:
            assert by == SATO
        if again:
            assert not Acting(self.desk.tools).act(attempt).moved

    @rule(days=st.integers(0, 40))
    def the_desk_looks_at_the_clock(self, days: int) -> None:
        """It reopens only what is accepted and over; at once again it does nothing."""
        self.desk.clock.time += days * DAY
        case, _ = self._case()
        until = self._decided().wish.details.until if case.decision else None
        is_over = case.state is CaseState.ACCEPTED and until is not None and until < self._today()
        clock = CaseClock(self.desk.tools, changes=lambda since: ())
        clock.run()
        after, moves = self._case()
        assert (after.state is CaseState.ASSESSING and moves[-1].way is Way.CLOCK) or not is_over
        assert after == case or is_over
        CaseClock(self.desk.tools, changes=lambda since: ()).run()
        assert self._case() == (after, moves)

    def _decided(self) -> Move:
        case, moves = self._case()
        return moves[(case.decision or 0) - 1]

    def _today(self) -> date:
        return self.desk.tools.policy.calendar.day_of(self.desk.clock.now())

    @invariant()
    def nobody_agrees_with_a_decision_of_their_own(self) -> None:
        if not hasattr(self, "desk"):
            return
        case, moves = self._case()
        assert case.pending is None or case.state is CaseState.WAITING
        waiting: Move | None = None
        for move in moves:
            if move.wish.act is CaseAct.APPROVE:
                assert waiting is not None
                assert waiting.by != move.by
            if move.wish.act is CaseAct.DECIDE:
                waiting = move

    @rule(kind=st.sampled_from(TurnKind))
    def stamp(self, kind: TurnKind) -> None:
        self._stamp(kind)

    @invariant()
    def every_move_is_one_of_the_table_and_on_record(self) -> None:
        if not hasattr(self, "desk"):
            return
        case, moves = self._case()
        state = CaseState.NEW
        for number, move in enumerate(moves, 1):
            assert (move.number, move.before) == (number, state)
            assert any(
                one.wish.name == move.wish.name
                and move.before in one.before
                and move.after is (one.after or move.before)
                for one in RULES
            )
            state = move.after
        assert (case.state, case.version) == (state, len(moves))
        with self.desk.store.reading() as read:
            assert len(list(read.ledger.entries(kind=Kind.CASE_MOVED))) == len(moves)
            assert len(list(read.ledger.entries(kind=Kind.CASE_DENIED))) == self.denied
        assert compare_records(self.desk.store).first is None

    @rule()
    def the_card_says_what_is_on_record(self) -> None:
        self.desk.clock.time += 60_000_000
        self.desk.deliver_all()
        case, _ = self._case()
        cards = [one for one in self.desk.slack.messages if one.channel == CARD and one.thread_ts is None]
        for message in (str(one.rendered.blocks) for one in cards):
            assert TEXTS(f"cases.state_{case.state.value}") in message
            assert case.owner is None or case.owner in message

    def _stamp(self, kind: TurnKind) -> None:
        self.desk.clock.time += 1_000_000
        self.desk.learn(Event(USERS[0], ALARM, Mark(at=self.desk.clock.now(), kind=kind)))

    def _case(self) -> tuple[Case, tuple[Move, ...]]:
        with self.desk.store.reading() as read:
            [case] = read.cases.every()
            return case, read.cases.moves(case.number)


def _changed_by_others(moves: tuple[Move, ...], attempt: Attempt) -> bool:
    if attempt.wish.act in BESIDE:
        return False
    seen = attempt.seen or 0
    return any(one.by != attempt.by and one.wish.act not in BESIDE for one in moves[seen:])


TestCases = Cases.TestCase
TestCases.settings = settings(max_examples=25, stateful_step_count=25, deadline=None)
