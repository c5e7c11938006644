"""`docs/ledger.md` says what the record is: its tables are the schemas, and its example verifies an export."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.docs.pages import PROJECT, rows_of
from tests.support.bodies import BODIES
from tests.support.fakes import FakeClock, memory_store
from tests.support.times import at
from threatstamp.core.ledger.kinds import SCHEMAS, Kind
from threatstamp.core.ledger.schema import Schema, Type, Value
from threatstamp.desk.record.redact import redact
from threatstamp.desk.record.verify import verify_ledger
from threatstamp.render.ledger import json_lines
from threatstamp.store import SqlStore

PAGE = PROJECT / "docs" / "ledger.md"
TYPES = {one.value: one for one in Type}


def parts() -> dict[str, Schema]:
    """The shared parts, each by its name."""
    found: dict[str, Schema] = {}
    for name, values in rows_of(PAGE, "part"):
        found[name.strip("*")] = read(values, found)
    return found


def read(words: str, known: Mapping[str, Schema]) -> Schema:
    """Reads "*place*, `forward` number, `error` text or null" as a schema."""
    made: dict[str, Value] = {}
    for word in words.split(", "):
        whole = re.fullmatch(r"\*(\w+)\*", word)
        if whole:
            made |= known[whole[1]]
            continue
        value = re.fullmatch(r"`(\w+)` (list of )?(\w+)( or null)?", word)
        assert value, f"{word!r} is no value"
        name, many, kind, optional = value.groups()
        type_of = TYPES.get(kind) or known[kind]
        made[name] = Value(type=type_of, many=bool(many), optional=bool(optional))
    return made


def test_each_kind_has_the_values_that_the_page_says() -> None:
    known = parts()
    said = {
        kind.strip("`"): tuple(read(one, known) for one in body.split(" *or* "))
        for kind, _, body in rows_of(PAGE, "kind")
    }
    assert said == {kind.value: tuple(map(dict, schemas)) for kind, schemas in SCHEMAS.items()}


def test_each_type_is_explained() -> None:
    assert [name for name, _ in rows_of(PAGE, "type")] == [one.value for one in Type]


def names_in(schema: Schema) -> set[str]:
    inner = [value.type for value in schema.values() if not isinstance(value.type, Type)]
    return set(schema).union(*map(names_in, inner))


def test_each_value_is_explained_once() -> None:
    said = [name for names, _ in rows_of(PAGE, "value") for name in re.findall(r"`(\w+)`", names)]
    assert sorted(said) == sorted(set().union(*(names_in(one) for kind in SCHEMAS.values() for one in kind)))


@pytest.fixture
def store() -> SqlStore:
    """A record with every body of every kind, of which one was redacted."""
    made = memory_store()
    with made.transaction() as tx:
        for kind, bodies in BODIES.items():
            if kind is not Kind.REDACTION:
                for body in bodies:
                    tx.ledger.append(kind, body, now=at(1_764_000_000))
    redact((3,), reason="their right", store=made, clock=FakeClock(1_764_000_001_000_000))
    return made


@pytest.fixture
def example(tmp_path: Path) -> Path:
    """The page's own program, as somebody would copy it."""
    found = re.search(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert found
    file = tmp_path / "verify.py"
    file.write_text(found[1], encoding="utf-8")
    return file


def exported(store: SqlStore) -> dict[str, Any]:
    with store.reading() as read:
        made: dict[str, Any] = json.loads("".join(json_lines(read.ledger.entries())))
    return made


def verified(example: Path, export: Mapping[str, object]) -> tuple[int, str]:
    """Runs the example in a Python that has nothing of ours on its path; returns its exit code and words."""
    file = example.with_name("ledger.json")
    file.write_text(json.dumps(export, ensure_ascii=False), encoding="utf-8")
    ran = subprocess.run(
        [sys.executable, "-E", example.name, file.name],
        cwd=example.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    return ran.returncode, (ran.stdout or ran.stderr).strip()


def test_the_example_verifies_what_the_desk_exported(store: SqlStore, example: Path) -> None:
    found = verify_ledger(store)
    expected = f"{found.entries} entries, 1 redacted, head {found.head}"
    assert verified(example, exported(store)) == (0, expected)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("kind", "contact", "entry 2 does not fit the chain"),
        ("at", "1764000000000001", "entry 2 does not fit the chain"),
        ("body_text", "{}", "the body of entry 2 was changed"),
        ("body", {}, "entry 2 says one thing to people and another to the chain"),
        ("body_text", None, "no redaction says why entry 2 has no body"),
    ],
)
def test_the_example_names_what_was_changed(
    store: SqlStore, example: Path, name: str, value: object, said: str
) -> None:
    export = exported(store)
    export["entries"][1][name] = value
    assert verified(example, export) == (1, said)


def test_the_page_names_what_an_export_has(store: SqlStore) -> None:
    export = exported(store)
    assert set(export["entries"][0]) == set(re.findall(r'"(\w+)"', _shape())[3:])
    assert export["format"] == "threatstamp-ledger-2"


def _shape() -> str:
    found = re.search(r'`(\{"format".*?\]\})`', PAGE.read_text(encoding="utf-8"))
    assert found
    return found[1].replace("threatstamp-ledger-2", "format_2")
