"""Whether the internet reaches a product: asked in the thread of a forward, and answered once for all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum

from threatstamp.core import signs
from threatstamp.core.assets.product import Product
from threatstamp.core.ids import ChannelId, TeamId, Ts, UserId
from threatstamp.core.ledger.kinds import Kind
from threatstamp.core.outbox.departure import Departure, State
from threatstamp.core.policy import Policy
from threatstamp.core.priority.exposure import (
    BUTTON,
    Exposure,
    ExposureAnswer,
    ExposureState,
    KnownExposure,
    asked_of,
    by_key,
    product_key,
)
from threatstamp.core.priority.fact import NO, YES
from threatstamp.core.time import Micros
from threatstamp.desk.ports.store import Tx
from threatstamp.desk.ports.tools import Tools
from threatstamp.desk.priority.exposing_out import ExposureRefusal, order_question, order_refusal

MOST_LOOKED = 500
"""So many of the newest forwards are looked at."""

MOST_ASKED = 5
"""Questions in one pass: a stamp's forward to the same channel waits behind few."""

MayAct = Callable[[UserId], bool]
"""True for those who may act on cases. Raises SlackError while it cannot be found out."""


class Unanswered(StrEnum):
    """Why an answer does not count. Each has a sentence `refused_…` in the catalogue `exposure`."""

    RIGHT = "right"
    """Whoever answers may not act on cases, or is of another organisation."""
    UNKNOWN = "unknown"
    """The list of products has none of that name."""
    LISTED = "listed"
    """The list of products says it, and that counts."""
    ANSWERED = "answered"
    """Somebody else was quicker with another answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenExposure:
    """Somebody's answer. key: of this click or command. channel: where they are told if it does not count;
    None for a command, which says so itself.
    """

    product: str
    exposed: bool
    by: UserId
    way: str
    key: str
    channel: ChannelId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What came of an answer. refused: None if it counts. asked: how things are with the product now."""

    asked: KnownExposure
    refused: Unanswered | None = None


class Exposing:
    """The step."""

    def __init__(self, tools: Tools, *, may_act: MayAct) -> None:
        self._tools = tools
        self._may_act = may_act

    def ask(self) -> int:
        """Orders the questions that are owed, and edits of those that say something old; returns how many.

        None while the list of products is not known: a question would say that its product is gone.
        """
        policy, tools = self._tools.policy, self._tools
        if policy.lacks_products:
            return 0
        with tools.store.reading() as read:
            if read.vitals.get(signs.SHADOW):
                return 0
            asking = read.priorities.asking(most=MOST_LOOKED) if policy.has_buttons else ()
            exposures = {product_key(one.name): one for one in read.priorities.exposures()}
            products = by_key(policy.products)
            wanted = _wanted(asking, exposures, products)
            forwards = {one: read.outbox.get(one) for _, some in wanted for one in some}
        chosen = [(product, _best(policy, [forwards[one] for one in some])) for product, some in wanted]
        new = [(product, forward) for product, forward in chosen if forward is not None][:MOST_ASKED]
        old = [one for one in exposures.values() if _is_old(one, products)]
        if not new and not old:
            return 0
        now = tools.clock.now()
        with tools.store.transaction() as tx:
            for product, forward in new:
                _ask(tx, product, forward, now=now)
            _show(tx, products, now=now)
        return len(new) + len(old)

    def answer(self, given: GivenExposure, *, event: int | None = None) -> Taken:
        """Takes an answer, or records that it does not count. Raises StoreError; SlackError while it is not
        known who somebody is.

        event: the id in the inbox, which is deleted there.
        """
        is_barred = self._is_barred(given)
        now, policy = self._tools.clock.now(), self._tools.policy
        products, key = by_key(policy.products), product_key(given.product)
        with self._tools.store.transaction() as tx:
            if event is not None:
                tx.inbox.forget(event)
            given = replace(given, by=tx.persons.aliases()(given.by))
            exposures = {product_key(one.name): one for one in tx.priorities.exposures()}
            known, product = exposures.get(key), products.get(key)
            if product is None and known is not None and policy.lacks_products:
                # it was on the list when people were asked
                product = products[key] = Product(name=known.name)
            asked = asked_of(product, known.answer if known else None)
            refused = Unanswered.RIGHT if is_barred else _refusal(given, asked)
            if refused is not None:
                _refuse(tx, given, refused, asked, known, team=policy.team, now=now)
            elif asked.answer is None or asked.exposed is not given.exposed:
                assert product is not None
                before = known or Exposure(name=product.name)
                asked = _record(tx, given, before, product, now=now)
            if not policy.lacks_products:
                _show(tx, products, now=now)
        return Taken(asked=asked, refused=refused)

    def _is_barred(self, given: GivenExposure) -> bool:
        is_shared = given.channel in self._tools.policy.shared
        if is_shared and self._tools.workspace.is_external(given.by):
            return True
        return not self._may_act(given.by)


