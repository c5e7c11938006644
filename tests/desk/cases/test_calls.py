"""An update call, with fakes and a store in memory."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text

from tests.desk.cases.test_act import CASED, CISO, SATO, act, entries, stamp
from tests.desk.stamps.test_any_order import Desk
from tests.support.script import Step, fails, fails_afterwards
from tests.support.times import S
from threatstamp.app.calls import zone_named
from threatstamp.app.kinds import departings
from threatstamp.core.calendar import Calendar
from threatstamp.core.cases.call import ANSWERS_KEPT, Answer, CallText, Member, Tally, UpdateCall
from threatstamp.core.cases.case import Way
from threatstamp.core.errors import SlackError
from threatstamp.core.ids import ChannelId, TrackName, UserId
from threatstamp.core.ledger.kinds import Kind
from threatstamp.core.policy import People
from threatstamp.core.stamps.route import Track
from threatstamp.core.time import DAY, Micros
from threatstamp.desk.cases.calling import Answered, Calling, NewCall, Refused
from threatstamp.desk.cases.calls_by_clock import erase_answers, tend_calls
from threatstamp.desk.cases.calls_out import CallReminder, CallTold
from threatstamp.desk.outbox.deliver import Deliver
from threatstamp.desk.ports.slack import Saying
from threatstamp.desk.record.redact import redact_person

STAFF = ChannelId("C0STAFF")
TOKYO, BERLIN = UserId("U0TOKYO"), UserId("U0BERLIN")
MEMBERS = (
    Member(user=TOKYO, zone="Asia/Tokyo"),
    Member(user=BERLIN, zone="Europe/Berlin"),
    Member(user=UserId("U0NOWHERE"), zone="Mars/Olympus"),
)
BEGIN = 1_791_162_000  # Monday 2026-10-05 10:00 in Tokyo
TEXT = CallText(what="Aozora", version="155", how="再起動", by_date=date(2026, 10, 6))


@pytest.fixture
def desk() -> Iterator[Desk]:
    made = Desk()
    routes = tuple(
        replace(one, route=replace(one.route, case=TrackName(Track.APP_UPDATE))) for one in CASED.routes
    )
    made.tools.in_force.now = replace(
        CASED,
        routes=routes,
        announce_to=frozenset({STAFF}),
        calendar=Calendar(zone=ZoneInfo("Asia/Tokyo")),
    )
    stamp(made)
    made.deliver_all()
    made.clock.time = BEGIN * S
    ask(made, lambda channel: MEMBERS)
    yield made
    made.store.close()


def ask(desk: Desk, audience: Callable[[ChannelId], tuple[Member, ...]]) -> None:
    """Has Slack say who is in a channel."""
    desk.tools = replace(desk.tools, audience_of=audience)
    desk.deliver = Deliver(desk.tools, departings(desk.tools))


def calling(desk: Desk) -> Calling:
    return Calling(desk.tools)


def send(desk: Desk, *, key: str = "k1", channel: ChannelId = STAFF) -> UpdateCall | Refused:
    new = NewCall(
        case=1, text=TEXT, channel=channel, by=SATO, way=Way.DIALOG, key=key, told_in=ChannelId("C1")
    )
    sent = calling(desk).send(new)
    desk.deliver_all()
    return sent


def answer(desk: Desk, user: UserId, what: Answer, *, key: str = "") -> None:
    desk.clock.time += S
    given = Answered(
        call=1,
        answer=what,
        user=user,
        channel=STAFF,
        way=Way.BUTTON,
        key=key or f"{user}|{desk.clock.time}",
    )
    calling(desk).answer(given)


def tally(desk: Desk) -> str:
    [message] = [one for one in desk.slack.messages if one.channel == STAFF and one.thread_ts is None]
    return str(message.rendered.blocks)


def told(desk: Desk, kind: type[Saying]) -> list[Saying]:
    return [one for one in desk.slack.whispers if isinstance(one, kind)]


def remind(desk: Desk, *, hours: int) -> int:
    count = 0
    for _ in range(hours):
        desk.clock.time += 3_600 * S
        count += tend_calls(desk.tools, zones=zone_named)
    desk.deliver_all()
    return count


def test_a_call_is_sent_once_and_the_last_answer_of_each_person_counts(desk: Desk) -> None:
    assert isinstance(send(desk), UpdateCall)
    assert isinstance(send(desk), UpdateCall)  # the form's event came again
    assert send(desk, key="k2") is Refused.RUNNING
    answer(desk, TOKYO, Answer.HELP)
    answer(desk, TOKYO, Answer.DONE)
    answer(desk, TOKYO, Answer.DONE)  # a double click is told again, and is one answer
    answer(desk, UserId("U0LATE"), Answer.NOT_USING)  # came to the channel afterwards
    desk.deliver_all()
    assert "完了 1名／➖使用していない 1名／🙋サポート希望 0名／未回答 2名" in tally(desk)
    assert entries(desk, Kind.CALL) == 1
    assert entries(desk, Kind.ANSWERED) == 3
    assert len(told(desk, CallTold)) == 5


def test_many_answers_are_few_edits_and_help_is_asked_for_once(desk: Desk) -> None:
    send(desk)
    [before] = [one.revision for one in desk.slack.messages if one.channel == STAFF]
    with desk.store.reading() as read:
        number = read.calls.of(1)
    assert number is not None
    for user in (TOKYO, BERLIN):
        answer(desk, user, Answer.HELP)
        answer(desk, user, Answer.DONE)
        answer(desk, user, Answer.HELP)
    with desk.store.reading() as read:
        departure = read.outbox.get(number.departure)
    assert departure.due_at > desk.clock.time  # at the end of these seconds, not at once
    desk.deliver_all()
    assert before == 1
    helped = [one for one in desk.slack.messages if "サポート" in one.rendered.text]
    assert len(helped) == 2
    assert all(one.thread_ts is not None and f"<@{SATO}>" in one.rendered.text for one in helped)


@pytest.mark.parametrize(
    ("change", "refused"),
    [
        ("channel", Refused.CHANNEL),
        ("shared", Refused.CHANNEL),
        ("closed", Refused.CLOSED),
        ("audience", Refused.AUDIENCE),
        ("analysts", Refused.RIGHT),
        ("outside", Refused.RIGHT),
    ],
)
def test_what_cannot_be_sent_is_told_to_whoever_wanted_it(desk: Desk, change: str, refused: Refused) -> None:
    channel = STAFF
    if change == "channel":
        channel = ChannelId("C0OTHER")
    elif change == "shared":
        desk.tools.in_force.now = replace(desk.tools.policy, shared=frozenset({STAFF}))
    elif change == "analysts":
        deciders = People(users=frozenset({CISO}), is_anybody=False)
        desk.tools.in_force.now = replace(desk.tools.policy, analysts=deciders, deciders=deciders)
    elif change == "outside":
        desk.tools.in_force.now = replace(desk.tools.policy, shared=frozenset({ChannelId("C1")}))
        desk.slack.external_users = frozenset({SATO})
    elif change == "closed":
        act(desk, "decide_not_affected", by=CISO, reason="使っていない")
    else:

        def refuse(channel: ChannelId) -> tuple[Member, ...]:
            raise SlackError("missing_scope", permanent=True)

        ask(desk, refuse)
    new = NewCall(
        case=1, text=TEXT, channel=channel, by=SATO, way=Way.DIALOG, key="k", told_in=ChannelId("C1")
    )
    assert calling(desk).send(new) is refused
    desk.deliver_all()
    assert [one for one in told(desk, CallTold) if isinstance(one, CallTold)][
        -1
    ].name == f"refused_{refused.value}"
    assert entries(desk, Kind.CALL) == 0


def test_who_has_not_answered_is_reminded_once_a_day_in_their_own_hours(desk: Desk) -> None:
    send(desk)
    answer(desk, TOKYO, Answer.DONE)
    assert remind(desk, hours=10) == 0  # the day of the call, and Tokyo's evening
    assert remind(desk, hours=24) == 2  # Berlin's, and in the desk's own zone whoever has none
    assert remind(desk, hours=24) == 2
    assert len(told(desk, CallReminder)) == 4
    answer(desk, BERLIN, Answer.DONE)
    desk.clock.time += 3 * DAY
    act(desk, "decide_not_affected", by=CISO, reason="使っていない")
    remind(desk, hours=1)
    assert entries(desk, Kind.CALL_CLOSED) == 1  # with its case
    assert "終了しました" in tally(desk)
    assert remind(desk, hours=48) == 0
    with desk.store.reading() as read:
        call = read.calls.of(1)
    assert call is not None
    assert call.tally == Tally(asked=3, done=2)


def plan(desk: Desk, *, at: int, in_hours: bool = False) -> UpdateCall:
    new = NewCall(
        case=1,
        text=TEXT,
        channel=STAFF,
        by=SATO,
        way=Way.COMMAND,
        key="plan",
        at=Micros(at),
        in_hours=in_hours,
    )
    made = calling(desk).send(new)
    assert isinstance(made, UpdateCall)
    desk.deliver.one()
    return made


def deliver_due(desk: Desk) -> None:
    """Delivers what is due; what waits for another time stays."""
    desk.clock.time += S
    while desk.deliver.one():
        desk.clock.time += 6 * S


def lose(desk: Desk, how: Callable[[Exception], Step]) -> None:
    """Delivers until Slack's answer to a message is lost."""
    desk.slack.script.then("post", how(SlackError("timeout", ambiguous=True)))
    while desk.slack.script.left("post"):
        desk.clock.time += S
        desk.deliver.one()


