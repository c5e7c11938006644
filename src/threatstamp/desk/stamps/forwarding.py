"""Forwards are sent, and edited whenever the people who hold the stamp change."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

from threatstamp.core.cases.weighing import CaseCard, weigh
from threatstamp.core.errors import is_about_one
from threatstamp.core.facts.cve import CveId, cves_said
from threatstamp.core.facts.vulnerability import Vulnerability
from threatstamp.core.ids import StoryId, Ts
from threatstamp.core.ledger.kinds import Kind
from threatstamp.core.news.marking import Tlp, stricter
from threatstamp.core.outbox.departure import Departure, DepartureKind, NewDeparture, Withheld
from threatstamp.core.priority.replay import StoryPriority
from threatstamp.core.stamps.forward import (
    Forward,
    Holders,
    Holding,
    NewForward,
    Order,
    called_by,
    held_until,
    holders_shown,
    holding_until,
    ripe_at,
)
from threatstamp.core.stamps.post import Place, Snapshot
from threatstamp.core.stamps.route import is_withheld
from threatstamp.core.time import Micros
from threatstamp.desk.ports.departing import Act, Departing, Message, Never, NotYet
from threatstamp.desk.ports.slack import Saying
from threatstamp.desk.ports.store import Tx
from threatstamp.desk.ports.tools import Tools
from threatstamp.desk.stamps.asking import CONFIRM_WITHIN, unconfirmed
from threatstamp.desk.stamps.collecting import Collecting, collected_in, digest_of
from threatstamp.desk.stamps.confirming import confirm
from threatstamp.desk.stamps.escalating import expect_acknowledgement
from threatstamp.desk.stamps.matter import forward_body, held_of
from threatstamp.desk.stamps.reading import read_post

FORWARD = DepartureKind(name="forward")
COLLECTED = replace(FORWARD, is_paced=False)
"""A forward that is said in a digest: the same kind and key, since another stamp may come as a single one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ForwardSaying(Saying):
    """A forward's content.

    quiet: everybody withdrew before it was first posted, so it mentions nobody. facts: what is known of the
    vulnerabilities that the post is about. priority: of its story, if it displays one that was assessed.
    card: the post's case, if the forward is its card. asked_about: the story that a button asks about, why
    it has its priority; None where there is no such button. marking: the post's TLP label.
    """

    event: ClassVar[str] = "threatstamp_forward"

    order: Order
    place: Place
    holders: Holders
    snapshot: Snapshot | None
    quiet: bool = False
    facts: tuple[Vulnerability, ...] = ()
    priority: StoryPriority | None = None
    card: CaseCard | None = None
    asked_about: StoryId | None = None
    marking: Tlp | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A forward with all that its message needs. gone: its post was deleted before it could be read.

    mention: whom it calls, without those whom another forward calls at the same time. cves: what the post is
    about, where that is known. story: what it displays, if it is one of ours; marking: that story's.
    """

    forward: Forward
    held: tuple[Holding, ...]
    mention: tuple[str, ...]
    snapshot: Snapshot | None
    gone: bool
    cves: tuple[CveId, ...]
    story: StoryId | None
    marking: Tlp | None = None

    @property
    def is_held(self) -> bool:
        return any(one.until is None for one in self.held)


def order_forward(new: NewForward, *, due_at: Micros, digest: int | None = None) -> NewDeparture:
    """Returns the order for a forward. Its content is in a row of its own, which refers to the departure.

    digest: the digest in which it is said. One that wants to be confirmed is held from `due_at` on.
    """
    body = "{}" if digest is None else collected_in(digest)
    if new.order.confirm:
        due_at = Micros(due_at + CONFIRM_WITHIN)
        body = holding_until(due_at)
    return NewDeparture(
        name=new.name,
        team=new.place.team,
        kind=FORWARD if digest is None else COLLECTED,
        channel=new.destination,
        due_at=due_at,
        body=body,
    )


class Forwarding(Departing):
    """Posts and edits a forward."""

    kind = FORWARD

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._collecting = Collecting(tools)

    def prepare(self, departure: Departure, *, edit: bool) -> Act:
        digest = digest_of(departure)
        if digest is not None:
            return self._collecting.prepare(departure, digest, edit=edit)
        found = self._due(departure)
        if found is None:
            return Never(reason=Withheld.INCOMPLETE)
        until = held_until(departure.body)
        if until is not None and not edit:
            return unconfirmed(found.forward, until, is_held=found.is_held, now=self._tools.clock.now())
        due = self._complete(found)
        if not edit and due.forward.order.delay:
            ripe = ripe_at(due.held, due.forward.order.delay)
            if ripe is None or ripe > self._tools.clock.now():
                return NotYet(due_at=ripe)
        withheld = self._withheld(departure, due)
        if withheld is not None:
            return Never(reason=withheld)
        holders = holders_shown(due.forward.order, due.held)
        # Withdrawn before the first post: it still goes out, so that any order of events ends with the same
        # messages. A first post's mentions would notify people for nothing, so they are left out, and an
        # edit, which notifies nobody, adds them at once.
        quiet = not edit and not holders.now
        priority = None if due.story is None else self._tools.priority_of(due.story)
        card, shared = self._card(due), departure.channel in self._tools.policy.shared
        # a card's menu and command say it, too; what is ours is none of another organisation's business
        has_button = self._tools.policy.has_buttons and priority is not None and card is None and not shared
        saying = ForwardSaying(
            order=replace(due.forward.order, mention=due.mention),
            place=due.forward.place,
            holders=holders,
            snapshot=due.snapshot,
            quiet=quiet,
            facts=self._tools.facts.known(due.cves or _cves_in(due.snapshot)),
            priority=priority,
            card=card,
            asked_about=due.story if has_button else None,
            marking=self._marking(due),
        )
        return Message(saying=saying, thread_ts=_thread_of(due), provisional=quiet)

    def _withheld(self, departure: Departure, due: Due) -> Withheld | None:
        """Returns why it must not go there; None if it may."""
        if departure.channel.startswith("#"):  # recorded while its name meant no channel; see `addressing`
            return Withheld.UNFOUND
        if departure.channel == due.forward.place.channel and not due.forward.order.thread:
            return Withheld.OWN_CHANNEL  # two names of the settings mean one channel by now
        if self._is_marked(departure, due):
            return Withheld.MARKED
        return Withheld.SHARED if self._is_shared(due) else None

    def _card(self, due: Due) -> CaseCard | None:
        """Returns what the card says of the case; None if that cannot be read, which stops no forward."""
        if due.forward.order.case is None:
            return None
        try:
            with self._tools.store.reading() as read:
                card = read.cases.card(due.forward.place)
            return weigh(card, self._tools.policy.scales, due.snapshot) if card else None
        except Exception as error:
            if not is_about_one(error):
                raise
            return None

    def delivered(self, tx: Tx, departure: Departure, *, ts: Ts | None, now: Micros) -> None:
        found = tx.forwards.of(departure.id)
        if found is None:
            return
        forward, _ = found
        tx.ledger.append(Kind.DELIVERED, {**forward_body(forward), "message_ts": ts}, now=now)
        confirm(
            tx,
            forward.place,
            self._tools.policy,
            route_name=forward.order.route_name,
            to=(forward.destination,),
            in_thread=forward.order.thread,
            now=now,
        )
        expect_acknowledgement(tx, forward, now=now)

    def given_up(self, tx: Tx, departure: Departure, *, error: str, now: Micros) -> None:
        found = tx.forwards.of(departure.id)
        if found is not None:
            body = {**forward_body(found[0]), "error": error}
            tx.ledger.append(Kind.UNDELIVERABLE, body, now=now)

    def cancelled(self, tx: Tx, departure: Departure, *, now: Micros) -> None:
        found = tx.forwards.of(departure.id)
        if found is not None:
            tx.ledger.append(Kind.CANCELLED, forward_body(found[0]), now=now)

    def _due(self, departure: Departure) -> Due | None:
        with self._tools.store.reading() as read:
            found = read.forwards.of(departure.id)
            if found is None:
                return None
            forward, post = found
            held = held_of(read, forward)
            others = read.forwards.beside(forward) if forward.order.mention else ()
            # one whose stamp was withdrawn calls nobody, if that was before it was posted: rather call twice
            beside = [one for one in others if any(held.until is None for held in held_of(read, one))]
            snapshot, gone = (post.snapshot, post.gone) if post else (None, False)
            story = read.stories.at(forward.place)
            # of a post of ours whose title names none: its entries say more than the post does
            words = read.stories.words(story.id) if story else ""
        cves = _cves_in(snapshot) or (cves_said(story.title, words) if story else ())
        return Due(
            forward=forward,
            held=held,
            mention=called_by(forward, beside),
            snapshot=snapshot,
            gone=gone,
            cves=cves,
            story=story.id if story else None,
            marking=self._tools.policy.labels.of(story.title, words, source=story.source) if story else None,
        )

    def _complete(self, due: Due) -> Due:
        """Looks the post up if that failed when it was stamped: the message needs its text and permalink."""
        snapshot, gone = read_post(self._tools, due.forward.place, due.snapshot, gone=due.gone)
        return replace(due, snapshot=snapshot, gone=gone)

    def _marking(self, due: Due) -> Tlp | None:
        said = self._tools.policy.marking_of(due.snapshot) if due.snapshot else None
        return stricter(said, due.marking)

    def _is_marked(self, departure: Departure, due: Due) -> bool:
        """True if a post that could not be read when it was stamped must not go there."""
        marking, route = self._marking(due), due.forward.order.route
        if marking is None or departure.message_ts is not None:
            return False
        return any(
            one.route.id == route and is_withheld(one.route, marking) for one in self._tools.policy.routes
        )

    def _is_shared(self, due: Due) -> bool:
        """True if another organisation reads the destination and the route does not allow that.

        Checked here, because a channel may have been shared after the forward was recorded.
        """
        order, destination = due.forward.order, due.forward.destination
        return not order.external and destination in self._tools.policy.shared


def _cves_in(snapshot: Snapshot | None) -> tuple[CveId, ...]:
    return cves_said(snapshot.title, snapshot.text) if snapshot else ()


def _thread_of(due: Due) -> Ts | None:
    if not due.forward.order.thread:
        return None
    root = due.snapshot.thread_ts if due.snapshot else None
    return root or due.forward.place.ts
