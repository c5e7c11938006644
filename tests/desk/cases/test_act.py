"""One step for whoever acts on a case, in whatever way, with fakes and a store in memory."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace

import pytest

from tests.desk.stamps.test_any_order import ALARM, POLICY, POST, QUIET, TEAM, USERS, Desk, Event
from tests.support.fakes import FakeClock, FakeSlack, tools_of
from tests.support.times import S
from threatstamp.app.kinds import departings
from threatstamp.core.cases.case import CaseState, Way
from threatstamp.core.cases.moves import WISHES, Denial
from threatstamp.core.errors import SlackError
from threatstamp.core.ids import ChannelId, Emoji, FeedName, GroupId, StoryId, TrackName, Ts, UserId
from threatstamp.core.ledger.kinds import Kind
from threatstamp.core.news.story import NewStory, Story
from threatstamp.core.policy import People
from threatstamp.core.stamps.post import Place
from threatstamp.core.stamps.route import Track
from threatstamp.core.stamps.turn import Mark, Reaction, TurnKind
from threatstamp.core.time import Micros
from threatstamp.core.trouble import TroubleKind
from threatstamp.desk.cases.act import Acted, Acting, Attempt
from threatstamp.desk.cases.denying import Denied
from threatstamp.desk.news.publishing import STORY, order_publication
from threatstamp.desk.outbox.deliver import Deliver
from threatstamp.desk.policy.meet import meet
from threatstamp.desk.ports.store import Store
from threatstamp.desk.record.compare import compare_records
from threatstamp.desk.record.redact import redact_person
from threatstamp.desk.stamps.take import TakeStamps
from threatstamp.store.store import SqlStore, open_store

SATO, CISO, ITO = UserId("U0SATO"), UserId("U0CISO"), UserId("U0ITO")
GROUP = GroupId("S0CISO")
CARD = ChannelId("C1")
CASED = replace(
    POLICY,
    routes=tuple(
        replace(one, route=replace(one.route, case=TrackName(Track.PRODUCT))) for one in POLICY.routes
    ),
    deciders=People(users=frozenset({CISO}), groups=frozenset({GROUP}), is_anybody=False),
)


@pytest.fixture
def desk() -> Iterator[Desk]:
    made = Desk()
    made.tools.in_force.now = CASED
    made.slack.groups = {GROUP: frozenset({ITO})}
    with made.store.transaction() as tx:
        for channel, route in POLICY.contacts():
            body = {"team": TEAM, "channel": channel, "route": route}
            tx.ledger.append(Kind.CONTACT, body, now=made.clock.now())
    yield made
    made.store.close()


def stamp(desk: Desk, user: UserId = USERS[0], emoji: Emoji = ALARM, kind: TurnKind = TurnKind.STAMP) -> None:
    desk.learn(Event(user, emoji, Mark(at=desk.clock.now(), kind=kind)))


def act(
    desk: Desk,
    name: str,
    *,
    by: UserId = SATO,
    key: str = "",
    reason: str = "",
    case: int = 1,
    way: Way = Way.BUTTON,
) -> Acted:
    desk.clock.time += 1_000_000
    attempt = Attempt(
        case=case,
        wish=replace(WISHES[name], reason=reason),
        by=by,
        way=way,
        key=key or f"{name}|{desk.clock.time}",
        channel=None if way is Way.COMMAND else CARD,
    )
    return Acting(desk.tools).act(attempt)


def entries(desk: Desk, kind: Kind) -> int:
    with desk.store.reading() as read:
        return len(list(read.ledger.entries(kind=kind)))


def texts(desk: Desk, channel: str = CARD) -> str:
    [message] = [one for one in desk.slack.messages if one.channel == channel and one.thread_ts is None]
    return str(message.rendered.blocks)


def test_two_stamps_and_two_routes_open_one_case_and_every_forward_is_its_card(desk: Desk) -> None:
    stamp(desk)
    stamp(desk, USERS[1])
    stamp(desk, USERS[2], QUIET)
    desk.deliver_all()
    assert entries(desk, Kind.CASE) == 1
    act(desk, "take")
    desk.deliver_all()
    for channel in ("C1", "C2", "C3"):
        assert SATO in texts(desk, channel)
    assert compare_records(desk.store).first is None


def post_twice(store: Store, *, now: Micros) -> tuple[Place, ...]:
    """Displays a story in two channels, and returns the posts."""
    posts = [Place(team=TEAM, channel=ChannelId(name), ts=Ts("5.000000")) for name in ("C0NEWS", "C0OTHER")]
    story = Story(id=StoryId("s1"), title="題名", link="https://x.example/", source="feed", published_at=None)
    with store.transaction() as tx:
        tx.stories.add([NewStory(story=story, link_key=None)], now=now)
        for post in posts:
            order = order_publication(
                [story.id], post.channel, team=TEAM, feed=FeedName("feed"), kind=STORY, now=now
            )
            departure = tx.outbox.owe(order, now=now)
            assert departure is not None
            tx.publications.post([story.id], post.channel, team=TEAM, departure=departure)
            tx.outbox.put_delivered(departure, ts=post.ts, displayed=1, now=now)
    return tuple(posts)


def test_a_story_in_two_channels_has_one_case_which_lasts_as_long_as_either_post_is_stamped(
    desk: Desk,
) -> None:
    posts = post_twice(desk.store, now=desk.clock.now())
    desk.tools.in_force.now = replace(CASED, sources=frozenset(one.channel for one in posts))
    meet(desk.tools)

    def mark(post: Place, emoji: Emoji, kind: TurnKind = TurnKind.STAMP) -> None:
        desk.clock.time += S
        one = Reaction(place=post, reaction=emoji, user=USERS[0], mark=Mark(at=desk.clock.now(), kind=kind))
        desk.stamps.reaction(one, event=0, may_claim=lambda: False)

    mark(posts[0], ALARM)
    mark(posts[1], QUIET)
    desk.deliver_all()
    assert entries(desk, Kind.CASE) == 1
    mark(posts[0], ALARM, TurnKind.WITHDRAWAL)
    with desk.store.reading() as read:
        [case] = read.cases.every()
        assert case.state is CaseState.NEW  # the other post is stamped still
    act(desk, "take")
    desk.deliver_all()
    for channel in ("C1", "C2", "C3"):
        assert SATO in texts(desk, channel)


def test_a_stamp_of_another_track_adds_it_to_the_case_and_every_card_says_so(desk: Desk) -> None:
    alarm, quiet = CASED.routes
    update = replace(quiet, route=replace(quiet.route, case=TrackName(Track.APP_UPDATE)))
    desk.tools.in_force.now = replace(CASED, routes=(alarm, update))
    stamp(desk)
    desk.deliver_all()
    assert "call_write" not in texts(desk)
    stamp(desk, USERS[1], QUIET)
    desk.deliver_all()
    with desk.store.reading() as read:
        [case] = read.cases.every()
        assert read.cases.tracks(case) == (TrackName(Track.PRODUCT), TrackName(Track.APP_UPDATE))
    for channel in ("C1", "C3"):
        assert "call_write" in texts(desk, channel)
        assert "製品の脆弱性／アプリの更新" in texts(desk, channel)
    assert compare_records(desk.store).first is None


def test_a_case_is_withdrawn_with_its_last_stamp_and_comes_back_with_the_next(desk: Desk) -> None:
    def state() -> CaseState:
        with desk.store.reading() as read:
            [case] = read.cases.every()
            return case.state

    stamp(desk)
    stamp(desk, USERS[2], QUIET)
    for user, emoji, after in ((USERS[0], ALARM, CaseState.NEW), (USERS[2], QUIET, CaseState.WITHDRAWN)):
        desk.clock.time += S
        stamp(desk, user, emoji, TurnKind.WITHDRAWAL)
        assert state() is after
    desk.deliver_all()
    assert all("取り下げ" in texts(desk, channel) for channel in ("C1", "C2", "C3"))
    desk.clock.time += S
    stamp(desk)
    assert state() is CaseState.NEW
    act(desk, "take")
    act(desk, "decide_now", by=CISO)
    desk.clock.time += S
    stamp(desk, kind=TurnKind.WITHDRAWAL)
    assert state() is CaseState.RESPONDING  # what was decided stays
    assert compare_records(desk.store).first is None


def test_a_fault_in_a_case_stops_no_forward_and_the_next_stamp_opens_it(store_url: str) -> None:
    with closing(open_store(store_url)) as store:
        clock = FakeClock(1_000 * S)
        slack = FakeSlack(clock)
        tools = tools_of(CASED, store=store, slack=slack, clock=clock)
        meet(tools)
        stamps, deliver = TakeStamps(tools), Deliver(tools, departings(tools))

        def stamp(user: UserId) -> None:
            clock.time += S
            mark = Mark(at=clock.now(), kind=TurnKind.STAMP)
            stamps.reaction(Reaction(place=POST, reaction=ALARM, user=user, mark=mark), event=0)

        with without_column(store):
            stamp(USERS[0])
        with store.reading() as read:
            assert [one.kind for one in read.troubles.unfixed()] == [TroubleKind.CASE]
            assert read.cases.at(POST) is None
        while deliver.one():
            clock.time += S
        assert [one.channel for one in slack.messages] == ["C1", "C2"]
        stamp(USERS[1])
        while deliver.one():
            clock.time += S
        with store.reading() as read:
            assert read.troubles.unfixed() == ()
            assert read.cases.at(POST) is not None
        assert all("case_take" in str(one.rendered.blocks) for one in slack.messages)


@contextmanager
def without_column(store: SqlStore) -> Iterator[None]:
    """Nothing can be read from or written to the table of cases meanwhile."""
    change = "ALTER TABLE desk_cases RENAME COLUMN {} TO {}"
    with store.engine.begin() as connection:
        connection.exec_driver_sql(change.format("track", "other"))
    yield
    with store.engine.begin() as connection:
        connection.exec_driver_sql(change.format("other", "track"))


def test_a_forward_from_before_the_route_opened_cases_stays_a_forward(desk: Desk) -> None:
    desk.tools.in_force.now = POLICY
    stamp(desk)
    desk.deliver_all()
    desk.tools.in_force.now = CASED
    stamp(desk, USERS[1])
    desk.deliver_all()
    assert entries(desk, Kind.CASE) == 0
    assert "case_take" not in texts(desk)
    assert USERS[1] in texts(desk)


def test_a_case_that_cannot_be_read_stops_no_forward(desk: Desk) -> None:
    stamp(desk)
    with desk.store.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE desk_cases SET state = 'of another version'")
    desk.deliver_all()
    assert len(desk.slack.messages) == 2
    assert "case_take" not in texts(desk)


def test_of_two_who_take_it_one_wins_and_the_other_is_told_once(desk: Desk) -> None:
    stamp(desk)
    desk.deliver_all()
    assert act(desk, "take").moved
    late = act(desk, "take", by=ITO, key="click")
    assert (late.denial, late.last and late.last.by) == (Denial.TAKEN, SATO)
    act(desk, "take", by=ITO, key="click")  # the event came twice
    desk.deliver_all()
    [told] = desk.slack.whispers
    assert isinstance(told, Denied)
    assert (told.user, told.why, told.other) == (ITO, Denial.TAKEN, SATO)
    assert entries(desk, Kind.CASE_DENIED) == 1
    assert entries(desk, Kind.CASE_MOVED) == 1


def test_a_double_click_and_an_event_that_comes_late_once_more_do_nothing(desk: Desk) -> None:
    stamp(desk)
    assert act(desk, "take", key="first").moved
    assert not act(desk, "take", key="second").moved
    act(desk, "decide_now", by=CISO, key="third")
    act(desk, "done", key="fourth")
    assert act(desk, "decide_now", by=CISO, key="third") == Acted(
        case=act(desk, "done").case, last=act(desk, "done").last
    )
    assert entries(desk, Kind.CASE_MOVED) == 3
    assert entries(desk, Kind.CASE_DENIED) == 0


def test_deciders_are_people_and_members_of_groups_and_nobody_else(desk: Desk) -> None:
    stamp(desk)
    assert act(desk, "decide_now").denial is Denial.RIGHT
    assert act(desk, "decide_now", by=ITO).moved
    desk.slack.groups = {}
    with pytest.raises(SlackError):  # it waits in the inbox until the group can be read
        act(desk, "decide_plan", by=SATO)
    desk.tools.in_force.now = replace(CASED, deciders=People())
    assert act(desk, "decide_plan", by=SATO).denial is Denial.STATE


def test_a_person_of_another_organisation_may_not(desk: Desk) -> None:
    stamp(desk)
    desk.slack.external_users = frozenset({ITO})
    assert act(desk, "take", by=ITO).moved  # the channel is not shared, so nobody is asked
    desk.tools.in_force.now = replace(CASED, shared=frozenset({CARD}))
    assert act(desk, "decide_now", by=ITO).denial is Denial.OUTSIDE


def test_a_command_is_told_by_what_it_returns_and_whispers_nothing(desk: Desk) -> None:
    stamp(desk)
    assert act(desk, "done", way=Way.COMMAND).denial is Denial.STATE
    for number in (9, 10**30):
        assert act(desk, "take", case=number, way=Way.COMMAND) == Acted(case=None, denial=Denial.UNKNOWN)
    desk.deliver_all()
    assert desk.slack.whispers == []
    assert entries(desk, Kind.CASE_DENIED) == 1  # there is no case of which the other could be a part


def test_edits_of_a_card_are_coalesced_and_the_card_says_the_last(desk: Desk) -> None:
    stamp(desk)
    desk.deliver_all()
    act(desk, "take")
    act(desk, "decide_plan", by=CISO)
    act(desk, "done")
    desk.clock.time += 60_000_000
    edits = 0
    while desk.deliver.one():
        edits += 1
    assert edits == len(desk.slack.messages) == 2
    assert "対応完了" in texts(desk)
    assert "計画対応" in texts(desk)


def test_a_card_is_found_by_its_message_and_another_message_is_none(desk: Desk) -> None:
    stamp(desk)
    desk.deliver_all()
    ts = next(one.ts for one in desk.slack.messages if one.channel == CARD)
    acting = Acting(desk.tools)
    assert acting.find(Place(team=POST.team, channel=CARD, ts=ts)) == 1
    assert acting.find(Place(team=POST.team, channel=CARD, ts=Ts("9.9"))) is None


def test_redaction_leaves_a_case_that_still_agrees_with_the_record(desk: Desk) -> None:
    stamp(desk)
    act(desk, "take")
    act(desk, "decide_accept", by=CISO, reason=f"<@{SATO}> と確認しました")
    act(desk, "reopen", reason="やはり")
    redact_person(SATO, reason="本人の求め", store=desk.store, clock=desk.clock)
    with desk.store.reading() as read:
        case = read.cases.at(POST)
        assert case is not None
        assert (case.state, str(case.owner)[:10]) == (CaseState.ASSESSING, "U-REDACTED")
        moves = read.cases.moves(1)
    assert SATO not in str(moves)
    assert [one.wish.reason for one in moves][2] == ""
    assert compare_records(desk.store).first is None
    assert act(desk, "take", by=SATO).denial is None  # under the alias they are the owner still
    assert entries(desk, Kind.CASE_MOVED) == 3


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE desk_cases SET owner = 'U0ELSE'",
        "UPDATE desk_cases SET state = 'done'",
        "UPDATE desk_case_moves SET by_user = 'U0ELSE'",
        "UPDATE desk_case_moves SET at = 5",
        "DELETE FROM desk_case_moves",
    ],
)
def test_what_somebody_changes_in_the_tables_is_found(desk: Desk, statement: str) -> None:
    stamp(desk)
    act(desk, "take")
    assert compare_records(desk.store).first is None
    with desk.store.engine.begin() as connection:
        connection.exec_driver_sql(statement)
    assert compare_records(desk.store).first is not None
