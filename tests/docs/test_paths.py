"""Every file that the project's pages name is there."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs.pages import PROJECT, SOURCES, exists, paths_in, rows_of
from threatstamp.cli import COMMANDS

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


LINKED = (*sorted(PROJECT.glob("*.md")), *sorted(DOCS.glob("*.md")))


def slug(heading: str) -> str:
    """Returns a heading's anchor, as GitHub makes it."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


@pytest.mark.parametrize("page", LINKED, ids=lambda page: page.name)
def test_every_link_leads_to_a_page_and_a_heading_that_are_there(page: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8")):
        if "://" in target:
            continue
        name, _, anchor = target.partition("#")
        there = (page.parent / name) if name else page
        assert there.exists(), f"{page.name}: {target}"
        if anchor:
            headings = re.findall(r"^#+ (.+)$", there.read_text(encoding="utf-8"), re.MULTILINE)
            assert anchor in map(slug, headings), f"{page.name}: {target}"


def test_every_page_is_reached_from_the_readme_of_its_language() -> None:
    for readme, japanese in ((PROJECT / "README.md", False), (PROJECT / "README.ja.md", True)):
        linked = set(paths_in(readme))
        for page in sorted(DOCS.glob("*.md")):
            twin = page.with_name(page.name.replace(".md", ".ja.md"))
            is_theirs = page.name.endswith(".ja.md") == japanese or (japanese and not twin.exists())
            assert not is_theirs or f"docs/{page.name}" in linked, f"{readme.name} does not link {page.name}"


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


@pytest.mark.parametrize(("readme", "heading"), [("README.md", "command"), ("README.ja.md", "コマンド")])
def test_every_command_has_its_row_in_the_readme(readme: str, heading: str) -> None:
    rows = rows_of(PROJECT / readme, heading)
    named = {word for first, *_ in rows for word in re.findall(r"`([\w-]+)", first)}
    assert set(COMMANDS) <= named
    assert len(rows) == len(rows_of(PROJECT / "README.md", "command"))
