"""What is odd about rules of the house: they never apply, change nothing, or hide behind each other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from itertools import combinations

from threatstamp.core.assets.product import Product
from threatstamp.core.priority.fact import NO, YES
from threatstamp.core.priority.house import Condition, EffectKind, HouseRule, Operator
from threatstamp.core.priority.urgency import SCALE


class DoubtKind(StrEnum):
    """What is odd about a rule. Each has a sentence `doubt_…` in the catalogue `priority`."""

    CONTRADICTION = "contradiction"
    """Its conditions can never hold at the same time."""
    BOUND = "bound"
    """No number is above, or below, the one that a condition has."""
    PRODUCT = "product"
    """No product of the company has what a condition asks for."""
    IDLE = "idle"
    """It raises to the lowest or lowers to the highest priority, which changes nothing."""
    SHADOWED = "shadowed"
    """Whenever it applies, another rule does at least the same."""
    BACKWARDS = "backwards"
    """It makes a worse fact less urgent, or a better one more urgent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """One thing that is odd. rule: its number, from 0. values: the placeholders of its sentence."""

    kind: DoubtKind
    rule: int
    values: Mapping[str, str] = field(default_factory=dict)


_SINGLE = ("kev", "ransomware", "exposed", "automatable", "where", "criticality", "product", "vendor")
"""Facts with one value at a time: a CVE may have several tags, and be exploited according to several."""

_GRAVE = ("kev", "ransomware", "exposed", "automatable")
_RANGES = {"cvss": (Decimal(0), Decimal(10)), "epss": (Decimal(0), Decimal(1))}


def doubts_of(rules: Sequence[HouseRule], products: Sequence[Product]) -> tuple[Doubt, ...]:
    """Returns what is odd, rule by rule. Without any products nothing is said about them."""
    return tuple(doubt for number in range(len(rules)) for doubt in _doubts(number, rules, products))


def _doubts(number: int, rules: Sequence[HouseRule], products: Sequence[Product]) -> Iterator[Doubt]:
    rule = rules[number]
    if any(_excludes(one, other) for one, other in combinations(rule.when, 2)):
        yield Doubt(kind=DoubtKind.CONTRADICTION, rule=number)
    for one in rule.when:
        if (
            one.fact in _RANGES
            and Decimal(one.values[0]) == _RANGES[one.fact][one.operator is Operator.ABOVE]
        ):
            values = {"fact": one.fact, "operator": one.operator.value, "value": one.values[0]}
            yield Doubt(kind=DoubtKind.BOUND, rule=number, values=values)
        if products and not any(_fits(one, product) for product in products):
            values = {"fact": one.fact, "value": ", ".join(one.values)}
            yield Doubt(kind=DoubtKind.PRODUCT, rule=number, values=values)
        if _is_backwards(one, rule.effect):
            yield Doubt(kind=DoubtKind.BACKWARDS, rule=number, values={"fact": one.fact})
    idle = {EffectKind.RAISE_TO: SCALE[0], EffectKind.LOWER_TO: SCALE[-1]}
    if idle.get(rule.effect) is rule.to:
        yield Doubt(kind=DoubtKind.IDLE, rule=number, values={"priority": rule.to.value})
        return
    for other in range(len(rules)):
        if _is_covered(number, other, rules):
            yield Doubt(kind=DoubtKind.SHADOWED, rule=number, values={"other": str(other + 1)})
            return


def _excludes(one: Condition, other: Condition) -> bool:
    """True if two conditions can never hold together."""
    if one.fact != other.fact:
        return False
    if one.operator is Operator.IS:
        return one.fact in _SINGLE and not _words(one) & _words(other)
    bounds = {each.operator: Decimal(each.values[0]) for each in (one, other)}
    return len(bounds) == 2 and bounds[Operator.ABOVE] >= bounds[Operator.BELOW]


def _fits(condition: Condition, product: Product) -> bool:
    """True if a product could fulfil a condition, or if the condition is about something else."""
    has: dict[str, tuple[str, ...]] = {
        "product": (product.name,),
        "vendor": (product.vendor,),
        "tag": product.tags,
        "where": (product.where,) if product.where else (),
        "criticality": (product.criticality,) if product.criticality else (),
    }
    if condition.fact not in has:
        return True
    return bool(_words(condition) & {one.casefold() for one in has[condition.fact]})


def _is_backwards(condition: Condition, effect: EffectKind) -> bool:
    if condition.operator is Operator.IS:
        if condition.fact not in _GRAVE:
            return False
        return condition.values == ((YES if effect is EffectKind.LOWER_TO else NO),)
    return (condition.operator is Operator.ABOVE) == (effect is EffectKind.LOWER_TO)


def _is_covered(number: int, other: int, rules: Sequence[HouseRule]) -> bool:
    """True if another rule of the same kind applies whenever this one does, and does at least the same.

    Not if a rule between the two does the opposite. Of two that say the same, the later one is covered.
    """
    rule, cover = rules[number], rules[other]
    if number == other or rule.effect is not cover.effect or rule.effect is EffectKind.RAISE_BY:
        return False
    here, there = SCALE.index(rule.to), SCALE.index(cover.to)
    if rule.effect is EffectKind.LOWER_TO:
        here, there = -here, -there
    if there < here or not _implies(rule, cover):
        return False
    if here == there and _implies(cover, rule) and number < other:
        return False
    between = rules[min(number, other) + 1 : max(number, other)]
    return all((one.effect is EffectKind.LOWER_TO) == (rule.effect is EffectKind.LOWER_TO) for one in between)


def _implies(rule: HouseRule, other: HouseRule) -> bool:
    return all(any(_is_stricter(one, condition) for one in rule.when) for condition in other.when)


def _is_stricter(one: Condition, other: Condition) -> bool:
    """True if whatever fulfils the one fulfils the other."""
    if (one.fact, one.operator) != (other.fact, other.operator):
        return False
    if one.operator is Operator.IS:
        return _words(one) <= _words(other)
    mine, bound = Decimal(one.values[0]), Decimal(other.values[0])
    return mine >= bound if one.operator is Operator.ABOVE else mine <= bound


def _words(condition: Condition) -> set[str]:
    return {one.casefold() for one in condition.values}
