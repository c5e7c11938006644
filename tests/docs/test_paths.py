"""Every file that the project's pages name is there."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs.pages import PROJECT, exists, paths_in

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


def test_the_architecture_is_one_page() -> None:
    assert len((DOCS / "architecture.md").read_text(encoding="utf-8").splitlines()) <= 120
