"""What one departure must not do to the others of its channel."""

from __future__ import annotations

from collections.abc import Callable
from zoneinfo import ZoneInfo

import pytest

from tests.desk.stamps.test_any_order import ALARM, POLICY, POST, TEAM, USERS, Desk, Event
from tests.support.fakes import tools_of
from tests.support.script import fails
from tests.support.times import S, at
from threatstamp.app.kinds import departings, renderer
from threatstamp.core.errors import ContentError, SlackError
from threatstamp.core.ids import ChannelId, Ts
from threatstamp.core.outbox.claim import Claim
from threatstamp.core.outbox.departure import Departure, DepartureKind, NewDeparture
from threatstamp.core.stamps.post import Snapshot
from threatstamp.core.stamps.turn import Mark, TurnKind
from threatstamp.core.trouble import TroubleKind
from threatstamp.desk.outbox.deliver import Deliver
from threatstamp.desk.ports.slack import Saying
from threatstamp.desk.stamps.confirming import REACTION, THREAD_LINE, OwnReaction, ThreadLine
from threatstamp.desk.stamps.refusing import REFUSAL, Refusal
from threatstamp.texts.catalogue import Language, Texts

HERE = ChannelId("C5")
LINE = ThreadLine(route_name="ciso", to=()).write()
OURS = OwnReaction(ts=Ts("1.0"), emoji=ALARM).write()
REFUSED = Refusal(user=USERS[0], route_name="ciso", reaction=ALARM).write()


def paced() -> Desk:
    desk = Desk()
    desk.tools = tools_of(POLICY, store=desk.store, slack=desk.slack, clock=desk.clock, pace=1.0)
    desk.deliver = Deliver(desk.tools, departings(desk.tools))
    return desk


def owe(desk: Desk, name: str, kind: DepartureKind, body: str) -> None:
    now = desk.clock.now()
    new = NewDeparture(name=name, team=TEAM, kind=kind, channel=HERE, due_at=now, body=body)
    with desk.store.transaction() as tx:
        tx.outbox.owe(new, now=now)


def posted(desk: Desk) -> int:
    return len(desk.slack.messages)


@pytest.mark.parametrize(
    "body", ['{"route": "of another version"}', "no JSON", "[]", '{"route_name": 5, "to": "C1"}']
)
def test_a_body_that_nobody_understands_is_refused_once_and_holds_up_nobody(body: str) -> None:
    desk = paced()
    reported: list[Departure] = []
    desk.deliver = Deliver(
        desk.tools, departings(desk.tools), report=lambda departure, _: reported.append(departure)
    )
    owe(desk, "bad", THREAD_LINE, body)
    owe(desk, "good", THREAD_LINE, LINE)
    desk.deliver_all()
    assert posted(desk) == 1
    with desk.store.reading() as read:
        [left] = read.backlog.undeliverable()
        [trouble] = read.troubles.unfixed()
    assert trouble.kind is TroubleKind.UNDELIVERABLE
    assert [one.id for one in reported] == [left.id]


def test_a_saying_without_blocks_is_an_error_that_delivery_knows() -> None:
    with pytest.raises(ContentError):
        renderer(Texts(Language.JA), ZoneInfo("Asia/Tokyo")).message(Saying())


def test_a_kind_that_only_a_newer_version_knows_is_left_to_it() -> None:
    desk = paced()
    owe(desk, "new", DepartureKind(name="of_the_future"), "{}")
    owe(desk, "good", THREAD_LINE, LINE)
    for _ in range(100):
        desk.clock.time += S
        desk.deliver.one()
    assert posted(desk) == 1
    with desk.store.reading() as read:
        assert (read.backlog.count(), read.backlog.undeliverable()) == (1, ())


def test_what_is_not_paced_does_not_end_the_rest_that_slack_asked_for() -> None:
    desk = paced()
    desk.slack.script.then("post", fails(SlackError("ratelimited", retry_after=60.0)))
    owe(desk, "first", THREAD_LINE, LINE)
    assert desk.deliver.one()
    owe(desk, "reaction", REACTION, OURS)
    desk.clock.time += S
    assert desk.deliver.one()
    assert not desk.deliver.one()
    desk.clock.time += 60 * S
    assert desk.deliver.one()
    assert posted(desk) == 1


@pytest.mark.parametrize("error", [None, SlackError("user_not_in_channel", permanent=True)])
def test_what_only_one_person_sees_costs_the_channel_no_pace(error: SlackError | None) -> None:
    desk = paced()
    if error is not None:
        desk.slack.script.then("whisper", fails(error))
    owe(desk, "refusal", REFUSAL, REFUSED)
    assert desk.deliver.one()
    owe(desk, "line", THREAD_LINE, LINE)
    assert desk.deliver.one()


def test_a_rest_that_a_wrong_clock_ordered_is_not_kept_for_ever() -> None:
    desk = paced()
    owe(desk, "first", THREAD_LINE, LINE)
    desk.clock.time += 365 * 86_400 * S
    assert desk.deliver.one()
    desk.clock.time -= 365 * 86_400 * S
    owe(desk, "reaction", REACTION, OURS)
    assert desk.deliver.one()
    owe(desk, "second", THREAD_LINE, LINE)
    assert desk.deliver.one()


def unread() -> tuple[Desk, Claim, Claim]:
    """A stamp on a post that could not be read yet, and the claims of two couriers on its two destinations."""
    desk = Desk()
    desk.slack.script.then("look_up", fails(SlackError("timeout")))
    desk.learn(Event(USERS[0], ALARM, Mark(at=at(11), kind=TurnKind.STAMP)))
    claims = [desk.store.claim(now=desk.clock.now(), lease=12.0, holder=name) for name in ("a", "b")]
    first, second = (claim for claim in claims if claim is not None)
    return desk, first, second


def test_a_post_that_two_destinations_read_late_is_on_record_once() -> None:
    desk, first, second = unread()

    def other_is_quicker(usually: Callable[[], Snapshot]) -> Snapshot:
        desk.deliver.carry(second, since=desk.clock.steady())
        return usually()

    desk.slack.script.then("look_up", other_is_quicker)
    desk.deliver.carry(first, since=desk.clock.steady())
    with desk.store.reading() as read:
        kinds = [entry.kind for entry in read.ledger.entries()]
    assert kinds.count("post") == 1
    assert kinds.count("delivered") == 2


def test_a_post_that_is_gone_when_the_second_destination_reads_it_keeps_what_the_first_one_read() -> None:
    desk, first, second = unread()

    def read_and_deleted(_: Callable[[], Snapshot]) -> Snapshot:
        desk.deliver.carry(second, since=desk.clock.steady())
        raise SlackError("message_not_found", permanent=True)

    desk.slack.script.then("look_up", read_and_deleted)
    desk.deliver.carry(first, since=desk.clock.steady())
    with desk.store.reading() as read:
        known = read.posts.get(POST)
    assert known is not None
    assert known.snapshot is not None
    assert len(desk.slack.messages) == 2
    assert all("題名" in str(one.rendered.blocks) for one in desk.slack.messages)
