"""Tabs of the spreadsheet that say how the desk works, as they were when they were last read and right.

They are kept in the database, so that a desk starts, and sweeps, with them also while Google is away.
"""

from __future__ import annotations

import json
import logging
from dataclasses import replace

from threatstamp.config.route_list import Cells
from threatstamp.config.settings import Settings
from threatstamp.config.tabs import Tab, name_of, with_tab
from threatstamp.core import signs
from threatstamp.core.errors import PolicyError
from threatstamp.core.time import Micros
from threatstamp.desk.ports.store import Store

log = logging.getLogger(__name__)


def with_tabs(settings: Settings, store: Store) -> Settings:
    """Returns the settings with what the tabs say that they name, as on record; without that before it is.

    settings: as the file has them. Raises StoreError; PolicyError if the settings have changed so that what
    is on record is wrong now.
    """
    for tab in Tab:
        rows = kept_rows(settings, tab, store)
        settings = settings if rows is None else with_tab(settings, tab, rows)
    return settings


def tabs_or_none(settings: Settings, store: Store) -> Settings:
    """The same for a start: a tab that is wrong now does not keep the desk from its other work."""
    for tab in Tab:
        rows = kept_rows(settings, tab, store)
        try:
            settings = settings if rows is None else with_tab(settings, tab, rows)
        except PolicyError as error:
            log.warning("what is kept from a tab of the spreadsheet is wrong with these settings:\n%s", error)
    return settings


def lacks_routes(settings: Settings) -> bool:
    """True while a tab has the routes and they are not known, or wrong: none of them counts as removed.

    A tab without a route is wrong, so settings without one have not got theirs.
    """
    return name_of(settings, Tab.ROUTES) is not None and not settings.routes


def completed(settings: Settings, before: Settings) -> Settings:
    """Returns the settings, with what they lack of tabs taken from those that were in force before."""
    if lacks_routes(settings):
        settings = replace(settings, routes=before.routes)
    if settings.lacks_products:
        settings = replace(settings, products=before.products, lacks_products=before.lacks_products)
    return settings


def kept_rows(settings: Settings, tab: Tab, store: Store) -> Cells | None:
    """Returns the rows of the tab as they are kept; None for none, or if the settings do not name it."""
    said = kept_text(settings, tab, store)
    return [[str(cell) for cell in row] for row in json.loads(said)] if said else None


def kept_text(settings: Settings, tab: Tab, store: Store) -> str | None:
    """The same as it is written: what is the same has not changed."""
    if name_of(settings, tab) is None:
        return None
    with store.reading() as read:
        return read.vitals.get(_sign(settings, tab))


def keep_rows(settings: Settings, tab: Tab, rows: Cells, *, store: Store, now: Micros) -> None:
    """Keeps the rows of the tab. Raises StoreError."""
    with store.transaction() as tx:
        tx.vitals.put(_sign(settings, tab), json.dumps(rows, ensure_ascii=False), now=now)


def _sign(settings: Settings, tab: Tab) -> str:
    assert settings.sheets is not None
    return f"{signs.TAB}{settings.sheets.id}/{name_of(settings, tab)}"