Wanted = list[tuple[Product, list[int]]]


def _wanted(
    asking: tuple[tuple[tuple[str, ...], int], ...],
    exposures: dict[str, Exposure],
    products: dict[str, Product],
) -> Wanted:
    """Returns the products that nobody was asked about yet, each and below which forwards to ask."""
    found: dict[str, list[int]] = {}
    for names, forward in asking:
        for name in names:
            key = product_key(name)
            known, product = exposures.get(key), products.get(key)
            is_open = asked_of(product, known.answer if known else None).state is ExposureState.OPEN
            if is_open and (known is None or known.question is None):
                found.setdefault(key, []).append(forward)
    return [(products[key], some) for key, some in found.items()]


def _best(policy: Policy, forwards: list[Departure]) -> Departure | None:
    """Returns below which forward to ask: a card before others, the oldest first.

    Neither where the news are, nor where another organisation reads.
    """
    ours = [one for one in forwards if one.channel not in policy.published | policy.shared]
    return min(ours, key=lambda one: (one.channel not in policy.cards, one.id), default=None)


def _is_old(exposure: Exposure, products: dict[str, Product]) -> bool:
    """True if the question's message says something else than is the case."""
    asked = asked_of(products.get(product_key(exposure.name)), exposure.answer)
    return exposure.question is not None and exposure.shown != asked.mark


def _ask(tx: Tx, product: Product, forward: Departure, *, now: Micros) -> None:
    known = {product_key(one.name): one for one in tx.priorities.exposures()}
    before = known.get(product_key(product.name)) or Exposure(name=product.name)
    asked = asked_of(product, before.answer)
    root: Ts | None = forward.thread_ts or forward.message_ts
    if before.question is not None or asked.state is not ExposureState.OPEN or root is None:
        return  # another process was quicker
    order = order_question(product.name, team=forward.team, channel=forward.channel, thread_ts=root, now=now)
    question = tx.outbox.owe(order, now=now)
    if question is None:  # the row was lost, and the departure was not
        found = tx.outbox.keyed(order.key)
        question = found.id if found else None
    tx.priorities.put_exposure(
        replace(before, name=product.name, question=question, shown=asked.mark),
    )


def _show(tx: Tx, products: dict[str, Product], *, now: Micros) -> None:
    """Has the questions edited that say something old. Last: it locks rows of departures."""
    for one in tx.priorities.exposures():
        if not _is_old(one, products) or one.question is None:
            continue
        asked = asked_of(products.get(product_key(one.name)), one.answer)
        tx.priorities.put_exposure(replace(one, shown=asked.mark))
        if tx.outbox.get(one.question).state is State.CANCELLED:  # there was nothing to ask when it was due
            if asked.state is ExposureState.OPEN:
                tx.outbox.reopen(one.question, due_at=now)
        else:
            tx.outbox.revise(one.question, now=now)


def _refusal(given: GivenExposure, asked: KnownExposure) -> Unanswered | None:
    if asked.state is ExposureState.GONE:
        return Unanswered.UNKNOWN
    if asked.state is ExposureState.LISTED:
        return Unanswered.LISTED
    # a command may change what was said; a button is there only as long as nothing is
    if given.way == BUTTON and asked.answer is not None and asked.exposed is not given.exposed:
        return Unanswered.ANSWERED
    return None


def _record(
    tx: Tx, given: GivenExposure, before: Exposure, product: Product, *, now: Micros
) -> KnownExposure:
    answer = ExposureAnswer(exposed=given.exposed, by=given.by, way=given.way, at=now)
    tx.priorities.put_exposure(replace(before, name=product.name, answer=answer))
    tx.ledger.append(Kind.EXPOSURE_ANSWERED, _body(given, product.name), now=now)
    return asked_of(product, answer)


def _refuse(
    tx: Tx,
    given: GivenExposure,
    why: Unanswered,
    asked: KnownExposure,
    known: Exposure | None,
    *,
    team: TeamId,
    now: Micros,
) -> None:
    """Tells the person where they answered, and puts it on record, once for each attempt."""
    if given.channel is not None:
        question = None if known is None or known.question is None else tx.outbox.get(known.question)
        other = asked.answer.by if asked.answer else None
        said = ExposureRefusal(product=given.product, why=why.value, user=given.by, other=other)
        order = order_refusal(
            said, question=question, team=team, channel=given.channel, key=given.key, now=now
        )
        if tx.outbox.owe(order, now=now) is None:
            return  # the event came twice
    body = {**_body(given, known.name if known else given.product), "why": why.value}
    tx.ledger.append(Kind.EXPOSURE_DENIED, body, now=now)


def _body(given: GivenExposure, name: str) -> dict[str, object]:
    answer = YES if given.exposed else NO
    return {"product": name, "answer": answer, "by": given.by, "way": given.way}
