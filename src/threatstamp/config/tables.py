"""Decision tables from their files: those of the package, and one of the company's own."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any, cast

from threatstamp.config.lines import Lines, Path
from threatstamp.config.reader import Problems, Words
from threatstamp.core.priority.fact import QUESTIONS
from threatstamp.core.priority.flaws import FlawKind, flaws_of
from threatstamp.core.priority.table import (
    ChecklistStep,
    DecisionTable,
    Question,
    TableOutcome,
    TableRow,
    Unknown,
    Wording,
)
from threatstamp.core.priority.urgency import SCALE
from threatstamp.core.secrets import hide
from threatstamp.core.text import one_line, well_formed_json
from threatstamp.texts.catalogue import Language, Texts

TABLES = ("bod-26-04", "deployer", "cvss")
"""The tables of the package, the default first."""

LARGEST = 1_000_000
MOST_NAMED = 20
"""So many flaws of one kind are named: a table with one more question lacks half of its rows."""
MOST_QUESTIONS = 8
LONGEST = 300

_AT = re.compile(r"\s*\(at line (\d+), column \d+\)$")
_NAME = re.compile(r"[^\x00-\x1f]{1,60}")
_KEYS = {
    "": ("name", "version", "about", "questions", "outcomes", "rows"),
    "questions": ("name", "values", "unknown"),
    "outcomes": ("name", "priority", "days", "forensics", "text", "checklist"),
    "checklist": ("hours", "text"),
}


@cache
def built_in(name: str) -> DecisionTable:
    """Returns a table of the package."""
    content = files(__package__).joinpath("decision_tables", f"{name}.toml").read_bytes()
    problems = Problems(name, Lines(""), Texts(Language.EN))
    table = read_table(name, content, problems)
    assert table is not None, problems.sorted()
    return table


def read_table(name: str, content: bytes, around: Problems) -> DecisionTable | None:
    """Returns the table in a file; None with what is wrong added to the problems.

    name: the file's, which the table has if it says no other.
    """
    found = read_toml(name, content, around)
    if found is None:
        return None
    values, problems = found
    table = _Reader(problems).table(name, values)
    if problems.of_file():
        return None
    add_flaws(table, problems)
    return None if problems.of_file() else table


def read_toml(name: str, content: bytes, around: Problems) -> tuple[dict[str, object], Problems] | None:
    """Returns the values of a file of tables, and its problems; None with what is wrong added to `around`."""
    try:
        if len(content) > LARGEST:
            raise ValueError(around.texts("config.too_big"))
        text = content.decode("utf-8-sig").replace("\r\n", "\n")
        values = cast(dict[str, object], well_formed_json(tomllib.loads(text)))
    except UnicodeDecodeError:
        Problems(name, Lines(""), around.texts, into=around).add_at(None, "encoding")
        return None
    except (ValueError, RecursionError) as error:
        at = _AT.search(str(error))
        reason = _AT.sub("", str(error)) or type(error).__name__
        said = Problems(name, Lines(""), around.texts, into=around)
        said.add_at(int(at[1]) if at else None, "syntax", reason=reason)
        return None
    return values, Problems(name, Lines(text), around.texts, into=around)


def add_flaws(
    table: DecisionTable, problems: Problems, *, key: str = "rows", may_be_idle: bool = False
) -> None:
    """Adds what is wrong with a table to the problems. key: of its rows in the file."""
    counts: dict[FlawKind, int] = {}
    for flaw in flaws_of(table):
        if may_be_idle and flaw.kind is FlawKind.IDLE:
            continue
        counts[flaw.kind] = counts.get(flaw.kind, 0) + 1
        if counts[flaw.kind] <= MOST_NAMED:
            path: Path = (key,) if flaw.row is None else (key, flaw.row)
            problems.add(path, f"flaw_{flaw.kind.value}", **_long(flaw.values))
    for count in counts.values():
        if count > MOST_NAMED:
            problems.add((key,), "flaws_more", count=count - MOST_NAMED)


def _long(values: Mapping[str, str]) -> dict[str, Any]:
    """Returns values for a sentence: a row of answers is longer than what is usually shown."""
    return {name: Words(hide(one_line(value))[:LONGEST]) for name, value in values.items()}


class _Reader:
    """Reads a table's values; whatever has the wrong form is named, and something valid taken instead."""

    def __init__(self, problems: Problems) -> None:
        self._problems = problems

    def table(self, name: str, said: Mapping[str, object]) -> DecisionTable:
        self._close(said, (), "")
        questions = tuple(self._question(one, at) for one, at in self._tables(said, (), "questions"))
        outcomes = tuple(self._outcome(one, at) for one, at in self._tables(said, (), "outcomes"))
        if len(questions) > MOST_QUESTIONS:
            self._problems.add(("questions",), "table_questions", most=MOST_QUESTIONS)
        for twice in _twice(one.name for one in questions):
            self._problems.add(("questions",), "twice", value=twice)
        for twice in _twice(one.name for one in outcomes):
            self._problems.add(("outcomes",), "twice", value=twice)
        return DecisionTable(
            name=self._text(said, (), "name", name),
            version=self._text(said, (), "version", ""),
            about=self._text(said, (), "about", ""),
            questions=questions,
            outcomes=outcomes,
            rows=tuple(self._rows(said)),
        )

    def _question(self, said: Mapping[str, object], path: Path) -> Question:
        self._close(said, path, "questions")
        name = self._choice(said, path, "name", tuple(QUESTIONS))
        values = said.get("values")
        expected = QUESTIONS[name]
        if values != list(expected):
            choices = ", ".join(f'"{one}"' for one in expected)
            self._problems.add((*path, "values"), "table_values", name=name, values=Words(f"[{choices}]"))
        unknown = self._choice(said, path, "unknown", tuple(one.value for one in Unknown))
        return Question(name=name, values=expected, unknown=Unknown(unknown))

    def _outcome(self, said: Mapping[str, object], path: Path) -> TableOutcome:
        self._close(said, path, "outcomes")
        scale = {one.value: one for one in SCALE}
        forensics = said.get("forensics", False)
        if not isinstance(forensics, bool):
            self._problems.add((*path, "forensics"), "type_flag")
        steps = self._tables(said, path, "checklist") if "checklist" in said else []
        return TableOutcome(
            name=self._text(said, path, "name", None),
            priority=scale[self._choice(said, path, "priority", tuple(scale))],
            text=self._wording(said, path),
            days=self._count(said, path, "days") if "days" in said else None,
            forensics=forensics is True,
            checklist=tuple(self._step(one, at) for one, at in steps),
        )

    def _step(self, said: Mapping[str, object], path: Path) -> ChecklistStep:
        self._close(said, path, "checklist")
        return ChecklistStep(hours=self._count(said, path, "hours"), text=self._wording(said, path))

    def _rows(self, said: Mapping[str, object]) -> Iterator[TableRow]:
        rows = said.get("rows")
        if not isinstance(rows, list) or not rows:
            self._problems.add(("rows",), "table_rows")
            return
        for number, row in enumerate(rows):
            if isinstance(row, list) and len(row) > 1 and all(isinstance(one, str) for one in row):
                yield TableRow(answers=tuple(row[:-1]), outcome=row[-1])
            else:
                self._problems.add(("rows", number), "table_rows")

    def _tables(
        self, said: Mapping[str, object], path: Path, key: str
    ) -> list[tuple[Mapping[str, object], Path]]:
        values = said.get(key)
        if not isinstance(values, list) or not values or not all(isinstance(one, dict) for one in values):
            self._problems.add((*path, key), "type_tables")
            return []
        return [(one, (*path, key, number)) for number, one in enumerate(values)]

    def _text(self, said: Mapping[str, object], path: Path, key: str, default: str | None) -> str:
        value = said.get(key, default)
        if isinstance(value, str) and (_NAME.fullmatch(value) or value == default):
            return value
        self._problems.add((*path, key), "table_text")
        return ""

    def _wording(self, said: Mapping[str, object], path: Path) -> Wording:
        """Returns a text that is given once, or for each language."""
        value = said.get("text", "")
        if isinstance(value, dict) and set(value) == {"ja", "en"}:
            ja, en = value["ja"], value["en"]
        else:
            ja = en = value
        if isinstance(ja, str) and isinstance(en, str) and max(len(ja), len(en)) <= LONGEST:
            return Wording(ja=" ".join(ja.split()), en=" ".join(en.split()))
        self._problems.add((*path, "text"), "table_wording")
        return Wording(ja="", en="")

    def _count(self, said: Mapping[str, object], path: Path, key: str) -> int:
        value = said.get(key)
        if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 10_000:
            return value
        self._problems.add((*path, key), "type_count")
        return 0

    def _choice(self, said: Mapping[str, object], path: Path, key: str, choices: tuple[str, ...]) -> str:
        value = said.get(key)
        if isinstance(value, str) and value in choices:
            return value
        words = Words(", ".join(choices))
        self._problems.add((*path, key), "choice", value=value if key in said else "", choices=words)
        return choices[0]

    def _close(self, said: Mapping[str, object], path: Path, kind: str) -> None:
        for key in said:
            if key not in _KEYS[kind]:
                self._problems.add((*path, key), "table_key", choices=Words(", ".join(_KEYS[kind])))


def _twice(names: Iterator[str]) -> Iterator[str]:
    seen: set[str] = set()
    for name in names:
        if name in seen and name:
            yield name
        seen.add(name)
