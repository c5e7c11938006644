"""The table of recommendations: risk against effort, of the package or of the company's own file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path

from threatstamp.config.lines import Lines
from threatstamp.config.reader import Problems, Table, Words
from threatstamp.config.secrets import reason_of
from threatstamp.config.tables import add_flaws, read_toml
from threatstamp.core.assets.product import Criticality
from threatstamp.core.cases.weighing import CHOICES, EFFORTS, Recommending
from threatstamp.core.priority.table import (
    DecisionTable,
    Question,
    TableOutcome,
    TableRow,
    Unknown,
    Wording,
)
from threatstamp.core.priority.urgency import SCALE
from threatstamp.texts.catalogue import Language, Texts

DEFAULT = "default"
"""The table of the package."""

_PRIORITIES = tuple(one.value for one in SCALE)
_KEYS = ("name", "hours", "risk", "recommend")


@dataclass(frozen=True, slots=True, kw_only=True)
class RecommendSettings:
    """table: what decides. file: the company's own; None for the package's. content: of that file."""

    table: Recommending
    file: Path | None = None
    content: bytes = b""


def read_recommending(table: Table, folder: Path) -> RecommendSettings:
    """Returns the table that the settings name; what is wrong is added to the table's problems."""
    usual, name = RecommendSettings(table=built_in()), table.text("recommend", DEFAULT)
    if name == DEFAULT:
        return usual
    if not name.endswith(".toml"):
        choices = Words(DEFAULT)
        table.wrong(
            "recommend", "table_unknown", value=name, choices=choices, hint=table.hint(name, [DEFAULT])
        )
        return usual
    try:
        file = (folder / name).absolute()
        content = file.read_bytes()
    except (OSError, ValueError) as error:
        reason = reason_of(error, table.problems.texts) if isinstance(error, OSError) else str(error)
        table.wrong("recommend", "unreadable", path=name, reason=reason)
        return usual
    found = _read(file.name, content, table.problems)
    return RecommendSettings(table=found or built_in(), file=file, content=content)


@cache
def built_in() -> Recommending:
    """Returns the table of the package."""
    content = files(__package__).joinpath("recommending.toml").read_bytes()
    problems = Problems(DEFAULT, Lines(""), Texts(Language.EN))
    table = _read(DEFAULT, content, problems)
    assert table is not None, problems.sorted()
    return table


def _read(name: str, content: bytes, around: Problems) -> Recommending | None:
    found = read_toml(name, content, around)
    if found is None:
        return None
    values, problems = found
    for key in values:
        if key not in _KEYS:
            problems.add((key,), "table_key", choices=Words(", ".join(_KEYS)))
    said = values.get("name", name)
    if not isinstance(said, str):
        problems.add(("name",), "table_text")
    criticalities = ("low", "medium", "high")
    assert set(criticalities) == {one.value for one in Criticality}
    risks = _table(
        values, problems, "risk", {"priority": _PRIORITIES, "criticality": criticalities}, _PRIORITIES
    )
    choices = _table(
        values,
        problems,
        "recommend",
        {"risk": _PRIORITIES, "effort": EFFORTS},
        [one.value for one in CHOICES],
    )
    hours = _hours(values, problems)
    if problems.of_file() or hours is None:
        return None
    return Recommending(name=str(said), risks=risks, choices=choices, hours=hours)


def _table(
    values: Mapping[str, object],
    problems: Problems,
    key: str,
    questions: Mapping[str, tuple[str, ...]],
    outcomes: Sequence[str],
) -> DecisionTable:
    """Returns one of the two tables; its holes and contradictions are added to the problems."""
    said, rows = values.get(key), list[TableRow]()
    if not isinstance(said, list) or not said:
        problems.add((key,), "table_rows")
        said = []
    for number, row in enumerate(said):
        if isinstance(row, list) and len(row) > 1 and all(isinstance(one, str) for one in row):
            rows.append(TableRow(answers=tuple(row[:-1]), outcome=row[-1]))
        else:
            problems.add((key, number), "table_rows")
    text = Wording(ja="", en="")
    table = DecisionTable(
        name=key,
        version="",
        about="",
        questions=tuple(
            Question(name=name, values=found, unknown=Unknown.WORST) for name, found in questions.items()
        ),
        outcomes=tuple(
            TableOutcome(name=name, priority=priority, text=text)
            for name, priority in zip(outcomes, SCALE, strict=True)
        ),
        rows=tuple(rows),
    )
    if rows and not problems.of_file():
        add_flaws(table, problems, key=key, may_be_idle=True)
    return table


def _hours(values: Mapping[str, object], problems: Problems) -> tuple[int, int] | None:
    match values.get("hours", [8, 40]):
        case [int(small), int(medium)] if 0 < small < medium <= 9999:
            return small, medium
        case _:
            problems.add(("hours",), "table_hours")
            return None
