"""Every file that the project's pages name is there."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs.pages import PROJECT, SOURCES, exists, paths_in

DOCS = PROJECT / "docs"
PAGES = (
    PROJECT / "CONTRIBUTING.md",
    *(DOCS / f"{name}.md" for name in ("architecture", "glossary", "ledger")),
    *sorted((DOCS / "adr").glob("*.md")),
)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_file_that_a_page_names_is_there(page: Path) -> None:
    assert [path for path in paths_in(page) if not exists(path, page)] == []


def test_the_way_of_a_stamp_and_of_a_document_names_many_files() -> None:
    """The check above would pass a page in which it finds no path."""
    assert len(set(paths_in(DOCS / "architecture.md"))) > 50


def methods() -> Iterator[str]:
    """Every method of the sources, "Class.method"."""
    for file in SOURCES.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef):
                yield from (
                    f"{node.name}.{one.name}" for one in node.body if isinstance(one, ast.FunctionDef)
                )


def test_every_step_on_the_way_is_a_method_that_is_there() -> None:
    named = re.findall(r"`([A-Z][a-z]\w*\.\w+)`", (DOCS / "architecture.md").read_text(encoding="utf-8"))
    assert len(named) > 5
    assert set(named) - set(methods()) == set()


def test_the_architecture_is_one_page() -> None:
    assert len((DOCS / "architecture.md").read_text(encoding="utf-8").splitlines()) <= 120
