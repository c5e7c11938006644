"""What the form of an update call begins with: the product, the fixed version, the article."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cmp_to_key

from threatstamp.core.assets.folding import fold
from threatstamp.core.assets.ordering import compare
from threatstamp.core.cases.call import Suggestion
from threatstamp.core.cases.case import Case
from threatstamp.core.errors import is_about_one
from threatstamp.core.facts.cve import cves_said
from threatstamp.core.facts.vulnerability import Vulnerability
from threatstamp.core.ids import StoryId
from threatstamp.core.news.story import Story
from threatstamp.desk.ports.tools import Tools
from threatstamp.desk.priority.insight import Insight, Lore


class Suggesting:
    """Looks it up. Whoever writes a call reads it before it is sent."""

    def __init__(self, tools: Tools, lore: Callable[[], Lore]) -> None:
        self._tools = tools
        self._insight = Insight(lore)

    def of(self, case: Case) -> Suggestion:
        """Returns what a call of this case could say; nothing where that cannot be found out."""
        try:
            return self._of(case)
        except Exception as error:
            if not is_about_one(error):
                raise
            return Suggestion()

    def _of(self, case: Case) -> Suggestion:
        with self._tools.store.reading() as read:
            post, story = read.posts.get(case.place), read.stories.at(case.place)
            words = read.stories.words(story.id) if story else ""
        snapshot = post.snapshot if post else None
        title = snapshot.title if snapshot else ""
        words = f"{snapshot.text if snapshot else ''}\n{words}"
        cves = cves_said(title, words)
        known = self._tools.facts.known(cves)
        products = self._tools.policy.products
        told = story or Story(id=StoryId(""), title=title, link="", source="")
        mentions = self._insight.mentions(told, words, products)
        matches = self._insight.matches(known, mentions, products, cves)
        touched = next((one.product for one in matches if one.touches), None)
        names = (touched.name, *touched.aliases) if touched else (_only_one(known),)
        link = (snapshot.link if snapshot else None) or ""
        return Suggestion(what=names[0], version=_fixed(known, names), link=link)


def _only_one(known: Sequence[Vulnerability]) -> str:
    """Returns the product that all records are about, as they call it; "" if there are several."""
    names = {fold(one): one for one, _ in _affected(known)}
    return next(iter(names.values())) if len(names) == 1 else ""


def _fixed(known: Sequence[Vulnerability], names: Sequence[str]) -> str:
    """Returns the latest version before which a product is affected; "" if they cannot be compared.

    names: of the product.
    """
    folded = [fold(one) for one in names if one]
    found = {
        end for name, end in _affected(known) if end and any(_is_same(fold(name), one) for one in folded)
    }
    if any(compare(one, other) is None for one in found for other in found):
        return ""
    return max(found, key=cmp_to_key(_order), default="")


def _order(one: str, other: str) -> int:
    return compare(one, other) or 0


def _affected(known: Sequence[Vulnerability]) -> Iterator[tuple[str, str]]:
    """Yields each affected product with the version in which it is fixed, "" if none is named."""
    for vulnerability in known:
        for said in vulnerability.said:
            for entry in said.said.affected:
                for one in entry.ranges:
                    yield entry.product, one.before or ""


def _is_same(one: str, other: str) -> bool:
    return bool(one) and (one in other or other in one)
