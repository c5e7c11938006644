"""Rules that never apply, change nothing, hide behind each other or turn the order round are named."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.priority import facts, rule
from threatstamp.core.assets.product import Criticality, Product, Where
from threatstamp.core.priority.house import EffectKind, HouseRule
from threatstamp.core.priority.review import DoubtKind, doubts_of
from threatstamp.core.priority.urgency import SCALE, Priority

CRITICAL, HIGH, LOW = Priority.CRITICAL, Priority.HIGH, Priority.LOW
LOWER = EffectKind.LOWER_TO
PRODUCTS = (
    Product(name="Gate", tags=("VPN",), where=Where.NETWORK, criticality=Criticality.HIGH, vendor="Hakobune"),
)


def kinds(*rules: HouseRule, products: tuple[Product, ...] = ()) -> list[tuple[int, DoubtKind]]:
    return [(one.rule, one.kind) for one in doubts_of(rules, products)]


@pytest.mark.parametrize(
    ("odd", "kind"),
    [
        (rule(HIGH, cvss_above="9", cvss_below="9"), DoubtKind.CONTRADICTION),
        (rule(HIGH, cvss_above="10"), DoubtKind.BOUND),
        (rule(LOW, effect=LOWER, epss_below="0"), DoubtKind.BOUND),
        (rule(LOW, cvss_above="9"), DoubtKind.IDLE),
        (rule(CRITICAL, effect=LOWER, tag="vpn"), DoubtKind.IDLE),
        (rule(LOW, effect=LOWER, kev="yes"), DoubtKind.BACKWARDS),
        (rule(HIGH, cvss_below="5"), DoubtKind.BACKWARDS),
        (rule(HIGH, exposed="no"), DoubtKind.BACKWARDS),
        (rule(HIGH, tag="browser"), DoubtKind.PRODUCT),
        (rule(HIGH, product="Wall"), DoubtKind.PRODUCT),
        (rule(HIGH, where="staff"), DoubtKind.PRODUCT),
        (rule(HIGH, criticality="low"), DoubtKind.PRODUCT),
        (rule(HIGH, vendor="Nobody"), DoubtKind.PRODUCT),
    ],
)
def test_each_doubt_is_found(odd: HouseRule, kind: DoubtKind) -> None:
    assert (0, kind) in kinds(odd, products=PRODUCTS)


def test_sound_rules_raise_no_doubt() -> None:
    rules = (
        rule(HIGH, tag="vpn", where="network", criticality="high", product="gate", vendor="hakobune"),
        rule(CRITICAL, cvss_above="9"),
        rule(LOW, effect=LOWER, cvss_below="4", kev="no"),
        rule(Priority.NOT_ASSESSED, effect=EffectKind.RAISE_BY, steps=1, ransomware="yes"),
    )
    assert kinds(*rules, products=PRODUCTS) == []
    assert kinds(rule(HIGH, tag="browser")) == []  # without a list nothing is known of products


def test_a_rule_behind_another_is_named_and_of_two_equal_ones_the_later() -> None:
    wide, narrow = rule(CRITICAL, cvss_above="9"), rule(HIGH, cvss_above="9.5", tag="vpn")
    assert kinds(wide, narrow) == [(1, DoubtKind.SHADOWED)]
    assert kinds(narrow, wide) == [(0, DoubtKind.SHADOWED)]
    assert kinds(wide, wide) == [(1, DoubtKind.SHADOWED)]
    assert kinds(wide, rule(LOW, effect=LOWER, tag="lab"), narrow) == []
    assert kinds(rule(HIGH, cvss_above="9"), rule(CRITICAL, cvss_above="9.5")) == []


RULES = st.lists(
    st.builds(
        lambda to, effect, when: rule(to, effect=effect, **when),
        st.sampled_from(SCALE),
        st.sampled_from([EffectKind.RAISE_TO, EffectKind.LOWER_TO]),
        st.fixed_dictionaries(
            {},
            optional={
                "cvss_above": st.sampled_from(["4", "9"]),
                "cvss_below": st.sampled_from(["4", "9"]),
                "kev": st.sampled_from(["yes", "no"]),
            },
        ).filter(bool),
    ),
    max_size=4,
)


@given(
    rules=RULES,
    cvss=st.sampled_from([None, "0.0", "4.0", "5.5", "9.0", "9.8"]),
    kev=st.sampled_from([None, "yes", "no"]),
    first=st.sampled_from(Priority),
)
def test_a_rule_that_is_named_as_superfluous_can_be_removed(
    rules: list[HouseRule], cvss: str | None, kev: str | None, first: Priority
) -> None:
    known = facts(cvss=cvss, kev=kev)

    def last(left: list[HouseRule]) -> Priority:
        priority = first
        for one in left:
            if one.holds(known):
                priority = one.change(priority)
        return priority

    superfluous = (DoubtKind.CONTRADICTION, DoubtKind.BOUND, DoubtKind.IDLE, DoubtKind.SHADOWED)
    for doubt in doubts_of(rules, ()):
        if doubt.kind in superfluous:
            assert last(rules) == last(rules[: doubt.rule] + rules[doubt.rule + 1 :])
