"""Priorities for who asks: what follows from the facts as they are now, and nothing is recorded."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from threatstamp.core.assets.finding import ScannerFinding
from threatstamp.core.assets.product import Product
from threatstamp.core.facts.assessment import FactSource
from threatstamp.core.facts.cve import CveId
from threatstamp.core.facts.vulnerability import Vulnerability
from threatstamp.core.priority.exposure import ExposureAnswer, product_key
from threatstamp.core.priority.fact import Fact, facts_of
from threatstamp.core.priority.ruling import PriorityExample, PriorityPolicy, Ruling, ruling_of
from threatstamp.core.time import Micros


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """A ruling about a CVE. found: what is known of it, None for nothing. facts: those that went in.

    finding: what scanners found of it in the product.
    """

    cve: CveId
    found: Vulnerability | None
    facts: tuple[Fact, ...]
    ruling: Ruling
    finding: ScannerFinding | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """An example and what came out; None where the list of products lacks its product."""

    example: PriorityExample
    explained: Explained | None

    @property
    def is_passed(self) -> bool:
        return self.explained is not None and self.explained.ruling.priority is self.example.expect


class Explaining:
    """Explains priorities. find: looks CVEs up. loaded: when each source of facts was read.

    answers: what people have said of whether the internet reaches a product, by `product_key`.
    """

    def __init__(
        self,
        policy: PriorityPolicy,
        products: Sequence[Product],
        find: Callable[[Sequence[CveId]], Sequence[Vulnerability]],
        loaded: Mapping[FactSource, Micros],
        answers: Mapping[str, ExposureAnswer] | None = None,
    ) -> None:
        self._policy = policy
        self._products = {one.name.casefold(): one for one in products}
        self._find = find
        self._loaded = loaded
        self._answers = answers or {}

    def product(self, name: str) -> Product | None:
        """Returns a product of the company by its name, in whatever capitals."""
        return self._products.get(name.strip().casefold())

    def explain(
        self, cve: CveId, product: Product | None = None, *, exposed: bool | None = None
    ) -> Explained:
        """Returns what follows from what is known."""
        found = next(iter(self._find([cve])), None)
        known = found or Vulnerability(cve=cve, said=())
        answer = self._answers.get(product_key(product.name)) if product else None
        facts = facts_of(known, product, exposed=exposed, answer=answer, loaded=self._loaded)
        findings = product.findings if product else ()
        return Explained(
            cve=cve,
            found=found,
            facts=facts,
            ruling=ruling_of(self._policy, facts),
            finding=next((one for one in findings if one.cve == cve), None),
        )

    def play(self, example: PriorityExample) -> Tried:
        """Tries an example."""
        product = self.product(example.product) if example.product else None
        if example.product and product is None:
            return Tried(example=example, explained=None)
        return Tried(example=example, explained=self.explain(example.cve, product, exposed=example.exposed))
