"""Reads what the project's pages say, so that tests can compare it with the code."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

PROJECT = Path(__file__).parents[2]
SOURCES = PROJECT / "src" / "threatstamp"


def rows_of(page: Path, first: str) -> list[tuple[str, ...]]:
    """Returns the rows of the table whose first column has that heading."""
    lines = page.read_text(encoding="utf-8").splitlines()
    begin = next(number for number, line in enumerate(lines) if line.startswith(f"| {first} |"))
    return list(_rows(lines[begin + 2 :]))


def _rows(lines: list[str]) -> Iterator[tuple[str, ...]]:
    for line in lines:
        if not line.startswith("|"):
            return
        yield tuple(cell.strip() for cell in line.strip("|").split("|"))


def paths_in(page: Path) -> Iterator[str]:
    """Yields what a page names as a file or a folder: `in/code.py`, [a link](there.md)."""
    text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
    for code in re.findall(r"`([^`\n]+)`", text):
        if re.fullmatch(r"[\w.*-]+/[\w./*-]*|[\w-]+\.(py|toml|md)|\.importlinter", code):
            yield code
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if "://" not in target and not target.startswith("#"):
            yield target.partition("#")[0]


def exists(path: str, page: Path) -> bool:
    """True if a page's path is there: beside it, in the project, or in the package. A * stands for names.

    A bare name of sentences, `cli.toml`, has to be there in both languages.
    """
    if re.fullmatch(r"\w+\.toml", path) and path not in OURS:
        return all((SOURCES / "texts" / language / path).is_file() for language in ("en", "ja"))
    return any(any(base.glob(path.rstrip("/"))) for base in (page.parent, PROJECT, SOURCES))


OURS = ("pyproject.toml", "threatstamp.toml")
