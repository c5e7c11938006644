"""Stories get the priority that follows from what is known, and another one when that changes.

Beside everything else, never in its way: a story is recorded, posted and forwarded without one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from threatstamp.core import signs
from threatstamp.core.assets.finding import FindingState
from threatstamp.core.assets.match import Ground, Match
from threatstamp.core.assets.naming import Mention
from threatstamp.core.assets.product import SBOM, Product
from threatstamp.core.facts.assessment import FactSource
from threatstamp.core.facts.cve import CveId, cves_in, cves_said
from threatstamp.core.facts.document import FactLoad
from threatstamp.core.facts.subject import StoryKind, Subject
from threatstamp.core.facts.vulnerability import Vulnerability
from threatstamp.core.ids import StoryId
from threatstamp.core.news.story import Story
from threatstamp.core.policy import Policy
from threatstamp.core.priority.exposure import ASKED_BY, ExposureAnswer, answers_of, product_key
from threatstamp.core.priority.fact import PERSON, STORY, Fact, facts_of
from threatstamp.core.priority.noticing import sighting_of
from threatstamp.core.priority.replay import StoryPriority
from threatstamp.core.priority.ruling import PriorityPolicy, Ruling, ruling_of
from threatstamp.core.priority.touching import foremost, touches_of
from threatstamp.core.priority.urgency import SCALE, Priority
from threatstamp.core.time import DAY, MINUTE, Micros
from threatstamp.desk.ports.tools import Tools
from threatstamp.desk.priority.insight import Insight, Lore
from threatstamp.desk.priority.recording import FoundLater, StoryRuling, record
from threatstamp.desk.priority.showing import show_changed

LOOK_BACK = 90 * DAY
"""Stories of which nothing was told for so long keep the priority that they had."""

OVERLAP = 10 * MINUTE
"""So much of what the last pass saw is looked at again: other processes' clocks may be behind."""

MOST = 5000
"""So many stories are looked at in one pass, the newest ones."""

MOST_ASKS = 3
"""Of so many products of one story people are asked."""

BATCH = 20
"""Rulings in one transaction: a stamp that arrives meanwhile waits for one."""

WITHOUT_ID = frozenset({StoryKind.VULNERABILITY, StoryKind.EXPLOITED, StoryKind.UPDATE})
"""Such a story is assessed for the company's products in it also if nothing is known of a CVE in it."""

