"""Stories get the priority that follows from what is known, and another one when that changes.

Beside everything else, never in its way: a story is recorded, posted and forwarded without one.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from threatstamp.core import signs
from threatstamp.core.facts.cve import CveId, cves_in, cves_said
from threatstamp.core.facts.document import FactLoad
from threatstamp.core.facts.vulnerability import Vulnerability
from threatstamp.core.ids import StoryId
from threatstamp.core.ledger.kinds import Kind
from threatstamp.core.news.story import Story
from threatstamp.core.priority.fact import facts_of
from threatstamp.core.priority.replay import StoryPriority, gist_of, policy_content, ruling_body
from threatstamp.core.priority.ruling import PriorityPolicy, Ruling, ruling_of
from threatstamp.core.priority.urgency import SCALE, Priority
from threatstamp.core.time import DAY, MINUTE, Micros
from threatstamp.desk.ports.store import Tx
from threatstamp.desk.ports.tools import Tools

LOOK_BACK = 30 * DAY
"""Older stories keep the priority that they had."""

OVERLAP = 10 * MINUTE
"""So much of what the last pass saw is looked at again: other processes' clocks may be behind."""

MOST = 5000
"""So many stories are looked at in one pass, the newest ones."""

BATCH = 20
"""Rulings in one transaction: a stamp that arrives meanwhile waits for one."""

Loads = Sequence[FactLoad]


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryRuling:
    """The most urgent ruling about a story's CVEs."""

    story: StoryId
    cve: CveId
    ruling: Ruling


class AssessStories:
    """Assesses the stories of the last days whose priority may be another one now.

    loads: how far the loads of facts are. Raises FactsError.
    """

    def __init__(self, tools: Tools, *, loads: Callable[[], Loads]) -> None:
        self._tools = tools
        self._loads = loads
        self._basis: object = None
        self._until = Micros(0)

    def run(self) -> int:
        """Returns how many rulings were recorded. What a stop leaves undone is done by the next pass.

        All stories again if facts were loaded, or the policy has changed, since the last pass; else only
        the newest ones. Raises StoreError, FactsError.
        """
        policy, now = self._tools.policy.priority, self._tools.clock.now()
        loads = tuple(self._loads())
        if policy is None or not loads:
            return 0
        basis = (policy.digest, [(one.source, one.began_at, one.is_done) for one in loads])
        newest = self._until - OVERLAP if basis == self._basis else 0
        since = Micros(max(now - LOOK_BACK, newest))
        count = 0
        with self._tools.store.reading() as read:
            stories = read.stories.made_since(since, most=MOST)
        for begin in range(0, len(stories), BATCH):
            rulings = list(self._rulings(stories[begin : begin + BATCH], policy, loads))
            count += self._record(rulings, policy)
        self._basis, self._until = basis, now
        return count

    def _rulings(
        self, stories: Sequence[Story], policy: PriorityPolicy, loads: Loads
    ) -> Iterator[StoryRuling]:
        """Yields what follows now for those that name a CVE of which something is known."""
        with self._tools.store.reading() as read:
            named = {
                one.id: cves_in(one.title) or cves_said(one.title, read.stories.words(one.id))
                for one in stories
            }
        cves = tuple(dict.fromkeys(cve for some in named.values() for cve in some))
        known = {one.cve: one for one in self._tools.facts.known(cves)}
        for story, some in named.items():
            found = [known[cve] for cve in some if cve in known]
            if found:
                yield _most_urgent(story, found, policy, loads)

    def _record(self, rulings: Sequence[StoryRuling], policy: PriorityPolicy) -> int:
        """Records those that differ from what is on record."""
        stories = [one.story for one in rulings]
        with self._tools.store.reading() as read:
            if not _changed(rulings, read.priorities.of(stories)):
                return 0
        now = self._tools.clock.now()
        with self._tools.store.transaction() as tx:
            changed = _changed(rulings, tx.priorities.of(stories))  # another process may have been quicker
            if changed:
                _record_policy(tx, policy, now=now)
            for one in changed:
                body = {"story": one.story, **ruling_body(one.cve, one.ruling)}
                tx.ledger.append(Kind.ASSESSED, body, now=now)
                tx.priorities.put(one.story, _said(one, now), now=now)
        return len(changed)


def _most_urgent(
    story: StoryId, found: Sequence[Vulnerability], policy: PriorityPolicy, loads: Loads
) -> StoryRuling:
    loaded = {one.source: one.began_at for one in loads if one.is_done}
    rulings = [(one.cve, ruling_of(policy, facts_of(one, loaded=loaded))) for one in found]
    cve, ruling = max(rulings, key=lambda one: _urgency(one[1], policy))  # of equal ones the first
    return StoryRuling(story=story, cve=cve, ruling=ruling)


def _urgency(ruling: Ruling, policy: PriorityPolicy) -> tuple[int, int]:
    """What is not assessed comes after what is, since something is known of that."""
    rank = -1 if ruling.priority is Priority.NOT_ASSESSED else SCALE.index(ruling.priority)
    return rank, policy.table.outcomes.index(ruling.outcome) if ruling.outcome else -1


def _changed(rulings: Sequence[StoryRuling], last: Mapping[StoryId, StoryPriority]) -> list[StoryRuling]:
    def is_new(one: StoryRuling) -> bool:
        before = last.get(one.story)
        return before is None or before.gist != gist_of(one.cve, one.ruling)

    return [one for one in rulings if is_new(one)]


def _said(one: StoryRuling, now: Micros) -> StoryPriority:
    outcome = one.ruling.outcome.name if one.ruling.outcome else None
    gist = gist_of(one.cve, one.ruling)
    return StoryPriority(
        cve=one.cve, priority=one.ruling.priority, outcome=outcome, gist=gist, assessed_at=now
    )


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
