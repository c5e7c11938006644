"""Rows of names that were found in the workspace."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import RowMapping, and_, delete, select

from threatstamp.core.ids import TeamId
from threatstamp.core.names import KnownName
from threatstamp.core.time import Micros
from threatstamp.store.rows.base import Rows
from threatstamp.store.sql import put, rows_at
from threatstamp.store.tables.names import names


class ReadNameRows(Rows):
    """The ReadNames port."""

    def known(self, team: TeamId) -> Mapping[str, KnownName]:
        return {row["name"]: _read(row) for row in rows_at(self.connection, names, team=team)}

    def renamed(self) -> tuple[KnownName, ...]:
        is_renamed = and_(names.c.name.startswith("#"), names.c.name != "#" + names.c.called)
        rows = self.connection.execute(select(names).where(is_renamed).order_by(names.c.name))
        return tuple(map(_read, rows.mappings()))


class NameRows(ReadNameRows):
    """The Names port."""

    def put(self, name: KnownName, *, team: TeamId, now: Micros) -> None:
        values = {"name": name.name, "found": name.found, "called": name.called}
        put(self.connection, names, ("team", "name"), team=team, **values, at=now)

    def drop(self, name: str, *, team: TeamId) -> None:
        self.connection.execute(delete(names).where(names.c.team == team, names.c.name == name))


def _read(row: RowMapping) -> KnownName:
    return KnownName(name=row["name"], found=row["found"], called=row["called"])