def card_of(desk: Desk) -> str:
    [card] = [one for one in desk.slack.messages if one.channel == "C1"]
    return str(card.rendered.blocks)


def test_a_planned_call_goes_out_at_its_time_and_reminds_from_then_on(desk: Desk) -> None:
    made = plan(desk, at=(BEGIN + 3 * 3_600) * S)
    while desk.deliver.one():
        desk.clock.time += S
    assert [one for one in desk.slack.messages if one.channel == STAFF] == []
    assert "に送信予定" in card_of(desk)
    assert desk.tools.clock.now() < made.sent_at
    desk.clock.time = made.sent_at
    desk.deliver_all()
    assert "未回答 3名" in tally(desk)
    assert "未回答 3名" in card_of(desk)
    assert remind(desk, hours=8) == 0
    assert remind(desk, hours=24) == 3


def test_who_is_asked_by_a_planned_call_is_settled_as_it_goes_out(desk: Desk) -> None:
    made = plan(desk, at=(BEGIN + 3 * 3_600) * S)
    calling(desk).mark(1, frozenset({BERLIN}), by=SATO)  # who has left the channel since, but is up to date
    new = UserId("U0NEW")
    ask(desk, lambda channel: (MEMBERS[0], Member(user=new, zone="Asia/Tokyo")))
    desk.clock.time = made.sent_at
    desk.deliver_all()
    assert "完了 1名／➖使用していない 0名／🙋サポート希望 0名／未回答 2名" in tally(desk)
    with desk.store.reading() as read:
        people = {one.user for one in read.calls.people(1)}
        [entry] = read.ledger.entries(kind=Kind.CALL_ASKED.value)
    assert people == {TOKYO, BERLIN, new}
    assert json.loads(entry.body or "") == {"call": 1, "case": 1, "asked": 3, "joined": 1, "left": 1}
    assert remind(desk, hours=30) == 2


