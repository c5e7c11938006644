"""Rows of copies of the record: a lease for each, by a token that grows."""

from __future__ import annotations

from sqlalchemy import or_, update

from threatstamp.core.time import MINUTE, Micros
from threatstamp.desk.ports.copies import CopyClaim
from threatstamp.store.rows.base import Rows
from threatstamp.store.sql import insert_new, rows_at
from threatstamp.store.tables.copies import copies

LONGEST_LEASE = 10 * MINUTE
"""A lease that ends later was written while a clock was wrong, and holds nobody back."""


class ReadCopyRows(Rows):
    """The ReadCopies port."""

    def sequence(self, copy: str) -> int:
        row = rows_at(self.connection, copies, copy=copy).first()
        return int(row["sequence"]) if row else 0


class CopyRows(ReadCopyRows):
    """The Copies port."""

    def claim(self, copy: str, *, holder: str, now: Micros, until: Micros) -> CopyClaim | None:
        insert_new(self.connection, copies, copy=copy, sequence=0, token=0, holder="", lease_until=0)
        is_free = or_(copies.c.lease_until <= now, copies.c.lease_until > now + LONGEST_LEASE)
        won = self.connection.execute(
            update(copies)
            .where(copies.c.copy == copy, is_free)
            .values(token=copies.c.token + 1, holder=holder, lease_until=until)
        )
        if won.rowcount != 1:
            return None
        row = rows_at(self.connection, copies, copy=copy).one()
        return CopyClaim(copy=copy, token=row["token"], sequence=row["sequence"])

    def advance(self, claim: CopyClaim, *, sequence: int, until: Micros) -> CopyClaim | None:
        if not self._set(claim, sequence=sequence, lease_until=until):
            return None
        return CopyClaim(copy=claim.copy, token=claim.token, sequence=sequence)

    def release(self, claim: CopyClaim, *, until: Micros) -> None:
        self._set(claim, lease_until=until)

    def _set(self, claim: CopyClaim, **values: object) -> bool:
        is_ours = (copies.c.copy == claim.copy, copies.c.token == claim.token)
        return self.connection.execute(update(copies).where(*is_ours).values(**values)).rowcount == 1
