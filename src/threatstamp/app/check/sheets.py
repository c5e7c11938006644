"""The spreadsheet: its tabs can be read with the credentials that are there, and hold what they should."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from threatstamp.app.check.finding import Check, Findings
from threatstamp.app.spreadsheet import Book, open_google
from threatstamp.config.route_list import Cells
from threatstamp.config.settings import Settings
from threatstamp.config.tabs import Tab, name_of, with_tab
from threatstamp.core.errors import PolicyError, SheetError
from threatstamp.texts.catalogue import Texts
from threatstamp.texts.codes import say_code


def check_sheets(settings: Settings, texts: Texts) -> tuple[Settings, tuple[Check, ...]]:
    """Returns a check of each tab, and the settings with the routes and products that it has now.

    Nothing is written, so the right to write is not tried.
    """
    if settings.sheets is None:
        return settings, ()
    book = open_google(settings)
    try:
        found, checks = Findings("sheets", texts), list[Check]()
        for tab, read in ((Tab.ROUTES, book.routes), (Tab.PRODUCTS, book.products)):
            settings, of_tab = _read(settings, tab, read, found)
            checks += of_tab
        return settings, (*checks, *_record(settings, book, found))
    finally:
        book.close()


def _read(
    settings: Settings, tab: Tab, read: Callable[[], Cells] | None, found: Findings
) -> tuple[Settings, list[Check]]:
    """Returns the settings with what the tab says, if that is right, and what is to be said of it."""
    if read is None:
        return settings, []
    name, before = str(name_of(settings, tab)), len(settings.products)
    try:
        settings = with_tab(settings, tab, read())
    except SheetError as error:
        return settings, [_refused(name, error, found)]
    except PolicyError as error:
        return settings, [found.wrong(name, problem) for problem in error.problems]
    count = len(settings.routes) if tab is Tab.ROUTES else len(settings.products) - before
    return settings, [found.good(name, f"check_sheets_{tab}", count=count)]


def _record(settings: Settings, book: Book, found: Findings) -> Iterator[Check]:
    if book.record is None or settings.sheets is None:
        return
    tab = str(settings.sheets.record)
    try:
        book.record.look()
    except SheetError as error:
        yield _refused(tab, error, found)
    else:
        yield found.good(tab, "check_sheets")


def _refused(tab: str, error: SheetError, found: Findings) -> Check:
    account = error.values.get("account", "")
    fix = found.texts("cli.check_sheets_account", account=account) if account else ""
    return found.wrong(tab, say_code(found.texts, error.code), fix=fix)
