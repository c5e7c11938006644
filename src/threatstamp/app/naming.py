"""Names of products in titles, for the joining of stories."""

from __future__ import annotations

import logging
from functools import lru_cache

from threatstamp.core.assets.naming import NameFinder

log = logging.getLogger(__name__)

LONGEST = 1_000
"""So many characters of a title are searched."""


class KnownNames:
    """The built-in products. They are read when a title is first looked at: most rounds need none of them."""

    def __init__(self) -> None:
        self._finder: NameFinder | None = None
        self._makers: dict[str, str] = {}
        self._failed = False
        self._found = lru_cache(maxsize=4_096)(self._find)

    def products_of(self, title: str) -> frozenset[str]:
        """Returns the names of the products in a title, and of their makers; none if looking fails.

        Two names of one maker have something in common then: a flaw of FortiOS is a flaw of FortiGate.
        """
        if self._failed:
            return frozenset()
        try:
            return self._found(title[:LONGEST])
        except Exception:  # news is worth more than the names in it
            self._failed = True
            log.exception("names of products cannot be looked for; stories are joined without them")
            return frozenset()

    def _find(self, title: str) -> frozenset[str]:
        names = {name for mention in self._names().find(title) for name in mention.of}
        return frozenset(names | {self._makers[name] for name in names})

    def _names(self) -> NameFinder:
        if self._finder is None:
            from threatstamp.config.known import catalogue

            known = catalogue()
            self._makers = {one.name: one.vendor for one in known.products}
            self._finder = NameFinder(known.names(()))
        return self._finder
