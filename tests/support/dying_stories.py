"""What a desk does in a few lives: cases, their clock, update calls, and what else it sends."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, time, timedelta

from tests.desk.stamps.test_any_order import POLICY, USERS, bound
from tests.support.dying import Life, Stage, Story
from threatstamp.app.calls import zone_named
from threatstamp.core.calendar import Calendar
from threatstamp.core.cases.call import ANSWERS_KEPT, Answer, CallText, Member
from threatstamp.core.cases.case import CaseAct, CaseState, Choice, Way, Wish
from threatstamp.core.cases.details import Details
from threatstamp.core.cases.weighing import CaseRules
from threatstamp.core.facts.change import ChangeKind, FactChange
from threatstamp.core.facts.cve import CveId
from threatstamp.core.ids import ChannelId, Emoji, TrackName, UserId
from threatstamp.core.policy import People, Policy, Reminding
from threatstamp.core.priority.urgency import Priority
from threatstamp.core.stamps.route import Track
from threatstamp.core.time import ts_of
from threatstamp.desk.cases.calling import NewCall
from threatstamp.desk.cases.calls_by_clock import erase_answers, tend_calls
from threatstamp.desk.cases.calls_out import CallReminder
from threatstamp.desk.cases.denying import Denied
from threatstamp.desk.cases.reminding import remind_of_cases
from threatstamp.slack.blocks.call import ANSWERS
from threatstamp.slack.blocks.case import ACTION
from threatstamp.slack.callforms import write_new_call
from threatstamp.slack.interactions import Submitted, write_submitted

CARD, TEAM_ROOM, STAFF = ChannelId("C1"), ChannelId("C0TEAM"), ChannelId("C0STAFF")
SATO, CISO, ITO = UserId("U0SATO"), UserId("U0CISO"), UserId("U0ITO")
ALARM = Emoji("rotating_light")
CALENDAR = Calendar(zone=UTC)
CVE = CveId("CVE-2026-0001")
MONDAY = date(2026, 11, 23)
PEOPLE = tuple(Member(user=UserId(f"U0P{number}"), zone="UTC") for number in range(4))


def policy(track: Track) -> Policy:
    first = bound("alarm", ALARM, CARD)
    return replace(
        POLICY,
        routes=(replace(first, route=replace(first.route, case=TrackName(track))),),
        calendar=CALENDAR,
        deciders=People(users=frozenset({CISO, ITO}), is_anybody=False),
        cases=CaseRules(second_approver=Priority.HIGH),
        signs={Emoji("memo"): CaseAct.NOTE},
        announce_to=frozenset({STAFF}),
    )


def opened_stage(life: Life, house: Policy) -> Stage:
    """A stage on a Monday morning, with one case and its card."""
    begin = CALENDAR.moment(MONDAY, time(8))
    stage = Stage(life, house, begin=begin, staff=PEOPLE)
    stage.slack.snapshot = replace(stage.slack.snapshot, title=f"製品Xの脆弱性 {CVE}")
    stage.react(USERS[0], ALARM, ts_of(begin))
    stage.deliver_due()
    return stage


def submit(stage: Stage, user: UserId, *wishes: Wish, seen: int, case: int = 1) -> None:
    key = f"form|{stage.clock.time}"
    form = Submitted(case=case, wishes=wishes, user=user, channel=CARD, key=key, seen=seen)
    stage.event(write_submitted(form))


def _on(stage: Stage, day: date, hour: int) -> None:
    stage.clock.time = max(stage.clock.time, CALENDAR.moment(day, time(hour)))


def _play_case(life: Life) -> Stage:
    stage = opened_stage(life, policy(Track.PRODUCT))
    [card] = [one.ts for one in stage.slack.messages]
    stage.click(SATO, f"{ACTION}take", "1", channel=CARD)
    ranked = Wish(act=CaseAct.PRIORITY, reason="CVSS 9.8", details=Details(priority=Priority.CRITICAL))
    due = Wish(act=CaseAct.DUE, details=Details(until=date(2026, 12, 24)))
    submit(stage, SATO, ranked, due, seen=1)
    now = Wish(act=CaseAct.DECIDE, choice=Choice.NOW)
    submit(stage, SATO, now, seen=3)  # who may not
    submit(stage, CISO, now, seen=3)
    stage.deliver_due()
    stage.click(CISO, f"{ACTION}approve", "1", channel=CARD)  # their own
    stage.click(ITO, f"{ACTION}approve", "1", channel=CARD)
    stage.slack.snapshot = replace(stage.slack.snapshot, thread_ts=card)
    stage.react(SATO, "memo", "1795000000.000200", channel=CARD)
    submit(stage, SATO, Wish(act=CaseAct.DONE, details=Details(effort="6h")), seen=5)
    stage.deliver_due()
    return stage


def _wrong_case(stage: Stage) -> str:
    with stage.store.reading() as read:
        [case] = read.cases.every()
        moves = [one.wish.act for one in read.cases.moves(1)]
    if case.state is not CaseState.DONE or len(moves) != 7:
        return f"{case.state}: {moves}"
    card, request = stage.slack.messages
    denied = Counter(one.why for one in stage.slack.whispers if isinstance(one, Denied))
    if request.thread_ts != card.ts:
        return f"said {request}"
    if "対応完了" not in str(card.rendered.blocks) or max(denied.values(), default=0) > 1:
        return f"{card.rendered.text}, told {denied}"
    if not stage.life.has_ended and len(denied) != 2:
        return f"told {denied}"
    return stage.broken({"case": 1, "case_moved": 7, "case_denied": 2, "forward": 1, "delivered": 1})


CASE = Story(
    play=_play_case, wrong=_wrong_case, kinds=frozenset({"forward", "reaction", "denial", "decision_request"})
)


def _play_clock(life: Life) -> Stage:
    house = replace(policy(Track.PRODUCT), reminding=Reminding(channel=TEAM_ROOM, days=1))
    stage = opened_stage(life, replace(house, cases=CaseRules()))

    def morning(day: date) -> None:
        _on(stage, day, 9)
        stage.step(lambda: remind_of_cases(stage.tools))
        stage.step(stage.case_clock.run)
        stage.step(lambda: remind_of_cases(stage.tools))
        stage.step(stage.case_clock.run)
        stage.deliver_due()

    stage.click(SATO, f"{ACTION}take", "1", channel=CARD)
    submit(stage, SATO, Wish(act=CaseAct.DUE, details=Details(until=MONDAY + timedelta(2))), seen=1)
    for days in (1, 2):
        morning(MONDAY + timedelta(days))
    until = Details(until=MONDAY + timedelta(5))
    accept = Wish(act=CaseAct.DECIDE, choice=Choice.ACCEPT, reason="影響は小さい", details=until)
    submit(stage, CISO, accept, seen=2)
    morning(MONDAY + timedelta(3))  # it is remembered
    stage.changes.append(FactChange(cve=CVE, kind=ChangeKind.LISTED, at=stage.tools.clock.now()))
    morning(MONDAY + timedelta(4))  # and opened again, as it is listed
    submit(stage, CISO, accept, seen=4)
    stage.changes.clear()
    morning(MONDAY + timedelta(7))  # and as it is over
    return stage


def _wrong_clock(stage: Stage) -> str:
    with stage.store.reading() as read:
        moves = [one.wish.name for one in read.cases.moves(1)]
    expected = ["take", "due", "decide_accept", "reopen", "decide_accept", "reopen"]
    if moves != expected:
        return f"moves {moves}"
    said = Counter((one.channel, one.thread_ts is not None) for one in stage.slack.messages)
    # two reminders of the due date, one of the end of the risk, one as it is listed, one as it is over
    # and the owner is reminded that it is overdue, on the mornings on which it is open; on the one on which
    # it is not, the morning line says that the risk ends soon
    lines = [one.rendered.text for one in stage.slack.messages if one.channel == TEAM_ROOM]
    if (said[CARD, False], said[CARD, True], len(lines)) != EXPECTED_LINES:
        return f"said {said}: {[one.rendered.text for one in stage.slack.messages]}"
    return stage.broken({"case": 1, "case_moved": 6, "case_denied": 0})


EXPECTED_LINES = (1, 5, 4)

CLOCK = Story(
    play=_play_clock,
    wrong=_wrong_clock,
    kinds=frozenset({"morning", "reminder", "case_reminder"}),
)


def _play_call(life: Life) -> Stage:
    stage = opened_stage(life, policy(Track.APP_UPDATE))
    text = CallText(what="Aozora", version="155", how="再起動", by_date=MONDAY + timedelta(1))
    new = NewCall(case=1, text=text, channel=STAFF, by=SATO, way=Way.DIALOG, key="call|V1", told_in=CARD)
    stage.event(write_new_call(new))
    stage.event(write_new_call(replace(new, key="call|V2")))  # which is one too many, and told
    stage.deliver_due()
    [call] = [one.ts for one in stage.slack.messages if one.channel == STAFF]
    stage.click(PEOPLE[0].user, f"{ANSWERS}{Answer.DONE.value}", "1", channel=STAFF)
    stage.react(PEOPLE[1].user, "raising_hand", call, channel=STAFF, author=POLICY.me)
    stage.deliver_due()
    for days in (1, 2):
        _on(stage, MONDAY + timedelta(days), 11)
        stage.step(lambda: tend_calls(stage.tools, zones=zone_named))
        stage.step(lambda: tend_calls(stage.tools, zones=zone_named))
        stage.deliver_due()
    stage.click(PEOPLE[2].user, f"{ANSWERS}{Answer.NOT_USING.value}", "1", channel=STAFF)
    decided = Wish(act=CaseAct.DECIDE, choice=Choice.NOT_AFFECTED, reason="更新済み")
    submit(stage, CISO, decided, seen=0)
    stage.step(lambda: tend_calls(stage.tools, zones=zone_named))
    stage.deliver_due()
    stage.click(PEOPLE[3].user, f"{ANSWERS}{Answer.DONE.value}", "1", channel=STAFF)  # too late
    stage.deliver_due()
    stage.clock.time += ANSWERS_KEPT
    stage.step(lambda: erase_answers(stage.tools))
    stage.deliver_due()
    return stage


def _wrong_call(stage: Stage) -> str:
    said = Counter((str(one.channel), one.thread_ts is not None) for one in stage.slack.messages)
    expected = {("C1", False): 1, ("C1", True): 1, ("C0STAFF", False): 1, ("C0STAFF", True): 1}
    if said != expected:
        return f"said {said}"
    [call] = [one for one in stage.slack.messages if one.channel == STAFF and one.thread_ts is None]
    if "完了 1名／➖使用していない 1名／🙋サポート希望 1名／未回答 1名" not in str(call.rendered.blocks):
        return f"shown {call.rendered.blocks}"
    reminded = sum(isinstance(one, CallReminder) for one in stage.slack.whispers)
    if reminded not in ((3, 4) if stage.life.has_ended else (4,)):  # rather none than two
        return f"reminded {reminded} times"
    with stage.store.reading() as read:
        left = read.calls.people(1)
    if left:
        return f"not forgotten: {left}"
    return stage.broken({"call": 1, "answered": 3, "call_closed": 1})


CALL = Story(
    play=_play_call,
    wrong=_wrong_call,
    kinds=frozenset({"update_call", "call_told", "call_reminder", "call_help", "call_thanks"}),
)


def _play_planned(life: Life) -> Stage:
    stage = opened_stage(life, policy(Track.APP_UPDATE))
    _on(stage, MONDAY, 18)
    text = CallText(what="Aozora", version="155", how="再起動", by_date=MONDAY + timedelta(4))
    new = NewCall(
        case=1,
        text=text,
        channel=STAFF,
        by=SATO,
        way=Way.DIALOG,
        key="call|V1",
        told_in=CARD,
        in_hours=True,
    )
    stage.event(write_new_call(new))
    stage.deliver_due()
    stage.staff = (*PEOPLE[1:], Member(user=UserId("U0NEW"), zone="UTC"))
    _on(stage, MONDAY + timedelta(1), 23)  # nobody ran in its hours
    stage.deliver_due()
    _on(stage, MONDAY + timedelta(2), 10)
    stage.deliver_due()
    return stage


def _wrong_planned(stage: Stage) -> str:
    said = [one for one in stage.slack.messages if one.channel == STAFF]
    if len(said) != 1 or "未回答 4名" not in str(said[0].rendered.blocks):
        return f"said {said}"
    with stage.store.reading() as read:
        people = {one.user for one in read.calls.people(1)}
        call = read.calls.get(1)
    if people != {one.user for one in stage.staff}:
        return f"asked {people}"
    if call is None or CALENDAR.day_of(call.sent_at) != MONDAY + timedelta(2):
        return f"sent {call}"
    return stage.broken({"call": 1, "call_asked": 1})


PLANNED = Story(play=_play_planned, wrong=_wrong_planned, kinds=frozenset({"update_call"}))
