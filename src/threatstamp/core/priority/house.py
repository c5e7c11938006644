"""The rules of the house: what the company changes in what the table says, in order, each with its reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from enum import StrEnum

from threatstamp.core.priority.fact import Fact
from threatstamp.core.priority.urgency import Priority, lowered_to, raised_by, raised_to


class Operator(StrEnum):
    """How a condition compares a fact with its values."""

    ABOVE = "above"
    BELOW = "below"
    IS = "is"
    """It is one of them, in whatever capitals."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """One condition. fact: its name. What is not known fulfils none."""

    fact: str
    operator: Operator
    values: tuple[str, ...]

    def holds(self, facts: Sequence[Fact]) -> bool:
        return any(one.name == self.fact and one.value and self._fits(one.value) for one in facts)

    def _fits(self, value: str) -> bool:
        if self.operator is Operator.IS:
            return value.casefold() in {one.casefold() for one in self.values}
        try:
            number, bound = Decimal(value), Decimal(self.values[0])
        except InvalidOperation:
            return False
        return number > bound if self.operator is Operator.ABOVE else number < bound


class EffectKind(StrEnum):
    """What a rule does. The values are keys of the settings."""

    RAISE_TO = "raise_to"
    RAISE_BY = "raise_by"
    LOWER_TO = "lower_to"


@dataclass(frozen=True, slots=True, kw_only=True)
class HouseRule:
    """One rule: if all conditions hold, it raises or lowers. steps: of RAISE_BY; to: of the others."""

    when: tuple[Condition, ...]
    effect: EffectKind
    reason: str
    to: Priority = Priority.NOT_ASSESSED
    steps: int = 0

    def holds(self, facts: Sequence[Fact]) -> bool:
        return all(one.holds(facts) for one in self.when)

    def change(self, priority: Priority) -> Priority:
        """Returns the priority as the rule leaves it."""
        if self.effect is EffectKind.RAISE_BY:
            return raised_by(priority, self.steps)
        if self.effect is EffectKind.RAISE_TO:
            return raised_to(priority, self.to)
        return lowered_to(priority, self.to)


NUMBERS: Mapping[str, tuple[str, Operator]] = {
    "cvss_above": ("cvss", Operator.ABOVE),
    "cvss_below": ("cvss", Operator.BELOW),
    "epss_above": ("epss", Operator.ABOVE),
    "epss_below": ("epss", Operator.BELOW),
}
"""Conditions with a number, by their keys in the settings."""

FLAGS = ("kev", "ransomware", "exposed", "automatable")
WORDS = ("tag", "product", "vendor", "where", "criticality", "kind", "layer", "exploited_by")
"""Conditions with one word or several, of which one has to fit."""
