"""Worse facts are never less urgent, nothing unknown looks low, and every ruling follows again from its record."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.priority import facts, monotone_tables, rule
from threatstamp.config.tables import TABLES, built_in
from threatstamp.core.facts.cve import CveId
from threatstamp.core.priority.fact import Fact
from threatstamp.core.priority.house import EffectKind, HouseRule
from threatstamp.core.priority.replay import policy_content, policy_of, replayed, ruling_body
from threatstamp.core.priority.ruling import PriorityPolicy, Ruling, if_answered, ruling_of
from threatstamp.core.priority.table import DecisionTable, Unknown
from threatstamp.core.priority.urgency import SCALE, Priority

CVE = CveId("CVE-2099-1234")
BOD = PriorityPolicy(table=built_in("bod-26-04"))
GRAVE = {"kev": "yes", "automatable": "yes", "technical_impact": "total"}
MILD = {"kev": "no", "automatable": "no", "technical_impact": "partial"}
BROWSER = rule(Priority.HIGH, tag="browser")
ABOVE_NINE = rule(Priority.CRITICAL, cvss_above="9")
RULES = (
    BROWSER,
    ABOVE_NINE,
    rule(Priority.NOT_ASSESSED, effect=EffectKind.RAISE_BY, steps=1, ransomware="yes"),
    rule(Priority.MEDIUM, effect=EffectKind.LOWER_TO, where="staff"),
)


def ruled(table: str | DecisionTable, rules: Sequence[HouseRule] = (), /, **values: str | None) -> Ruling:
    found = built_in(table) if isinstance(table, str) else table
    return ruling_of(PriorityPolicy(table=found, rules=tuple(rules)), facts(**values))


def urgency(ruling: Ruling, table: DecisionTable) -> tuple[int, int]:
    outcome = ruling.outcome
    return SCALE.index(ruling.priority), table.outcomes.index(outcome) if outcome else -1


tables = st.sampled_from(TABLES).map(built_in) | monotone_tables()
other_facts = st.fixed_dictionaries(
    {},
    optional={
        "cvss": st.sampled_from(["0.0", "4.3", "9.0", "9.1", "10.0"]),
        "tag": st.sampled_from(["browser", "VPN"]),
        "ransomware": st.sampled_from(["no", "yes"]),
        "where": st.sampled_from(["staff", "server"]),
        "state": st.sampled_from(["published", "rejected"]),
    },
)


@given(table=tables, data=st.data())
def test_worse_facts_are_never_less_urgent(table: DecisionTable, data: st.DataObject) -> None:
    mild, grave = {}, {}
    for one in table.questions:
        first = data.draw(st.integers(0, len(one.values) - 1))
        mild[one.name] = one.values[first]
        grave[one.name] = one.values[data.draw(st.integers(first, len(one.values) - 1))]
    rules = data.draw(st.lists(st.sampled_from(RULES), max_size=4))
    others = data.draw(other_facts)
    others.pop("state", None)
    before, after = (ruled(table, rules, **said, **others) for said in (mild, grave))
    assert urgency(before, table)[0] <= urgency(after, table)[0]
    if not rules:
        assert urgency(before, table) <= urgency(after, table)


@given(table=tables, data=st.data())
def test_what_is_not_known_is_open_and_never_less_urgent_than_some_answer_asked_for(
    table: DecisionTable, data: st.DataObject
) -> None:
    known = {one.name: data.draw(st.sampled_from((None, *one.values))) for one in table.questions}
    ruling = ruled(table, **known)
    unknown = [one for one in table.questions if known[one.name] is None]
    assert ruling.open == tuple(one.name for one in unknown)
    if ruling.priority is Priority.NOT_ASSESSED:
        assert any(one.unknown is Unknown.NOT_ASSESSED for one in unknown)
        return
    for one in unknown:
        if one.unknown is Unknown.ASK:
            for value in one.values:
                answered = ruled(table, **{**known, one.name: value})
                if answered.priority is not Priority.NOT_ASSESSED:
                    assert urgency(answered, table) <= urgency(ruling, table)


@given(table=tables, rules=st.lists(st.sampled_from(RULES), max_size=4), others=other_facts, data=st.data())
def test_every_ruling_follows_again_from_its_record(
    table: DecisionTable, rules: list[HouseRule], others: dict[str, str], data: st.DataObject
) -> None:
    policy = PriorityPolicy(table=table, rules=tuple(rules))
    known = {one.name: data.draw(st.sampled_from((None, *one.values))) for one in table.questions}
    ruling = ruling_of(policy, facts(**known, **others))
    body = json.loads(json.dumps(ruling_body(CVE, ruling)))
    kept = policy_of(json.loads(json.dumps(policy_content(policy))))
    assert kept == policy
    assert replayed(body, {kept.digest: kept}) == ruling
    assert not any(isinstance(one, float) for one in _leaves(body))


def _leaves(value: object) -> list[object]:
    if isinstance(value, dict | list):
        return [
            leaf for one in (value.values() if isinstance(value, dict) else value) for leaf in _leaves(one)
        ]
    return [value]


def test_a_record_of_an_unknown_policy_or_of_something_else_is_not_replayed() -> None:
    body = ruling_body(CVE, ruled("cvss", severity="high"))
    for broken in (body, {}, {**body, "policy": BOD.digest, "facts": "none"}):
        with pytest.raises(ValueError, match="policy"):
            replayed(broken, {BOD.digest: BOD})
    nothing: list[dict[str, object]] = [{}, {"table": {}, "rules": []}, {"table": 1, "rules": 2}]
    for content in nothing:
        with pytest.raises(ValueError, match="no table"):
            policy_of(content)


def test_an_exploited_vulnerability_is_due_in_three_days_with_an_investigation() -> None:
    ruling = ruled("bod-26-04", **GRAVE, exposed="yes")
    assert (ruling.priority, ruling.row, ruling.open) == (Priority.CRITICAL, 15, ())
    assert ruling.outcome is not None
    assert (ruling.outcome.days, ruling.outcome.forensics) == (3, True)
    assert [one.hours for one in ruling.outcome.checklist] == [2, 24, 72]


def test_the_gravest_answer_counts_until_somebody_has_said_whether_it_is_exposed() -> None:
    known = facts(kev="no", automatable="no", technical_impact="total")
    ruling = ruling_of(BOD, known)
    assert (ruling.priority, ruling.open, ruling.row) == (Priority.HIGH, ("exposed",), 9)
    answered = if_answered(BOD, known, "exposed")
    assert [(value, one.priority) for value, one in answered] == [
        ("no", Priority.LOW),
        ("yes", Priority.HIGH),
    ]


def test_too_little_is_known_for_a_priority_unless_it_is_urgent_in_any_case() -> None:
    nothing = ruled("bod-26-04", kev="no", exposed="no")
    assert (nothing.priority, nothing.outcome, nothing.row) == (Priority.NOT_ASSESSED, None, None)
    assert nothing.open == ("automatable", "technical_impact")
    assert ruled("bod-26-04", kev="yes").priority is Priority.CRITICAL
    assert ruled("bod-26-04", **{**MILD, "kev": None}, exposed="no").priority is Priority.NOT_ASSESSED


def test_a_word_that_the_table_does_not_know_counts_as_not_known() -> None:
    assert ruled("bod-26-04", **{**GRAVE, "automatable": "perhaps"}, exposed="no").open == ("automatable",)


@pytest.mark.parametrize("severity", ["none", "low", "medium", "high", "critical"])
def test_bands_are_cvss_own(severity: str) -> None:
    ruling = ruled("cvss", severity=severity)
    assert ruling.priority.value == ("low" if severity == "none" else severity)
    assert ruling.outcome is not None
    assert ruling.outcome.days is None


def test_what_is_not_scored_is_not_assessed_and_neither_above_nor_below_any_number() -> None:
    lowering = rule(Priority.LOW, effect=EffectKind.LOWER_TO, cvss_below="10")
    ruling = ruled("cvss", (ABOVE_NINE, lowering))
    assert (ruling.priority, ruling.rules, ruling.open) == (Priority.NOT_ASSESSED, (), ("severity",))


def test_the_two_rules_of_the_script() -> None:
    found = ruled("bod-26-04", (BROWSER, ABOVE_NINE), **MILD, exposed="no", tag="Browser", cvss="9.1")
    assert [(one.before, one.after) for one in found.rules] == [
        (Priority.LOW, Priority.HIGH),
        (Priority.HIGH, Priority.CRITICAL),
    ]
    assert found.outcome is not None
    assert (found.outcome.days, found.outcome.forensics) == (3, False)  # the milder of the two critical ones
    assert ruled("bod-26-04", (ABOVE_NINE,), **MILD, exposed="no", cvss="9.0").priority is Priority.LOW


def test_a_rule_can_say_what_a_table_cannot() -> None:
    assert ruled("bod-26-04", (ABOVE_NINE,), cvss="9.8").priority is Priority.CRITICAL


def test_what_is_not_assessed_is_neither_lowered_nor_raised_by_a_step() -> None:
    lowering = rule(Priority.LOW, effect=EffectKind.LOWER_TO, where="staff")
    step = rule(Priority.NOT_ASSESSED, effect=EffectKind.RAISE_BY, steps=1, where="staff")
    ruling = ruled("cvss", (lowering, step), where="staff")
    assert ruling.priority is Priority.NOT_ASSESSED
    assert [(one.before, one.after) for one in ruling.rules] == [(Priority.NOT_ASSESSED,) * 2] * 2


def test_a_rule_that_lowers_takes_the_investigation_with_it() -> None:
    lowering = rule(Priority.MEDIUM, effect=EffectKind.LOWER_TO, where="staff")
    ruling = ruled("bod-26-04", (lowering,), **GRAVE, exposed="yes", where="staff")
    assert ruling.outcome is not None
    assert (ruling.priority, ruling.outcome.days, ruling.outcome.forensics) == (Priority.MEDIUM, 60, False)


def test_steps_end_at_critical() -> None:
    step = rule(Priority.NOT_ASSESSED, effect=EffectKind.RAISE_BY, steps=3, kev="yes")
    assert ruled("bod-26-04", (step,), **GRAVE, exposed="no").priority is Priority.CRITICAL


def test_all_conditions_of_a_rule_have_to_hold_and_one_word_of_several() -> None:
    both = rule(Priority.CRITICAL, tag=("vpn", "browser"), kev="yes")
    assert ruled("cvss", (both,), severity="low", tag="vpn", kev="yes").priority is Priority.CRITICAL
    assert ruled("cvss", (both,), severity="low", tag="vpn", kev="no").priority is Priority.LOW
    assert ruled("cvss", (both,), severity="low", tag="office", kev="yes").priority is Priority.LOW


def test_of_a_rejected_cve_nothing_follows() -> None:
    ruling = ruled("bod-26-04", (ABOVE_NINE,), **GRAVE, exposed="yes", cvss="9.8", state="rejected")
    assert (ruling.priority, ruling.rules, ruling.row) == (Priority.NOT_ASSESSED, (), None)


def test_a_fact_that_is_no_number_is_above_nothing() -> None:
    assert not ABOVE_NINE.holds([Fact(name="cvss", value="unknown")])


@pytest.mark.parametrize(
    ("unknown", "expected"), [(Unknown.WORST, Priority.CRITICAL), (Unknown.BEST, Priority.LOW)]
)
def test_a_table_can_count_the_gravest_or_the_mildest_answer(unknown: Unknown, expected: Priority) -> None:
    table = built_in("cvss")
    question = replace(table.questions[0], unknown=unknown)
    ruling = ruled(replace(table, questions=(question,)))
    assert (ruling.priority, ruling.open) == (expected, ("severity",))
