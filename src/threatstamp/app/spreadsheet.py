"""The spreadsheet, in a thread of its own: whatever Google does, nothing of Slack's way waits for it."""

from __future__ import annotations

import logging
import random
import threading
from collections.abc import Callable, Iterator, Sequence, Set
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from threatstamp.app.loops import Loop
from threatstamp.app.tabs import keep_rows, kept_rows, kept_text, lacks_routes, with_tabs
from threatstamp.config.route_list import Cells
from threatstamp.config.settings import Settings
from threatstamp.config.sheets import SheetsSettings
from threatstamp.config.tabs import Tab, with_tab
from threatstamp.core.errors import DeskError, PolicyError, SheetError
from threatstamp.core.news.feed import labels_of
from threatstamp.core.trouble import TroubleKind
from threatstamp.desk.ports.sheets import RecordSheet
from threatstamp.desk.ports.store import Store
from threatstamp.desk.ports.time import Clock
from threatstamp.desk.sheets.record import CopyRecord
from threatstamp.desk.views.counts import MonthCounts, read_counts
from threatstamp.texts.catalogue import Texts

if TYPE_CHECKING:
    from threatstamp.app.desk import Desk  # with Slack and all: `sheets` does without

log = logging.getLogger(__name__)

EVERY = 20.0
"""Seconds between two looks for something new; for the record, Google is asked only if there is something."""

READ_EVERY = 120.0
"""Seconds between two readings of a tab that says how the desk works."""

COUNT_EVERY = 900.0
"""Seconds between two countings, each of which reads the whole record."""

FIRST_WAIT, LONGEST_WAIT = 32.0, 600.0
"""Seconds until the next attempt after a failure, doubled each time; longer than SETTLING of the step."""

LATE = 900.0
"""Seconds after which a failure that may pass is a trouble, too."""

OF_TAB = "sheet:"
"""Prefix of the subject of a trouble about what a tab holds; its name follows."""

