"""The lines, and what a person has written down for each."""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass
from pathlib import Path

from threatstamp.core.news.entry import Entry

HERE = Path(__file__).parent
LANGUAGES = ("ja", "en")
TASKS = ("ids", "kind", "layer", "products", "indicators", "names")

Said = dict[str, frozenset[str]]
"""By task what a line says, or is said to say."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line. half: "tune" are the lines that rules may be fitted to, "held" those that only judge."""

    language: str
    half: str
    text: str
    said: Said


def lines() -> list[Line]:
    """Returns all lines of both languages."""
    return [line for language in LANGUAGES for line in _of(language)]


def more_kinds() -> list[Line]:
    """Returns further lines of which only the kind is written down."""
    return [
        Line("", row["half"], row["text"], {"kind": frozenset({row["kind"]})}) for row in _rows("kinds.tsv")
    ]


@dataclass(frozen=True, slots=True)
class Pair:
    """Two entries of different feeds. same: they are one story."""

    half: str
    a: Entry
    b: Entry
    same: bool
    why: str


def pairs() -> list[Pair]:
    """Returns pairs of entries with whether they are one story."""
    rows = map(json.loads, (HERE / "joins.jsonl").read_text(encoding="utf-8").splitlines())
    return [Pair(row["half"], _entry(row["a"]), _entry(row["b"]), row["same"], row["why"]) for row in rows]


def _entry(said: str | dict[str, str]) -> Entry:
    """Returns an entry of a line that is its title, or of title, summary and link."""
    parts = {"title": said} if isinstance(said, str) else said
    return Entry(entry_id="", title=parts["title"], summary=parts.get("summary"), link=parts.get("link"))


def _of(language: str) -> list[Line]:
    return [
        Line(
            language,
            row["half"],
            row["text"],
            {task: frozenset(filter(None, row[task].split(";"))) for task in TASKS},
        )
        for row in _rows(f"lines.{language}.tsv")
    ]


def _rows(name: str) -> list[dict[str, str]]:
    with (HERE / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
