"""Whatever people press, fill in, write and answer, in whatever order, record, cards and calls agree.

The buttons are those of messages as somebody saw them at some time, the forms those that they opened; both may
be used long after the case has moved on, twice, and by people without the right.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, cast
from zoneinfo import ZoneInfo

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from tests.desk.cases.test_act import CARD, CASED, CISO, GROUP, ITO, SATO
from tests.desk.cases.test_calls import BERLIN, MEMBERS, STAFF, TOKYO
from tests.desk.stamps.test_any_order import ALARM, POLICY, TEAM, USERS, Desk, Event
from tests.support.dying import Idle
from tests.support.examples import HISTORIES
from tests.support.fakes import Posted
from tests.support.times import S
from threatstamp.app.calls import zone_named
from threatstamp.app.kinds import departings, renderer
from threatstamp.config.cases import CasesSettings
from threatstamp.config.recommending import built_in
from threatstamp.core.calendar import Calendar
from threatstamp.core.cases.call import ANSWERS_KEPT, Answer, count
from threatstamp.core.cases.case import Case, CaseAct, CaseState, Move
from threatstamp.core.cases.moves import BESIDE, RULES
from threatstamp.core.cases.track import TrackPlan
from threatstamp.core.cases.weighing import CaseRules
from threatstamp.core.errors import SlackError, StoreError
from threatstamp.core.ids import ChannelId, Emoji, TrackName, UserId
from threatstamp.core.ledger.kinds import Kind
from threatstamp.core.outbox.departure import State
from threatstamp.core.policy import People
from threatstamp.core.priority.table import ChecklistStep, Wording
from threatstamp.core.priority.urgency import Priority
from threatstamp.core.stamps.post import Place
from threatstamp.core.stamps.route import Track
from threatstamp.core.stamps.turn import Mark, TurnKind
from threatstamp.core.time import DAY
from threatstamp.desk.cases.act import Acted, Acting, Attempt
from threatstamp.desk.cases.calling import Calling
from threatstamp.desk.cases.calls_by_clock import erase_answers, tend_calls
from threatstamp.desk.cases.clock import CaseClock
from threatstamp.desk.cases.denying import Denied
from threatstamp.desk.cases.steps import StepClock
from threatstamp.desk.outbox.deliver import Deliver
from threatstamp.desk.ports.departing import Message
from threatstamp.desk.ports.roles import may_act
from threatstamp.desk.priority.exposing import Exposing
from threatstamp.desk.record.compare import compare_records
from threatstamp.sandbox.refusal import RefusedError
from threatstamp.sandbox.views import check_view, state_of
from threatstamp.slack.client import SlackWorkspace
from threatstamp.slack.emoji import EmojiNames
from threatstamp.slack.intake import Intake
from threatstamp.slack.posts import RecentPosts
from threatstamp.texts.catalogue import Language, Texts

DEVELOPERS = ChannelId("C0DEV")
TANAKA = UserId("U0TANAKA")
"""Who may do nothing but read, answer a call, and say that a hand-over was seen."""

PEOPLE = st.sampled_from([SATO, CISO, ITO, SATO, CISO, TANAKA])
BEGIN = 1_791_162_000 * S  # Monday 2026-10-05 10:00 in Tokyo
STEP = ChecklistStep(hours=2, text=Wording(ja="範囲", en="Scope"))
PLAN = TrackPlan(name=TrackName("staff"), kind=Track.APP_UPDATE, checklist=(STEP, STEP), channel=DEVELOPERS)
SAID: Mapping[str, st.SearchStrategy[object]] = {
    "plain_text_input": st.sampled_from(["6h", "理由", "", "https://tickets.example/7"]),
    "datepicker": st.sampled_from(["2026-12-24", "2099-12-24", "", "2020-01-01"]),
    "users_select": st.sampled_from([SATO, ITO]),
}
WORDS = st.sampled_from(
    [
        *(
            "take 1",
            "assess 1",
            "decide 1 now",
            "decide 1 plan 次 --until 2026-12-24",
            "approve 1",
            "brief 1",
        ),
        *("decide 1 accept 小さい --until 2026-12-24", "decide 1 not-affected 無い", "done 1", "done 1 済み"),
        *("check 1 1", "uncheck 1 1", "check 1 9", "ticket 1 https://tickets.example/8", "reopen 1 再発"),
        *("note 1 対象は3台", "priority 1 critical 外部", "acknowledge 1", "call 1", "respond 1 案内済み"),
    ]
)
BEGUN = [(), ("take 1", "brief 1"), ("take 1", "assess 1"), ("take 1", "brief 1", "decide 1 now")]
"""What has been said of the case before the rest happens."""

SIGNS = st.sampled_from([*CasesSettings().signs, "white_check_mark", "heavy_minus_sign"])
TURNED = {TurnKind.STAMP: "reaction_added", TurnKind.WITHDRAWAL: "reaction_removed"}


class AtOnce:
    """An executor that works in the thread of whoever has something to do."""

    def submit(self, act: Callable[..., object], *arguments: object) -> None:
        act(*arguments)

    def shutdown(self, **how: object) -> None:
        pass


class Windows:
    """Slack's answers. opened: the forms, as Slack would have taken them."""

    def __init__(self) -> None:
        self.opened: list[dict[str, object]] = []

    def get(self, method: str, **arguments: object) -> Mapping[str, object]:
        return {"ok": True, "emoji": {}}

    def post(self, method: str, **arguments: object) -> Mapping[str, object]:
        assert method == "views.open"
        self.opened.append(check_view(arguments["view"], kinds=("modal",)))
        return {"ok": True}