MOST_SAID = 5
"""Problems of the file or a tab that are said in a trouble."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """The tabs of one spreadsheet, None for those that the settings do not name; and what closes it.

    routes, products: read all rows. counts: makes the tab say them. Each may raise SheetError.
    """

    record: RecordSheet | None = None
    routes: Callable[[], Cells] | None = None
    products: Callable[[], Cells] | None = None
    counts: Callable[[Sequence[MonthCounts]], None] | None = None
    close: Callable[[], None]


OpenBook = Callable[[Settings], Book]
"""Opens the spreadsheet of these settings; nothing is asked of it yet."""


@dataclass(slots=True, kw_only=True)
class Duty:
    """What is done with one tab. every: seconds, at least. not_before, failing_since: by the steady clock."""

    tab: str
    every: float
    act: Callable[[], None]
    not_before: float = 0.0
    failing_since: float | None = None
    wait: float = FIRST_WAIT

    def succeeded(self, now: float) -> None:
        self.failing_since, self.wait, self.not_before = None, FIRST_WAIT, now + self.every

    def failed(self, now: float, error: SheetError) -> bool:
        """Puts the next attempt off, as long as Google wants; True if people should be told."""
        if self.failing_since is None:
            self.failing_since = now
        wait = max(self.wait * random.uniform(1.0, 1.2), error.retry_after or 0.0)  # noqa: S311 - no secret
        self.not_before, self.wait = now + wait, min(2 * self.wait, LONGEST_WAIT)
        return error.permanent or now - self.failing_since >= LATE


class Spreadsheet:
    """Does what is due with the spreadsheet of the settings in force, whenever it is requested.

    in_force: returns the settings as they are now. holder: the name of this process. on_tabs: called when
    other routes or products are kept than those in force. open_book: another way to the spreadsheet, for
    tests.
    """

    def __init__(
        self,
        in_force: Callable[[], Settings],
        *,
        store: Store,
        clock: Clock,
        holder: str,
        on_tabs: Callable[[], None],
        of_file: Callable[[], Settings],
        open_book: OpenBook | None = None,
    ) -> None:
        """in_force: the settings that the desk goes by. of_file: those of the file, without what tabs say."""
        self._store = store
        self._clock = clock
        self._holder = holder
        self._in_force = in_force
        self._of_file = of_file
        self._on_tabs = on_tabs
        self._adopted: object = None
        self._open_book = open_book or open_google
        self._loop = Loop("the spreadsheet", self.work, clock=clock)
        self._lock = threading.Lock()
        self._is_closed = False
        self._begun_with: object = None
        self._close: Callable[[], None] = _nothing
        self._duties: tuple[Duty, ...] = ()

    def start(self) -> None:
        self._loop.start()

    def request(self) -> None:
        self._loop.request()

    def close(self) -> None:
        """Ends it; a call to Google that is under way is broken off."""
        self._loop.end()
        with self._lock:
            self._is_closed = True
            self._close()

    def join(self, timeout: float) -> None:
        self._loop.join(timeout)

    def work(self) -> tuple[tuple[str, DeskError | None], ...]:
        """Does what is due, unless a failure or Google's own wish holds it back.

        Returns each tab with what is wrong with it, if anything: a SheetError, or a PolicyError about what it
        holds. Raises StoreError.
        """
        settings = self._in_force()
        if _of_book(settings) != self._begun_with:
            self._begin(settings)
        self._adopt_kept()
        due = [duty for duty in self._duties if self._clock.steady() >= duty.not_before]
        return tuple((duty.tab, self._do(duty)) for duty in due if not self._is_closed)

    def _do(self, duty: Duty) -> DeskError | None:
        wrong: DeskError | None = None
        try:
            _act(duty)
        except SheetError as error:
            log.warning("the tab %s of the spreadsheet has to wait: %s", duty.tab, error.code)
            if duty.failed(self._clock.steady(), error) and not self._is_closed:
                self._tell(TroubleKind.SHEET, duty.tab, name=duty.tab, error=error.code)
            return error
        except PolicyError as error:
            log.error("what is in the tab %s is wrong and changes nothing:\n%s", duty.tab, error)
            problem = "\n".join(error.problems[:MOST_SAID])
            self._tell(TroubleKind.SETTINGS, f"{OF_TAB}{duty.tab}", problem=problem)
            wrong = error
        else:
            self._fix(TroubleKind.SETTINGS, f"{OF_TAB}{duty.tab}")
        duty.succeeded(self._clock.steady())
        self._fix(TroubleKind.SHEET, duty.tab)
        return wrong

    def _begin(self, settings: Settings) -> None:
        """Starts anew with changed settings: what was wrong before may be right now."""
        with self._lock:
            self._close()
            self._close = _nothing
        self._begun_with, self._duties = None, ()
        if settings.sheets is not None:
            book = self._open_book(settings)
            self._duties = tuple(self._duties_of(book, settings.sheets))
            with self._lock:
                self._close = book.close
                if self._is_closed:
                    book.close()
        self._begun_with = _of_book(settings)
        self._fix_gone({duty.tab for duty in self._duties})

    def _duties_of(self, book: Book, sheets: SheetsSettings) -> Iterator[Duty]:
        """Yields what there is to do, the routes first: people wait for them."""
        for tab, name, read in _read_tabs(book, sheets):
            yield Duty(tab=name, every=READ_EVERY, act=partial(self._read_tab, tab, read))
        if book.record is not None:
            copying = CopyRecord(
                book.record,
                store=self._store,
                clock=self._clock,
                holder=self._holder,
                labels=lambda: labels_of(self._in_force().feeds),
            )
            yield Duty(tab=str(sheets.record), every=0.0, act=lambda: self._copy(copying))
        if book.counts is not None:
            put = book.counts
            yield Duty(tab=str(sheets.counts), every=COUNT_EVERY, act=lambda: put(self._counts()))

    def _counts(self) -> tuple[MonthCounts, ...]:
        return read_counts(self._store, self._in_force().timezone)

    def _copy(self, copying: CopyRecord) -> None:
        count = copying.run()
        if count:
            log.info("copied %d rows to the spreadsheet", count)

    def _read_tab(self, tab: Tab, read: Callable[[], Cells]) -> None:
        """Keeps other rows than before. Raises PolicyError, having kept nothing, if they are wrong."""
        settings = self._of_file()  # if it was changed, it is what the rows have to fit
        rows = [list(row) for row in read()]
        with_tab(settings, tab, rows)
        if rows != kept_rows(settings, tab, self._store):
            keep_rows(settings, tab, rows, store=self._store, now=self._clock.now())
        self._adopt_kept()

    def _adopt_kept(self) -> None:
        """Has put into force what is kept and is not, whichever process has kept it."""
        settings, now = self._of_file(), self._in_force()
        found = (settings.digest, now.digest, *(kept_text(settings, tab, self._store) for tab in Tab))
        if found == self._adopted:
            return  # a list of products may be long
        self._adopted = found
        with suppress(PolicyError):  # it is wrong with the settings as they are now
            kept = with_tabs(settings, self._store)
            routes = kept.routes != now.routes and not lacks_routes(kept)
            if routes or (kept.products != now.products and not kept.lacks_products):
                self._on_tabs()

    def _tell(self, kind: TroubleKind, subject: str, **values: str) -> None:
        """Opens a trouble; another reason than before replaces it."""
        now = self._clock.now()
        with self._store.transaction() as tx:
            for trouble in tx.troubles.unfixed(kind):
                if trouble.subject == subject and trouble.values != values:
                    tx.troubles.fix(kind, subject, now=now)
            tx.troubles.open(kind, subject, values=values, now=now)

    def _fix_gone(self, tabs: Set[str]) -> None:
        """Closes the troubles of tabs that the settings do not name any more."""
        with self._store.reading() as read:
            found = read.troubles.unfixed(TroubleKind.SHEET, TroubleKind.SETTINGS)
        for one in found:
            is_ours = one.kind is TroubleKind.SHEET or one.subject.startswith(OF_TAB)
            if is_ours and one.subject.removeprefix(OF_TAB) not in tabs:
                self._fix(one.kind, one.subject)

    def _fix(self, kind: TroubleKind, subject: str) -> None:
        """Closes a trouble, whichever process opened it."""
        with self._store.reading() as read:
            is_open = any(trouble.subject == subject for trouble in read.troubles.unfixed(kind))
        if is_open:
            with self._store.transaction() as tx:
                tx.troubles.fix(kind, subject, now=self._clock.now())


def _act(duty: Duty) -> None:
    """Does it. Raises SheetError also for a fault of ours, which then waits and is said like any other."""
    try:
        duty.act()
    except DeskError:
        raise
    except Exception:
        log.exception("the tab %s of the spreadsheet failed", duty.tab)
        raise SheetError("sheets_fault", permanent=True) from None


def _read_tabs(book: Book, sheets: SheetsSettings) -> Iterator[tuple[Tab, str, Callable[[], Cells]]]:
    """Yields each tab that the settings are read from, with its name and what reads it."""
    if book.routes is not None:
        yield Tab.ROUTES, str(sheets.routes), book.routes
    if book.products is not None:
        yield Tab.PRODUCTS, str(sheets.products), book.products


def spreadsheet_of(
    desk: Desk, *, of_file: Callable[[], Settings], on_tabs: Callable[[], None]
) -> Spreadsheet:
    """Returns the spreadsheet of a desk, whatever its settings are at the time."""
    tools = desk.tools
    return Spreadsheet(
        lambda: desk.settings,
        store=tools.store,
        clock=tools.clock,
        holder=tools.holder,
        of_file=of_file,
        on_tabs=on_tabs,
    )


def _of_book(settings: Settings) -> object:
    """Returns what an opened spreadsheet depends on; None without one."""
    return (settings.sheets, settings.language, settings.timezone) if settings.sheets else None


def open_google(settings: Settings) -> Book:
    """Opens the spreadsheet at Google."""
    from threatstamp.sheets.client import SheetsClient, quoted_tab
    from threatstamp.sheets.counts import GoogleCounts
    from threatstamp.sheets.record import GoogleRecord

    sheets = settings.sheets
    assert sheets is not None
    client = SheetsClient(api_url=sheets.api_url, spreadsheet=sheets.id, credentials=sheets.credentials)

    def read(tab: str) -> Cells:
        return client.read(quoted_tab(tab))[0]

    texts, zone = Texts(settings.language), settings.timezone
    return Book(
        record=GoogleRecord(client, tab=sheets.record, zone=zone, texts=texts) if sheets.record else None,
        routes=partial(read, sheets.routes) if sheets.routes else None,
        products=partial(read, sheets.products) if sheets.products else None,
        counts=GoogleCounts(client, tab=sheets.counts).put if sheets.counts else None,
        close=client.close,
    )


def _nothing() -> None:
    """There is nothing to close yet."""
