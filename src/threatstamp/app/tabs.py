"""Tabs of the spreadsheet that say how the desk works, as they were when they were last read and right.

They are kept in the database, so that a desk starts, and sweeps, with them also while Google is away.
"""

from __future__ import annotations

import json
import logging

from threatstamp.config.route_list import Cells
from threatstamp.config.settings import Settings, with_tab
from threatstamp.core import signs
from threatstamp.core.errors import PolicyError
from threatstamp.core.time import Micros
from threatstamp.desk.ports.store import Store

log = logging.getLogger(__name__)


def with_routes(settings: Settings, store: Store) -> Settings:
    """Returns the settings with the routes of the tab that they name, as on record; with none before that.

    Raises StoreError; PolicyError if the settings have changed so that those routes are wrong now.
    """
    rows = kept_routes(settings, store)
    return settings if rows is None else with_tab(settings, rows)


def routes_or_none(settings: Settings, store: Store) -> Settings:
    """The same for a start: routes that are wrong now do not keep the desk from its other work."""
    try:
        return with_routes(settings, store)
    except PolicyError as error:
        log.warning("the routes kept from the spreadsheet are wrong with these settings:\n%s", error)
        return settings


def lacks_routes(settings: Settings) -> bool:
    """True while a tab has the routes and they are not known, or wrong: none of them counts as removed.

    A tab without a route is wrong, so settings without one have not got theirs.
    """
    return settings.sheets is not None and settings.sheets.routes is not None and not settings.routes


def kept_routes(settings: Settings, store: Store) -> Cells | None:
    """Returns the rows of the tab as they are kept; None for none, or if the settings name no tab."""
    if settings.sheets is None or settings.sheets.routes is None:
        return None
    with store.reading() as read:
        said = read.vitals.get(_name(settings))
    return [[str(cell) for cell in row] for row in json.loads(said)] if said else None


def keep_routes(settings: Settings, rows: Cells, *, store: Store, now: Micros) -> None:
    """Keeps the rows of the tab. Raises StoreError."""
    with store.transaction() as tx:
        tx.vitals.put(_name(settings), json.dumps(rows, ensure_ascii=False), now=now)


def _name(settings: Settings) -> str:
    assert settings.sheets is not None
    return f"{signs.TAB}{settings.sheets.id}/{settings.sheets.routes}"
