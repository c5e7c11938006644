"""What somebody changes in the working tables is found beside the ledger, and what the desk does is not."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from sqlalchemy import text

from tests.desk.news.newsroom import FEED, document, entry
from tests.desk.stamps.test_any_order import ALARM, NEWS, POLICY, QUIET, TEAM, USERS, Desk, Fact, histories
from tests.support.databases import file_with_tables
from tests.support.examples import HISTORIES
from tests.support.facts import CVE, cvelist_said, known, score
from tests.support.fakes import FakeClock, FakeFacts, FakeFetching, FakeSlack, tools_of
from tests.support.script import fails
from tests.support.times import S, at
from threatstamp.app.kinds import departings
from threatstamp.app.matching import lore
from threatstamp.config.tables import built_in
from threatstamp.core.assets.product import Product
from threatstamp.core.cases.case import Way
from threatstamp.core.cases.moves import WISHES
from threatstamp.core.errors import SlackError
from threatstamp.core.facts.assessment import CVELIST
from threatstamp.core.facts.document import FactLoad
from threatstamp.core.ids import TrackName, Ts, UserId
from threatstamp.core.ledger.kinds import Kind
from threatstamp.core.news.entry import Document, Element, Fetched
from threatstamp.core.news.feed import BoundFeed
from threatstamp.core.priority.ruling import PriorityPolicy
from threatstamp.core.stamps.look import SeenReaction
from threatstamp.core.stamps.post import Place, Snapshot
from threatstamp.core.stamps.route import Track
from threatstamp.core.stamps.turn import Mark, Reaction, TurnKind
from threatstamp.core.time import Micros
from threatstamp.desk.cases.act import Acting, Attempt
from threatstamp.desk.news.gather import Gather
from threatstamp.desk.news.reviewing import ReviewOrder, review_rest, undo_review
from threatstamp.desk.outbox.deliver import Deliver
from threatstamp.desk.outbox.retry import retry
from threatstamp.desk.policy.meet import meet
from threatstamp.desk.ports.records import Kept
from threatstamp.desk.ports.slack import SeenPost
from threatstamp.desk.priority.assess import AssessStories
from threatstamp.desk.priority.exposing import Exposing, GivenExposure
from threatstamp.desk.record.compare import Comparison, Discrepancy, Mismatch, compare_records
from threatstamp.desk.record.expected import _STEPS
from threatstamp.desk.record.redact import redact, redact_person
from threatstamp.desk.record.verify import verify_ledger
from threatstamp.desk.stamps.importing import OldForward, import_forwards
from threatstamp.desk.stamps.revise import take_deletion, take_edit
from threatstamp.desk.stamps.sweep import Sweep
from threatstamp.desk.stamps.take import TakeStamps
from threatstamp.store.store import SqlStore, open_store

pytestmark = pytest.mark.thorough("postgres")

FIRST, SECOND, THIRD = (Place(team=TEAM, channel=NEWS, ts=Ts(f"9{number}.000000")) for number in (1, 2, 3))
USED = (ALARM, QUIET)
AUTHOR, READER = UserId("U0AUTHOR"), USERS[1]


LOAD = FactLoad(source=CVELIST, edition="", digest="", position=1, broken=0, began_at=Micros(1), is_done=True)


class History:
    """Everything that the desk does once: stamps, forwards, failures, news, edits, on a store."""

    def __init__(self, store: SqlStore) -> None:
        self.store = store
        self.clock = FakeClock(1_000 * S)
        self.slack = FakeSlack(self.clock)
        routes = tuple(
            replace(one, route=replace(one.route, case=TrackName(Track.PRODUCT))) for one in POLICY.routes
        )
        policy = replace(POLICY, routes=routes, feeds=(BoundFeed(feed=FEED, channel=NEWS),))
        self.tools = tools_of(policy, store=store, slack=self.slack, clock=self.clock)
        self.stamps = TakeStamps(self.tools)
        self.deliver = Deliver(self.tools, departings(self.tools))
        self.servers = FakeFetching()
        meet(self.tools)
        self.sweep()

    def stamp(self, place: Place, user: UserId, kind: TurnKind = TurnKind.STAMP, *, when: int = 0) -> None:
        mark = Mark(at=at(when) if when else self.clock.now(), kind=kind)
        for emoji in (ALARM, QUIET):
            reaction = Reaction(place=place, reaction=emoji, user=user, mark=mark)
            self.stamps.reaction(reaction, event=0)

    def sweep(self) -> None:
        Sweep(
            self.tools,
            take=lambda page, shared: self.stamps.page(page, shared=shared),
            remember=self.stamps.remember,
        ).run(days=3)

    def poll(self, *fetched: Fetched) -> None:
        gather = Gather(
            self.tools,
            self.servers,
            chance=lambda: 0.5,
            wake=lambda: None,
            report=lambda feed, error: pytest.fail(f"{feed}: {error!r}"),
        )
        for one in fetched:
            self.clock.time += 60 * S
            self.servers.answers[FEED.name] = [one]
            gather.round(due_only=False)

    def go_on(self, count: int = 60) -> None:
        for _ in range(count):
            self.clock.time += S
            self.deliver.one()

    def seen(self, place: Place, *users: UserId) -> SeenPost:
        words = Snapshot(text=f"<@{READER}> " + "長い" * 90, title="題名", author=AUTHOR, source="書き手")
        found = SeenReaction(reaction=ALARM, users=frozenset(users), whole=True)
        return SeenPost(place=place, snapshot=words, reactions=(found,))

    def whole(self) -> None:
        self.clock.time += 10 * S
        self.stamp(FIRST, USERS[0])
        self.go_on()
        self.stamp(FIRST, USERS[2])
        self.stamp(FIRST, USERS[0], TurnKind.WITHDRAWAL)
        seen_at = self.clock.time // S
        self.clock.time += 5 * S
        self.slack.seen = [self.seen(SECOND, READER), self.seen(THIRD, USERS[2])]
        self.sweep()
        self.stamp(SECOND, READER, when=seen_at + 1)  # the true time comes late: settled
        self.go_on()
        edited = Snapshot(text="新しい本文", title="題名", author=AUTHOR)
        take_edit(SECOND, edited, event=0, tools=self.tools)
        take_deletion(THIRD, event=0, tools=self.tools)
        self.slack.script.then("post", *[fails(SlackError("is_archived", permanent=True))] * 2)
        self.stamp(THIRD, READER)
        self.go_on()
        with self.store.reading() as read:
            refused = read.backlog.undeliverable()
        assert refused
        retry((refused[0].id,), store=self.store, clock=self.clock)
        self.go_on()
        odd = replace(entry(9, title=None), published_at=at(0), elements=(Element(name="x:y", text="z"),))
        self.poll(
            document(1),
            Fetched(document=Document(entries=(entry(1, title="別の題"), odd, *map(entry, range(2, 9))))),
            Fetched(
                document=Document(entries=(entry(1, summary="要約だけ"), replace(odd, title="題"))),
            ),
        )
        self.go_on()
        for number, (name, by) in enumerate(
            (("take", READER), ("decide_now", USERS[2]), ("decide_now", READER))
        ):
            wish, key = replace(WISHES[name], reason="理由" * 50), str(number)
            Acting(self.tools).act(Attempt(case=1, wish=wish, by=by, way=Way.COMMAND, key=key))
        self.go_on()
        old = [OldForward(row=number, post=FIRST, reaction=emoji) for number, emoji in enumerate(USED)]
        import_forwards(old, digest="d", store=self.store, clock=self.clock)
        self.assess()
        exposing = Exposing(self.tools, may_act=lambda user: True)
        policy = self.tools.policy
        self.tools.in_force.now = replace(policy, products=(Product(name="FortiGate"),))
        for by, answer in ((READER, True), (USERS[2], False)):
            given = GivenExposure(product="fortigate", exposed=answer, by=by, way="command", key="c")
            exposing.answer(given)
        self.tools.in_force.now = policy

    def assess(self) -> None:
        """A story gets a priority, and another one when its score is known."""
        policy = PriorityPolicy(table=built_in("cvss"))
        self.tools.in_force.now = replace(self.tools.policy, priority=policy)
        self.poll(Fetched(document=Document(entries=(entry(30, title=f"A flaw ({CVE})"), entry(2)))))
        self.go_on()
        step = AssessStories(self.tools, loads=lambda: [LOAD], lore=lore)
        assert isinstance(self.tools.facts, FakeFacts)
        for said in (cvelist_said(), cvelist_said(CVE, score(9.8))):
            self.clock.time += S
            self.tools.facts.vulnerabilities[CVE] = known(said)
            assert step.run() == 1
        self.go_on()
        self.clock.time += S
        order = ReviewOrder(by=READER, way=Way.BUTTON, until=self.clock.now())
        review_rest(self.store, order, now=self.clock.now())
        assert undo_review(self.store, order, act=None, now=self.clock.now()).count
        order = replace(order, until=Micros(self.clock.now() + S))
        assert review_rest(self.store, order, now=self.clock.now()).count


@pytest.fixture
def history(store_url: str) -> Iterator[History]:
    """A whole history that goes on."""
    store = open_store(store_url)
    made = History(store)
    made.whole()
    yield made
    store.close()


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def whole_url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A whole history on record: made once, since it takes a second."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path_factory.mktemp('whole') / 'desk.db'}"
    else:
        url = request.getfixturevalue("pg_server").new_database()
    with closing(open_store(url)) as store:
        History(store).whole()
    return url


@pytest.fixture
def store(whole_url: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[SqlStore]:
    """A copy of it, to change."""
    if whole_url.startswith("sqlite"):
        url = f"sqlite:///{tmp_path / 'desk.db'}"
        shutil.copyfile(whole_url.removeprefix("sqlite:///"), tmp_path / "desk.db")
    else:
        url = request.getfixturevalue("pg_server").new_database(whole_url)
    with closing(open_store(url)) as made:
        yield made


def change(store: SqlStore, *statements: str) -> None:
    """What somebody with the database does to it."""
    with store.engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))


def first(store: SqlStore, at_once: int = 50_000) -> Discrepancy | None:
    return compare_records(store, at_once=at_once).first


def test_what_the_desk_does_leaves_no_difference_in_one_pass_or_in_many(store: SqlStore) -> None:
    whole = compare_records(store)
    assert whole.first is None
    assert whole.rows > 40
    assert compare_records(store, at_once=3) == Comparison(rows=whole.rows, first=None)
    with store.reading() as read:
        for table in Kept:
            assert list(read.records.rows(table)), f"{table} has no row here"


CHANGES = {
    "a review hidden": "UPDATE desk_reviews SET ended_at = 7 WHERE story = (SELECT min(story) FROM desk_reviews)",
    "a review's act": "UPDATE desk_reviews SET act = act + 1 WHERE story = (SELECT min(story) FROM desk_reviews)",
    "a review deleted": "DELETE FROM desk_reviews WHERE story = (SELECT min(story) FROM desk_reviews)",
    "a priority": "UPDATE desk_priorities SET priority = 'low'",
    "a priority's CVE": "UPDATE desk_priorities SET cve = 'CVE-2099-1'",
    "a priority deleted": "DELETE FROM desk_priorities",
    "a stamp deleted": (
        "DELETE FROM desk_verdicts",
        "DELETE FROM desk_turns WHERE id = (SELECT min(id) FROM desk_turns)",
    ),
    "a stamp's person": "UPDATE desk_turns SET user_id = 'U0ELSE' WHERE id = (SELECT min(id) FROM desk_turns)",
    "a stamp's time": "UPDATE desk_turns SET at = at + 1 WHERE id = (SELECT max(id) FROM desk_turns)",
    "a stamp made exact": "UPDATE desk_turns SET exact = (exact = false)",
    "a stamp more": (
        "INSERT INTO desk_turns (team, channel, ts, post_channel, post_ts, reaction, user_id, kind, at, exact,"
        " recorded_at) VALUES ('T1', 'C0NEWS', '91.000000', 'C0NEWS', '91.000000', 'wrench', 'U0ELSE',"
        " 'stamp', 5, true, 5)"
    ),
    "a forward's user": "UPDATE desk_forwards SET user_id = 'U0ELSE' WHERE user_id = 'U1'",
    "whose forward it is": "UPDATE desk_forwards SET user_id = NULL",
    "a forward's terms": "UPDATE desk_forwards SET policy = replace(policy, '\"external\": false', '\"external\": true')",
    "a forward's route": "UPDATE desk_forwards SET route = 'other'",
    "a forward's words": "UPDATE desk_forwards SET policy = replace(policy, 'です', 'ではない')",
    "a forward's destination": "UPDATE desk_forwards SET destination = 'C0ELSE'",
    "a forward deleted": "DELETE FROM desk_forwards",
    "a snapshot changed": "UPDATE desk_posts SET snapshot = replace(snapshot, '題名', '別名')",
    "a snapshot taken away": "UPDATE desk_posts SET snapshot = NULL",
    "a snapshot that is no JSON": "UPDATE desk_posts SET snapshot = snapshot || ' tail'",
    "an edit hidden": "UPDATE desk_posts SET edit_digest = NULL",
    "a deletion hidden": "UPDATE desk_posts SET deleted_at = NULL",
    "a deletion made up": "UPDATE desk_posts SET deleted_at = 7 WHERE deleted_at IS NULL",
    "a delivery undone": "UPDATE desk_departures SET state = 'cancelled' WHERE state = 'delivered'",
    "another message": "UPDATE desk_departures SET message_ts = '1.1' WHERE kind = 'forward'",
    "another channel": "UPDATE desk_departures SET channel = 'C0ELSE' WHERE kind = 'forward'",
    "a refusal hidden": "UPDATE desk_departures SET state = 'delivered' WHERE state = 'undeliverable'",
    "a forward that is none": "UPDATE desk_departures SET kind = 'alert' WHERE kind = 'forward'",
    "an entry's words": "UPDATE desk_entries SET body = replace(body, '要約', '妄想')",
    "an entry's digest": "UPDATE desk_entries SET whole_digest = 'd'",
    "an entry deleted": "DELETE FROM desk_entries",
    "a story's title": "UPDATE desk_stories SET title = 'x'",
    "a story's link": "UPDATE desk_stories SET link = 'https://evil.example/'",
    "a story's source": "UPDATE desk_stories SET source = 'x'",
    "a contact forgotten": "UPDATE desk_contacts SET looked_at = NULL",
    "a contact deleted": "DELETE FROM desk_contacts",
    "an imported row deleted": "DELETE FROM desk_imports WHERE reaction = 'wrench'",
    "an imported row's reaction": "UPDATE desk_imports SET reaction = 'eyes' WHERE reaction = 'wrench'",
    "an imported row more": (
        "INSERT INTO desk_imports (team, channel, ts, reaction, recorded_at)"
        " VALUES ('T1', 'C0NEWS', '91.000000', 'eyes', 5)"
    ),
}
"""What was tried, in this order."""

UNFINDABLE = frozenset({"a contact forgotten"})
"""A row that is there and says less: the next sweep completes it again."""


@pytest.mark.thorough("postgres")
@pytest.mark.parametrize("what", [one for one in CHANGES if one not in UNFINDABLE])
def test_a_change_in_a_table_is_found_and_named(store: SqlStore, what: str) -> None:
    statements = CHANGES[what]
    change(store, *([statements] if isinstance(statements, str) else statements))
    assert verify_ledger(store).ok
    found = first(store)
    assert found is not None, what
    assert first(store, at_once=12) == found
    with store.reading() as read:
        sequence = found.sequence
        named = read.ledger.get(sequence) if sequence is not None else None
    assert found.mismatch is Mismatch.EXTRA or named is not None or found.mismatch is Mismatch.DAMAGED


def test_every_kind_of_entry_is_compared_or_known_to_have_no_row() -> None:
    no_row = {
        Kind.PRIORITIES,
        Kind.RISK,
        Kind.RISK_REVIEWED,
        Kind.CONFIRMED,
        Kind.UNCONFIRMED,
        Kind.ACKNOWLEDGED,
        Kind.ESCALATED,
        Kind.REFUSAL,
        Kind.MESSAGE_DELETED,
        Kind.DOUBLE,
        Kind.POLICY,
        Kind.REDACTION,
        Kind.CASE_DENIED,
        Kind.EXPOSURE_DENIED,
        Kind.CALL,
        Kind.CALL_ASKED,
        Kind.ANSWERED,
        Kind.CALL_CLOSED,
    }
    assert _STEPS.keys() == set(Kind) - no_row


def test_the_first_of_several_differences_is_the_one_with_the_lowest_number(store: SqlStore) -> None:
    change(store, "UPDATE desk_turns SET post_ts = '0.1'", "UPDATE desk_stories SET title = 'x'")
    found = first(store)
    assert found is not None
    assert (found.table, found.mismatch, found.value) == (Kept.STAMPS, Mismatch.CHANGED, "post_ts")


def test_a_person_who_was_forgotten_is_no_difference_and_the_rest_is_still_compared(history: History) -> None:
    for user in (READER, AUTHOR):
        assert redact_person(user, reason="their right", store=history.store, clock=history.clock)
    history.stamp(SECOND, USERS[0])
    history.stamp(FIRST, READER)
    history.go_on()
    assert first(history.store) is None
    assert first(history.store, at_once=3) is None
    change(history.store, "UPDATE desk_turns SET user_id = 'U0ELSE' WHERE user_id = 'U1'")
    assert first(history.store) is not None


@pytest.mark.thorough("postgres")
@pytest.mark.parametrize(
    "kind", ["stamp", "forward", "post", "delivered", "entry", "settled", "revision", "imported"]
)
def test_bodies_that_were_redacted_are_no_difference(store: SqlStore, kind: str) -> None:
    with store.reading() as read:
        sequences = tuple(one.sequence for one in read.ledger.entries(kind=kind))
    assert redact(sequences, reason="retention", store=store, clock=FakeClock(at(9_000))) == sequences
    assert first(store) is None
    assert first(store, at_once=3) is None


def test_a_row_more_is_found_beside_rows_whose_entries_were_redacted(store: SqlStore) -> None:
    with store.reading() as read:
        sequences = tuple(one.sequence for one in read.ledger.entries(kind="stamp"))[:2]
    redact(sequences, reason="retention", store=store, clock=FakeClock(at(9_000)))
    change(store, str(CHANGES["a stamp more"]))
    found = first(store)
    assert found is not None
    assert found.mismatch is Mismatch.EXTRA


@pytest.mark.timeout(900)  # on a machine with much else to do
@settings(max_examples=HISTORIES)
@given(facts=histories())
def test_whatever_happens_to_a_post_the_tables_agree_with_the_ledger(facts: list[Fact]) -> None:
    desk = Desk()
    change(desk.store, "DELETE FROM desk_contacts")  # put there by hand, without an entry
    for fact in facts:
        desk.learn(fact)
        desk.deliver.one()
        assert first(desk.store) is None
    assert first(desk.store, at_once=1) is None
    desk.store.close()


def test_what_passes_is_passed_on_for_a_line_of_progress(tmp_path: Path) -> None:
    store = open_store(file_with_tables(tmp_path / "desk.db"))
    History(store).whole()
    seen: list[object] = []

    def through(things: object) -> object:
        for thing in things:  # type: ignore[attr-defined]
            seen.append(thing)
            yield thing

    counted: Callable[..., object] = through
    compared = compare_records(store, through=counted)  # type: ignore[arg-type]  # a generator function
    assert len(seen) > compared.rows
    store.close()
