"""A feed may post only what concerns the company; the rest is on record, counted, and answered for."""

from __future__ import annotations

from dataclasses import replace

from tests.desk.news.newsroom import FEED, OTHER, Newsroom, document, entry
from tests.support.facts import CVE, kev_said, known
from threatstamp.config.kinds import kind_rules
from threatstamp.core.assets.naming import Name, NameFinder
from threatstamp.core.assets.relevance import Relevance
from threatstamp.core.facts.cve import CveId
from threatstamp.core.news.entry import Document, Entry, Fetched
from threatstamp.core.news.feed import Feed, Show
from threatstamp.core.time import Micros
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
    return [one.title for one in left_out(room.store, since=Micros(0), size=10).found]


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
