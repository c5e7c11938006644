"""Whether the internet reaches a product is asked once, answered once, and counts for all its stories."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from tests.desk.news.newsroom import entry
from tests.desk.priority.test_assess import BOD, MILD, load
from tests.desk.priority.test_products import HAKOBUNE, LISTED
from tests.desk.record.test_compare import History
from tests.desk.stamps.test_any_order import NEWS, USERS
from tests.support.facts import CVE, known
from tests.support.fakes import FakeFacts, memory_store, owed
from threatstamp.app.matching import lore
from threatstamp.core import signs
from threatstamp.core.assets.product import SBOM, Product
from threatstamp.core.ids import ChannelId, UserId
from threatstamp.core.ledger.kinds import Kind
from threatstamp.core.news.entry import Document, Fetched
from threatstamp.core.priority.exposure import BUTTON, COMMAND, Exposure, ExposureState
from threatstamp.core.stamps.post import Place
from threatstamp.core.time import Micros
from threatstamp.desk.priority.assess import AssessStories
from threatstamp.desk.priority.exposing import Exposing, GivenExposure, Taken, Unanswered
from threatstamp.desk.record.compare import compare_records
from threatstamp.slack.blocks.exposure import ANSWERS_EXPOSURE

BOSS, GUEST = UserId("U0BOSS"), UserId("U0GUEST")
OTHER = replace(HAKOBUNE, name="別の箱舟", aliases=(), vendor="Elsewhere")


class Room:
    """A desk with two stories about a product, both forwarded, and nobody knows whether it is exposed."""

    def __init__(self, *products: Product) -> None:
        self.history = history = History(memory_store())
        policy = history.tools.policy
        history.tools.in_force.now = replace(policy, sources=policy.sources | {NEWS}, priority=BOD)
        self.have(*(products or (HAKOBUNE,)))
        facts = history.tools.facts
        assert isinstance(facts, FakeFacts)
        facts.vulnerabilities[CVE] = known(LISTED)
        self.step = AssessStories(history.tools, loads=lambda: [load()], lore=lore)
        self.exposing = Exposing(history.tools, may_act=lambda user: user != GUEST)
        self.report(30)

    def have(self, *products: Product) -> None:
        tools = self.history.tools
        tools.in_force.now = replace(tools.policy, products=products)

    def report(self, number: int) -> Place:
        """Posts a story about the CVE."""
        title = f"A flaw ({CVE}), told by number {number}"
        self.history.poll(Fetched(document=Document(entries=(entry(number, title=title),))))
        self.history.go_on(5)
        with self.history.store.reading() as read:
            story = read.stories.told_since(Micros(0), most=1)[0]
            (self.place,) = read.publications.places_of(story.id)
        return self.place

    def forward(self) -> None:
        self.history.stamp(self.place, USERS[0])
        self.history.go_on(10)

    def go_on(self) -> int:
        """What the desk does every half minute."""
        self.step.run()
        asked = self.exposing.ask()
        self.history.go_on(10)
        return asked

    def answer(
        self, answer: str, by: UserId = BOSS, product: str = "箱舟FTP", way: str = BUTTON, key: str = ""
    ) -> Taken:
        channel = ChannelId("C1") if way == BUTTON else None
        given = GivenExposure(
            product=product,
            exposed=answer == "yes",
            by=by,
            way=way,
            key=key or f"{by}{answer}",
            channel=channel,
        )
        taken = self.exposing.answer(given, event=0)
        self.history.go_on(10)
        return taken

    @property
    def questions(self) -> list[str]:
        found = [one for one in self.history.slack.messages if one.thread_ts and one.channel != NEWS]
        return [one.rendered.text for one in found]

    @property
    def has_buttons(self) -> bool:
        return ANSWERS_EXPOSURE in json.dumps([one.rendered.blocks for one in self.history.slack.messages])

    def exposed(self) -> tuple[object, object]:
        """What the last ruling rests on, and by whom."""
        facts = self.ledger(Kind.ASSESSED)[-1]["facts"]
        return next((one["value"], one["source"]) for one in facts if one["name"] == "exposed")

    def ledger(self, kind: Kind) -> list[dict[str, Any]]:
        with self.history.store.reading() as read:
            return [json.loads(one.body or "") for one in read.ledger.entries() if one.kind == kind]

    def exposure(self) -> Exposure:
        with self.history.store.reading() as read:
            (found,) = read.priorities.exposures()
        return found


@pytest.fixture
def room() -> Iterator[Room]:
    made = Room()
    yield made
    made.history.store.close()


def test_a_product_is_asked_about_once_below_a_forward_and_the_answer_counts_for_all(room: Room) -> None:
    assert room.go_on() == 0
    assert room.questions == []  # nobody has forwarded anything yet
    room.forward()
    assert (room.go_on(), room.go_on()) == (1, 0)
    (question,) = room.questions
    assert "箱舟FTP は、インターネットから届く場所にありますか" in question
    assert room.has_buttons
    asked = next(one for one in room.history.slack.messages if one.rendered.text == question)
    assert asked.channel == "C1"
    forwards = [one for one in room.history.slack.messages if one.ts == asked.thread_ts]
    assert [one.channel for one in forwards] == ["C1"]
    assert room.ledger(Kind.ASSESSED)[-1]["open"] == ["exposed"]
    assert room.ledger(Kind.ASSESSED)[-1]["priority"] == "medium"
    taken = room.answer("no")
    assert taken.refused is None
    assert taken.asked.state is ExposureState.ANSWERED
    assert not room.has_buttons
    (question,) = room.questions
    assert f"「公開していない」（<@{BOSS}>" in question
    assert room.ledger(Kind.EXPOSURE_ANSWERED) == [
        {"product": "箱舟FTP", "answer": "no", "by": BOSS, "way": BUTTON}
    ]
    room.go_on()
    body = room.ledger(Kind.ASSESSED)[-1]
    assert (body["priority"], body["open"]) == ("low", [])
    answer = room.exposure().answer
    assert answer is not None
    assert room.exposed() == ("no", "answer")
    assert answer.at in [one["read_at"] for one in body["facts"] if one["name"] == "exposed"]
    told = [one.rendered.text for one in room.history.slack.messages if one.channel == NEWS and one.thread_ts]
    assert any("「公開していない」と回答" in one and "「中」から「低」" in one for one in told)
    room.report(31)
    room.forward()
    assert room.go_on() == 0
    assert len(room.questions) == 1
    assert compare_records(room.history.store).first is None


def test_two_answers_at_once_and_clicks_that_come_twice_count_once(room: Room) -> None:
    room.forward()
    room.go_on()
    room.answer("yes", key="click")
    room.answer("yes", key="click")
    assert room.answer("yes", by=UserId("U0ITO")).refused is None
    assert room.answer("no", by=UserId("U0SATO")).refused is Unanswered.ANSWERED
    room.answer("no", by=UserId("U0SATO"))
    assert len(room.ledger(Kind.EXPOSURE_ANSWERED)) == 1
    assert [one["why"] for one in room.ledger(Kind.EXPOSURE_DENIED)] == ["answered"]
    assert len(room.history.slack.whispers) == 1
    # by command it can be changed
    assert room.answer("no", by=UserId("U0SATO"), way=COMMAND).refused is None
    assert "「公開していない」（<@U0SATO>" in room.questions[0]
    assert compare_records(room.history.store).first is None


def test_whoever_may_not_act_is_told_alone_and_it_is_on_record(room: Room) -> None:
    room.forward()
    room.go_on()
    assert room.answer("yes", by=GUEST).refused is Unanswered.RIGHT
    assert room.has_buttons
    assert [one["by"] for one in room.ledger(Kind.EXPOSURE_DENIED)] == [GUEST]
    assert len(room.history.slack.whispers) == 1
    assert room.exposure().answer is None
    assert room.answer("yes", by=GUEST, way=COMMAND).refused is Unanswered.RIGHT
    assert len(room.history.slack.whispers) == 1


def test_the_list_of_products_wins_and_a_stale_question_says_so(room: Room) -> None:
    room.forward()
    room.go_on()
    room.answer("no")
    room.have(replace(HAKOBUNE, exposed=True))
    room.go_on()
    assert "製品一覧に「公開している」" in room.questions[0]
    assert room.answer("no", way=COMMAND).refused is Unanswered.LISTED
    assert room.exposed() == ("yes", "settings")
    room.have(replace(HAKOBUNE, name="新しい箱舟"))
    room.go_on()
    assert "製品一覧にない" in room.questions[0]
    assert room.answer("yes").refused is Unanswered.UNKNOWN
    assert [one for one in room.questions if "新しい箱舟 は" in one]  # another name is another product
    room.have(HAKOBUNE)
    room.go_on()
    assert "「公開していない」（" in room.questions[0]
    assert compare_records(room.history.store).first is None


@pytest.mark.parametrize("case", ["sbom", "listed", "shared", "news alone", "no buttons", "shadow"])
def test_nobody_is_asked(case: str, room: Room) -> None:
    tools = room.history.tools
    policy = tools.policy
    if case == "sbom":
        room.have(replace(HAKOBUNE, tags=(SBOM,)))
    elif case == "listed":
        room.have(replace(HAKOBUNE, exposed=False))
    elif case == "shared":
        tools.in_force.now = replace(policy, shared=frozenset(map(ChannelId, ("C1", "C2", "C3"))))
    elif case == "news alone":
        feeds = tuple(replace(policy.feeds[0], channel=ChannelId(one)) for one in ("C1", "C2", "C3"))
        tools.in_force.now = replace(policy, feeds=feeds)
    elif case == "no buttons":
        routes = tuple(replace(one, route=replace(one.route, case=None)) for one in policy.routes)
        tools.in_force.now = replace(policy, routes=routes)
    else:
        with room.history.store.transaction() as tx:
            tx.vitals.put(signs.SHADOW, "5", now=Micros(5))
    room.forward()
    assert room.go_on() == 0
    assert owed(room.history.store) == 0


def test_what_is_known_before_the_question_goes_out_needs_none(room: Room) -> None:
    room.forward()
    room.step.run()
    assert room.exposing.ask() == 1
    room.have(replace(HAKOBUNE, exposed=True))
    room.history.go_on(10)
    assert room.questions == []
    room.go_on()
    room.have(HAKOBUNE)
    room.go_on()
    assert len(room.questions) == 1
    assert room.has_buttons


def test_a_cve_that_nobody_can_rule_about_yet_raises_no_question() -> None:
    room = Room(OTHER, replace(HAKOBUNE, version="1.4"))  # the one is not concerned, the other not affected
    room.forward()
    assert room.go_on() == 0
    facts = room.history.tools.facts
    assert isinstance(facts, FakeFacts)
    facts.vulnerabilities[CVE] = known(replace(MILD, scores=(), ssvc=None, affected=LISTED.affected))
    room.have(HAKOBUNE)
    assert room.go_on() == 0
    room.history.store.close()
