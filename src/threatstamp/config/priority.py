"""The table [policy]: which decision table decides, what the house changes in it, and its own examples."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from threatstamp.config.reader import Problems, Table, Words
from threatstamp.config.secrets import reason_of
from threatstamp.config.tables import TABLES, built_in, read_table
from threatstamp.core.assets.product import Criticality, Where
from threatstamp.core.facts.cve import CveId, cve_of
from threatstamp.core.news.feed import Layer
from threatstamp.core.priority.fact import NO, YES
from threatstamp.core.priority.house import (
    FLAGS,
    NUMBERS,
    WORDS,
    Condition,
    EffectKind,
    HouseRule,
    Operator,
)
from threatstamp.core.priority.ruling import PriorityExample, PriorityPolicy
from threatstamp.core.priority.table import DecisionTable
from threatstamp.core.priority.urgency import SCALE, Priority

KINDS = ("vulnerability", "exploited", "malware", "phishing", "incident", "guidance", "update", "other")
"""What a story can be."""

MOST_STEPS = len(SCALE) - 1
_HIGHEST = {"cvss_above": 10.0, "cvss_below": 10.0, "epss_above": 1.0, "epss_below": 1.0}
_CHOICES = {
    "where": tuple(one.value for one in Where),
    "criticality": tuple(one.value for one in Criticality),
    "kind": KINDS,
    "layer": tuple(one.value for one in Layer),
}
_CONDITIONS = (*NUMBERS, *FLAGS, *WORDS)


@dataclass(frozen=True, slots=True, kw_only=True)
class PrioritySettings:
    """table: a name of the package, or a path as written. file: that path, if it is one."""

    policy: PriorityPolicy
    table: str = TABLES[0]
    file: Path | None = None
    examples: tuple[PriorityExample, ...] = ()


def read_priority(table: Table, *, folder: Path, top: frozenset[str]) -> tuple[PrioritySettings, bytes]:
    """Returns the settings, and the content of the company's own table, if there is one.

    What is wrong is added to the table's problems.
    """
    name = table.text("table", TABLES[0])
    decisions, file, content = _decisions(table, name, folder)
    rules = tuple(_read_rules(table.tables("rules"), top))
    examples = tuple(_read_examples(table.tables("tests"), top))
    table.close(top=top)
    policy = PriorityPolicy(table=decisions or built_in(TABLES[0]), rules=rules)
    return PrioritySettings(policy=policy, table=name, file=file, examples=examples), content


def _decisions(table: Table, name: str, folder: Path) -> tuple[DecisionTable | None, Path | None, bytes]:
    if name in TABLES:
        return built_in(name), None, b""
    if not name.endswith(".toml"):
        near = table.hint(name, TABLES)
        table.wrong("table", "table_unknown", value=name, choices=Words(", ".join(TABLES)), hint=near)
        return None, None, b""
    try:
        file = (folder / name).absolute()
        content = file.read_bytes()
    except (OSError, ValueError) as error:
        reason = reason_of(error, table.problems.texts) if isinstance(error, OSError) else str(error)
        table.wrong("table", "unreadable", path=name, reason=reason)
        return None, None, b""
    return read_table(file.name, content, table.problems), file, content


def _read_rules(tables: Sequence[Table], top: frozenset[str]) -> Iterator[HouseRule]:
    for table in tables:
        when = tuple(_conditions(table))
        reason = table.text("reason", "")
        if not table.has("reason"):
            table.missing("reason")
        effect, to, steps = _effect(table)
        table.close(top=top)
        yield HouseRule(when=when, effect=effect, reason=reason, to=to, steps=steps)


def _effect(table: Table) -> tuple[EffectKind, Priority, int]:
    """Returns what a rule does; it has to say exactly one thing."""
    found: list[tuple[EffectKind, Priority, int]] = []
    for effect in EffectKind:
        if not table.has(effect.value):
            continue
        if effect is EffectKind.RAISE_BY:
            steps = table.count(effect.value, 1)
            if not 1 <= steps <= MOST_STEPS:
                table.wrong(effect.value, "rule_steps", most=MOST_STEPS)
            found.append((effect, Priority.NOT_ASSESSED, steps))
        else:
            said = table.choice(effect.value, [one.value for one in reversed(SCALE)], Priority.LOW.value)
            found.append((effect, Priority(said), 0))
    if len(found) != 1:
        table.problems.add(table.path, "rule_effect", keys=Words(", ".join(EffectKind)))
        return EffectKind.RAISE_BY, Priority.NOT_ASSESSED, 0
    return found[0]


def _conditions(table: Table) -> Iterator[Condition]:
    said = table.value("when")
    if not isinstance(said, dict) or not said:
        if table.has("when"):
            table.wrong("when", "rule_when")
        else:
            table.missing("when")
        return
    for key, value in said.items():
        found = _condition(key, value, table)
        if found is not None:
            yield found


def _condition(key: str, value: object, table: Table) -> Condition | None:
    problems, path = table.problems, (*table.path, "when", key)
    if key in NUMBERS:
        fact, operator = NUMBERS[key]
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if is_number and 0 <= cast(float, value) <= _HIGHEST[key]:
            return Condition(fact=fact, operator=operator, values=(f"{value:g}",))
        problems.add(path, "rule_number", most=f"{_HIGHEST[key]:g}")
    elif key in FLAGS:
        if isinstance(value, bool):
            return Condition(fact=key, operator=Operator.IS, values=(YES if value else NO,))
        problems.add(path, "type_flag")
    elif key in WORDS:
        words = [value] if isinstance(value, str) else value
        if isinstance(words, list) and words and all(isinstance(one, str) and one.strip() for one in words):
            _check_words(key, words, path, problems, table)
            values = tuple(one.strip() for one in words)
            return Condition(fact=key, operator=Operator.IS, values=values)
        problems.add(path, "rule_words")
    else:
        choices = Words(", ".join(_CONDITIONS))
        problems.add(path, "rule_condition", choices=choices, hint=table.hint(key, _CONDITIONS))
    return None


def _check_words(
    key: str, words: Sequence[str], path: tuple[str | int, ...], problems: Problems, table: Table
) -> None:
    known: Mapping[str, tuple[str, ...]] = _CHOICES
    for word in words:
        if key in known and word.strip() not in known[key]:
            choices, near = Words(", ".join(known[key])), table.hint(word, known[key])
            problems.add(path, "choice", value=word, choices=choices, hint=near)


def _read_examples(tables: Sequence[Table], top: frozenset[str]) -> Iterator[PriorityExample]:
    for table in tables:
        said = table.text("cve", "")
        cve = cve_of(said)
        if not table.has("cve"):
            table.missing("cve")
        elif said and cve is None:
            table.wrong("cve", "no_cve", value=said)
        expect = Priority.NOT_ASSESSED
        if table.has("expect"):
            expect = Priority(table.choice("expect", [one.value for one in Priority], expect.value))
        else:
            table.missing("expect")
        exposed = table.flag("exposed") if table.has("exposed") else None
        product = table.text("product", "")
        table.close(top=top)
        yield PriorityExample(cve=cve or CveId(""), expect=expect, product=product, exposed=exposed)
