"""Search finds what is on record, on both databases with the same counts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from tests.support.databases import file_with_tables
from tests.support.fakes import FakeClock
from tests.support.times import at
from threatstamp.core.ids import ChannelId, FeedName, StoryId, TeamId, Ts, UserId
from threatstamp.core.news.entry import Entry
from threatstamp.core.news.joining import Bond
from threatstamp.core.news.story import NewStory, story_of
from threatstamp.core.news.wording import asked_phrases, indexed_words
from threatstamp.core.stamps.post import Place, Snapshot
from threatstamp.core.time import Micros
from threatstamp.desk.record.redact import redact_person
from threatstamp.store import SqlStore, open_store
from threatstamp.store.migrations.versions.v0015_words import fill

FEED = FeedName("news")
TEAM = TeamId("T1")
ZERO = Micros(0)


@pytest.fixture
def store(store_url: str) -> Iterator[SqlStore]:
    made = open_store(store_url)
    yield made
    made.close()


def tell(store: SqlStore, *titles: str, summary: str = "", hour: int = 1) -> list[StoryId]:
    found = []
    for title in titles:
        entry = Entry(entry_id=title, title=title, link="https://news.example/x", summary=summary or None)
        story = story_of(entry, feed=FEED)
        with store.transaction() as tx:
            tx.stories.add([NewStory(story=story, link_key=None)], now=at(hour))
            tx.entries.add(FEED, [(entry, story.id, None)], now=at(hour))
        found.append(story.id)
    return found


def find(
    store: SqlStore, question: str, *, since: Micros = ZERO, most: int = 10, after: int = 0
) -> list[StoryId]:
    with store.reading() as read:
        found = read.words.find(asked_phrases(question), since=since, most=most, after=after)
    assert found.total >= len(found.hits)
    return [one.story for one in found.hits if one.story is not None]


def test_what_may_be_confidential_is_found_among_the_hits_and_can_be_left_out(store: SqlStore) -> None:
    marked = (
        "【ＴＬＰ：ＡＭＢＥＲ】箱舟への攻撃",
        "tlp-amber+strict 箱舟",
        "箱舟 TLP: RED",
        "箱舟 TLP.RED",
    )
    tell(store, *marked, "箱舟の更新", "TLP:GREEN 箱舟", "amber 箱舟")
    entry = Entry(entry_id="x", title="箱舟の続報", link="https://isac.example/x", summary=None)
    story = story_of(entry, feed=FeedName("isac"))
    with store.transaction() as tx:
        tx.stories.add([NewStory(story=story, link_key=None)], now=at(2))
        tx.entries.add(FeedName("isac"), [(entry, story.id, None)], now=at(2))
    asked = asked_phrases("箱舟")
    with store.reading() as read:
        by_label = read.words.marked(asked, since=ZERO, sources=())
        both = read.words.marked(asked, since=ZERO, sources=["isac", "none"])
        late = read.words.marked(asked, since=at(2), sources=["isac"])
        rest = read.words.find(asked, since=ZERO, most=10, without={one.id for one in both})
        page = read.words.find(asked, since=ZERO, most=2, after=2, without={one.id for one in both})
    assert (len(by_label), len(both), [one.story for one in late]) == (
        len(marked),
        len(marked) + 1,
        [story.id],
    )
    assert both[0].story == story.id
    assert (rest.total, len(rest.hits), page.total, len(page.hits)) == (3, 3, 3, 1)


TITLES = (
    "SonicWall「SMA1000」に深刻な脆弱性",
    "FortiOSのＳＳＬ－ＶＰＮに脆弱性、悪用を確認",
    "CVE-2026-1234 in Google Chrome",
    "CVE-2026-12345 in nginx 1.26.1",
    "攻撃の踏み台にされた穴",
    "Loader contacts evil[.]example",
)


ASKED: tuple[tuple[str, set[int]], ...] = (
    ("脆弱", {0, 1}),
    ("弱性", {0, 1}),
    ("脆弱性", {0, 1}),
    ("脆性", set()),
    ("悪用", {1}),
    ("穴", {4}),
    ("台", {4}),
    ("深刻な脆弱性", {0}),
    ("脆弱性 悪用", {1}),
    ("sma1000", {0}),
    ("SMA", set()),
    ("SMA*", {0}),
    ("ssl-vpn", {1}),
    ("FortiOSのSSL", {1}),
    ("FortiOSの", {1}),
    ("cve-2026-1234", {2}),
    ("2026", {2, 3}),
    ("1.26.1", {3}),
    ('"google chrome"', {2}),
    ('"chrome google"', set()),
    ("chrome google", {2}),
    ("evil.example", {5}),
    ("evil[.]example", {5}),
    ("%", set()),
    ("' OR 1=1 --", set()),
    ('"unclosed cve', set()),
    ("NEAR(cve chrome)", set()),
    ("", set()),
)


def answers(store: SqlStore) -> dict[str, set[int]]:
    stories = tell(store, *TITLES)
    return {question: {stories.index(one) for one in find(store, question)} for question, _ in ASKED}


def test_words_are_found(store: SqlStore) -> None:
    assert answers(store) == dict(ASKED)


def test_without_fts5_the_same_is_found(tmp_path: Path) -> None:
    store = open_store(file_with_tables(tmp_path / "desk.db"))
    with store.engine.begin() as connection:
        connection.execute(text("DROP TABLE desk_words_index"))
        connection.execute(text("CREATE TABLE desk_words_index (rowid INTEGER PRIMARY KEY, words TEXT)"))
    assert answers(store) == dict(ASKED)
    store.close()


def test_the_newest_is_first_and_a_second_page_goes_on(store: SqlStore) -> None:
    stories = [tell(store, f"脆弱性 number {hour}", hour=hour)[0] for hour in range(1, 8)]
    newest = stories[::-1]
    assert find(store, "脆弱", most=3) == newest[:3]
    assert find(store, "脆弱", most=3, after=3) == newest[3:6]
    assert find(store, "脆弱", most=3, after=6) == newest[6:]
    assert find(store, "脆弱", since=at(6)) == newest[:2]
    assert find(store, "脆弱", since=at(20)) == []
    with store.reading() as read:
        assert read.words.find(asked_phrases("脆弱"), since=ZERO, most=2).total == 7


def test_what_a_later_entry_says_is_found_and_a_changed_one_by_its_new_words(store: SqlStore) -> None:
    [story] = tell(store, "A flaw in a gateway")
    later = Entry(entry_id="2", title="ゲートウェイに脆弱性", summary="悪用を確認")
    with store.transaction() as tx:
        tx.entries.add(FEED, [(later, story, Bond.FOLLOWS)], now=at(2))
    assert find(store, "悪用") == find(store, "gateway") == [story]
    with store.transaction() as tx:
        tx.entries.revise(FEED, Entry(entry_id="2", title="悪用は確認されず", summary="訂正"), now=at(3))
    assert find(store, "訂正") == [story]
    assert find(store, "ゲートウェイ") == []


def test_a_stamped_post_is_found_until_its_words_are_emptied(store: SqlStore) -> None:
    place = Place(team=TEAM, channel=ChannelId("C1"), ts=Ts("1.000001"))
    with store.transaction() as tx:
        tx.posts.keep(place, Snapshot(text="社内で不審なメール"), now=at(1))
    with store.reading() as read:
        assert [one.place for one in read.words.find(asked_phrases("不審"), since=ZERO, most=5).hits] == [
            place
        ]
    with store.transaction() as tx:
        tx.posts.empty([place])
    with store.reading() as read:
        assert read.words.find(asked_phrases("不審"), since=ZERO, most=5).total == 0


def test_a_post_that_displays_a_story_is_found_once(store: SqlStore) -> None:
    [story] = tell(store, "gateway")
    place = Place(team=TEAM, channel=ChannelId("C1"), ts=Ts("1.000001"))
    with store.transaction() as tx:
        tx.publications.post([story], place.channel, team=TEAM, departure=None, ts=place.ts)
        tx.posts.keep(place, Snapshot(text="gateway"), now=at(1))
    with store.reading() as read:
        assert read.words.find(asked_phrases("gateway"), since=ZERO, most=5).total == 1


def test_words_that_cannot_be_written_do_not_stop_the_news(store: SqlStore) -> None:
    with store.engine.begin() as connection:
        connection.execute(text("DROP TABLE desk_words_index"))
    [story] = tell(store, "gateway")
    with store.reading() as read:
        assert read.stories.existing([story])


def test_the_words_of_a_redacted_person_are_nowhere_in_the_file(tmp_path: Path) -> None:
    store = open_store(file_with_tables(tmp_path / "desk.db"))
    gone = UserId("U0FORGETME")
    for number, (author, said) in enumerate(
        [(gone, "zebra secret"), (UserId("U2"), f"hello <@{gone}> friend")]
    ):
        place = Place(team=TEAM, channel=ChannelId("C1"), ts=Ts(f"{number}.000001"))
        with store.transaction() as tx:
            tx.posts.keep(place, Snapshot(text=said, author=author), now=at(1))
    redact_person(gone, reason="x", store=store, clock=FakeClock(at(2)))
    with store.reading() as read:
        assert read.words.find(asked_phrases("zebra"), since=ZERO, most=5).total == 0
        assert read.words.find(asked_phrases("friend"), since=ZERO, most=5).total == 1
    store.close()
    for file in tmp_path.iterdir():
        content = file.read_bytes().lower()
        assert b"zebra" not in content
        assert b"u0forgetme" not in content


def test_what_was_on_record_before_is_filled_in_by_the_migration(store: SqlStore) -> None:
    stories = [tell(store, f"脆弱性 {hour}", hour=hour)[0] for hour in (1, 3)]
    place = Place(team=TEAM, channel=ChannelId("C1"), ts=Ts("1.000001"))
    with store.transaction() as tx:
        tx.posts.keep(place, Snapshot(text="脆弱性の相談"), now=at(2))
    with store.engine.begin() as connection:
        connection.execute(text("DELETE FROM desk_words_index"))
        connection.execute(text("DELETE FROM desk_words"))
        fill(connection)
    with store.reading() as read:
        hits = read.words.find(asked_phrases("脆弱"), since=ZERO, most=9).hits
    assert [one.story or one.place for one in hits] == [stories[1], place, stories[0]]
    [later] = tell(store, "脆弱性 4", hour=4)
    assert find(store, "脆弱")[0] == later


def test_each_sign_of_japanese_begins_a_word() -> None:
    assert indexed_words("Chromeの脆弱性 (JVN#123)") == ["chrome", "の脆", "脆弱", "弱性", "性", "jvn", "123"]


def test_it_is_counted_up_to_a_bound_and_paged_beyond_it(
    store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("threatstamp.store.rows.words.MOST_COUNTED", 4)
    told = tell(store, *(f"脆弱性 {number}" for number in range(6)))[::-1]
    phrases = asked_phrases("脆弱")
    with store.reading() as read:
        pages = [read.words.find(phrases, since=ZERO, most=2, after=after) for after in (0, 2, 4, 6)]
        few = read.words.find(asked_phrases("3"), since=ZERO, most=2)
    assert [(one.total, one.is_least) for one in pages] == [(4, True)] * 4
    assert [one.story for page in pages for one in page.hits] == told
    assert [one.has_more for one in pages] == [True, True, False, False]
    assert (few.total, few.is_least, few.has_more) == (1, False, False)
