"""The glossary has every public noun of core and desk, and none that is gone."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
from collections import Counter
from collections.abc import Iterator

import threatstamp.core
import threatstamp.desk
from tests.docs.pages import PROJECT

PAGE = PROJECT / "docs" / "glossary.md"


def nouns() -> Iterator[str]:
    """The classes that modules of core and desk define for others."""
    for package in (threatstamp.core, threatstamp.desk):
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            module = importlib.import_module(found.name)
            for name, value in inspect.getmembers(module, inspect.isclass):
                if value.__module__ == module.__name__ and not name.startswith("_"):
                    yield name


def entries() -> list[str]:
    return re.findall(r"\*\*`(\w+)`\*\*", PAGE.read_text(encoding="utf-8"))


def test_every_noun_has_an_entry_and_every_entry_its_noun() -> None:
    missing, gone = set(nouns()) - set(entries()), set(entries()) - set(nouns())
    assert not missing, f"docs/glossary.md has no entry for {sorted(missing)}"
    assert not gone, f"docs/glossary.md explains what is not there any more: {sorted(gone)}"


def test_one_word_is_one_thing() -> None:
    assert [name for name, count in Counter(nouns()).items() if count > 1] == []


def test_the_main_path_needs_about_a_dozen_nouns() -> None:
    first = PAGE.read_text(encoding="utf-8").partition("## The main path")[2].partition("\nFeeds add")[0]
    assert 10 <= len(re.findall(r"^\| \*\*", first, re.MULTILINE)) <= 14