@pytest.mark.parametrize("permanent", [True, False])
def test_a_planned_call_goes_out_as_planned_where_slack_does_not_say_who_is_there(
    desk: Desk, permanent: bool
) -> None:
    made = plan(desk, at=(BEGIN + 3 * 3_600) * S)
    refusals = [SlackError("ratelimited", permanent=permanent)] * (9 if permanent else 1)

    def refuse(channel: ChannelId) -> tuple[Member, ...]:
        if refusals:
            raise refusals.pop()
        return MEMBERS[:1]

    ask(desk, refuse)
    desk.clock.time = made.sent_at
    desk.deliver_all()
    desk.clock.time += 60 * S
    desk.deliver_all()
    assert f"未回答 {3 if permanent else 1}名" in tally(desk)
    assert entries(desk, Kind.CALL_ASKED) == (0 if permanent else 1)


def test_nobody_is_reminded_of_a_call_that_is_not_out(desk: Desk) -> None:
    plan(desk, at=(BEGIN + 3 * 3_600) * S)
    desk.clock.time += DAY
    assert tend_calls(desk.tools, zones=zone_named) == 0
    desk.deliver_all()
    assert tend_calls(desk.tools, zones=zone_named) == 0  # it is of today
    assert remind(desk, hours=24) == 2  # in Berlin it is night


