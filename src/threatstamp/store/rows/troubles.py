"""Rows of troubles, open and fixed."""

from __future__ import annotations

import json
from collections.abc import Mapping

from sqlalchemy import RowMapping, and_, insert, or_, select, update

from threatstamp.core.time import Micros
from threatstamp.core.trouble import Trouble, TroubleKind
from threatstamp.store.rows.base import Rows
from threatstamp.store.tables.troubles import troubles

NOTHING_TOLD, OPENING_TOLD, ALL_TOLD = 0, 1, 2
"""What has been reported in alerts.

A trouble that was fixed before its opening was reported is never reported.
"""


class ReadTroubleRows(Rows):
    """The ReadTroubles port."""

    def unfixed(self, *kinds: TroubleKind) -> tuple[Trouble, ...]:
        query = select(troubles).where(troubles.c.fixed_at.is_(None)).order_by(troubles.c.id)
        if kinds:
            query = query.where(troubles.c.kind.in_([kind.value for kind in kinds]))
        return tuple(_read(row) for row in self.connection.execute(query).mappings())

    def untold(self) -> tuple[Trouble, ...]:
        query = select(troubles).where(
            or_(
                and_(troubles.c.fixed_at.is_(None), troubles.c.told == NOTHING_TOLD),
                and_(troubles.c.fixed_at.is_not(None), troubles.c.told == OPENING_TOLD),
            )
        )
        rows = self.connection.execute(query.order_by(troubles.c.id)).mappings()
        return tuple(_read(row) for row in rows)


class TroubleRows(ReadTroubleRows):
    """The Troubles port."""

    def open(self, kind: TroubleKind, subject: str, *, values: Mapping[str, str], now: Micros) -> None:
        if any(trouble.subject == subject for trouble in self.unfixed(kind)):
            return
        details = json.dumps(dict(values), ensure_ascii=False)
        self.connection.execute(
            insert(troubles).values(
                kind=kind.value, subject=subject, details=details, opened_at=now, told=NOTHING_TOLD
            )
        )

    def fix(self, kind: TroubleKind, subject: str, *, now: Micros) -> None:
        self.connection.execute(
            update(troubles)
            .where(
                troubles.c.kind == kind.value,
                troubles.c.subject == subject,
                troubles.c.fixed_at.is_(None),
            )
            .values(fixed_at=now)
        )

    def put_told(self, trouble: Trouble) -> None:
        self.connection.execute(
            update(troubles)
            .where(
                troubles.c.kind == trouble.kind.value,
                troubles.c.subject == trouble.subject,
                troubles.c.opened_at == trouble.opened_at,
            )
            .values(told=OPENING_TOLD if trouble.fixed_at is None else ALL_TOLD)
        )


def _read(row: RowMapping) -> Trouble:
    return Trouble(
        kind=TroubleKind(row["kind"]),
        subject=row["subject"],
        values=json.loads(row["details"]),
        opened_at=Micros(row["opened_at"]),
        fixed_at=row["fixed_at"],
        told=row["told"] > NOTHING_TOLD,
    )
