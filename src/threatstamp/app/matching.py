"""What a text or an id is about: the facts that are loaded about it, and the company's products in it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from threatstamp.config.actors import known_names
from threatstamp.config.kinds import kind_rules
from threatstamp.config.known import catalogue
from threatstamp.config.reading import NOTHING_OWN, ReadingSettings
from threatstamp.config.settings import Settings
from threatstamp.core.assets.match import Match, Matcher
from threatstamp.core.assets.naming import NameFinder
from threatstamp.core.assets.product import SBOM, Product
from threatstamp.core.facts.actors import NameBook
from threatstamp.core.facts.cve import CveId, fact_id_of
from threatstamp.core.facts.ids import ids_in
from threatstamp.core.facts.score import USUAL, Ranking
from threatstamp.core.facts.vulnerability import Vulnerability
from threatstamp.desk.priority.insight import Lore
from threatstamp.store.facts import FactLookup

MOST_IDS = 100
"""Ids of one text that facts are looked up for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """What was found. ids: under which facts were looked for, in the order of the text."""

    ids: tuple[CveId, ...]
    known: tuple[Vulnerability, ...]
    matches: tuple[Match, ...]

    @property
    def unknown(self) -> tuple[CveId, ...]:
        found = {one.cve for one in self.known}
        return tuple(one for one in self.ids if one not in found)


def look(text: str, products: Sequence[Product], lookup: FactLookup) -> Looked:
    """Looks for ids and products in a text. Raises FactsError if there are facts that cannot be read."""
    found = (fact_id_of(one.value) for one in ids_in(text))
    ids = tuple(dict.fromkeys(one for one in found if one is not None))[:MOST_IDS]
    known = lookup.find(ids)
    if not products:
        return Looked(ids=ids, known=known, matches=())
    mentions = finder_of(products).find(text)
    return Looked(ids=ids, known=known, matches=matcher_of(products).match(known, mentions, ids))


def finder_of(products: Sequence[Product]) -> NameFinder:
    """Returns what finds the products in texts. Components of an SBOM are not looked for by name."""
    return NameFinder(catalogue().names([one for one in products if SBOM not in one.tags]))


def matcher_of(products: Sequence[Product]) -> Matcher:
    """Returns what tells which of the products something is about."""
    return Matcher(products, catalogue())


def lore(own: ReadingSettings = NOTHING_OWN, scores: Ranking = USUAL) -> Lore:
    """Returns by what the stories of feeds are read. own: what the company has beside the built-in.

    scores: the order in which they count.
    """
    digest = own.digest if scores == USUAL else f"{own.digest}|{' '.join(scores)}"
    book = NameBook((*known_names(), *own.names))
    return Lore(rules=kind_rules(own.words), book=book, finder=finder_of, matcher=matcher_of, own=digest)


class LoreInForce:
    """By what stories are read as the settings are now; made anew when that has changed."""

    def __init__(self, settings: Callable[[], Settings]) -> None:
        self._settings = settings
        self._made: tuple[tuple[str, Ranking], Lore] | None = None

    def __call__(self) -> Lore:
        settings = self._settings()
        own, scores = settings.reading, settings.facts.scores
        if self._made is None or self._made[0] != (own.digest, scores):
            self._made = ((own.digest, scores), lore(own, scores))
        return self._made[1]
