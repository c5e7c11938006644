"""What is marked TLP:AMBER or stricter goes only where a route says that it may; whoever stamped it is told."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from tests.desk.news.newsroom import FEED, NEWS, Newsroom, document, entry
from tests.desk.stamps.test_any_order import ALARM, POLICY, USERS
from tests.support.times import S
from threatstamp.core.ids import Ts
from threatstamp.core.ledger.kinds import Kind
from threatstamp.core.news.entry import Document, Fetched
from threatstamp.core.news.marking import Tlp
from threatstamp.core.stamps.post import Place
from threatstamp.core.stamps.turn import Mark, Reaction, TurnKind
from threatstamp.desk.stamps.refusing import Refusal
from threatstamp.desk.stamps.take import TakeStamps


def stamped(title: str, summary: str = "", *, feed: Tlp | None = None, route: Tlp = Tlp.GREEN) -> Newsroom:
    """A story of a feed that somebody has stamped for a route with such settings."""
    source = replace(FEED, backlog=0, tlp=feed)
    room = Newsroom(source)
    room.poll(document(9), feed=source)
    brought = Document(entries=(entry(1, title=title, summary=summary), entry(9)))
    room.poll(Fetched(document=brought), feed=source)
    routes = [one for one in POLICY.routes if one.route.reaction == ALARM and one.to]
    made = tuple(replace(one, route=replace(one.route, tlp=route)) for one in routes)
    room.tools.in_force.now = replace(room.policy, routes=made)
    [post] = room.slack.messages
    place = Place(team=room.policy.team, channel=NEWS, ts=Ts(post.ts))
    mark = Mark(at=room.clock.now(), kind=TurnKind.STAMP)
    TakeStamps(room.tools).reaction(Reaction(place=place, reaction=ALARM, user=USERS[0], mark=mark), event=0)
    for _ in range(9):
        room.clock.time += S
        room.deliver.one()
    return room


@pytest.mark.parametrize(
    ("title", "summary", "feed", "route"),
    [
        ("TLP:AMBER 攻撃の観測", "", None, Tlp.GREEN),
        ("【ＴＬＰ：ＲＥＤ】攻撃の観測", "", None, Tlp.AMBER_STRICT),
        ("攻撃の観測", "TLP:AMBER\n本文", None, Tlp.GREEN),
        ("攻撃の観測", "", Tlp.AMBER, Tlp.GREEN),
        ("TLP:GREEN 攻撃の観測", "", Tlp.RED, Tlp.AMBER),
    ],
)
def test_a_stricter_post_is_not_forwarded_and_that_is_said_and_on_record(
    title: str, summary: str, feed: Tlp | None, route: Tlp
) -> None:
    room = stamped(title, summary, feed=feed, route=route)
    assert "forward" not in room.kinds()
    assert "TLP:" in json.dumps(room.slack.messages[0].rendered.blocks)
    with room.store.reading() as read:
        [refusal] = [one for one in read.ledger.entries() if one.kind == Kind.REFUSAL]
    assert json.loads(refusal.body or "")["why"] == "marked"
    [told] = room.slack.whispers
    assert isinstance(told, Refusal)
    assert told.marking is not None


@pytest.mark.parametrize(
    ("title", "route"),
    [
        ("TLP:GREEN 公開前", Tlp.GREEN),
        ("TLP:AMBER 観測", Tlp.AMBER),
        ("観測", Tlp.GREEN),
        ("TLP:RED", Tlp.RED),
    ],
)
def test_what_may_go_there_is_forwarded_with_its_label(title: str, route: Tlp) -> None:
    room = stamped(title, route=route)
    assert room.kinds().count("forward") >= 1
    assert room.slack.whispers == []
    label = title.split(" ")[0] if "TLP" in title else ""
    assert label in json.dumps(room.slack.messages[-1].rendered.blocks, ensure_ascii=False)
