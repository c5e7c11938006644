"""What `policy check` and `policy test` print: table and rules in words, doubts, examples."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from threatstamp.core.priority.house import Condition, EffectKind, HouseRule, Operator
from threatstamp.core.priority.review import Doubt
from threatstamp.core.priority.ruling import PriorityPolicy
from threatstamp.desk.views.priority import Tried
from threatstamp.render.priority import answer_words, priority_words
from threatstamp.render.unseen import clean
from threatstamp.texts.catalogue import Texts

_NUMBERS = ("cvss", "epss")


def policy_lines(policy: PriorityPolicy, doubts: Sequence[Doubt], texts: Texts) -> Iterator[str]:
    """Yields the table, then each rule with what is odd about it."""
    table = policy.table
    values = {"table": clean(table.name), "about": clean(table.about), "version": table.edition}
    yield texts("priority.check_table", **values, count=len(table.rows))
    yield texts("priority.check_rules", count=len(policy.rules))
    for number, rule in enumerate(policy.rules):
        yield texts("priority.check_rule", number=number + 1, line=rule_words(rule, texts))
        for doubt in doubts:
            if doubt.rule == number:
                yield texts("priority.check_doubt", line=doubt_words(doubt, texts))


def policy_body(policy: PriorityPolicy, doubts: Sequence[Doubt], texts: Texts) -> dict[str, object]:
    """Returns the same as JSON."""
    table = policy.table
    return {
        "table": {
            "name": table.name,
            "version": table.edition,
            "about": table.about,
            "rows": len(table.rows),
            "questions": [{"name": one.name, "unknown": one.unknown.value} for one in table.questions],
        },
        "rules": [
            {
                "when": [_condition_body(one) for one in rule.when],
                "effect": rule.effect.value,
                "value": rule.steps if rule.effect is EffectKind.RAISE_BY else rule.to.value,
                "reason": rule.reason,
                "findings": [
                    {"kind": doubt.kind.value, "text": doubt_words(doubt, texts)}
                    for doubt in doubts
                    if doubt.rule == number
                ],
            }
            for number, rule in enumerate(policy.rules)
        ],
        "digest": policy.digest,
    }


def tried_lines(tried: Sequence[Tried], texts: Texts) -> Iterator[str]:
    """Yields each example with what came out, then how many passed."""
    if not tried:
        yield texts("priority.tests_none")
        return
    for number, one in enumerate(tried, 1):
        values = {"number": number, "what": _example_words(one, texts)}
        expected = priority_words(one.example.expect, texts)
        if one.explained is None:
            yield texts("priority.test_no_product", **values, product=clean(one.example.product))
            continue
        actual = priority_words(one.explained.ruling.priority, texts)
        key = "test_passed" if one.is_passed else "test_failed"
        yield texts(f"priority.{key}", **values, expected=expected, actual=actual)
        if one.explained.found is None:
            yield texts("priority.test_unknown", cve=one.example.cve)
    failed = sum(not one.is_passed for one in tried)
    yield texts("priority.tests_failed" if failed else "priority.tests_passed", count=failed or len(tried))


def tried_body(tried: Sequence[Tried]) -> dict[str, object]:
    """Returns the same as JSON; actual is null where the product is not known."""
    return {
        "tests": [
            {
                "cve": one.example.cve,
                "product": one.example.product or None,
                "exposed": one.example.exposed,
                "expected": one.example.expect.value,
                "actual": one.explained.ruling.priority.value if one.explained else None,
                "known": one.explained is not None and one.explained.found is not None,
                "open": list(one.explained.ruling.open) if one.explained else [],
                "passed": one.is_passed,
            }
            for one in tried
        ],
        "failed": sum(not one.is_passed for one in tried),
    }


def rule_words(rule: HouseRule, texts: Texts) -> str:
    """Returns a rule on one line: its conditions, what it does, and why."""
    conditions = texts("priority.and").join(_condition_words(one, texts) for one in rule.when)
    effect = texts(
        f"priority.effect_{rule.effect.value}",
        priority=priority_words(rule.to, texts),
        count=rule.steps,
    )
    return texts("priority.rule", conditions=conditions, effect=effect, reason=clean(rule.reason))


def doubt_words(doubt: Doubt, texts: Texts) -> str:
    values = dict(doubt.values)
    if "fact" in values:
        values["name"] = texts(f"priority.name_{values.pop('fact')}")
    if "priority" in values:
        values["priority"] = texts(f"priority.priority_{values['priority']}")
    if "operator" in values:
        values["operator"] = texts(f"priority.operator_{values['operator']}")
    return texts(f"priority.doubt_{doubt.kind.value}", **values)


def _condition_words(one: Condition, texts: Texts) -> str:
    name = texts(f"priority.name_{one.fact}")
    if one.operator is not Operator.IS:
        return texts(f"priority.condition_{one.operator.value}", name=name, value=one.values[0])
    values = (answer_words(one.fact, value, texts) for value in one.values)
    return texts("priority.condition_is", name=name, value=texts("priority.or").join(values))


def _condition_body(one: Condition) -> dict[str, object]:
    numbers = one.fact in _NUMBERS
    values: list[object] = [float(value) if numbers else value for value in one.values]
    return {"fact": one.fact, "operator": one.operator.value, "values": values}


def _example_words(one: Tried, texts: Texts) -> str:
    parts = [str(one.example.cve)]
    if one.example.product:
        parts.append(clean(one.example.product))
    if one.example.exposed is not None:
        value = texts("priority.answer_yes" if one.example.exposed else "priority.answer_no")
        parts.append(texts("priority.condition_is", name=texts("priority.name_exposed"), value=value))
    return texts("priority.joint").join(parts)
