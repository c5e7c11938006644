"""Any order of the same events and looks, duplicates included, ends with the same turns and messages."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from tests.support.examples import HISTORIES
from tests.support.fakes import FakeClock, FakeSlack, memory_store, owed, tools_of
from tests.support.times import S, at
from threatstamp.app.kinds import departings
from threatstamp.core.ids import ChannelId, Emoji, RouteId, TeamId, Ts, UserId
from threatstamp.core.ledger.chain import verify
from threatstamp.core.outbox.claim import Claim
from threatstamp.core.policy import Policy
from threatstamp.core.stamps.look import SeenReaction
from threatstamp.core.stamps.post import Place, Snapshot
from threatstamp.core.stamps.route import BoundRoute, Contact, Route
from threatstamp.core.stamps.turn import Mark, Reaction, TurnKind
from threatstamp.core.time import Micros
from threatstamp.desk.outbox.deliver import Deliver
from threatstamp.desk.ports.slack import Page, SeenPost
from threatstamp.desk.stamps.take import TakeStamps
from threatstamp.store.store import SqlStore
from threatstamp.store.tables import routes, stamps

TEAM, NEWS = TeamId("T1"), ChannelId("C0NEWS")
POST = Place(team=TEAM, channel=NEWS, ts=Ts("1.000000"))
USERS = (UserId("U1"), UserId("U2"), UserId("U3"))
AS_READ = Snapshot(text="本文", title="題名", link="https://x.example/")
"""The post as the fake Slack gives it also to whoever looks it up."""

ALARM, QUIET = Emoji("rotating_light"), Emoji("wrench")


def bound(name: str, reaction: Emoji, *to: str, each: bool = False) -> BoundRoute:
    channels = tuple(ChannelId(channel) for channel in to)
    route = Route(id=RouteId(name), name=name, reaction=reaction, to=to, text=f"{name}です", each=each)
    return BoundRoute(
        route=route,
        sources=frozenset(),
        to=channels,
        mention=("<@U9>",),
        allow_users=frozenset(),
        allow_groups=frozenset(),
    )


POLICY = Policy(
    team=TEAM,
    me=UserId("U0ME"),
    sources=frozenset({NEWS}),
    routes=(bound("ciso", ALARM, "C1", "C2"), bound("each", QUIET, "C3", each=True)),
)


@dataclass(frozen=True)
class Event:
    """Slack's event."""

    user: UserId
    reaction: Emoji
    mark: Mark


@dataclass(frozen=True)
class Seen:
    """A sweep's page."""

    started: int
    ended: int
    users: tuple[tuple[Emoji, frozenset[UserId]], ...]
    whole: bool


Fact = Event | Seen


@st.composite
def histories(draw: st.DrawFn) -> list[Fact]:
    """Generates what happened to one post, as facts: some events are lost, sweeps follow one another."""
    facts: list[Fact] = []
    held: set[tuple[UserId, Emoji]] = set()
    time = 10 * S
    for _ in range(draw(st.integers(1, 10))):
        time += draw(st.integers(1, 3)) * S
        if draw(st.integers(0, 3)):
            who = (draw(st.sampled_from(USERS)), draw(st.sampled_from((ALARM, QUIET))))
            kind = TurnKind.WITHDRAWAL if who in held else TurnKind.STAMP
            held ^= {who}
            if draw(st.integers(0, 4)):  # one event in five is lost
                facts.append(Event(*who, Mark(at=Micros(time), kind=kind)))
        else:
            started = time
            time += draw(st.integers(0, 2)) * S
            users = tuple(
                (emoji, frozenset(user for user, one in held if one == emoji))
                for emoji in (ALARM, QUIET)
                if any(one == emoji for _, one in held)
            )
            facts.append(Seen(started, time, users, whole=draw(st.integers(0, 4)) > 0))
    return facts


