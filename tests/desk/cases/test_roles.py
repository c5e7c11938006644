"""Who may act on cases at all: a refused act is told where it was made, once, and is on record."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.desk.cases.test_act import CARD, CASED, CISO, GROUP, ITO, SATO, desk, entries, stamp
from tests.desk.stamps.test_any_order import Desk
from threatstamp.core.cases.case import CaseState, Way
from threatstamp.core.cases.moves import WISHES, Denial
from threatstamp.core.errors import SlackError
from threatstamp.core.ids import ChannelId, GroupId, UserId
from threatstamp.core.ledger.kinds import Kind
from threatstamp.core.policy import People
from threatstamp.desk.cases.act import Acted, Acting, Attempt
from threatstamp.desk.cases.denying import Denied
from threatstamp.desk.ports.roles import is_admin_in, may_look

__all__ = ["desk"]
TEAM = GroupId("S0TEAM")
ADMINS = GroupId("S0ADMIN")
MORI, VIEWER, ADMIN = UserId("U0MORI"), UserId("U0VIEWER"), UserId("U0ADMIN")


@pytest.fixture
def named(desk: Desk) -> Desk:
    analysts = People(users=frozenset({SATO}), groups=frozenset({TEAM}), is_anybody=False)
    desk.tools.in_force.now = replace(CASED, analysts=analysts)
    desk.slack.groups = {GROUP: frozenset({ITO}), TEAM: frozenset({UserId("U0TANAKA")})}
    stamp(desk)
    desk.deliver_all()
    return desk


def act(desk: Desk, by: UserId, name: str = "take", way: Way = Way.BUTTON) -> Acted:
    channel = None if way is Way.COMMAND else CARD
    key = f"{by}|{name}|{way}"
    return Acting(desk.tools).act(
        Attempt(case=1, wish=WISHES[name], by=by, way=way, key=key, channel=channel)
    )


def test_somebody_else_is_told_once_and_it_is_on_record(named: Desk) -> None:
    for _ in range(2):  # the event comes twice
        acted = act(named, MORI)
        assert (acted.moved, acted.denial) == (False, Denial.RIGHT)
    assert act(named, MORI, way=Way.COMMAND).denial is Denial.RIGHT
    named.deliver_all()
    [told] = named.slack.whispers
    assert isinstance(told, Denied)
    assert (told.user, told.why) == (MORI, Denial.RIGHT)
    assert entries(named, Kind.CASE_DENIED) == 2
    assert entries(named, Kind.CASE_MOVED) == 0


def test_analysts_and_deciders_may_and_only_deciders_decide(named: Desk) -> None:
    assert act(named, SATO).moved
    assert act(named, UserId("U0TANAKA"), "decide_now").denial is Denial.RIGHT
    assert act(named, ITO, "decide_now").moved
    assert act(named, CISO, "done").moved
    with named.store.reading() as read:
        case = read.cases.get(1)
    assert case is not None
    assert case.state is CaseState.DONE


def test_admins_may_do_all_of_it_and_viewers_only_look(named: Desk) -> None:
    viewers = People(users=frozenset({VIEWER}), is_anybody=False)
    admins = People(groups=frozenset({ADMINS}), is_anybody=False)
    assert may_look(named.tools, MORI), "nobody is named for it"
    named.tools.in_force.now = replace(named.tools.policy, viewers=viewers, admins=admins)
    named.slack.groups = {**named.slack.groups, ADMINS: frozenset({ADMIN})}
    looking = {who: may_look(named.tools, who) for who in (MORI, VIEWER, SATO, CISO, ADMIN)}
    assert looking == {MORI: False, VIEWER: True, SATO: True, CISO: True, ADMIN: True}
    assert act(named, VIEWER).denial is Denial.RIGHT
    assert act(named, ADMIN).moved
    assert act(named, ADMIN, "decide_now").moved
    channel = ChannelId("C0LUNCH")
    assert [is_admin_in(named.tools, who, channel) for who in (CISO, ADMIN)] == [False, True]
    named.tools.in_force.now = replace(named.tools.policy, shared=frozenset({channel}))
    assert not is_admin_in(named.tools, ADMIN, channel)


def test_while_a_group_cannot_be_read_the_act_waits(named: Desk) -> None:
    named.slack.groups = {}
    with pytest.raises(SlackError):
        act(named, MORI)
    assert entries(named, Kind.CASE_DENIED) == 0


def test_a_case_that_nobody_knows(named: Desk) -> None:
    attempt = Attempt(case=9, wish=WISHES["take"], by=MORI, way=Way.COMMAND, key="k")
    assert Acting(named.tools).act(attempt, event=1).denial is Denial.UNKNOWN
