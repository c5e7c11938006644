"""Whether a story is for whoever reads only what concerns them: feeds with `show = "relevant"`."""

from __future__ import annotations

from collections.abc import Iterable

from threatstamp.core.assets.naming import NameFinder
from threatstamp.core.facts.cve import CveId, cves_said
from threatstamp.core.facts.ids import ids_in
from threatstamp.core.facts.subject import KindRules, StoryKind, subject_of
from threatstamp.core.facts.vulnerability import Vulnerability


class Relevance:
    """Finds the company's products in texts, and what is exploited.

    finder: of all names that are known; ours: the products among them that the company has. open_findings:
    what scanners found in these.
    """

    def __init__(
        self,
        finder: NameFinder,
        ours: Iterable[str],
        rules: KindRules,
        open_findings: Iterable[CveId] = (),
    ) -> None:
        self._finder = finder
        self._ours = frozenset(ours)
        self._rules = rules
        self._found = frozenset(open_findings)

    def concerns(self, title: str, rest: str, known: Iterable[Vulnerability]) -> bool:
        """True if a product of ours is named, the text says that something is exploited, or a source does.

        Also if a scanner found what the text is about in a product of ours.

        known: what is loaded about the vulnerabilities that the text is about.
        """
        if any(one.kev is not None for one in known):
            return True
        if self._found and not self._found.isdisjoint(cves_said(title, rest)):
            return True
        signs = (f"id:{one.kind}" for one in ids_in(title, rest))
        if subject_of(title, rest, signs, self._rules).kind is StoryKind.EXPLOITED:
            return True
        mentions = self._finder.find(f"{title}\n{rest}")
        return any(name in self._ours for one in mentions for name in one.of)