class Watched(Acting):
    """Notes what comes of each attempt. breaks: the database cannot be written once, after so many more."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk.tools)
        self._store = desk.store
        self.breaks: int | None = None
        self.noted: list[tuple[Attempt, Case | None, Acted]] = []

    def act(self, attempt: Attempt, *, event: int | None = None) -> Acted:
        if self.breaks == 0:
            self.breaks = None
            raise StoreError("disk full")
        self.breaks = None if self.breaks is None else self.breaks - 1
        with self._store.reading() as read:
            before = read.cases.get(attempt.case)
        acted = super().act(attempt, event=event)
        self.noted.append((attempt, before, acted))
        return acted


@dataclass(frozen=True)
class Form:
    """A form that somebody has open, or had."""

    user: UserId
    view: Mapping[str, Any]


@dataclass(frozen=True)
class Seen:
    """A message as it was when somebody looked at it."""

    channel: ChannelId
    ts: str
    blocks: list[dict[str, Any]]

    def parts(self) -> list[dict[str, Any]]:
        """What can be pressed, each entry of a menu by itself."""
        found = [one for block in self.blocks for one in _elements(block)]
        return [
            {**one, "selected_option": option} if option else one
            for one in found
            for option in one.get("options", [None])
            if str(one.get("action_id")).startswith(("case_", "call_"))
        ]


def _elements(block: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    yield from block["elements"] if block["type"] == "actions" else ()
    yield from [block["accessory"]] if "accessory" in block else ()


class Room(RuleBasedStateMachine):
    """People with different rights around one case that also calls staff, has steps, and has developers."""

    @initialize(words=st.sampled_from(BEGUN), is_called=st.booleans())
    def open(self, words: tuple[str, ...], is_called: bool) -> None:
        self.desk = desk = Desk()
        desk.tools = replace(desk.tools, audience_of=self._audience)
        desk.deliver = Deliver(desk.tools, departings(desk.tools))
        desk.clock.time = BEGIN
        first = CASED.routes[0]
        desk.tools.in_force.now = replace(
            CASED,
            routes=(replace(first, to=(CARD,), route=replace(first.route, case=PLAN.name)),),
            analysts=People(users=frozenset({SATO}), is_anybody=False),
            cases=CaseRules(recommending=built_in(), second_approver=Priority.CRITICAL),
            tracks={PLAN.name: PLAN},
            announce_to=frozenset({STAFF}),
            signs={Emoji(name): act for name, act in CasesSettings().signs.items()},
            calendar=Calendar(zone=ZoneInfo("Asia/Tokyo")),
        )
        desk.slack.groups = {GROUP: frozenset({ITO})}
        with desk.store.transaction() as tx:
            for channel, route in POLICY.contacts():
                body = {"team": TEAM, "channel": channel, "route": route}
                tx.ledger.append(Kind.CONTACT, body, now=desk.clock.now())
        self.windows, self.cases = Windows(), Watched(desk)
        self.audience_fails = False
        self.numbers = itertools.count(1)
        self.forms: list[Form] = []
        self.seen: list[Seen] = []
        self.said: dict[int, dict[UserId, Answer]] = {}
        self.changes = 0
        self.intake = self._intake()
        self.stamp(TurnKind.STAMP)
        for one in words:
            self.write(one, CISO if "decide" in one else SATO, CARD)
        self.deliver()
        if is_called:
            self.call_staff(SATO, twice=False, in_hours=False, audience_fails=False)
            self.deliver()

    def teardown(self) -> None:
        if hasattr(self, "desk"):
            self.desk.store.close()

    # -- what people do ---------------------------------------------------------------------------------

    @rule(data=st.data(), user=PEOPLE, twice=st.booleans(), breaks=st.sampled_from([None, None, 0]))
    def press(self, data: st.DataObject, user: UserId, twice: bool, breaks: int | None) -> None:
        seen = self.seen[data.draw(st.integers(0, len(self.seen) - 1))]
        if not seen.parts():
            return
        part = seen.parts()[data.draw(st.integers(0, len(seen.parts()) - 1))]
        self._press(user, seen, part, twice=twice, breaks=breaks)

    def _press(
        self, user: UserId, seen: Seen, part: Mapping[str, Any], *, twice: bool, breaks: int | None = None
    ) -> None:
        body = {**self._from(user), "type": "block_actions", "actions": [{**part, "action_ts": self._ts()}]}
        body["container"] = {"channel_id": seen.channel, "message_ts": seen.ts}
        self.cases.breaks = breaks
        self._answered(user, part)
        self._take(user, body, twice=twice)

    @rule(
        data=st.data(),
        twice=st.booleans(),
        breaks=st.sampled_from([None, None, 0, 1]),
        audience_fails=st.booleans(),
    )
    def fill_in(self, data: st.DataObject, twice: bool, breaks: int | None, audience_fails: bool) -> None:
        if not self.forms:
            return
        form = self.forms[data.draw(st.integers(0, len(self.forms) - 1))]
        given = {}
        for block in form.view["blocks"]:
            element = block.get("element")
            if element and data.draw(st.integers(0, 3)):  # otherwise it stays as it began
                values = [one["value"] for one in element.get("options", ())]
                chosen = st.sampled_from(values) if values else SAID[element["type"]]
                given[block["block_id"]] = data.draw(
                    st.lists(chosen, unique=True) if element["type"] == "checkboxes" else chosen
                )
        self.cases.breaks, self.audience_fails = breaks, audience_fails
        self._submit(form, given, twice=twice)

    def _submit(self, form: Form, given: Mapping[str, object], *, twice: bool) -> None:
        try:
            state = state_of(form.view, given)
        except RefusedError:  # Slack does not submit it
            return
        view = {**form.view, "state": {"values": state}}
        body = {**self._from(form.user), "type": "view_submission", "view": view}
        self._take(form.user, body, twice=twice)

    @rule(user=PEOPLE, twice=st.booleans(), in_hours=st.booleans(), audience_fails=st.booleans())
    def call_staff(self, user: UserId, twice: bool, in_hours: bool, audience_fails: bool) -> None:
        """Somebody uses the button of any card that had it, and goes through with it."""
        with_button = [one for one in self.seen for part in one.parts() if part["action_id"] == "call_write"]
        for seen in with_button[-1:]:
            [part] = [one for one in seen.parts() if one["action_id"] == "call_write"]
            self._press(user, seen, part, twice=False)
            when = "hours" if in_hours else "now"
            given = {"what": "Aozora", "by_date": "2099-12-24", "to": STAFF, "when": when}
            self._submit(self.forms[-1], given, twice=False)
            self.audience_fails = audience_fails
            self._submit(self.forms[-1], {}, twice=twice)

    @rule(
        data=st.data(),
        user=st.sampled_from([TOKYO, BERLIN, SATO]),
        twice=st.booleans(),
        which=st.integers(0, 2),
    )
    def answer(self, data: st.DataObject, user: UserId, twice: bool, which: int) -> None:
        calls = [one for one in self.seen if one.channel == STAFF and one.parts()]
        if calls:
            seen = calls[data.draw(st.integers(0, len(calls) - 1))]
            self._press(user, seen, seen.parts()[which], twice=twice)

    @rule(words=WORDS, user=PEOPLE, channel=st.sampled_from([CARD, DEVELOPERS]))
    def write(self, words: str, user: UserId, channel: ChannelId) -> None:
        body = {"command": "/threatstamp", "text": f"case {words}", "user_id": user, "channel_id": channel}
        self._take(user, {**body, "trigger_id": self._ts()})

    @rule(data=st.data(), user=PEOPLE, emoji=SIGNS, kind=st.sampled_from(TurnKind), twice=st.booleans())
    def react(self, data: st.DataObject, user: UserId, emoji: str, kind: TurnKind, twice: bool) -> None:
        seen = self.seen[data.draw(st.integers(0, len(self.seen) - 1))]
        item = {"type": "message", "channel": seen.channel, "ts": seen.ts}
        event = {"type": TURNED[kind], "user": user, "reaction": emoji, "item": item}
        event |= {"item_user": "U0ME", "event_ts": self._ts()}
        signs = {"white_check_mark": Answer.DONE, "heavy_minus_sign": Answer.NOT_USING}
        if seen.channel == STAFF and emoji in signs and kind is TurnKind.STAMP:
            self._say(self._call_at(seen), user, signs[emoji])
        body = {"type": "event_callback", "event_id": f"Ev{self._ts()}", "event": event}
        self._take(user, body, twice=twice)

    @rule(kind=st.sampled_from(TurnKind))
    def stamp(self, kind: TurnKind) -> None:
        self.desk.clock.time += S
        self.desk.learn(Event(USERS[0], ALARM, Mark(at=self.desk.clock.now(), kind=kind)))

    @rule(days=st.sampled_from([0, 0, 1, 3, ANSWERS_KEPT // DAY + 1]))
    def time_passes(self, days: int) -> None:
        """The clocks run as often as several processes let them; the second time nothing is left to do."""
        self.desk.clock.time += days * DAY
        for _ in range(2):
            CaseClock(self.desk.tools, changes=lambda since: ()).run()
            StepClock(self.desk.tools).run()
            tend_calls(self.desk.tools, zones=zone_named)
            erase_answers(self.desk.tools)
        with self.desk.store.reading() as read:
            for number in [one for one in self.said if not read.calls.people(one)]:
                del self.said[number]  # nobody knows any more

    @rule()
    def deliver(self) -> None:
        """What is due goes out, and everything that is shown is what is on record."""
        for _ in range(2):  # a call is edited after some seconds
            self.desk.clock.time += 6 * S
            while self.desk.deliver.one():
                self.desk.clock.time += S
        kinds = departings(self.desk.tools)
        for message in self.desk.slack.messages:
            with self.desk.store.reading() as read:
                departure = read.outbox.at(Place(team=TEAM, channel=message.channel, ts=message.ts))
            assert departure is not None
            assert departure.state is State.DELIVERED
            if departure.kind.name in ("forward", "update_call", "brief"):
                act = kinds[departure.kind.name].prepare(departure, edit=True)
                assert isinstance(act, Message)
                assert message.rendered == self.renderer.message(act.saying), departure.kind.name
                self._look_at(message)
        denied = [one for one in self.desk.slack.whispers if isinstance(one, Denied)]
        told = [one for one, _, acted in self.cases.noted if acted.denial and not one.is_answered]
        assert len(denied) == len({one.key for one in told})

    # -- what is true all the time ----------------------------------------------------------------------

    @invariant()
    def every_attempt_counts_once_or_is_refused_on_record(self) -> None:
        if not hasattr(self, "intake"):
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
            assert move.by != TANAKA or move.wish.act is CaseAct.ACKNOWLEDGE
            assert move.by in (CISO, ITO) or move.wish.act not in (CaseAct.DECIDE, CaseAct.APPROVE)
        assert (case.state, case.version) == (state, len(moves))
        refused = {one.key for one, _, acted in self.cases.noted if acted.denial}
        with self.desk.store.reading() as read:
            assert len(list(read.ledger.entries(kind=Kind.CASE_MOVED))) == len(moves)
            assert len(list(read.ledger.entries(kind=Kind.CASE_DENIED))) == len(refused)
            assert read.inbox.counts() == (0, 0)
        assert compare_records(self.desk.store).first is None

    @invariant()
    def a_form_does_not_undo_what_others_did_meanwhile(self) -> None:
        if not hasattr(self, "intake"):
            return
        _, moves = self._case()
        for attempt, _, acted in self.cases.noted:
            if not acted.moved or acted.last is None or attempt.seen is None or attempt.wish.act in BESIDE:
                continue
            since = moves[attempt.seen : acted.last.number - 1]
            assert all(one.by == attempt.by or one.wish.act in BESIDE for one in since)

    @invariant()
    def nobodys_answer_is_lost(self) -> None:
        if not hasattr(self, "intake"):
            return
        with self.desk.store.reading() as read:
            calls = [one for one in map(read.calls.get, range(1, 30)) if one is not None]
            for call in calls:
                people = read.calls.people(call.number)
                found = {one.user: one.answer for one in people if one.answer is not None}
                assert found == self.said.get(call.number, {})
                assert call.tally is None or not people or call.tally == count(people)
                assert call.owner in (SATO, CISO, ITO)
            assert [one.closed_at for one in calls[:-1]].count(None) == 0
            assert len(list(read.ledger.entries(kind=Kind.CALL))) == len(calls)
            closed = [one for one in calls if one.closed_at is not None]
            assert len(list(read.ledger.entries(kind=Kind.CALL_CLOSED))) == len(closed)
            assert len(list(read.ledger.entries(kind=Kind.ANSWERED))) == self.changes

    # -- how it comes to the desk -----------------------------------------------------------------------

    def _take(self, user: UserId, body: Mapping[str, object], *, twice: bool = False) -> None:
        """Slack brings something; what fails is found in the inbox afterwards."""
        for _ in range(1 + twice):
            self.desk.clock.time += S
            answer = self.intake.take(body) or {}
            view = answer.get("view")
            if view is not None:
                self._opened(user, check_view(view, kinds=("modal",)))
            while self.windows.opened:
                self._opened(user, self.windows.opened.pop())
            self.desk.clock.time += 61 * S
            while self.intake.scan():
                self.desk.clock.time += 61 * S
        self.cases.breaks, self.audience_fails = None, False

    def _opened(self, user: UserId, view: Mapping[str, object]) -> None:
        self.forms.append(Form(user, {**view, "id": f"V{next(self.numbers)}"}))

    def _from(self, user: UserId) -> dict[str, object]:
        return {"user": {"id": user}, "trigger_id": self._ts()}

    def _ts(self) -> str:
        self.desk.clock.time += S
        return f"{self.desk.clock.time // S}.{next(self.numbers):06d}"

    def _case(self) -> tuple[Case, tuple[Move, ...]]:
        with self.desk.store.reading() as read:
            [case] = read.cases.every()
            return case, read.cases.moves(case.number)

    def _look_at(self, message: Posted) -> None:
        seen = Seen(message.channel, message.ts, cast(Any, message.rendered.blocks))
        if seen not in self.seen:
            self.seen.append(seen)

    def _call_at(self, seen: Seen) -> int:
        with self.desk.store.reading() as read:
            call = read.calls.at(Place(team=TEAM, channel=seen.channel, ts=cast(Any, seen.ts)))
        assert call is not None
        return call.number

    def _answered(self, user: UserId, part: Mapping[str, Any]) -> None:
        name = str(part["action_id"])
        if name.startswith("call_answer_"):
            self._say(int(part["value"]), user, Answer(name.removeprefix("call_answer_")))

    def _say(self, call: int, user: UserId, answer: Answer) -> None:
        with self.desk.store.reading() as read:
            found = read.calls.get(call)
        if found is None or found.closed_at is not None:
            return
        said = self.said.setdefault(call, {})
        self.changes += said.get(user) is not answer
        said[user] = answer

    def _intake(self) -> Intake:
        tools, calls = self.desk.tools, cast(Any, self.windows)
        self.renderer = renderer(Texts(Language.JA), ZoneInfo("Asia/Tokyo"))
        workspace = SlackWorkspace(
            calls=calls,
            team=TEAM,
            enterprise="",
            me=UserId("U0ME"),
            bot="B0ME",
            renderer=self.renderer,
            clock=self.desk.clock,
            emoji=EmojiNames(calls),
            recent=RecentPosts(),
            known={},
        )
        made = Intake(
            tools,
            stamps=self.desk.stamps,
            cases=self.cases,
            calling=Calling(tools),
            exposing=Exposing(tools, may_act=lambda user: may_act(tools, user)),
            workspace=workspace,
            couriers=Idle(),
            on_channels=lambda: None,
            workers=1,
        )
        made.close()
        made._work, made._learn = cast(Any, [AtOnce()]), cast(Any, AtOnce())
        for part in (made._forms, made._call_forms):
            part._openers = cast(Any, AtOnce())
        return made

    def _audience(self, channel: ChannelId) -> tuple[Any, ...]:
        if self.audience_fails:
            self.audience_fails = False
            raise SlackError("timeout")
        return MEMBERS


TestRoom = Room.TestCase
TestRoom.settings = settings(max_examples=HISTORIES // 2, stateful_step_count=30, deadline=None)
