"""Forwards of a story's post show its priority, are edited when that changes, and go out without it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy import update

from tests.desk.news.newsroom import entry
from tests.desk.record.test_compare import LOAD, History
from tests.desk.stamps.test_any_order import NEWS, USERS
from tests.support.facts import CVE, cvelist_said, known, score
from tests.support.fakes import FakeFacts, memory_store
from threatstamp.app.matching import lore
from threatstamp.config.tables import built_in
from threatstamp.core.facts.assessment import FactSource
from threatstamp.core.ids import ChannelId, StoryId
from threatstamp.core.news.entry import Document, Fetched
from threatstamp.core.news.marking import Tlp
from threatstamp.core.priority.ruling import PriorityPolicy
from threatstamp.core.time import DAY, MINUTE, Micros
from threatstamp.desk.priority.assess import AssessStories
from threatstamp.desk.priority.explaining import why_case, why_cve, why_story
from threatstamp.slack.blocks.why import WHY
from threatstamp.store.tables.priorities import priorities


class Room:
    """A desk whose story was posted and stamped before anything was known of its CVE."""

    def __init__(self) -> None:
        self.history = history = History(memory_store())
        policy = history.tools.policy
        history.tools.in_force.now = replace(
            policy,
            sources=policy.sources | {NEWS},
            priority=PriorityPolicy(table=built_in("cvss")),
        )
        history.poll(Fetched(document=Document(entries=(entry(30, title=f"A flaw ({CVE})"),))))
        history.go_on(5)
        with history.store.reading() as read:
            (story,) = read.stories.told_since(Micros(0), most=2)
            (self.place,) = read.publications.places_of(story.id)
        self.story: StoryId = story.id
        self.step = AssessStories(history.tools, loads=lambda: [LOAD], lore=lore)

    def stamp(self) -> None:
        self.history.stamp(self.place, USERS[0])
        self.history.go_on()

    def know(self, number: float) -> None:
        facts = self.history.tools.facts
        assert isinstance(facts, FakeFacts)
        facts.vulnerabilities[CVE] = known(cvelist_said(CVE, score(number)))
        self.step._basis = None
        self.step.run()
        self.history.go_on()

    def shown(self, words: str) -> list[bool]:
        """Which messages in channels have these words, in their order."""
        alone = [one for one in self.history.slack.messages if not one.thread_ts]
        return [words in json.dumps(one.rendered.blocks, ensure_ascii=False) for one in alone]


@pytest.fixture
def room() -> Iterator[Room]:
    made = Room()
    yield made
    made.history.store.close()


def test_a_forward_that_is_there_is_edited_like_the_post(room: Room) -> None:
    room.stamp()
    count = len(room.shown(""))
    assert count >= 2
    room.know(9.8)
    assert room.shown("優先度：緊急") == [True] * count
    room.know(5.0)
    assert room.shown("優先度：中") == [True] * count
    assert room.shown(WHY) == [True, *([False] * (count - 1))]  # a card's command says it, too


def test_a_forward_that_is_no_card_has_a_button_that_says_why_unless_others_read_it(room: Room) -> None:
    tools = room.history.tools
    first, *rest = tools.policy.routes
    plain = replace(first, route=replace(first.route, case=None))
    tools.in_force.now = replace(tools.policy, routes=(plain, *rest), shared=frozenset({plain.to[1]}))
    external = replace(plain, route=replace(plain.route, external=True))
    tools.in_force.now = replace(tools.policy, routes=(external, *rest))
    room.know(9.8)
    room.stamp()
    messages = [one for one in room.history.slack.messages if not one.thread_ts]
    buttons = {one.channel: WHY in json.dumps(one.rendered.blocks) for one in messages}
    assert buttons[plain.to[0]]
    assert not buttons[plain.to[1]]
    assert not any(buttons[one] for one in rest[0].to)


def test_a_forward_goes_out_without_a_priority_that_cannot_be_read(room: Room) -> None:
    room.know(9.8)
    with room.history.store.transaction() as tx:
        connection = tx.priorities.connection
        connection.execute(update(priorities).values(priority="nonsense", touches="{", seen="["))
    assert room.history.tools.priority_of(room.story) is None
    room.stamp()
    assert len(room.shown("")) >= 2
    assert room.shown("優先度：") == [True, *([False] * (len(room.shown("")) - 1))]


def test_why_is_found_by_story_cve_and_case(room: Room) -> None:
    room.stamp()
    room.know(9.8)
    store, policy = room.history.store, room.history.tools.policy
    answers = (
        why_story(store, room.story, policy),
        why_cve(store, CVE, policy, NEWS),
        why_case(store, 1, policy, NEWS),
    )
    said = [one.said for one in answers]
    assert said[0] is not None
    assert said == [said[0]] * 3
    feeds = tuple(replace(one, feed=replace(one.feed, tlp=Tlp.AMBER)) for one in policy.feeds)
    marked, elsewhere = replace(policy, feeds=feeds), ChannelId("C0WIDE")
    for answer in (why_story(store, room.story, marked), why_cve(store, CVE, marked, NEWS)):
        assert (answer.said, answer.marking) == (said[0], Tlp.AMBER)
    assert why_cve(store, CVE, marked, elsewhere).said is None
    assert why_case(store, 1, marked, elsewhere).said is None
    assert why_cve(store, CVE, policy, elsewhere).said == said[0]
    assert [why_story(store, StoryId("none"), policy).said, why_case(store, 99, policy, NEWS).said] == [
        None,
        None,
    ]


@pytest.mark.parametrize(
    ("waited", "has_spoken", "is_told"),
    [(20, True, True), (5, True, False), (20, False, False)],
)
def test_a_post_whose_cve_nobody_knew_for_a_while_gets_a_line_once(
    waited: int, has_spoken: bool, is_told: bool
) -> None:
    """Not what the posts' readers had no time to read without, nor by a source that is loaded for the first time."""
    room = Room()
    clock, posted = room.history.clock, room.history.clock.now()
    since = {FactSource("cvelist"): Micros(posted - DAY if has_spoken else posted)}
    room.step = AssessStories(room.history.tools, loads=lambda: [LOAD], lore=lore, spoke=lambda: since)
    clock.time += waited * MINUTE
    facts = room.history.tools.facts
    assert isinstance(facts, FakeFacts)
    facts.vulnerabilities[CVE] = known(cvelist_said(CVE, score(9.8)), read_at=clock.now())
    for _ in range(3):
        room.step._basis = None
        room.step.run()
        room.history.go_on()
    lines = [one.rendered.text for one in room.history.slack.messages if one.thread_ts]
    assert len(lines) == is_told
    assert all("9.8" in one and "緊急" in one for one in lines)
    assert room.shown("優先度：緊急")[0]
    room.history.store.close()
