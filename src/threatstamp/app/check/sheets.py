"""The spreadsheet: its tabs can be read with the credentials that are there, and hold what they should."""

from __future__ import annotations

from collections.abc import Iterator

from threatstamp.app.check.finding import Check, Findings
from threatstamp.app.spreadsheet import Book, open_google
from threatstamp.config.settings import Settings, with_tab
from threatstamp.core.errors import PolicyError, SheetError
from threatstamp.texts.catalogue import Texts
from threatstamp.texts.codes import say_code


def check_sheets(settings: Settings, texts: Texts) -> tuple[Settings, tuple[Check, ...]]:
    """Returns a check of each tab, and the settings with the routes that the spreadsheet has now.

    Nothing is written, so the right to write is not tried.
    """
    if settings.sheets is None:
        return settings, ()
    book = open_google(settings)
    try:
        settings, checks = _routes(settings, book, Findings("sheets", texts))
        return settings, (*checks, *_record(settings, book, Findings("sheets", texts)))
    finally:
        book.close()


def _routes(settings: Settings, book: Book, found: Findings) -> tuple[Settings, list[Check]]:
    if book.routes is None or settings.sheets is None:
        return settings, []
    tab = str(settings.sheets.routes)
    try:
        settings = with_tab(settings, book.routes())
    except SheetError as error:
        return settings, [_refused(tab, error, found)]
    except PolicyError as error:
        return settings, [found.wrong(tab, problem) for problem in error.problems]
    return settings, [found.good(tab, "check_sheets_routes", count=len(settings.routes))]


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
