"""Rulings go on record where they differ from the last ones, and whoever reads the story's post is told."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from threatstamp.core import signs
from threatstamp.core.facts.assessment import FactSource
from threatstamp.core.facts.cve import CveId
from threatstamp.core.facts.vulnerability import Vulnerability
from threatstamp.core.ids import StoryId
from threatstamp.core.ledger.kinds import Kind
from threatstamp.core.priority.fact import ANSWER
from threatstamp.core.priority.noticing import Notice, NoticeKind, Sighting, carried, notices
from threatstamp.core.priority.replay import StoryPriority, gist_of, policy_content, ruling_body, told_kind
from threatstamp.core.priority.ruling import PriorityPolicy, Ruling
from threatstamp.core.priority.touching import Touch, late_ones, touch_body
from threatstamp.core.priority.urgency import Priority
from threatstamp.core.time import MINUTE, Micros
from threatstamp.desk.ports.store import Read, Tx
from threatstamp.desk.ports.tools import Tools
from threatstamp.desk.priority.noticing import owe_notice
from threatstamp.desk.priority.reopening import reopen_reviewed


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryRuling:
    """The most urgent ruling about a story's CVEs, its products, and what is known of its CVEs.

    asks: products of which somebody should say whether the internet reaches them.
    """

    story: StoryId
    cve: CveId
    ruling: Ruling
    touches: tuple[Touch, ...]
    found: tuple[Vulnerability, ...]
    sighting: Sighting
    asks: tuple[str, ...] = ()

    @property
    def gist(self) -> str:
        return gist_of(self.cve, self.ruling, self.touches)

    @property
    def shown(self) -> str:
        """A digest of what messages show of it."""
        best = next((one for one in self.found if one.cve == self.cve), None)
        kev = best.kev if best else None
        said = [
            self.cve,
            self.ruling.priority.value,
            [
                [one.product, one.where, one.standing, one.comparison, one.late, *filter(None, [one.scan])]
                for one in self.touches
            ],
            f"{best.best.score:.1f}" if best and best.best else "",
            bool(best and best.is_unscored),
            [kev is not None, bool(kev and kev.ransomware)],
            *filter(None, [told_kind({fact.name: fact.value for fact in self.ruling.facts})]),
        ]
        return hashlib.sha256(json.dumps(said).encode()).hexdigest()


LATE = 10 * MINUTE
"""Who reads a post that is as old as that when its CVEs become known is told; before, it is only edited."""

Spoke = Callable[[], Mapping[FactSource, Micros]]
"""Since when each source has spoken at all."""

MOST_TOLD = 10
MOST_NAMED = 3
"""Products that one story names."""

Last = Mapping[StoryId, StoryPriority]


@dataclass(slots=True)
class FoundLater:
    """How many more stories say in this pass that a product was found later: a list may match thousands."""

    left: int = MOST_TOLD

    def matched(self, one: StoryRuling, before: StoryPriority | None) -> tuple[Notice, ...]:
        """Returns what a story says of products that were found only now."""
        late = late_ones(one.touches, before.touches if before else None)
        if not late or not self.left:
            return ()
        self.left -= 1
        return tuple(Notice(kind=NoticeKind.MATCHED, after=touch.product) for touch in late[:MOST_NAMED])


def record(
    tools: Tools,
    rulings: Sequence[StoryRuling],
    policy: PriorityPolicy,
    later: FoundLater | None = None,
    *,
    spoke: Spoke = dict,
) -> int:
    """Records what differs from what is on record; returns how many rulings are others than the last ones."""
    later = later or FoundLater()
    stories = [one.story for one in rulings]
    with tools.store.reading() as read:
        last = read.priorities.of(stories)
        if not _changed(rulings, last):
            return 0
        posted = {one.story: _posted_at(read, one.story) for one in rulings if one.story not in last}
    unheard = frozenset(one.story for one in rulings if _was_unheard_of(one, posted.get(one.story), spoke))
    now, ruled = tools.clock.now(), list[StoryId]()
    with tools.store.transaction() as tx:
        last = tx.priorities.of(stories)  # another process may have been quicker
        for one in _changed(rulings, last):
            before = last.get(one.story)
            said = _said(one, before, now)
            if before is None or before.gist != one.gist:
                if not ruled:
                    _record_policy(tx, policy, now=now)
                matches = [touch_body(touch) for touch in one.touches]
                body = {"story": one.story, **ruling_body(one.cve, one.ruling), "matches": matches}
                tx.ledger.append(Kind.ASSESSED, body, now=now)
                ruled.append(one.story)
            is_shown = before is not None and before.shown == one.shown
            tx.priorities.put(one.story, said, owed_at=None if is_shown else now)
            news = _news(one, before, later.matched(one, before))
            if before is None and one.story in unheard:
                news = (*_first_known(one), *news)
            owe_notice(tx, one.story, news, now=now)
            reopen_reviewed(tx, one.story, before, said, news, now=now)
        # after everything else: a transaction that locks rows of departures first could deadlock
        _revise_cards(tx, ruled, now=now)
    return len(ruled)


def _revise_cards(tx: Tx, stories: Sequence[StoryId], *, now: Micros) -> None:
    """Has the cards edited that say what was ruled about these, as what is recommended follows from it."""
    for story in stories:
        for place in tx.publications.places_of(story):
            if tx.cases.at(place) is not None:
                for card in tx.forwards.cards(place):
                    tx.outbox.revise(card, now=now)


def _changed(rulings: Sequence[StoryRuling], last: Last) -> list[StoryRuling]:
    def is_new(one: StoryRuling) -> bool:
        before = last.get(one.story)
        if before is None or (before.gist, before.shown, before.asks) != (one.gist, one.shown, one.asks):
            return True
        return (
            before.seen is None or before.touches is None or carried(before.seen, one.sighting) != before.seen
        )

    return [one for one in rulings if is_new(one)]


def _said(one: StoryRuling, before: StoryPriority | None, now: Micros) -> StoryPriority:
    seen = before.seen if before else None
    said = StoryPriority(
        cve=one.cve,
        priority=one.ruling.priority,
        outcome=one.ruling.outcome.name if one.ruling.outcome else None,
        gist=one.gist,
        assessed_at=now,
        touches=one.touches,
        seen=carried(seen, one.sighting) if seen else one.sighting,
        shown=one.shown,
        ruling=json.dumps(ruling_body(one.cve, one.ruling), ensure_ascii=False),
        asks=one.asks,
    )
    if before is None or before.gist != one.gist:
        return said
    return replace(said, assessed_at=before.assessed_at)  # on record is the ruling of then


def _news(one: StoryRuling, before: StoryPriority | None, matched: tuple[Notice, ...]) -> tuple[Notice, ...]:
    """Returns what is worth a line: what sources say anew, and a priority that changed by that.

    matched: what is said of products that were found only now.
    """
    if before is None or before.seen is None:
        return matched
    found = (*notices(before.seen, one.found), *matched)
    now, speaking = one.sighting, {said.said.source for cve in one.found for said in cve.said}
    # neither by what the company decided, nor by a source that was not there before
    is_by_facts = (now.sources, now.basis) == (before.seen.sources, before.seen.basis)
    is_by_facts = is_by_facts and speaking <= set(before.seen.sources)
    answered = _answered(one, before)
    if before.priority is one.ruling.priority or not (found or is_by_facts or answered):
        return found
    ruled = Notice(kind=NoticeKind.RULED, before=before.priority.value, after=one.ruling.priority.value)
    return (*found, *answered, ruled)


def _posted_at(read: Read, story: StoryId) -> Micros | None:
    """Returns when the first post of a story went out; None while there is none."""
    trail = read.stories.trail(story)
    times = (post.sent.delivered_at for post in trail.posts if post.sent) if trail else ()
    return min((at for at in times if at is not None), default=None)


def _was_unheard_of(one: StoryRuling, posted: Micros | None, spoke: Spoke) -> bool:
    """True if nobody knew anything of a story's CVEs when it was posted, nor for a while after that.

    It is looked for in what the sources say, since nothing is put on record of what is not known. A source
    that has only begun to speak since then tells what it knew before.
    """
    said = [said for cve in one.found for said in cve.said]
    if posted is None or not said or min(one.read_at for one in said) - posted < LATE:
        return False
    since = spoke()
    return all(since.get(one.said.source, posted) < posted for one in said)


def _first_known(one: StoryRuling) -> Iterator[Notice]:
    """Yields what is told of a story that was unheard of: the most urgent of its CVEs, and the priority."""
    about = next((found for found in one.found if found.cve == one.cve), None)
    if about is not None and about.kev:
        yield Notice(kind=NoticeKind.LISTED, cve=about.cve)
    if about is not None and about.best:
        yield Notice(kind=NoticeKind.SCORED, cve=about.cve, after=f"{about.best.score:.1f}")
    if one.ruling.priority is not Priority.NOT_ASSESSED:
        before = Priority.NOT_ASSESSED.value
        yield Notice(kind=NoticeKind.RULED, before=before, after=one.ruling.priority.value)


def _answered(one: StoryRuling, before: StoryPriority) -> tuple[Notice, ...]:
    """Returns what a person has said meanwhile, from which another priority follows."""
    said = {fact.name: fact for fact in one.ruling.facts}
    exposed, product = said.get("exposed"), said.get("product")
    if exposed is None or product is None or exposed.source != ANSWER or exposed.value is None:
        return ()
    if f'"read_at": {exposed.read_at}' in before.ruling:
        return ()
    return (Notice(kind=NoticeKind.ANSWERED, before=product.value or "", after=exposed.value),)


def _record_policy(tx: Tx, policy: PriorityPolicy, *, now: Micros) -> None:
    """Puts table and rules on record before the first ruling that follows from them."""
    if tx.vitals.get(signs.PRIORITIES) == policy.digest:
        return
    content = json.dumps(policy_content(policy), ensure_ascii=False, separators=(",", ":"))
    body = {
        "digest": policy.digest,
        "table": policy.table.name,
        "version": policy.table.edition,
        "content": content,
    }
    tx.ledger.append(Kind.PRIORITIES, body, now=now)
    tx.vitals.put(signs.PRIORITIES, policy.digest, now=now)
