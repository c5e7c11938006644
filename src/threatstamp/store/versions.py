"""The versions of the tables, read from the migrations themselves."""

from __future__ import annotations

import ast
from enum import StrEnum
from functools import cache
from pathlib import Path

from sqlalchemy import Connection, inspect, text

SCRIPTS = Path(__file__).parent / "migrations" / "versions"
VERSION_TABLE = "desk_version"


class SchemaState(StrEnum):
    """A database's tables compared with those that this program needs."""

    NEW = "new"
    """There are no tables."""
    CURRENT = "current"
    OLDER = "older"
    NEWER = "newer"
    """No migration here creates this version: it is a later program's, or another program's."""


@cache
def known_versions(scripts: Path = SCRIPTS) -> tuple[str, ...]:
    """Returns the versions that a folder of migrations creates, oldest first.

    It parses the files without importing them or Alembic, which takes as long as all the rest of `status`.
    Raises ValueError unless the migrations form one line.
    """
    follows: dict[object, str] = {}
    for file in sorted(scripts.glob("*.py")):
        names = _names(file)
        if isinstance(names.get("revision"), str):
            before = names.get("down_revision")
            if before in follows:
                raise ValueError(f"{file}: two migrations follow {before}")
            follows[before] = str(names["revision"])
    line: list[str] = []
    while follows:
        after = follows.pop(line[-1] if line else None, None)
        if after is None:
            raise ValueError(
                f"{scripts}: the migrations {sorted(follows.values())} follow none of the others"
            )
        line.append(after)
    if not line:
        raise ValueError(f"{scripts}: there are no migrations")
    return tuple(line)


def _names(file: Path) -> dict[str, object]:
    """Returns the values of a file's top-level assignments of the form `name = constant`."""
    found: dict[str, object] = {}
    for line in ast.parse(file.read_text(encoding="utf-8")).body:
        target = line.targets[0] if isinstance(line, ast.Assign) else None
        target = line.target if isinstance(line, ast.AnnAssign) else target
        if isinstance(line, ast.Assign | ast.AnnAssign) and isinstance(target, ast.Name):
            found[target.id] = line.value.value if isinstance(line.value, ast.Constant) else None
    return found


def version(connection: Connection) -> str | None:
    """Returns the version of the newest migration that a database has; None without tables."""
    if not inspect(connection).has_table(VERSION_TABLE):
        return None
    return connection.execute(text(f"SELECT version_num FROM {VERSION_TABLE}")).scalar()  # noqa: S608 - our own name


def schema_state(found: str | None, known: tuple[str, ...]) -> SchemaState:
    """Compares a database's version with the known ones. known: oldest first."""
    if found is None:
        return SchemaState.NEW
    if found not in known:
        return SchemaState.NEWER
    return SchemaState.CURRENT if found == known[-1] else SchemaState.OLDER