@pytest.mark.parametrize("is_sent", [True, False])
def test_a_call_for_working_hours_waits_for_the_next_where_the_desk_was_down(
    desk: Desk, is_sent: bool
) -> None:
    """is_sent: the desk died as it was posting, and the message may be there."""
    plan(desk, at=(BEGIN + 3_600) * S, in_hours=True)
    if is_sent:
        desk.clock.time = (BEGIN + 3_600) * S
        lose(desk, fails_afterwards)
    desk.clock.time = (BEGIN + 13 * 3_600) * S  # 23:00
    deliver_due(desk)
    assert [one.channel for one in desk.slack.messages].count(STAFF) == is_sent
    assert ("10/6(火) 10:00> に送信予定" in card_of(desk)) is not is_sent
    desk.clock.time = (BEGIN + 24 * 3_600) * S
    deliver_due(desk)
    assert [one.channel for one in desk.slack.messages].count(STAFF) == 1
    assert "未回答 3名" in tally(desk)
    assert "未回答 3名" in card_of(desk)


def test_an_attempt_that_sent_nothing_is_not_repeated_at_night(desk: Desk) -> None:
    plan(desk, at=(BEGIN + 3_600) * S, in_hours=True)
    desk.clock.time = (BEGIN + 3_600) * S
    lose(desk, fails)
    desk.clock.time = (BEGIN + 13 * 3_600) * S
    deliver_due(desk)
    assert desk.slack.searched  # it could have been there
    assert [one.channel for one in desk.slack.messages].count(STAFF) == 0
    desk.clock.time = (BEGIN + 24 * 3_600) * S
    deliver_due(desk)
    assert [one.channel for one in desk.slack.messages].count(STAFF) == 1


def test_a_planned_call_that_is_ended_first_is_never_said(desk: Desk) -> None:
    made = plan(desk, at=(BEGIN + 3 * 3_600) * S)
    ended = calling(desk).close(1, by=SATO)
    assert isinstance(ended, UpdateCall)
    desk.clock.time = made.sent_at + S
    desk.deliver_all()
    assert [one for one in desk.slack.messages if one.channel == STAFF] == []
    assert isinstance(send(desk, key="k2"), UpdateCall)
    assert "未回答 3名" in tally(desk)


def test_who_is_up_to_date_by_a_list_is_done_unless_they_do_not_use_it(desk: Desk) -> None:
    send(desk)
    answer(desk, TOKYO, Answer.NOT_USING)
    answer(desk, BERLIN, Answer.HELP)
    current = frozenset({TOKYO, BERLIN, UserId("U0NOWHERE"), UserId("U0ELSEWHERE")})
    assert calling(desk).mark(1, current, by=SATO) == 2
    assert calling(desk).mark(1, current, by=SATO) == 0
    desk.deliver_all()
    assert "完了 2名／➖使用していない 1名／🙋サポート希望 0名／未回答 0名" in tally(desk)
    assert entries(desk, Kind.ANSWERED) == 4
    calling(desk).close(1, by=SATO)
    assert calling(desk).mark(1, current, by=SATO) is Refused.NONE
    deciders = People(users=frozenset({CISO}), is_anybody=False)
    desk.tools.in_force.now = replace(desk.tools.policy, analysts=deciders, deciders=deciders)
    assert calling(desk).mark(1, current, by=SATO) is Refused.RIGHT


def dump(desk: Desk) -> str:
    """Everything that is in the database."""
    with desk.store.engine.connect() as connection:
        tables = connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'table'")).scalars()
        return "\n".join(str(connection.execute(text(f"SELECT * FROM {one}")).all()) for one in tables)


def test_after_ninety_days_nothing_tells_who_answered_and_the_counts_stay(desk: Desk) -> None:
    send(desk)
    answer(desk, TOKYO, Answer.HELP)
    answer(desk, BERLIN, Answer.DONE)
    remind(desk, hours=40)
    assert erase_answers(desk.tools) == 0
    assert TOKYO in dump(desk)
    desk.clock.time = BEGIN * S + ANSWERS_KEPT + S
    assert erase_answers(desk.tools) == 1
    desk.deliver_all()
    assert erase_answers(desk.tools) == 0
    assert [user for user in (TOKYO, BERLIN, "U0NOWHERE") if user in dump(desk)] == []
    with desk.store.reading() as read:
        call = read.calls.of(1)
    assert call is not None
    assert call.tally == Tally(asked=3, done=1, help=1)
    assert "完了 1名" in tally(desk)


def test_a_person_who_is_redacted_is_not_reminded_and_still_counts(desk: Desk) -> None:
    send(desk)
    answer(desk, TOKYO, Answer.DONE)
    desk.deliver_all()
    for user in (TOKYO, BERLIN):
        redact_person(user, reason="本人の求め", store=desk.store, clock=desk.clock)
    assert TOKYO not in dump(desk)
    remind(desk, hours=34)
    assert len(told(desk, CallReminder)) == 1
