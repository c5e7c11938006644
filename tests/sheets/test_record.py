"""Each forward is in the spreadsheet once and in order, whatever Google, people and kills do meanwhile."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from zoneinfo import ZoneInfo

import pytest

from tests.desk.stamps.test_any_order import POLICY
from tests.support.bodies import NOON
from tests.support.fakes import FakeClock, memory_store
from tests.support.googlesheets import LOST, SPREADSHEET, FakeGoogle, fake_google
from tests.support.matrix import FULL
from tests.support.times import S
from threatstamp.core.errors import SheetError
from threatstamp.core.ids import ChannelId, Emoji, RouteId, Ts, UserId
from threatstamp.core.ledger.kinds import Kind
from threatstamp.core.names import KnownName
from threatstamp.core.news.marking import Labels, Tlp
from threatstamp.core.stamps.forward import NewForward, Order
from threatstamp.core.stamps.post import Place, Snapshot
from threatstamp.core.stamps.route import OnWithdraw, Verdict
from threatstamp.core.stamps.turn import Turn, TurnKind
from threatstamp.core.time import Micros
from threatstamp.desk.ports.sheets import RecordRow, RecordSheet
from threatstamp.desk.ports.store import Tx
from threatstamp.desk.sheets.record import LEASE, PAGE, SETTLING, CopyRecord
from threatstamp.desk.stamps.forwarding import order_forward
from threatstamp.desk.stamps.matter import forward_body
from threatstamp.sheets.client import SheetsClient
from threatstamp.sheets.record import COLUMNS, GoogleRecord
from threatstamp.texts.catalogue import Language, Texts

TEAM, NEWS, ALERT = POLICY.team, ChannelId("C0NEWS"), ChannelId("C0ALERT")
ORDER = Order(
    route=RouteId("ciso"),
    route_name="=ciso",
    reaction=Emoji("siren"),
    text="",
    mention=(),
    on_withdraw=OnWithdraw.MARK,
    thread=False,
    external=False,
    delay=0.0,
)


class FakeTokens:
    """The Tokens port. refused: how often it was told that Google refused one."""

    account = "desk@example.iam.gserviceaccount.com"

    def __init__(self) -> None:
        self.refused = 0

    def token(self) -> str:
        return "good"

    def forget(self) -> None:
        self.refused += 1


class KilledError(BaseException):
    """The process ends here: nothing of it runs any more, no handler and no release."""


class Deadly:
    """The RecordSheet port, in which the process is killed before or after a call, as chance has it."""

    def __init__(self, sheet: RecordSheet, chance: Callable[[], bool]) -> None:
        self._sheet = sheet
        self._chance = chance
        self.name = sheet.name

    def look(self) -> None:
        self._sheet.look()

    def keys(self) -> frozenset[str]:
        self._maybe_die()
        found = self._sheet.keys()
        self._maybe_die()
        return found

    def append(self, rows: Sequence[RecordRow]) -> None:
        self._maybe_die()
        self._sheet.append(rows)
        self._maybe_die()

    def _maybe_die(self) -> None:
        if self._chance():
            raise KilledError


class Desk:
    """A record to be copied, and the process that copies it. dies: says whether it is killed now."""

    def __init__(
        self, google: FakeGoogle, dies: Callable[[], bool] = lambda: False, *, page: int = PAGE
    ) -> None:
        self.google = google
        self.page = page
        self.dies = dies
        self.store = memory_store()
        self.clock = FakeClock(NOON)
        self.tokens = FakeTokens()
        self.count = 0
        self.labels = Labels()
        self.client: SheetsClient | None = None
        self.restart()

    def restart(self) -> None:
        """Another process goes on; the one before is gone, and says nothing more."""
        if self.client is not None:
            self.client.close()
        self.client = SheetsClient(
            api_url=self.google.url, spreadsheet=SPREADSHEET, credentials=None, tokens=self.tokens, environ={}
        )
        self.sheet = GoogleRecord(
            self.client, tab="record", zone=ZoneInfo("Asia/Tokyo"), texts=Texts(Language.EN)
        )
        self.copying = CopyRecord(
            Deadly(self.sheet, self.dies),
            store=self.store,
            clock=self.clock,
            holder="test",
            labels=lambda: self.labels,
            page=self.page,
        )

    def forward(self, count: int = 1, *, delivered: bool = True) -> None:
        """Records forwards that were delivered, in a second each."""
        with self.store.transaction() as tx:
            for _ in range(count):
                self.count += 1
                self._forward(tx, self.count, delivered=delivered)

    def _forward(self, tx: Tx, number: int, *, delivered: bool) -> None:
        now = Micros(NOON + number * S)
        place = Place(team=TEAM, channel=NEWS, ts=Ts(f"{1_764_000_000 + number}.000100"))
        tx.posts.put(place, Snapshot(text="", permalink=f"https://p.example/{number}"), gone=False, now=now)
        turn = Turn(kind=TurnKind.STAMP, at=now, exact=True)
        record = tx.stamps.add_turn(
            place, place, reaction=ORDER.reaction, user=UserId("U1"), turn=turn, now=now
        )
        tx.routes.put_verdict(record, ORDER.route, verdict=Verdict.FIRES, now=now)
        new = NewForward(place=place, destination=ALERT, order=ORDER)
        departure = tx.outbox.owe(order_forward(new, due_at=now), now=now)
        assert departure is not None
        tx.forwards.add(new, departure=departure, now=now)
        found = tx.forwards.of(departure)
        assert found is not None
        if delivered:
            tx.ledger.append(Kind.DELIVERED, {**forward_body(found[0]), "message_ts": None}, now=now)
        else:
            tx.ledger.append(Kind.UNDELIVERABLE, {**forward_body(found[0]), "error": "is_archived"}, now=now)

    def copy(self) -> int:
        return self.copying.run()

    def copy_patiently(self, tries: int = 100) -> None:
        """Copies until it works, as the loop of `run` does."""
        for _ in range(tries):
            try:
                self.copy()
                return
            except SheetError:
                self.clock.time += round((SETTLING + 1) * S)
        pytest.fail("it never worked")

    def close(self) -> None:
        assert self.client is not None
        self.client.close()

    @property
    def is_done(self) -> bool:
        """True if the copy is as far as the ledger."""
        with self.store.reading() as read:
            last = read.ledger.last()
            return last is not None and read.copies.sequence(f"{SPREADSHEET}/record") == last.sequence

    @property
    def links(self) -> list[str]:
        return [f"https://p.example/{number}" for number in range(1, self.count + 1)]


@pytest.fixture
def google() -> Iterator[FakeGoogle]:
    with fake_google() as made:
        yield made


@pytest.fixture
def desk(google: FakeGoogle) -> Iterator[Desk]:
    made = Desk(google)
    yield made
    made.close()


def test_a_forward_becomes_a_row_with_the_documented_columns(google: FakeGoogle, desk: Desk) -> None:
    with desk.store.transaction() as tx:
        tx.names.put(
            KnownName(name="#sec-alert", found=ALERT, called="sec-alert"), team=TEAM, now=Micros(NOON)
        )
    desk.forward()
    assert desk.copy() == 1
    heading, row = google.tabs["record"]
    assert tuple(heading) == COLUMNS
    found = dict(zip(heading, row, strict=True))
    assert len(found.pop("key")) == 32
    assert found == {
        "url": "https://p.example/1",
        "reaction": "siren",
        "who": "U1",
        "stamped at": "2025-11-25 01:00:01+09:00",
        "route": "=ciso",
        "destination": "#sec-alert",
        "delivered at": "2025-11-25 01:00:01+09:00",
        "status": "forwarded",
        "decision": "",
        "tlp": "",
    }


def test_the_row_of_a_marked_post_has_its_label_and_none_of_its_words(google: FakeGoogle, desk: Desk) -> None:
    desk.labels = Labels(by_feed={"": Tlp.AMBER})
    desk.forward()
    assert desk.copy() == 1
    heading, row = google.tabs["record"]
    assert row[list(heading).index("tlp")] == "TLP:AMBER"
    desk.labels = Labels()
    desk.forward()
    desk.copy()
    assert google.column("tlp") == ["TLP:AMBER", ""]
    assert not {"title", "text"} & set(heading)


def test_nothing_new_asks_google_nothing(google: FakeGoogle, desk: Desk) -> None:
    assert desk.copy() == 0
    desk.forward()
    desk.copy()
    google.seen.clear()
    assert desk.copy() == 0
    assert google.seen == []


def test_a_forward_that_cannot_be_delivered_says_so_and_gets_a_second_row_when_it_is(
    google: FakeGoogle, desk: Desk
) -> None:
    desk.forward(delivered=False)
    desk.copy()
    with desk.store.transaction() as tx:
        found = tx.forwards.of(1)
        assert found is not None
        body = {**forward_body(found[0]), "message_ts": None}
        tx.ledger.append(Kind.DELIVERED, body, now=Micros(NOON + 9 * S))
    desk.copy()
    assert google.column("status") == ["undeliverable", "forwarded"]
    first, second = google.column("key")
    assert first == f"{second}-undeliverable"


@pytest.mark.parametrize("fault", [LOST, 503, 429, 500])
@pytest.mark.parametrize("at", range(5))
def test_a_fault_at_any_call_doubles_nothing_and_loses_nothing(
    google: FakeGoogle, desk: Desk, fault: int, at: int
) -> None:
    desk.forward(3)
    google.faults.extend([*[200] * at, fault])
    desk.copy_patiently()
    assert google.column("url") == desk.links


def test_an_answer_that_was_lost_is_found_also_after_people_sorted_and_moved_the_rows(
    google: FakeGoogle, desk: Desk
) -> None:
    desk.forward(5)
    google.faults.extend([200, 200, 200, LOST])
    with pytest.raises(SheetError):
        desk.copy()
    heading, *rows = google.tabs["record"]
    google.tabs["record"] = [heading, *rows[::-1]]
    for row in google.tabs["record"]:
        row.insert(2, "" if row is not heading else "memo")
        row[2] = "memo" if row is heading else "theirs"
    desk.clock.time += round((SETTLING + 1) * S)
    desk.forward()
    desk.copy()
    assert google.column("url") == [*desk.links[:5][::-1], desk.links[5]]
    assert google.column("memo") == ["theirs"] * 5 + [""]


def test_nobody_reads_the_keys_while_google_may_still_be_writing(google: FakeGoogle, desk: Desk) -> None:
    desk.forward()
    google.faults.extend([200, 200, 200, 503])
    with pytest.raises(SheetError):
        desk.copy()
    google.seen.clear()
    assert desk.copy() == 0
    assert google.seen == []
    desk.clock.time += round((SETTLING + 1) * S)
    assert desk.copy() == 1


def test_rows_that_people_deleted_stay_deleted(google: FakeGoogle, desk: Desk) -> None:
    desk.forward(3)
    desk.copy()
    del google.tabs["record"][2]
    desk.forward()
    desk.copy()
    assert google.column("url") == [desk.links[0], desk.links[2], desk.links[3]]


def test_peoples_notes_below_the_table_are_not_written_over(google: FakeGoogle, desk: Desk) -> None:
    desk.forward()
    desk.copy()
    google.tabs["record"] += [[], ["", "a note"]]
    desk.forward()
    desk.copy()
    assert google.column("url")[:2] == desk.links
    assert google.tabs["record"][-1] == ["", "a note"]


def test_columns_may_be_in_another_order_and_those_without_a_heading_of_ours_are_left_out(
    google: FakeGoogle, desk: Desk
) -> None:
    google.tabs["record"] = [["Key", "担当", "ＵＲＬ"]]
    desk.forward(2)
    desk.copy()
    assert google.column("ＵＲＬ") == desk.links
    assert google.column("担当") == ["", ""]


@pytest.mark.parametrize(
    ("grid", "code"),
    [
        ([["url", "reaction"]], "sheets_key_column"),
        ([["key", "url", "key"]], "sheets_key_column"),
        ([["url", "", "key"]], "sheets_gap"),
        ([[], ["something"]], "sheets_headings"),
    ],
)
def test_a_tab_whose_columns_cannot_be_told_is_left_as_it_is(
    google: FakeGoogle, desk: Desk, grid: list[list[str]], code: str
) -> None:
    google.tabs["record"] = [list(row) for row in grid]
    desk.forward()
    with pytest.raises(SheetError) as caught:
        desk.copy()
    assert (caught.value.code, caught.value.permanent) == (code, True)
    assert google.tabs["record"] == grid


@pytest.mark.parametrize(
    ("status", "reason", "code"),
    [
        (401, "", "sheets_unauthorized"),
        (403, "", "sheets_forbidden"),
        (403, "SERVICE_DISABLED", "sheets_disabled"),
        (404, "", "sheets_not_found"),
        (400, "", "sheets_refused"),
    ],
)
def test_what_a_person_has_to_mend_has_a_word_of_its_own(
    google: FakeGoogle, desk: Desk, status: int, reason: str, code: str
) -> None:
    desk.forward()
    google.reason = reason
    google.faults.extend([status, status])
    with pytest.raises(SheetError) as caught:
        desk.copy()
    assert (caught.value.code, caught.value.permanent) == (code, True)
    assert "example" not in str(caught.value)
    assert all(Texts(language).has(f"codes.{code}") for language in Language)


def test_a_tab_that_is_not_there_is_told_from_other_refusals(google: FakeGoogle, desk: Desk) -> None:
    del google.tabs["record"]
    desk.forward()
    with pytest.raises(SheetError, match="sheets_no_tab"):
        desk.copy()


def test_a_look_writes_nothing(google: FakeGoogle, desk: Desk) -> None:
    desk.sheet.look()
    assert google.tabs["record"] == []
    assert google.seen == ["GET values:batchGet"] * 2


def test_a_token_that_was_revoked_is_renewed_once(google: FakeGoogle, desk: Desk) -> None:
    desk.forward()
    google.faults.append(401)
    assert desk.copy() == 1
    assert desk.tokens.refused == 1


def test_googles_own_wish_to_wait_is_kept(google: FakeGoogle, desk: Desk) -> None:
    desk.forward()
    google.headers = {"Retry-After": "77"}
    google.faults.append(429)
    with pytest.raises(SheetError) as caught:
        desk.copy()
    assert (caught.value.retry_after, caught.value.permanent) == (77, False)


def test_one_process_writes_at_a_time_and_another_goes_on_after_its_lease(
    google: FakeGoogle, desk: Desk
) -> None:
    desk.forward(2)
    with desk.store.transaction() as tx:
        name = f"{SPREADSHEET}/record"
        until = Micros(desk.clock.time + round(LEASE * S))
        assert tx.copies.claim(name, holder="another", now=desk.clock.now(), until=until)
    assert desk.copy() == 0
    assert google.tabs["record"] == []
    desk.clock.time += round(LEASE * S)
    assert desk.copy() == 2


def test_a_holder_that_was_paused_appends_nothing_more(google: FakeGoogle, desk: Desk) -> None:
    desk.forward(2)

    def pause(path: str) -> None:
        desk.clock.time += round(LEASE * S)
        google.before = lambda path: None

    google.before = pause
    assert desk.copy() == 0
    assert not google.column("url")
    assert desk.copy() == 2


@pytest.mark.timeout(3_600 if FULL else 120)
def test_thousands_of_rows_under_faults_and_kills_are_there_once_and_in_order(google: FakeGoogle) -> None:
    """Faults and kills come at every call: before it, instead of it, and after it was carried out."""
    rows, page = (10_000, PAGE) if FULL else (300, 20)
    chance = random.Random(7)
    desk = Desk(google, lambda: chance.random() < 0.2, page=page)
    desk.forward(rows)
    rounds = 0
    while True:
        rounds += 1
        google.faults.clear()
        google.faults.extend(chance.choice([200, 200, 200, LOST, 503, 429]) for _ in range(40))
        try:
            desk.copy()
        except SheetError:
            pass
        except KilledError:
            desk.restart()
        desk.clock.time += round((LEASE + 1) * S)
        if desk.is_done:
            break
    assert rounds > 10
    assert google.column("url") == desk.links
    assert len(set(google.column("key"))) == rows
    desk.close()
