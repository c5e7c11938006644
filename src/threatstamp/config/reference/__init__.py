"""Every setting once: type, default, example. The sentences about them are in texts/*/settings.toml.

The pages docs/settings*.md, `config example`, `config show` and the examples in error messages are made from
this. `Table` reads no key that is not here, and a test reads a file with every key that is here.
"""

from __future__ import annotations

from threatstamp.config.published import NVD_KEY
from threatstamp.config.reference import collecting, judging, working
from threatstamp.config.reference.setting import TOP, Setting
from threatstamp.config.secrets import PREFIXES

TABLES: dict[str, bool] = {TOP: False, "sources": True, "routes": True, "feeds": True} | {
    "slack": False,
    "fetch": False,
    "sheets": False,
    "cases": False,
    "tracks": True,
    "trackers": True,
    "products": True,
    "words": True,
    "policy": False,
    "policy.rules": True,
    "policy.tests": True,
    "calendar": False,
    "facts": False,
}
"""The tables in the order in which they are explained; true for those that may be repeated, [[routes]]."""

SETTINGS = (
    *collecting.top(),
    *collecting.sources(),
    *collecting.routes(),
    *collecting.feeds(),
    *collecting.slack(),
    *collecting.fetch(),
    *working.sheets(),
    *working.cases(),
    *working.tracks(),
    *working.trackers(),
    *judging.products(),
    *judging.words(),
    *judging.policy(),
    *working.calendar(),
    *judging.facts(),
)
"""All settings, table by table, in the order in which they are explained."""

_BY_PLACE = {(one.table, one.key): one for one in SETTINGS}

FROM_FILES = (*PREFIXES, NVD_KEY)
"""Secrets: NAME_FILE may name a file that contains the value."""

ENVIRONMENT = (
    *FROM_FILES,
    *("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY", "SSL_CERT_FILE"),
    "PGPASSFILE",
    *("THREATSTAMP_LOG", "THREATSTAMP_LOG_FORMAT"),
)
"""The variables that the desk reads, each with its sentence."""


def setting_at(table: tuple[str | int, ...], key: str) -> Setting | None:
    """Returns the setting of a key in the table at a path, ("routes", 1); None for a key that is a table.

    Raises KeyError for a key that is not documented.
    """
    name = ".".join(part for part in table if isinstance(part, str))
    if (f"{name}.{key}" if name else key) in TABLES:
        return None
    return _BY_PLACE[name, key]


def settings_of(table: str) -> tuple[Setting, ...]:
    """Returns the settings of a table in their order."""
    return tuple(one for one in SETTINGS if one.table == table)
