"""The spreadsheet that goes on living: which one, and what is in which of its tabs."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from threatstamp.config.addresses import is_base
from threatstamp.config.reader import Table

SHEETS_API = "https://sheets.googleapis.com/"
_ID = re.compile(r"[A-Za-z0-9_-]{10,200}")
_ADDRESS = re.compile(r"https://docs\.google\.com/spreadsheets/(?:u/\d+/)?d/([A-Za-z0-9_-]+)(?:[/?#].*)?")
LONGEST_TAB = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetsSettings:
    """One spreadsheet. routes, products, record, counts: names of tabs, None for one that is not wanted.

    credentials: a service account's key; None for Application Default Credentials.
    """

    id: str
    routes: str | None = None
    products: str | None = None
    record: str | None = None
    counts: str | None = None
    api_url: str = SHEETS_API
    credentials: Path | None = None


def read_sheets(table: Table, *, is_there: bool, folder: Path, top: frozenset[str]) -> SheetsSettings | None:
    """Returns the settings of the spreadsheet; None if the file has none.

    folder: that of the settings file. top: keys that belong to the file's top.
    """
    if not is_there:
        return None
    said = table.text("id", None)
    tabs = {key: _tab(table, key) for key in ("routes", "products", "record", "counts")}
    named = [tab.lower() for tab in tabs.values() if tab is not None]
    if len(set(named)) < len(named):
        table.problems.add(table.path, "tabs_twice")
    if not table.has("id"):
        table.missing("id")
    api_url = table.text("api_url", SHEETS_API)
    if not is_base(api_url):
        table.wrong("api_url", "address")
    file = table.text("credentials", None)
    table.close(top=top)
    return SheetsSettings(
        id=_spreadsheet(table, said) if said else "",
        **tabs,
        api_url=api_url if api_url.endswith("/") else f"{api_url}/",
        credentials=(folder / file).absolute() if file else None,
    )


def _spreadsheet(table: Table, said: str) -> str:
    """Returns a spreadsheet's id, also from its whole address."""
    found = _ADDRESS.fullmatch(said)
    spreadsheet = found[1] if found else said
    if not _ID.fullmatch(spreadsheet):
        table.wrong("id", "spreadsheet", value=said)
    return spreadsheet


def _tab(table: Table, key: str) -> str | None:
    said = table.text(key, None)
    if said is not None and (len(said) > LONGEST_TAB or not said.isprintable()):
        table.wrong(key, "tab", most=LONGEST_TAB)
    return said
