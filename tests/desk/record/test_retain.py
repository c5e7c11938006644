"""What was said is kept as long as `keep` says, and that it was stamped for ever."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace

import pytest
from sqlalchemy import select

from tests.desk.record.test_compare import AUTHOR, FIRST, READER, SECOND, THIRD, History
from tests.desk.stamps.test_any_order import NEWS, USERS
from tests.support.fakes import memory_store
from tests.support.times import S
from threatstamp.core.errors import StoreError
from threatstamp.core.ledger.kinds import Kind
from threatstamp.core.stamps.turn import TurnKind
from threatstamp.core.time import DAY
from threatstamp.desk.record.compare import compare_records
from threatstamp.desk.record.retain import empty_old_posts
from threatstamp.desk.record.verify import verify_ledger
from threatstamp.store import SqlStore, open_store
from threatstamp.store.rows.posts import PostRows
from threatstamp.store.tables.columns import metadata

pytestmark = pytest.mark.thorough("postgres")

WEEK = 7 * DAY // S
SAID = ("長い", "題名", "新しい本文", AUTHOR, "書き手")
"""Words of the posts that were stamped, and who wrote them."""


def made_on(store: SqlStore) -> History:
    made = History(store)
    made.tools.in_force.now = replace(made.tools.policy, keep={NEWS: float(WEEK)})
    made.whole()
    return made


@pytest.fixture
def history() -> History:
    return made_on(memory_store())


def found(history: History) -> set[str]:
    """Returns those of the words that stand in some table."""
    with history.store.engine.connect() as connection:
        tables = [connection.execute(select(table)).all() for table in metadata.sorted_tables]
    return {word for word in SAID if word in str(tables)}


def check(history: History, *, redacted: int) -> None:
    """The chain and the tables agree, and so many bodies are gone."""
    verified = verify_ledger(history.store)
    assert verified.ok
    assert verified.redacted == redacted
    assert compare_records(history.store).first is None


def test_texts_go_when_their_time_is_over_and_the_stamps_stay(store_url: str) -> None:
    with closing(open_store(store_url)) as store:
        check_that_texts_go(made_on(store))


def check_that_texts_go(history: History) -> None:
    with history.store.reading() as read:
        before = [one.sequence for one in read.ledger.entries()]
        about = [
            one.sequence for kind in (Kind.POST, Kind.POST_EDITED) for one in read.ledger.entries(kind=kind)
        ]
    history.clock.time += 6 * DAY
    assert empty_old_posts(history.tools) == 0
    assert found(history) == set(SAID)
    history.clock.time += DAY
    assert empty_old_posts(history.tools) == len(about)
    assert found(history) == set()
    check(history, redacted=len(about))
    with history.store.reading() as read:
        entries = list(read.ledger.entries())
        assert all(read.posts.get(place) is not None for place in (FIRST, SECOND, THIRD))
    assert [one.sequence for one in entries if one.body is None] == sorted(about)
    [why] = entries[len(before) :]
    assert (why.kind, "retention: C0NEWS, 7 days" in str(why.body)) == (Kind.REDACTION, True)
    assert empty_old_posts(history.tools) == 0


def test_many_are_emptied_in_small_parts(history: History, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("threatstamp.desk.record.retain.BATCH", 1)
    history.clock.time += 7 * DAY
    count = empty_old_posts(history.tools)
    with history.store.reading() as read:
        assert len(list(read.ledger.entries(kind=Kind.REDACTION))) == count > 2
    assert found(history) == set()
    check(history, redacted=count)


def test_a_channel_without_a_time_keeps_everything(history: History) -> None:
    history.tools.in_force.now = replace(history.tools.policy, keep={})
    history.clock.time += 9_000 * DAY
    assert empty_old_posts(history.tools) == 0
    assert found(history) == set(SAID)


def test_a_post_that_is_stamped_afterwards_is_kept_anew_and_for_as_long(history: History) -> None:
    history.clock.time += 7 * DAY
    emptied = empty_old_posts(history.tools)
    history.stamp(SECOND, USERS[0])
    history.go_on()
    history.clock.time += 6 * DAY
    assert empty_old_posts(history.tools) == 0
    with history.store.reading() as read:
        post = read.posts.get(SECOND)
    assert post is not None
    assert post.snapshot is not None
    assert post.snapshot.text
    history.clock.time += DAY
    assert empty_old_posts(history.tools) == 1
    check(history, redacted=emptied + 1)
    with history.store.reading() as read:
        post = read.posts.get(SECOND)
    assert post is not None
    assert post.snapshot is None


def test_a_withdrawal_afterwards_still_marks_the_forward(history: History) -> None:
    history.clock.time += 7 * DAY
    empty_old_posts(history.tools)
    history.go_on()
    before = len(history.slack.messages)
    history.stamp(SECOND, READER, TurnKind.WITHDRAWAL)
    history.go_on()
    struck = [one for one in history.slack.messages if one.rendered.text.startswith("~")]
    assert len(history.slack.messages) == before
    assert any("本文" in one.rendered.text for one in struck)  # it was read again


def test_what_remains_of_an_apps_post_is_counted_by_its_name(history: History) -> None:
    with history.store.transaction() as tx:
        known = tx.posts.get(SECOND)
        assert known is not None
        assert known.snapshot is not None
        tx.posts.put(
            SECOND,
            replace(known.snapshot, author=None, source="架空ニュース"),
            gone=False,
            now=history.clock.now(),
        )
        tx.posts.empty([SECOND, FIRST])
    with history.store.engine.connect() as connection:
        table = metadata.tables["desk_posts"]
        left = connection.execute(select(table.c.snapshot).where(table.c.ts == SECOND.ts)).scalar()
    assert left == '{"source": "架空ニュース"}'


def test_what_a_stop_leaves_undone_is_done_the_next_time(
    history: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    history.clock.time += 7 * DAY
    with monkeypatch.context() as patch:
        patch.setattr(PostRows, "empty", stops)
        with pytest.raises(StoreError):
            empty_old_posts(history.tools)
    redacted = verify_ledger(history.store).redacted
    check(history, redacted=redacted)
    assert found(history)
    empty_old_posts(history.tools)
    assert found(history) == set()
    check(history, redacted=redacted)


def stops(*_: object) -> None:
    raise StoreError("the process has ended")
