"""The contracts of the sources: their imports, each broken once in a copy; and how long things may be."""

from __future__ import annotations

import ast
import configparser
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.forks import HANG

PROJECT = Path(__file__).parents[1]
LONGEST_FUNCTION, LONGEST_MODULE = 40, 400
"""Lines, with signature and docstring. Migrations are exempt: they list every column once, and never change."""
LAYERS = "Layers: arrows point down, siblings do not know each other"
CORE = "Core: subjects import in the order of the flow"
NOUNS = "Core: the nouns of a subject in their order"
STEPS = "Subjects of the desk meet in the store, not in each other"
STORE = "Store: rows on SQL on tables, and the schema beside them"
PURE = "Core and desk do no I/O"
ENGINE = "Only the engine knows DBOS"


@dataclass(frozen=True)
class Break:
    """A line that no contract allows, what it breaks, and what the linter says of it."""

    contract: str
    module: str
    line: str
    said: str


BREAKS: dict[str, tuple[Break, ...]] = {
    "one of each": (
        Break(LAYERS, "sandbox/faults.py", "import threatstamp.slack.client", "sandbox.faults -> threatstamp.slack.client"),
        Break(CORE, "core/ids.py", "import threatstamp.core.stamps.forward", "core.ids -> threatstamp.core.stamps.forward"),
        Break(NOUNS, "core/stamps/post.py", "import threatstamp.core.stamps.route", "stamps.post -> threatstamp.core.stamps.route"),
        Break(STEPS, "desk/stamps/take.py", "import threatstamp.desk.outbox.deliver", "stamps.take -> threatstamp.desk.outbox.deliver"),
        Break(STORE, "store/rows/base.py", "import threatstamp.store.store", "store.rows.base -> threatstamp.store.store"),
        Break(PURE, "core/errors.py", "import os", "core.errors -> os"),
        Break(ENGINE, "config/names.py", "import dbos", "config.names -> dbos"),
    ),
    "what has no place": (
        Break(LAYERS, "newcomer/__init__.py", "", "newcomer"),
        Break(CORE, "core/thing.py", "", "thing"),
        Break(NOUNS, "core/news/thing.py", "", "thing"),
        Break(STEPS, "desk/newcomer/__init__.py", "", "newcomer"),
        Break(STORE, "store/thing.py", "", "thing"),
        Break(PURE, "desk/stamps/judge.py", "import sqlalchemy", "stamps.judge -> sqlalchemy"),
        Break(ENGINE, "sandbox/faults.py", "import dbos", "sandbox.faults -> dbos"),
    ),
    "inside functions and by a way round": (
        Break(LAYERS, "texts/times.py", "def late():\n    import threatstamp.store", "texts.times -> threatstamp.store"),
        Break(CORE, "core/stamps/turn.py", "from threatstamp.core import policy", "stamps.turn -> threatstamp.core.policy"),
        Break(STEPS, "desk/stamps/people.py", "def late():\n    import threatstamp.desk.news.gather", "stamps.people -> threatstamp.desk.news.gather"),
        Break(STORE, "store/connection.py", "def late():\n    import threatstamp.store.copying", "store.connection -> threatstamp.store.copying"),
        Break(PURE, "desk/stamps/people.py", "from time import sleep", "stamps.people -> time"),
    ),
}  # fmt: skip


def copied(folder: Path) -> Path:
    """Copies the sources and their contracts; returns the package's folder."""
    package = folder / "src" / "threatstamp"
    shutil.copytree(
        PROJECT / "src" / "threatstamp",
        package,
        ignore=shutil.ignore_patterns("__pycache__", "*.js", "*.tsv"),
    )
    shutil.copy(PROJECT / ".importlinter", folder)
    return package


def linted(folder: Path) -> tuple[int, str]:
    """Returns the linter's exit code and its words, on one line, since it wraps them as it likes."""
    script = "import sys; from importlinter.cli import lint_imports_command; lint_imports_command()"
    done = subprocess.run(
        [sys.executable, "-c", script, "--no-cache", "--config", ".importlinter"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder / "src"), "COLUMNS": "500"},
        capture_output=True,
        text=True,
        timeout=HANG,
    )
    return done.returncode, " ".join((done.stdout + done.stderr).split())


def contracts() -> set[str]:
    """Returns the names of the contracts that the project has."""
    file = configparser.ConfigParser()
    file.read(PROJECT / ".importlinter")
    return {file[part]["name"] for part in file.sections() if part.startswith("importlinter:contract:")}


def test_every_contract_is_broken_here() -> None:
    assert {one.contract for group in BREAKS.values() for one in group} == contracts()


def test_the_sources_as_they_are_keep_every_contract(tmp_path: Path) -> None:
    copied(tmp_path)
    code, words = linted(tmp_path)
    assert code == 0, words
    assert all(f"{name} KEPT" in words for name in contracts())


@pytest.mark.parametrize("group", BREAKS)
def test_a_broken_contract_is_named_with_the_import_that_breaks_it(tmp_path: Path, group: str) -> None:
    package = copied(tmp_path)
    for one in BREAKS[group]:
        file = package / one.module
        file.parent.mkdir(exist_ok=True)
        before = file.read_text(encoding="utf-8") if file.exists() else ""
        file.write_text(f"{before}\n{one.line}\n", encoding="utf-8")
    code, words = linted(tmp_path)
    assert code == 1, words
    for one in BREAKS[group]:
        assert f"{one.contract} BROKEN" in words
        details = words.split("Broken contracts", 1)[1].split(one.contract, 1)[1]
        following = [name for name in contracts() if name in details]
        details = re.split("|".join(map(re.escape, following)) or "$", details)[0]
        assert one.said in details, f"{one.contract}: {details}"


def too_long(package: Path) -> list[str]:
    """Returns the functions and modules that have too many lines, each with its number of lines."""
    found: list[str] = []
    for file in sorted(package.rglob("*.py")):
        name = file.relative_to(package).as_posix()
        if name.startswith("store/migrations/versions/"):
            continue
        text = file.read_text(encoding="utf-8")
        if (lines := len(text.splitlines())) > LONGEST_MODULE:
            found.append(f"{name} has {lines} lines")
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                if lines > LONGEST_FUNCTION:
                    found.append(f"{name}: {node.name} has {lines} lines")
    return found


def test_no_function_has_over_40_lines_and_no_module_over_400() -> None:
    assert too_long(PROJECT / "src" / "threatstamp") == []


def test_what_is_too_long_is_named(tmp_path: Path) -> None:
    longest = "def most():\n" + "    pass\n" * (LONGEST_FUNCTION - 1)
    (tmp_path / "right.py").write_text(longest + "\n" * (LONGEST_MODULE - LONGEST_FUNCTION), encoding="utf-8")
    longer = "class Thing:\n    async def more(self):\n" + "        pass\n" * LONGEST_FUNCTION
    (tmp_path / "long.py").write_text(longer + "\n" * LONGEST_MODULE, encoding="utf-8")
    assert too_long(tmp_path) == ["long.py has 442 lines", "long.py: more has 41 lines"]
