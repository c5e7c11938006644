"""The lines, and what a person has written down for each."""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

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


def pairs() -> list[dict[str, Any]]:
    """Returns pairs of lines with whether they are about the same thing, for those who join stories."""
    return [json.loads(line) for line in (HERE / "joins.jsonl").read_text(encoding="utf-8").splitlines()]


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
