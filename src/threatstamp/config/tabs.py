"""What tabs of the spreadsheet say of how the desk works, put into the settings."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from enum import StrEnum

from threatstamp.config.findings import with_findings
from threatstamp.config.lines import Lines
from threatstamp.config.products import tab_products
from threatstamp.config.reader import Problems
from threatstamp.config.route_list import Cells, tab_tables
from threatstamp.config.routes import read_routes
from threatstamp.config.settings import Settings
from threatstamp.config.sheet import said_tab
from threatstamp.config.tracks import track_words
from threatstamp.core.errors import PolicyError
from threatstamp.texts.catalogue import Texts


class Tab(StrEnum):
    """A tab that the settings are read from, by its key in [sheets]."""

    ROUTES = "routes"
    PRODUCTS = "products"


def name_of(settings: Settings, tab: Tab) -> str | None:
    """Returns what people call the tab; None if the settings name none."""
    if settings.sheets is None:
        return None
    return settings.sheets.routes if tab is Tab.ROUTES else settings.sheets.products


def with_tab(settings: Settings, tab: Tab, rows: Cells) -> Settings:
    """Returns the settings with what the tab says. Raises PolicyError with every problem.

    rows: all of the tab's, the headings among them. settings: without what this tab said before.
    """
    name = said_tab(str(name_of(settings, tab)))
    problems = Problems(name, Lines(""), Texts(settings.language))
    found = _routes(settings, name, rows, problems) if tab is Tab.ROUTES else settings
    found = _products(settings, name, rows, problems) if tab is Tab.PRODUCTS else found
    if problems:
        raise PolicyError(problems.sorted())
    digest = hashlib.sha256(f"{settings.digest}{rows!r}".encode(errors="replace")).hexdigest()
    return replace(found, digest=digest)


def _routes(settings: Settings, name: str, rows: Cells, problems: Problems) -> Settings:
    tables = tab_tables(name, rows, problems)
    words = track_words(settings.cases.tracks)
    return replace(settings, routes=read_routes(tables, sources=settings.sources, tracks=words, sheet=True))


def _products(settings: Settings, name: str, rows: Cells, problems: Problems) -> Settings:
    """Adds the products to those of the files; what scanners found may be in any of them."""
    products = (*settings.products, *tab_products(name, rows, problems))
    if settings.scanned is not None:
        file, content = settings.scanned
        products = with_findings(products, file, content, problems)
    return replace(settings, products=products, lacks_products=False)
