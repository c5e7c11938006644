"""The spreadsheet, in a thread of its own: whatever Google does, nothing of Slack's way waits for it."""

from __future__ import annotations

import logging
import random
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from threatstamp.app.loops import Loop
from threatstamp.config.settings import Settings
from threatstamp.config.sheets import SheetsSettings
from threatstamp.core.errors import SheetError
from threatstamp.core.trouble import TroubleKind
from threatstamp.desk.ports.sheets import RecordSheet
from threatstamp.desk.ports.tools import Tools
from threatstamp.desk.sheets.record import CopyRecord
from threatstamp.texts.catalogue import Texts

if TYPE_CHECKING:
    from threatstamp.sheets.record import GoogleRecord

log = logging.getLogger(__name__)

EVERY = 20.0
"""Seconds between two looks for something new; a look asks Google only if there is something."""

FIRST_WAIT, LONGEST_WAIT = 32.0, 600.0
"""Seconds until the next attempt after a failure, doubled each time; longer than SETTLING of the step."""

LATE = 900.0
"""Seconds after which a failure that may pass is a trouble, too."""

OpenRecord = Callable[[Settings], tuple[RecordSheet, Callable[[], None]]]
"""Opens the tab of these settings; returns it, and what closes it. Raises SheetError."""


class Spreadsheet:
    """Copies the record into the spreadsheet of the settings in force, whenever it is requested.

    in_force: returns the settings as they are now. open_record: another way to the tab, for tests.
    """

    def __init__(
        self, tools: Tools, in_force: Callable[[], Settings], open_record: OpenRecord | None = None
    ) -> None:
        self._tools = tools
        self._in_force = in_force
        self._open_record = open_record or open_google
        self._loop = Loop("copying the record to the spreadsheet", self.copy)
        self._lock = threading.Lock()
        self._is_closed = False
        self._settings: SheetsSettings | None = None
        self._record: CopyRecord | None = None
        self._close: Callable[[], None] = _nothing
        self._failing_since: float | None = None
        self._wait = FIRST_WAIT
        self._not_before = 0.0

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

    def copy(self) -> None:
        """Copies what is new, unless a failure or Google's own wish holds it back. Raises StoreError."""
        settings = self._in_force().sheets
        if settings != self._settings:
            self._forget(settings)
        if settings is None or settings.record is None or self._is_closed:
            return
        if self._tools.clock.steady() < self._not_before:
            return
        try:
            count = self._opened().run()
        except SheetError as error:
            if not self._is_closed:
                self._failed(settings.record, error)
            return
        if count:
            log.info("copied %d rows to the spreadsheet", count)
        self._failing_since, self._wait = None, FIRST_WAIT
        self._fix()

    def _opened(self) -> CopyRecord:
        if self._record is None:
            sheet, close = self._open_record(self._in_force())
            self._record = CopyRecord(self._tools, sheet)
            with self._lock:
                self._close = close
                if self._is_closed:
                    close()
        return self._record

    def _forget(self, settings: SheetsSettings | None) -> None:
        """Starts anew with changed settings: what was wrong before may be right now."""
        with self._lock:
            self._close()
            self._close = _nothing
        self._settings, self._record = settings, None
        self._failing_since, self._wait, self._not_before = None, FIRST_WAIT, 0.0
        self._fix()

    def _failed(self, tab: str, error: SheetError) -> None:
        now = self._tools.clock.steady()
        if self._failing_since is None:
            self._failing_since = now
        wait = max(self._wait * random.uniform(1.0, 1.2), error.retry_after or 0.0)  # noqa: S311 - no secret
        self._not_before, self._wait = now + wait, min(2 * self._wait, LONGEST_WAIT)
        log.warning("the record cannot be copied to the spreadsheet now: %s", error.code)
        if error.permanent or now - self._failing_since >= LATE:
            self._tell(tab, error)

    def _tell(self, tab: str, error: SheetError) -> None:
        """Opens a trouble; another reason than before replaces it."""
        now = self._tools.clock.now()
        values = {"name": tab, "error": error.code}
        with self._tools.store.transaction() as tx:
            for trouble in tx.troubles.unfixed(TroubleKind.SHEET):
                if trouble.values != values:
                    tx.troubles.fix(TroubleKind.SHEET, trouble.subject, now=now)
            tx.troubles.open(TroubleKind.SHEET, tab, values=values, now=now)

    def _fix(self) -> None:
        """Closes the trouble, whichever process opened it."""
        tools = self._tools
        with tools.store.reading() as read:
            found = read.troubles.unfixed(TroubleKind.SHEET)
        if found:
            with tools.store.transaction() as tx:
                for trouble in found:
                    tx.troubles.fix(TroubleKind.SHEET, trouble.subject, now=tools.clock.now())


def open_google(settings: Settings) -> tuple[GoogleRecord, Callable[[], None]]:
    """Opens the tab with the record at Google; nothing is asked of it yet."""
    from threatstamp.sheets.client import SheetsClient
    from threatstamp.sheets.record import GoogleRecord

    sheets = settings.sheets
    assert sheets is not None
    assert sheets.record is not None
    client = SheetsClient(api_url=sheets.api_url, spreadsheet=sheets.id, credentials=sheets.credentials)
    texts = Texts(settings.language)
    return GoogleRecord(client, tab=sheets.record, zone=settings.timezone, texts=texts), client.close


def _nothing() -> None:
    """There is nothing to close yet."""
