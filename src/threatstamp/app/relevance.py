"""What decides which stories a feed with `show = "relevant"` posts; built once for a list of products."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from threatstamp.config.kinds import kind_rules
from threatstamp.config.known import catalogue
from threatstamp.config.settings import Settings
from threatstamp.core.assets.naming import NameFinder
from threatstamp.core.assets.product import SBOM, Product
from threatstamp.core.assets.relevance import Relevance
from threatstamp.core.news.feed import Show


def relevance_for(settings: Settings) -> Relevance | None:
    """Returns it; None if no feed asks for it."""
    if all(feed.show is Show.ALL for feed in settings.feeds):
        return None
    # components of bills of materials have names such as "six" and "request"
    return _relevance(tuple(one for one in settings.products if SBOM not in one.tags))


@lru_cache(maxsize=2)
def _relevance(products: Sequence[Product]) -> Relevance:
    finder = NameFinder(catalogue().names(products))
    return Relevance(finder, {one.name for one in products}, kind_rules())
