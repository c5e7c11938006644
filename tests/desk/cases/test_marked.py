"""A case about something confidential is told to staff and developers only where a route lets that be read."""

from __future__ import annotations

from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest

from tests.desk.cases.test_act import act, entries
from tests.desk.cases.test_briefing import DEV, briefed, said
from tests.desk.cases.test_briefing import desk as case_desk
from tests.desk.cases.test_calls import STAFF, TOKYO, answer, remind, send, tally, told
from tests.desk.cases.test_calls import desk as calling_desk
from tests.desk.news.newsroom import FEED
from tests.desk.stamps.test_any_order import Desk
from tests.support.times import S
from threatstamp.core.cases.call import Answer, UpdateCall
from threatstamp.core.cases.moves import Denial
from threatstamp.core.ids import ChannelId, Emoji, FeedName, RouteId
from threatstamp.core.ledger.kinds import Kind
from threatstamp.core.news.feed import BoundFeed
from threatstamp.core.news.marking import Tlp
from threatstamp.core.stamps.route import BoundRoute, Route
from threatstamp.desk.cases.calling import Refused
from threatstamp.desk.cases.calls_out import CallReminder
from threatstamp.desk.cases.morning import MorningSaying, SayingMorning, order_morning_line
from threatstamp.desk.ports.departing import Message
from threatstamp.slack.blocks.morning import named_line
from threatstamp.slack.blocks.voice import Voice
from threatstamp.texts.catalogue import Language, Texts

__all__ = ["briefed", "calling_desk", "case_desk"]


@pytest.fixture
def desk(case_desk: Desk) -> Desk:
    return case_desk


def mark(desk: Desk, tlp: Tlp) -> None:
    """Labels the feed that the case's post is from."""
    feed = replace(FEED, name=FeedName(desk.slack.snapshot.source), tlp=tlp)
    policy = desk.tools.policy
    desk.tools.in_force.now = replace(policy, feeds=(BoundFeed(feed=feed, channel=None),))


def clear(desk: Desk, channel: ChannelId, tlp: Tlp) -> None:
    """Has a route lead to a channel that lets this through."""
    route = Route(id=RouteId("narrow"), name="narrow", reaction=Emoji("lock"), to=("#narrow",), tlp=tlp)
    bound = BoundRoute(
        route=route,
        sources=frozenset(),
        to=(channel,),
        mention=(),
        allow_users=frozenset(),
        allow_groups=frozenset(),
    )
    policy = desk.tools.policy
    desk.tools.in_force.now = replace(policy, routes=(*policy.routes, bound))


@pytest.mark.parametrize(("tlp", "cleared"), [(Tlp.AMBER, Tlp.AMBER), (Tlp.RED, Tlp.RED)])
def test_a_case_is_handed_over_only_where_its_label_may_be_read(
    briefed: Desk, tlp: Tlp, cleared: Tlp
) -> None:
    mark(briefed, tlp)
    assert act(briefed, "brief").denial is Denial.SEALED
    briefed.deliver_all()
    assert not any(one.channel == DEV for one in briefed.slack.messages)
    clear(briefed, DEV, cleared)
    assert act(briefed, "brief").denial is None
    briefed.deliver_all()
    assert tlp.label in said(briefed)


def test_a_case_that_was_labelled_before_the_message_went_out_is_not_handed_over(briefed: Desk) -> None:
    assert act(briefed, "brief").denial is None
    mark(briefed, Tlp.AMBER)
    briefed.deliver_all()
    assert not any(one.channel == DEV for one in briefed.slack.messages)


@pytest.mark.parametrize("language", Language)
def test_the_morning_line_names_a_case_without_its_title(calling_desk: Desk, language: Language) -> None:
    desk, channel = calling_desk, ChannelId("C0MORNING")
    for tlp, is_cleared in ((Tlp.AMBER, False), (Tlp.AMBER, True), (Tlp.RED, False)):
        mark(desk, tlp)
        if is_cleared:
            clear(desk, channel, Tlp.AMBER)
        day = desk.tools.policy.calendar.day_of(desk.clock.now())
        order = order_morning_line(channel, day, team=desk.tools.policy.team, now=desk.clock.now())
        with desk.store.transaction() as tx:
            departure = tx.outbox.owe(order, now=desk.clock.now())
            assert departure is not None
            made = tx.outbox.get(departure)
        act = SayingMorning(desk.tools).prepare(made, edit=False)
        assert isinstance(act, Message)
        assert isinstance(act.saying, MorningSaying)
        [named] = act.saying.named
        line = named_line(named, Voice(Texts(language), ZoneInfo("Asia/Tokyo")))
        assert (bool(named.title), tlp.label in line) == (is_cleared, not is_cleared)
        desk.clock.time += 86_400 * S


def test_staff_are_called_only_where_the_label_may_be_read_and_see_it(calling_desk: Desk) -> None:
    desk = calling_desk
    mark(desk, Tlp.AMBER)
    assert send(desk) is Refused.MARKED
    assert entries(desk, Kind.CALL) == 0
    clear(desk, STAFF, Tlp.AMBER)
    assert isinstance(send(desk), UpdateCall)
    assert "TLP:AMBER" in tally(desk)
    answer(desk, TOKYO, Answer.HELP)
    assert remind(desk, hours=48) > 0
    reminders = told(desk, CallReminder)
    assert reminders
    assert all(isinstance(one, CallReminder) and one.marking is Tlp.AMBER for one in reminders)
    mark(desk, Tlp.RED)
    before = len(reminders)
    remind(desk, hours=48)
    assert len(told(desk, CallReminder)) == before
