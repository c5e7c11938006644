"""Rows of vital signs, by name."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import select

from threatstamp.core.time import Micros
from threatstamp.store.rows.base import Rows
from threatstamp.store.sql import put, rows_at
from threatstamp.store.tables.vitals import vitals


class ReadVitalRows(Rows):
    """The ReadVitals port."""

    def get(self, name: str) -> str | None:
        row = rows_at(self.connection, vitals, name=name).first()
        return str(row["value"]) if row else None

    def every(self) -> Mapping[str, tuple[str, Micros]]:
        rows = self.connection.execute(select(vitals))
        return {row.name: (row.value, Micros(row.at)) for row in rows}


class VitalRows(ReadVitalRows):
    """The Vitals port."""

    def put(self, name: str, value: str, *, now: Micros) -> None:
        put(self.connection, vitals, ("name",), name=name, value=value, at=now)