Loads = Sequence[FactLoad]
Loaded = Mapping[FactSource, Micros]
Answers = Mapping[str, ExposureAnswer]
"""By `product_key`, what people have said of whether the internet reaches a product."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """What is known of a story: its CVEs, those of which something is known, and its products.

    is_old: it was looked at before, and what is found in it now could not be found then.
    """

    story: Story
    cves: tuple[CveId, ...]
    found: tuple[Vulnerability, ...]
    mentions: tuple[Mention, ...]
    matches: tuple[Match, ...]
    subject: Subject
    before: StoryPriority | None
    is_old: bool = False


class AssessStories:
    """Assesses the stories of the last days whose priority may be another one now.

    loads: how far the loads of facts are. Raises FactsError. lore: by what stories are read. spoke: since
    when each source has spoken at all; only called where that decides something. Raises FactsError.
    """

    def __init__(
        self,
        tools: Tools,
        *,
        loads: Callable[[], Loads],
        lore: Callable[[], Lore],
        spoke: Callable[[], Loaded] = dict,
    ) -> None:
        self._tools = tools
        self._spoke = spoke
        self._loads = loads
        self._insight = Insight(lore)
        self._done: dict[FactSource, Micros] = {}
        self._basis: object = None
        self._decided: tuple[Policy, str, str] | None = None
        self._until = Micros(0)
        self._again: Micros | None = None

    def look_again(self, since: Micros) -> None:
        """Has the next pass look at stories again that were told since then: more is known of some."""
        self._again = since if self._again is None else min(self._again, since)

    def run(self) -> int:
        """Returns how many rulings were recorded. What a stop leaves undone is done by the next pass.

        None while products are not known that a tab of the spreadsheet has: a story would be said not to
        touch them. All stories again if facts were loaded, or policy or products have changed, since the last
        pass; else only those of which something is new. Raises StoreError, FactsError.
        """
        policy, now = self._tools.policy, self._tools.clock.now()
        loads = tuple(self._loads())
        if policy.priority is None or policy.lacks_products:
            return 0
        # a source that is being loaded again counts as it was: what it has not come to yet is still there
        self._done |= {one.source: one.began_at for one in loads if one.is_done}
        states = [(one.source, one.began_at, one.is_done) for one in loads]
        with self._tools.store.reading() as read:
            answers, kinds = answers_of(read.priorities.exposures()), read.vitals.get(signs.KINDS)
        own = self._insight.own
        basis = (policy.priority.digest, policy.products, states, answers, own, kinds)
        again = self._again
        stories, old = self._stories(now, again, is_same=basis == self._basis)
        spoke = cache(self._spoke)  # it takes a while: once a pass
        count, later, token = 0, FoundLater(), self._token(policy, policy.priority, own)
        for begin in range(0, len(stories), BATCH):
            some = list(self._material(stories[begin : begin + BATCH], policy, old, is_loaded=bool(loads)))
            rulings = [_ruled(one, policy.priority, self._done, token, answers) for one in some]
            count += record(self._tools, rulings, policy.priority, later, spoke=spoke)
        self._basis, self._until = basis, now
        if self._again == again:  # else more has come meanwhile
            self._again = None
        show_changed(self._tools)
        return count

    def _stories(
        self, now: Micros, again: Micros | None, *, is_same: bool
    ) -> tuple[tuple[Story, ...], frozenset[StoryId]]:
        """Returns the stories to look at, and which of them were before. is_same: nothing else changed."""
        looked_until = Micros(max(0, self._until - OVERLAP))
        again = looked_until if again is None else again
        newest = min(looked_until, again) if is_same else 0
        since = Micros(max(now - LOOK_BACK, newest))
        with self._tools.store.reading() as read:
            stories = read.stories.told_since(since, most=MOST)
            is_again = looked_until > since
            fresh = read.stories.told_since(looked_until, most=MOST) if is_again else stories
        return stories, frozenset(one.id for one in stories) - {one.id for one in fresh}

    def _token(self, policy: Policy, priority: PriorityPolicy, own: str) -> str:
        """Returns the digest of what is in force, made once: scanners may have found thousands of things."""
        if self._decided is None or self._decided[0] is not policy or self._decided[1] != own:
            self._decided = (policy, own, _token(policy, priority, own))
        return self._decided[2]

    def _material(
        self, stories: Sequence[Story], policy: Policy, old: frozenset[StoryId], *, is_loaded: bool
    ) -> Iterator[Material]:
        """Yields what is known of those that there is something to say of.

        is_loaded: some source is. If none is yet, what was found out about single CVEs counts all the same.
        """
        with self._tools.store.reading() as read:
            words = {one.id: read.stories.words(one.id) for one in stories}
            before = read.priorities.of([one.id for one in stories])
        named = {one.id: cves_in(one.title) or cves_said(one.title, words[one.id]) for one in stories}
        cves = tuple(dict.fromkeys(cve for some in named.values() for cve in some))
        known = {one.cve: one for one in self._tools.facts.known(cves)}
        for story in stories:
            found = tuple(known[cve] for cve in named[story.id] if cve in known)
            mentions = self._insight.mentions(story, words[story.id], policy.products)
            matches = self._insight.matches(found, mentions, policy.products, named[story.id])
            if not found and not (is_loaded and any(one.touches for one in matches)):
                continue
            subject = self._insight.subject(story, words[story.id])
            if found or subject.kind in WITHOUT_ID or any(one.scan is FindingState.OPEN for one in matches):
                yield Material(
                    story=story,
                    cves=named[story.id],
                    found=found,
                    mentions=mentions,
                    matches=matches,
                    subject=subject,
                    before=before.get(story.id),
                    is_old=story.id in old,
                )


def _ruled(of: Material, policy: PriorityPolicy, loaded: Loaded, token: str, answers: Answers) -> StoryRuling:
    """Returns the most urgent ruling about a story: of several equal ones the first."""
    about: StoryId = of.story.id
    rulings = list(_rulings(of, policy, loaded, answers))
    cve, ruling, _ = max(rulings, key=lambda one: _urgency(one[1], policy))
    before = of.before
    seen = before.seen if before else None
    sources = {*loaded, *(FactSource(one) for one in (seen.sources if seen else ()))}
    return StoryRuling(
        story=about,
        cve=cve,
        ruling=ruling,
        touches=touches_of(of.matches, before.touches if before else () if of.is_old else None),
        found=of.found,
        sighting=sighting_of(of.found, sources=sources, basis=token),
        asks=tuple(dict.fromkeys(_asks(rulings)))[:MOST_ASKS],
    )


Rulings = Sequence[tuple[CveId, Ruling, Product | None]]


def _asks(rulings: Rulings) -> Iterator[str]:
    """Yields the products of which the table has to assume whether the internet reaches them."""
    for _, ruling, product in rulings:
        if product is None or SBOM in product.tags:  # of a library, nobody could say
            continue
        if ruling.row is not None and ASKED_BY.intersection(ruling.open):
            yield product.name


def _rulings(
    of: Material, policy: PriorityPolicy, loaded: Loaded, answers: Answers
) -> Iterator[tuple[CveId, Ruling, Product | None]]:
    """Yields what follows from each CVE, for each product that it may concern, as surely as any other."""
    about = (
        Fact(name="kind", value=of.subject.kind.value, source=PERSON if of.subject.is_said else STORY),
        Fact(name="layer", value=of.subject.layer.value, source=STORY),
    )
    if not of.found:
        nothing = Vulnerability(cve=of.cves[0] if of.cves else CveId(""), said=())
        for product in _products(of.matches):  # of no CVE it is known that it is not in a catalogue
            facts = facts_of(nothing, product, answer=_answer(product, answers), loaded={})
            yield nothing.cve, ruling_of(policy, (*facts, *about)), product
    for one in of.found:
        concerned = [match for match in of.matches if _is_about(match, one.cve)]
        for product in _products(concerned):
            facts = facts_of(one, product, answer=_answer(product, answers), loaded=loaded)
            yield one.cve, ruling_of(policy, (*facts, *about)), product


def _answer(product: Product | None, answers: Answers) -> ExposureAnswer | None:
    return answers.get(product_key(product.name)) if product else None


def _products(matches: Sequence[Match]) -> tuple[Product | None, ...]:
    return tuple(one.product for one in foremost(matches)) or (None,)


def _is_about(match: Match, cve: CveId) -> bool:
    """True if a product is matched by this CVE, or by the story's words alone.

    What a scanner found of one CVE does not make words say less of another one.
    """
    named = {one.vulnerability for one in match.reasons if one.vulnerability}
    listing = [one for one in match.reasons if one.ground not in (Ground.TEXT, Ground.SCANNER)]
    is_text = any(one.ground is Ground.TEXT for one in match.reasons)
    return cve in named or (is_text and not listing)


def _urgency(ruling: Ruling, policy: PriorityPolicy) -> tuple[int, int]:
    """What is not assessed comes after what is, since something is known of that."""
    rank = -1 if ruling.priority is Priority.NOT_ASSESSED else SCALE.index(ruling.priority)
    return rank, policy.table.outcomes.index(ruling.outcome) if ruling.outcome else -1


def _token(policy: Policy, priority: PriorityPolicy, own: str) -> str:
    """Returns a digest of what the company itself decides: if that changes, nobody is told story by story."""
    said = f"{priority.digest}\n{policy.products!r}"
    if findings := [(one.name, one.findings) for one in policy.products if one.findings]:
        said += repr(findings)
    return hashlib.sha256((said + own).encode(errors="replace")).hexdigest()[:16]
