"""The spreadsheet: its tab can be read with the credentials that are there, and is fit for the record."""

from __future__ import annotations

from collections.abc import Iterator

from threatstamp.app.check.finding import Check, Findings
from threatstamp.app.spreadsheet import open_google
from threatstamp.config.settings import Settings
from threatstamp.core.errors import SheetError
from threatstamp.texts.catalogue import Texts
from threatstamp.texts.codes import say_code


def check_sheets(settings: Settings, texts: Texts) -> Iterator[Check]:
    """Yields a check of the tab with the record. Nothing is written, so the right to write is not tried."""
    if settings.sheets is None or settings.sheets.record is None:
        return
    found, tab = Findings("sheets", texts), settings.sheets.record
    sheet, close = open_google(settings)
    try:
        sheet.look()
    except SheetError as error:
        yield found.wrong(tab, say_code(texts, error.code), fix=_fix(error, texts))
    else:
        yield found.good(tab, "check_sheets")
    finally:
        close()


def _fix(error: SheetError, texts: Texts) -> str:
    account = error.values.get("account", "")
    return texts("cli.check_sheets_account", account=account) if account else ""