class Desk:
    """The real steps on a real store, with a fake Slack."""

    def __init__(self, store: SqlStore | None = None) -> None:
        """store: an empty one; None: one of its own."""
        self.outcome: dict[str, object] = {}
        self.clock = FakeClock(1_000 * S)
        self.slack = FakeSlack(self.clock)
        self.store = store or memory_store()
        with self.store.transaction() as tx:
            for channel, route in POLICY.contacts():
                met = Contact(since=at(0), looked_at=at(0))
                tx.routes.put_contact(channel, route, team=TEAM, contact=met)
        self.tools = tools_of(POLICY, store=self.store, slack=self.slack, clock=self.clock)
        self.stamps = TakeStamps(self.tools)
        self.deliver = Deliver(self.tools, departings(self.tools))
        self.may_claim: Callable[[], bool] = lambda: False
        """Called before each stamp: is a courier free?"""
        self.handed: list[tuple[Claim, float]] = []
        """Claims that were made when the forwards were recorded, and are not executed yet."""

    def learn(self, fact: Fact) -> None:
        self.clock.time += S
        if isinstance(fact, Event):
            reaction = Reaction(place=POST, reaction=fact.reaction, user=fact.user, mark=fact.mark)
            outcome = self.stamps.reaction(reaction, event=0, may_claim=self.may_claim)
            self.handed += [(claim, outcome.since) for claim in outcome.claims]
            return
        seen = tuple(
            SeenReaction(reaction=emoji, users=users, whole=fact.whole) for emoji, users in fact.users
        )
        post = SeenPost(place=POST, snapshot=AS_READ, reactions=seen)
        page = Page(started=Micros(fact.started), ended=Micros(fact.ended), posts=(post,))
        self.stamps.page(page, shared=False)

    def carry(self) -> None:
        """Executes the claims that were handed over."""
        while self.handed:
            claim, since = self.handed.pop(0)
            self.deliver.carry(claim, since=since)

    def deliver_all(self) -> None:
        for _ in range(200):
            self.clock.time += S
            if not self.deliver.one() and owed(self.store) == 0:
                return
        raise AssertionError("something is still owed after 200 deliveries")

    def close(self) -> None:
        self.store.close()

    def end(self) -> None:
        """Notes everything that must not depend on the order; ids and times of recording may."""
        with self.store.engine.connect() as connection:
            turns = connection.execute(select(stamps.turns)).mappings().all()
            forwards = connection.execute(select(routes.forwards)).mappings().all()
        with self.store.reading() as read:
            assert verify(read.ledger.entries()).ok
        self.outcome = {
            "turns": sorted(
                (row["user_id"], row["reaction"], row["kind"], row["at"], row["exact"]) for row in turns
            ),
            "forwards": sorted(
                (row["route"], row["destination"], str(row["user_id"]), str(row["event_at"]))
                for row in forwards
            ),
            "messages": sorted(
                (one.channel, one.rendered.text, str(one.rendered.blocks)) for one in self.slack.messages
            ),
        }
        self.store.close()


def play(facts: list[Fact], rng: random.Random | None) -> Desk:
    desk = Desk(memory_store())
    if rng is not None:
        desk.may_claim = lambda: rng.random() < 0.5
    for fact in facts:
        desk.learn(fact)
        if rng is not None and rng.random() < 0.3:
            desk.deliver.one()
        if rng is not None and rng.random() < 0.5:
            desk.carry()  # otherwise later, or never, as if the process had died with its claim
    desk.deliver_all()
    desk.end()
    return desk


GONE_AND_BACK: list[Fact] = [
    Seen(12 * S, 12 * S, ((ALARM, frozenset({USERS[0]})),), whole=False),
    Seen(17 * S, 17 * S, ((QUIET, frozenset({USERS[1]})),), whole=False),
    Seen(19 * S, 19 * S, ((ALARM, frozenset({USERS[0]})), (QUIET, frozenset({USERS[1]}))), whole=False),
]
"""If the look in the middle arrives last, the person who is absent in it has stamped again since."""


def _looks(*times: int) -> list[Fact]:
    return [Seen(one * S, one * S, ((QUIET, frozenset({USERS[1]})),), whole=False) for one in times]


TIME_OF_ANOTHER: list[Fact] = [
    Event(USERS[1], QUIET, Mark(at=at(13), kind=TurnKind.STAMP)),
    *_looks(14),
    Event(USERS[1], QUIET, Mark(at=at(15), kind=TurnKind.WITHDRAWAL)),
    *_looks(17, 18, 19, 20),
]
"""A stamp seen at 18 turns out to be that of 13; then there is another one at 18.

Each has its own forward.
"""


@example(TIME_OF_ANOTHER, 1205)
@example(GONE_AND_BACK, 1)
@pytest.mark.timeout(900)  # on a machine with much else to do
@settings(max_examples=HISTORIES)
@given(histories(), st.integers(0, 2**32))
def test_any_order_with_duplicates_ends_the_same(facts: list[Fact], seed: int) -> None:
    rng = random.Random(seed)
    shuffled = [*facts, *rng.sample(facts, min(2, len(facts)))]
    rng.shuffle(shuffled)
    assert play(shuffled, rng).outcome == play(facts, None).outcome


def test_a_later_stamp_has_its_own_forward_even_if_it_was_first_mistaken_for_an_earlier_one() -> None:
    desk = Desk()
    late, first, gone = _looks(18)[0], TIME_OF_ANOTHER[0], TIME_OF_ANOTHER[2]
    for fact in (late, first, gone):
        desk.learn(fact)
    desk.deliver_all()
    assert len(desk.slack.messages) == 2


@pytest.mark.timeout(900)  # on a machine with much else to do
@settings(max_examples=HISTORIES)
@given(histories(), st.integers(0, 2**32))
def test_each_message_is_posted_once_and_mentions_nobody_if_the_stamp_was_withdrawn(
    facts: list[Fact], seed: int
) -> None:
    desk = play(facts, random.Random(seed))
    keys = [message.key for message in desk.slack.messages]
    assert len(keys) == len(set(keys))
    for message in desk.slack.messages:
        assert "<@U9>" in message.first_text or message.first_text.startswith("~")
