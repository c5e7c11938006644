"""A feed may post only what concerns the company; the rest is on record, counted, and answered for."""

from __future__ import annotations

import json
from dataclasses import replace

from tests.desk.news.newsroom import FEED, OTHER, Newsroom, document, entry
from tests.desk.news.newsroom import NEWS as NEWS_CHANNEL
from tests.desk.news.test_joining import agrees
from tests.desk.stamps.test_any_order import ALARM, POLICY, USERS
from tests.support.facts import CVE, kev_said, known, renamed
from tests.support.times import S
from threatstamp.config.kinds import kind_rules
from threatstamp.core.assets.naming import Name, NameFinder
from threatstamp.core.assets.relevance import Relevance
from threatstamp.core.facts.cve import CveId
from threatstamp.core.ids import Ts
from threatstamp.core.news.entry import Document, Entry, Fetched
from threatstamp.core.news.feed import Feed, Show
from threatstamp.core.stamps.post import Place
from threatstamp.core.stamps.turn import Mark, Reaction, TurnKind
from threatstamp.core.time import Micros
from threatstamp.desk.news.daily import PostRelevant
from threatstamp.desk.stamps.refusing import Refusal
from threatstamp.desk.stamps.take import TakeStamps
from threatstamp.desk.views.search import left_out
from threatstamp.desk.views.why_not import Circumstances, why_not

ONLY_OURS = replace(FEED, show=Show.RELEVANT)
NOBODY = Circumstances(silent=frozenset(), loaded=(), known=None, matches=(), products=0)


def newsroom(*feeds: Feed) -> Newsroom:
    names = [Name(text="Hakobune FTP", of="Hakobune FTP"), Name(text="Kazaguruma", of="Kazaguruma")]
    return Newsroom(*feeds, relevance=Relevance(NameFinder(names), {"Hakobune FTP"}, kind_rules()))


def brought(*entries: Entry) -> Fetched:
    return Fetched(document=Document(title="feed", entries=entries))


def titles(room: Newsroom) -> list[str]:
    return [
        one.title for one in left_out(room.store, since=Micros(0), size=10, labels=room.policy.labels).found
    ]


NEWS = (
    entry(2, title="Hakobune FTPに脆弱性"),
    entry(3, title="Kazagurumaに脆弱性 CVE-2098-0001"),
    entry(4, title="Kazagurumaのゼロデイ脆弱性、悪用を確認"),
    entry(5, title=f"Kazagurumaの修正版 {CVE}"),
)


def test_only_what_names_our_product_or_is_exploited_is_posted() -> None:
    room = newsroom(ONLY_OURS)
    room.facts.vulnerabilities = {CVE: known(kev_said())}
    room.poll(document(1), feed=ONLY_OURS)
    room.slack.messages.clear()
    room.poll(brought(*NEWS, entry(1)), feed=ONLY_OURS)
    assert sorted(room.texts) == sorted(one.title or "" for one in NEWS if one is not NEWS[1])
    assert titles(room) == [NEWS[1].title]
    steps = why_not(room.store, CveId("CVE-2098-0001"), NOBODY).steps
    assert "left_out_relevance" in [one.why for one in steps]


def test_what_another_feed_posts_is_not_left_out() -> None:
    room = newsroom(ONLY_OURS, OTHER)
    room.servers.answers[OTHER.name] = [brought(entry(1))]
    room.poll(document(1), feed=ONLY_OURS)
    room.servers.answers[OTHER.name] = [Fetched(unchanged=True)]
    room.poll(brought(NEWS[1], entry(1)), feed=ONLY_OURS)
    assert titles(room) == [NEWS[1].title]
    room.servers.answers[ONLY_OURS.name] = [Fetched(unchanged=True)]
    room.poll(brought(replace(NEWS[1], entry_id="theirs"), entry(1)), feed=OTHER)
    assert titles(room) == []


CVE_98 = CveId("CVE-2098-0001")
DAILY = replace(FEED, show=Show.DIGEST)
RIVAL = replace(NEWS[1], entry_id="another", title="Kazagurumaの別の脆弱性", link="https://news.example/9")


def digests(room: Newsroom) -> list[str]:
    return [
        json.dumps(one.rendered.blocks, ensure_ascii=False)
        for one in room.slack.messages
        if "触れていない" in one.rendered.text
    ]


def go_on(room: Newsroom, hours: float) -> None:
    room.clock.time += int(hours * 3600) * S
    while room.deliver.one():
        room.clock.time += S


def test_the_rest_is_said_once_a_working_day_and_what_concerns_us_by_then_is_posted_at_once() -> None:
    room = newsroom(DAILY)
    room.poll(document(1), feed=DAILY)
    room.slack.messages.clear()
    room.poll(
        brought(NEWS[1], RIVAL, entry(8, title="Kazagurumaの新機能"), entry(1)), feed=DAILY, settle=False
    )
    assert room.texts == []
    assert len(titles(room)) == 3
    room.facts.vulnerabilities = {CVE_98: known(renamed(kev_said(), CVE_98))}
    post = PostRelevant(room.tools)
    assert (post.run(), post.run()) == (1, 0)
    go_on(room, 0)
    assert room.texts == [NEWS[1].title]
    go_on(room, 24)
    go_on(room, 48)
    [digest] = digests(room)
    assert "別の脆弱性" in digest
    assert "新機能" in digest
    assert "0001" not in digest
    assert sorted(titles(room)) == sorted([str(RIVAL.title), "Kazagurumaの新機能"])
    assert room.kinds().count("published") >= 2
    assert agrees(room)
    stamp_the_digest(room)
    go_on(room, 0)
    [told] = room.slack.whispers
    assert isinstance(told, Refusal)
    assert (told.digest, told.user) == (True, USERS[0])
    assert "stamp" not in room.kinds()


def stamp_the_digest(room: Newsroom) -> None:
    """Somebody puts an emoji of a route on it."""
    room.tools.in_force.now = replace(room.policy, routes=POLICY.routes)
    [digest] = [one for one in room.slack.messages if "触れていない" in one.rendered.text]
    place = Place(team=room.policy.team, channel=NEWS_CHANNEL, ts=Ts(digest.ts))
    mark = Mark(at=room.clock.now(), kind=TurnKind.STAMP)
    reaction = Reaction(place=place, reaction=ALARM, user=USERS[0], mark=mark)
    TakeStamps(room.tools).reaction(reaction, event=0)


def test_what_another_feed_posts_leaves_the_digest() -> None:
    room = newsroom(DAILY, OTHER)
    room.servers.answers[OTHER.name] = [brought(entry(1))]
    room.poll(document(1), feed=DAILY)
    room.servers.answers[OTHER.name] = [Fetched(unchanged=True)]
    room.poll(brought(NEWS[1], entry(1)), feed=DAILY, settle=False)
    room.slack.messages.clear()
    room.servers.answers[DAILY.name] = [Fetched(unchanged=True)]
    room.poll(brought(replace(NEWS[1], entry_id="theirs"), entry(1)), feed=OTHER, settle=False)
    go_on(room, 48)
    assert room.texts == [NEWS[1].title]  # and no empty digest
