"""A case is handed over to developers: one message with all that they need, which one of them acknowledges.

The message is a departure that is known by its case, so it is posted once, whatever crashes. It is edited
when the case moves, when what is known of its vulnerabilities changes, and when it is closed.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache

from threatstamp.core.assets.match import Match, Matcher
from threatstamp.core.assets.product import Product
from threatstamp.core.cases.case import Case, CaseAct, Move, Wish
from threatstamp.core.cases.moves import Denial
from threatstamp.core.cases.track import channel_of, plans_of
from threatstamp.core.cases.weighing import CaseCard, product_finder, weigh
from threatstamp.core.facts.cve import CveId, cves_said
from threatstamp.core.facts.vulnerability import Vulnerability
from threatstamp.core.ids import ChannelId
from threatstamp.core.news.marking import Tlp
from threatstamp.core.outbox.body import number_in, read_body
from threatstamp.core.outbox.departure import Departure, State, Withheld
from threatstamp.core.policy import Policy
from threatstamp.core.signs import shown_to_developers
from threatstamp.core.stamps.post import Snapshot
from threatstamp.core.time import Micros
from threatstamp.desk.ports.cases import BRIEF, brief_key, order_brief
from threatstamp.desk.ports.departing import Act, Departing, Message, Never
from threatstamp.desk.ports.marking import place_marking
from threatstamp.desk.ports.slack import Saying
from threatstamp.desk.ports.store import Tx
from threatstamp.desk.ports.tools import Tools

MOST_PRODUCTS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class BriefSaying(Saying):
    """What developers are told. snapshot: of the post; None if its words are not on record.

    matches: the company's products that it is about. known: what is known of the vulnerabilities. marking: of
    the post.
    """

    card: CaseCard
    snapshot: Snapshot | None
    matches: tuple[Match, ...]
    known: tuple[Vulnerability, ...]
    marking: Tlp | None = None


def told_before(tx: Tx, case: Case, wish: Wish, policy: Policy) -> Denial | bool:
    """Returns whether an act of handing over is done already; why not, where it cannot be done."""
    if wish.act is CaseAct.BRIEF:
        if tx.outbox.keyed(brief_key(case)) is not None:
            return True
        channel = _channel(tx, case, policy)
        if channel is None:
            return Denial.NOWHERE
        marking = place_marking(tx, case.place, policy.labels)
        return False if policy.may_read(marking, channel) else Denial.SEALED
    if wish.act is CaseAct.ACKNOWLEDGE:
        done = {one.wish.act for one in tx.cases.moves(case.number)}
        return CaseAct.ACKNOWLEDGE in done if CaseAct.BRIEF in done else Denial.STATE
    return False


def give_brief(tx: Tx, case: Case, step: Move, policy: Policy) -> None:
    """Orders the message, by the move that hands over."""
    channel = _channel(tx, case, policy)
    if step.wish.act is CaseAct.BRIEF and channel is not None:
        tx.outbox.owe(order_brief(case, channel, now=step.at), now=step.at)


def revise_brief(tx: Tx, case: Case, *, now: Micros) -> None:
    """Has the message edited, if there is one."""
    message = tx.outbox.keyed(brief_key(case))
    if message is not None:
        tx.outbox.revise(message.id, now=now)


def _channel(tx: Tx, case: Case, policy: Policy) -> ChannelId | None:
    return channel_of(plans_of(policy.tracks, tx.cases.tracks(case)))


def brief_at(departure: Departure | None) -> int | None:
    """Returns the number of the case that a message hands over; None if it is no such message."""
    if departure is None or departure.kind != BRIEF:
        return None
    return number_in(read_body(departure.body), "case")


class Briefing(Departing):
    """Posts and edits the message."""

    kind = BRIEF

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    def prepare(self, departure: Departure, *, edit: bool) -> Act:
        if departure.channel in self._tools.policy.shared:
            return Never(reason=Withheld.SHARED)
        saying = brief_of(self._tools, number_in(read_body(departure.body), "case"))
        if saying is None:
            return Never(reason=Withheld.INCOMPLETE)
        may_read = self._tools.policy.may_read(saying.marking, departure.channel)
        return (
            Message(saying=saying) if edit or departure.unsure or may_read else Never(reason=Withheld.MARKED)
        )


def brief_of(tools: Tools, number: int) -> BriefSaying | None:
    """Returns what developers are told of a case as things are; None for a case that is not known."""
    policy = tools.policy
    with tools.store.reading() as read:
        case = read.cases.get(number)
        if case is None:
            return None
        card = read.cases.card(case.place) or CaseCard(case=case)
        post, story = read.posts.get(case.place), read.stories.at(case.place)
        words = f"{story.title}\n{read.stories.words(story.id)}" if story else ""
        marking = place_marking(read, case.place, policy.labels)
    snapshot = post.snapshot if post else None
    if snapshot is not None:
        words = f"{snapshot.title}\n{snapshot.text}\n{words}"
    known = tools.facts.known(_cves_in(words))
    return BriefSaying(
        card=weigh(card, policy.scales, snapshot),
        snapshot=snapshot,
        matches=_matches(words, known, policy.products)[:MOST_PRODUCTS],
        known=known,
        marking=marking,
    )


class BriefClock:
    """Edits messages to developers when what is known of the vulnerabilities has changed."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    def run(self) -> bool:
        """Looks at the open cases that were handed over; True if an edit is owed. Raises StoreError."""
        with self._tools.store.reading() as read:
            cases = read.cases.briefed(self._tools.policy.team)
        return sum(map(self._look, cases)) > 0

    def _look(self, case: Case) -> bool:
        saying, now = brief_of(self._tools, case.number), self._tools.clock.now()
        if saying is None or not saying.known:  # facts that cannot be read just now are no news
            return False
        said = f"{saying.known!r}{saying.matches!r}".encode(errors="replace")
        mark, sign = hashlib.sha256(said).hexdigest()[:16], shown_to_developers(case.number)
        with self._tools.store.reading() as read:
            before = read.vitals.get(sign)
        if before == mark:
            return False
        with self._tools.store.transaction() as tx:
            message = tx.outbox.keyed(brief_key(case))
            if message is None or message.state is not State.DELIVERED:
                return False  # it will be posted with what is known then
            tx.vitals.put(sign, mark, now=now)
            if before is not None:
                tx.outbox.revise(message.id, now=now)
        return before is not None


def _cves_in(words: str) -> tuple[CveId, ...]:
    title, _, text = words.partition("\n")
    return cves_said(title, text)


def _matches(
    words: str, known: tuple[Vulnerability, ...], products: tuple[Product, ...]
) -> tuple[Match, ...]:
    if not products:
        return ()
    return _matcher(products).match(known, product_finder(products).find(words), _cves_in(words))


@lru_cache(maxsize=2)
def _matcher(products: tuple[Product, ...]) -> Matcher:
    return Matcher(products)
