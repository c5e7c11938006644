"""What a story is about beside its CVEs: its kind and layer, and the company's products in it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from threatstamp.core.assets.match import Match, Matcher
from threatstamp.core.assets.naming import Mention, NameFinder
from threatstamp.core.assets.product import Product
from threatstamp.core.facts.actors import NameBook
from threatstamp.core.facts.cve import CveId
from threatstamp.core.facts.gist import gist_of
from threatstamp.core.facts.subject import KindRules, StoryKind, Subject, said_of
from threatstamp.core.facts.vulnerability import Vulnerability
from threatstamp.core.news.entry import Entry
from threatstamp.core.news.story import Story

LONGEST = 20_000
"""Characters of a story that are read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lore:
    """By what stories are read. finder, matcher: made of the company's products, which takes a moment.

    own: a digest of what the company itself decides of it: words, names, which scores count; "" for nothing.
    """

    rules: KindRules
    book: NameBook
    finder: Callable[[Sequence[Product]], NameFinder]
    matcher: Callable[[Sequence[Product]], Matcher]
    own: str = ""


class Insight:
    """Reads stories. What is made of a list of products is made once for each list."""

    def __init__(self, lore: Callable[[], Lore]) -> None:
        """lore: called when it is needed; what it returns may change."""
        self._lore = lore
        self._made: tuple[Sequence[Product], NameFinder, Matcher] | None = None

    @property
    def own(self) -> str:
        """See `Lore`."""
        return self._lore().own

    def subject(self, story: Story, words: str) -> Subject:
        """Returns of what kind a story is, as a person said or its words tell, and on which layer."""
        lore = self._lore()
        entry = Entry(entry_id="", own_id=False, title=story.title, summary=words[:LONGEST], link=story.link)
        found = gist_of(entry, lore.rules, lore.book).subject
        return said_of(found, StoryKind(story.kind), lore.rules) if story.kind else found

    def mentions(self, story: Story, words: str, products: Sequence[Product]) -> tuple[Mention, ...]:
        """Returns the products that a story names."""
        if not products:
            return ()
        return tuple(self._of(products)[0].find(f"{story.title}\n{words}"[:LONGEST]))

    def matches(
        self,
        found: Sequence[Vulnerability],
        mentions: Sequence[Mention],
        products: Sequence[Product],
        cves: Sequence[CveId] = (),
    ) -> tuple[Match, ...]:
        """Returns which of the company's products vulnerabilities and mentions are about.

        cves: all that are in question, also those of which nothing is known.
        """
        return self._of(products)[1].match(found, mentions, cves) if products else ()

    def _of(self, products: Sequence[Product]) -> tuple[NameFinder, Matcher]:
        if self._made is None or self._made[0] is not products:
            lore = self._lore()
            self._made = (products, lore.finder(products), lore.matcher(products))
        return self._made[1], self._made[2]
