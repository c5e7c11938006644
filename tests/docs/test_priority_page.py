"""The page on priorities draws CISA's table as it is, and its examples are what the program reads."""

from __future__ import annotations

import re
from itertools import product
from pathlib import Path

import pytest

from tests.config.test_tables import settings
from tests.docs.pages import PROJECT
from threatstamp.config.settings import read_settings
from threatstamp.config.tables import built_in

TABLE = built_in("bod-26-04")
WORDS = {
    "upgrade": ("next upgrade", "次回更改時"),
    "60 days": ("60 days", "60日"),
    "14 days": ("14 days", "14日"),
    "3 days": ("3 days", "3日"),
    "3 days with forensics": ("3 days + forensics", "3日＋調査"),
}


@pytest.mark.parametrize(("page", "language"), [("priority.md", 0), ("priority.ja.md", 1)])
def test_the_drawn_table_is_the_one_that_decides(page: str, language: int) -> None:
    text = (PROJECT / "docs" / page).read_text(encoding="utf-8")
    head = text.index("|---|---|---|---|---|---|")
    rows = [line.split("|")[1:-1] for line in text[head:].splitlines()[1:5]]
    for row, (kev, exposed) in zip(rows, product(("no", "yes"), repeat=2), strict=True):
        for cell, answers in zip(row[2:], product(("no", "yes"), ("partial", "total")), strict=True):
            outcome = TABLE.find((kev, exposed, *answers))[1]
            assert cell.strip() == WORDS[outcome.name][language]


@pytest.mark.parametrize("page", ["priority.md", "priority.ja.md"])
def test_its_examples_are_read(page: str, tmp_path: Path) -> None:
    text = (PROJECT / "docs" / page).read_text(encoding="utf-8")
    own, rules, examples = re.findall(r"```toml\n(.*?)```", text, re.DOTALL)
    path = settings(tmp_path, own)
    path.write_text(path.read_text(encoding="utf-8") + rules + examples, encoding="utf-8")
    found = read_settings(path, {}).policy
    assert (found.policy.table.name, len(found.policy.rules), len(found.examples)) == ("house", 2, 1)
    assert TABLE.edition in text
