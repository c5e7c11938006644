"""What decides which stories a feed with `show = "relevant"` posts; built once for products and words."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from threatstamp.config.kinds import kind_rules
from threatstamp.config.known import catalogue
from threatstamp.config.settings import Settings
from threatstamp.core.assets.finding import FindingState
from threatstamp.core.assets.naming import NameFinder
from threatstamp.core.assets.product import SBOM, Product
from threatstamp.core.assets.relevance import Relevance
from threatstamp.core.facts.subject import OwnWord
from threatstamp.core.news.feed import Show


def relevance_for(settings: Settings) -> Relevance | None:
    """Returns it; None if no feed asks for it."""
    if all(feed.show is Show.ALL for feed in settings.feeds):
        return None
    return _relevance(settings.products, settings.reading.words)


@lru_cache(maxsize=2)
def _relevance(products: Sequence[Product], words: tuple[OwnWord, ...]) -> Relevance:
    # components of bills of materials have names such as "six" and "request"
    named = [one for one in products if SBOM not in one.tags]
    findings = [one.cve for product in products for one in product.findings if one.state is FindingState.OPEN]
    finder = NameFinder(catalogue().names(named))
    return Relevance(finder, {one.name for one in named}, kind_rules(words), findings)
