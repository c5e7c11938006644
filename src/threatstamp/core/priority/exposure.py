"""Whether the internet reaches a product: people are asked where the list of products does not say."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from threatstamp.core.assets.product import Product
from threatstamp.core.ids import UserId
from threatstamp.core.time import Micros

ASKED_BY = frozenset({"exposed", "exposure"})
"""The questions of tables that the answer answers."""

BUTTON, SLASH, COMMAND = "button", "slash", "command"
"""How somebody answers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExposureAnswer:
    """What somebody said. way: how."""

    exposed: bool
    by: UserId
    way: str
    at: Micros


@dataclass(frozen=True, slots=True, kw_only=True)
class Exposure:
    """What is on record of a product. name: as the list of products had it then.

    question: the departure that asks; None if nobody was asked in Slack. shown: what that message says, as
    `KnownExposure.mark` has it.
    """

    name: str
    answer: ExposureAnswer | None = None
    question: int | None = None
    shown: str = ""


class ExposureState(StrEnum):
    """What has become of a question. Each has words `state_…` in the catalogue `exposure`."""

    OPEN = "open"
    ANSWERED = "answered"
    LISTED = "listed"
    """The list of products says it by now, and that counts."""
    GONE = "gone"
    """The list has no product of that name any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownExposure:
    """How things are with a product. exposed: what counts, None if nobody knows. answer: of ANSWERED."""

    state: ExposureState
    exposed: bool | None = None
    answer: ExposureAnswer | None = None

    @property
    def mark(self) -> str:
        """A text that changes with what the question's message says."""
        at = self.answer.at if self.answer else ""
        return f"{self.state.value}|{self.exposed}|{at}"


def product_key(name: str) -> str:
    """Returns what a product is known by, in whatever capitals its name is written."""
    return " ".join(name.split()).casefold()


def by_key(products: Iterable[Product]) -> dict[str, Product]:
    """Returns the products by what they are known by; of several with one name the first."""
    found: dict[str, Product] = {}
    for one in products:
        found.setdefault(product_key(one.name), one)
    return found


def answers_of(exposures: Iterable[Exposure]) -> Mapping[str, ExposureAnswer]:
    """Returns the answers that were given, by `product_key`."""
    return {product_key(one.name): one.answer for one in exposures if one.answer is not None}


def asked_of(product: Product | None, answer: ExposureAnswer | None) -> KnownExposure:
    """Returns how things are with a product. product: None if the list does not have it."""
    if product is None:
        return KnownExposure(state=ExposureState.GONE)
    if product.exposed is not None:
        return KnownExposure(state=ExposureState.LISTED, exposed=product.exposed)
    if answer is not None:
        return KnownExposure(state=ExposureState.ANSWERED, exposed=answer.exposed, answer=answer)
    return KnownExposure(state=ExposureState.OPEN)
