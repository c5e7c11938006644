"""A ruling: the priority that table, facts and rules lead to, with its whole why."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from threatstamp.core.facts.cve import CveId
from threatstamp.core.priority.fact import Fact, is_rejected
from threatstamp.core.priority.house import HouseRule
from threatstamp.core.priority.table import DecisionTable, Question, TableOutcome, Unknown, digest_of
from threatstamp.core.priority.urgency import SCALE, Priority


@dataclass(frozen=True, slots=True, kw_only=True)
class PriorityPolicy:
    """What priorities follow from: a table without flaws, then the rules of the house in order."""

    table: DecisionTable
    rules: tuple[HouseRule, ...] = ()

    @property
    def digest(self) -> str:
        return digest_of(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class AppliedRule:
    """A rule whose conditions held, and what it did: nothing, where before and after are the same."""

    reason: str
    before: Priority
    after: Priority


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """A priority and its why.

    outcome: what it means, None where the table has nothing to say of this priority. policy: the digest of
    table and rules. row: of the table, from 0; None if no row applied. answers: those of the row, with what
    was assumed. open: the table's questions whose answers are not known.
    """

    priority: Priority
    outcome: TableOutcome | None
    table: str
    edition: str
    policy: str
    row: int | None
    answers: tuple[str, ...]
    facts: tuple[Fact, ...]
    rules: tuple[AppliedRule, ...]
    open: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PriorityExample:
    """An example of the committee's own: what has to come out. exposed: as a person would answer."""

    cve: CveId
    expect: Priority
    product: str = ""
    exposed: bool | None = None


def ruling_of(policy: PriorityPolicy, facts: Iterable[Fact]) -> Ruling:
    """Returns what follows. Of a rejected CVE nothing does, whatever else is said of it."""
    table, known = policy.table, tuple(one for one in facts if one.value is not None)
    unknown = tuple(one for one in table.questions if _answer(one, known) is None)
    answers, outcome = None, None
    rejected = is_rejected(known)
    if not rejected and not _lacks_too_much(table, known):
        answers = tuple(_assumed(one, known) for one in table.questions)
    row = None
    if answers is not None:
        row, outcome = table.find(answers)
    first = outcome.priority if outcome else Priority.NOT_ASSESSED
    applied = () if rejected else _applied(policy.rules, known, first)
    last = applied[-1].after if applied else first
    return Ruling(
        priority=last,
        outcome=outcome if last is first else _outcome_at(table, last, is_raised=_is_raised(first, last)),
        table=table.name,
        edition=table.edition,
        policy=policy.digest,
        row=row,
        answers=answers or (),
        facts=(*known, *(Fact(name=one.name, value=None) for one in unknown)),
        rules=applied,
        open=tuple(one.name for one in unknown),
    )


def if_answered(policy: PriorityPolicy, facts: Sequence[Fact], name: str) -> tuple[tuple[str, Ruling], ...]:
    """Returns what each answer to an open question would lead to, from the least to the most grave one."""
    question = next(one for one in policy.table.questions if one.name == name)
    others = [one for one in facts if one.name != name]
    return tuple(
        (value, ruling_of(policy, [*others, Fact(name=name, value=value)])) for value in question.values
    )


def _answer(question: Question, facts: Sequence[Fact]) -> str | None:
    """Returns the answer that is known; a word that the question does not have is none."""
    said = next((one.value for one in facts if one.name == question.name), None)
    return said if said in question.values else None


def _assumed(question: Question, facts: Sequence[Fact]) -> str:
    return _answer(question, facts) or question.values[0 if question.unknown is Unknown.BEST else -1]


def _lacks_too_much(table: DecisionTable, facts: Sequence[Fact]) -> bool:
    """True if something is not known without which there is no priority.

    Except for what is urgent in any case: a table is monotone, so the least grave answers show the least that
    can come of it.
    """
    unknown = [one for one in table.questions if _answer(one, facts) is None]
    if not any(one.unknown is Unknown.NOT_ASSESSED for one in unknown):
        return False
    asked = (Unknown.ASK, Unknown.NOT_ASSESSED)
    least = tuple(
        one.values[0] if one in unknown and one.unknown in asked else _assumed(one, facts)
        for one in table.questions
    )
    most = tuple(_assumed(one, facts) for one in table.questions)
    lowest, highest = table.find(least)[1].priority, table.find(most)[1].priority
    return lowest is not highest and lowest not in (Priority.HIGH, Priority.CRITICAL)


def _applied(rules: Iterable[HouseRule], facts: Sequence[Fact], first: Priority) -> tuple[AppliedRule, ...]:
    found: list[AppliedRule] = []
    for rule in rules:
        if rule.holds(facts):
            before = found[-1].after if found else first
            found.append(AppliedRule(reason=rule.reason, before=before, after=rule.change(before)))
    return tuple(found)


def _is_raised(first: Priority, last: Priority) -> bool:
    return first is Priority.NOT_ASSESSED or SCALE.index(last) > SCALE.index(first)


def _outcome_at(table: DecisionTable, priority: Priority, *, is_raised: bool) -> TableOutcome | None:
    """Returns the table's outcome for a priority that rules led to: the nearest one to where they began."""
    found = [one for one in table.outcomes if one.priority is priority]
    return None if not found else found[0 if is_raised else -1]
