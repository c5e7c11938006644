"""Rows of the record: the ledger, troubles, vital signs."""

from __future__ import annotations

import hashlib
import itertools
import json
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, and_, delete, insert, or_, select, update

from threatstamp.core.ids import FORGOTTEN_USER, UserId
from threatstamp.core.ledger import FIRST_PREVIOUS, Kind, LedgerEntry, canonical, digest, link
from threatstamp.desk.ports import Trouble
from threatstamp.store import tables
from threatstamp.store.sql import put, rows_at

PAGE = 500
FORGOTTEN = "forgotten:"
FORGOTTEN_SALT = "salt_of_forgotten"


class RecordRows:
    """The Record port on one connection."""

    connection: Connection
    _pending: list[LedgerEntry]

    def append(self, kind: Kind, body: Mapping[str, object]) -> LedgerEntry:
        last = self._pending[-1] if self._pending else self._head()
        text, salt = canonical(body), secrets.token_hex(16)
        body_digest = digest(salt=salt, body=text)
        sequence = last.sequence + 1 if last else 1
        at = datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
        entry = LedgerEntry(
            sequence=sequence,
            at=at,
            kind=kind.value,
            digest=body_digest,
            hash=link(
                previous=last.hash if last else FIRST_PREVIOUS,
                sequence=sequence,
                at=at,
                kind=kind.value,
                body_digest=body_digest,
            ),
            salt=salt,
            body=text,
        )
        self._pending.append(entry)
        return entry

    def flush(self) -> None:
        """Writes the entries of this transaction, all at once: before it commits, or is read."""
        pending, self._pending = self._pending, []
        if not pending:
            return
        heads = [
            {"sequence": one.sequence, "at": one.at, "kind": one.kind, "digest": one.digest, "hash": one.hash}
            for one in pending
        ]
        self.connection.execute(insert(tables.ledger), heads)
        bodies = [{"sequence": one.sequence, "salt": one.salt, "body": one.body} for one in pending]
        self.connection.execute(insert(tables.ledger_bodies), bodies)

    def _head(self) -> LedgerEntry | None:
        row = self.connection.execute(_newest()).mappings().first()
        return _entry(row) if row else None

    def entries(
        self, *, limit: int | None = None, newest: bool = False, kind: str | None = None, after: int = 0
    ) -> Iterator[LedgerEntry]:
        """Yields entries in order, without holding them all; `newest`: the last `limit` of them.

        after: only those with a greater sequence number.
        """
        self.flush()
        table = tables.ledger
        query = _with_bodies() if kind is None else _with_bodies().where(table.c.kind == kind)
        if newest:
            last = query.where(table.c.sequence > after).order_by(table.c.sequence.desc()).limit(limit)
            return iter([_entry(row) for row in self.connection.execute(last).mappings()][::-1])
        return itertools.islice(self._in_order(query, after), limit)

    def _in_order(self, query: Select[Any], after: int) -> Iterator[LedgerEntry]:
        """Reads page by page, since a reading may be no transaction that a cursor could live in."""
        table = tables.ledger
        ordered = query.order_by(table.c.sequence).limit(PAGE)
        while True:
            rows = self.connection.execute(ordered.where(table.c.sequence > after)).mappings().all()
            yield from map(_entry, rows)
            if len(rows) < PAGE:
                return
            after = rows[-1]["sequence"]

    def entries_about(self, user: UserId) -> tuple[LedgerEntry, ...]:
        self.flush()
        query = _with_bodies().where(tables.ledger_bodies.c.body.contains(user, autoescape=True))
        rows = self.connection.execute(query.order_by(tables.ledger.c.sequence)).mappings()
        found = [_entry(row) for row in rows]
        return tuple(entry for entry in found if entry.body and _names(json.loads(entry.body), user))

    def entry(self, sequence: int) -> LedgerEntry | None:
        self.flush()
        query = _with_bodies().where(tables.ledger.c.sequence == sequence)
        row = self.connection.execute(query).mappings().first()
        return _entry(row) if row else None

    def redact(self, sequences: Sequence[int]) -> None:
        table = tables.ledger_bodies
        self.connection.execute(delete(table).where(table.c.sequence.in_(list(sequences))))

    def forget_user(self, user: UserId) -> None:
        nobody = self._alias_for(user)
        for row in self._sightings_of(user):
            table, text = tables.sightings, row["reactions"].replace(json.dumps(user), json.dumps(nobody))
            self.connection.execute(update(table).where(table.c.id == row["id"]).values(reactions=text))
        for table in (tables.marks, tables.stamps, tables.forwards):
            self.connection.execute(update(table).where(table.c.user_id == user).values(user_id=nobody))
        posts = tables.posts
        rows = self.connection.execute(
            select(posts).where(posts.c.snapshot.contains(f'"{user}"', autoescape=True))
        ).mappings()
        for row in rows.all():
            snapshot = json.loads(row["snapshot"])
            if snapshot.get("author") == user:
                emptied = {**snapshot, "author": None, "source": "", "text": "", "title": ""}
                self.connection.execute(
                    update(posts)
                    .where(
                        posts.c.team == row["team"],
                        posts.c.channel == row["channel"],
                        posts.c.ts == row["ts"],
                    )
                    .values(snapshot=json.dumps(emptied))
                )

    def aliases(self) -> Callable[[UserId], UserId]:
        table = tables.vitals
        rows = self.connection.execute(select(table).where(table.c.name.startswith(FORGOTTEN)))
        known = {row.name.removeprefix(FORGOTTEN): UserId(row.value) for row in rows}
        if not known:
            return _itself
        salt = self.vital(FORGOTTEN_SALT) or ""
        return lambda user: known.get(_hidden(user, salt), user)

    def _alias_for(self, user: UserId) -> UserId:
        """Returns a forgotten person's other name; only a salted digest tells whose it is."""
        salt = self.vital(FORGOTTEN_SALT)
        if salt is None:
            salt = secrets.token_hex(16)
            self.put_vital(FORGOTTEN_SALT, salt, now=0)
        name = f"{FORGOTTEN}{_hidden(user, salt)}"
        alias = self.vital(name)
        if alias is None:
            alias = f"{FORGOTTEN_USER}{secrets.token_hex(4).upper()}"
            self.put_vital(name, alias, now=0)
        return UserId(alias)

    def _sightings_of(self, user: UserId) -> Sequence[RowMapping]:
        table = tables.sightings
        found = table.c.reactions.contains(json.dumps(user), autoescape=True)
        return self.connection.execute(select(table.c.id, table.c.reactions).where(found)).mappings().all()

    def troubles(self, prefix: str = "") -> tuple[Trouble, ...]:
        table = tables.troubles
        query = select(table).where(
            table.c.mended_at.is_(None), table.c.key.startswith(prefix, autoescape=True)
        )
        return tuple(_trouble(row) for row in self.connection.execute(query.order_by(table.c.id)).mappings())

    def untold(self) -> tuple[Trouble, ...]:
        table = tables.troubles
        query = select(table).where(
            or_(
                and_(table.c.mended_at.is_(None), table.c.told == 0),
                and_(table.c.mended_at.is_not(None), table.c.told == 1),
            )
        )
        return tuple(_trouble(row) for row in self.connection.execute(query.order_by(table.c.id)).mappings())

    def open_trouble(self, key: str, kind: str, *, values: Mapping[str, str], now: int) -> None:
        if any(trouble.key == key for trouble in self.troubles(key)):
            return
        details = json.dumps(dict(values), ensure_ascii=False)
        self.connection.execute(
            insert(tables.troubles).values(key=key, kind=kind, details=details, opened_at=now, told=0)
        )

    def mend_trouble(self, key: str, *, now: int) -> None:
        table = tables.troubles
        self.connection.execute(
            update(table).where(table.c.key == key, table.c.mended_at.is_(None)).values(mended_at=now)
        )

    def told(self, trouble: Trouble) -> None:
        table = tables.troubles
        self.connection.execute(
            update(table)
            .where(table.c.key == trouble.key, table.c.opened_at == trouble.opened_at)
            .values(told=1 if trouble.mended_at is None else 2)
        )

    def vital(self, name: str) -> str | None:
        row = rows_at(self.connection, tables.vitals, name=name).first()
        return str(row["value"]) if row else None

    def vitals(self) -> dict[str, tuple[str, int]]:
        """Returns every sign of life with the time it was written."""
        rows = self.connection.execute(select(tables.vitals))
        return {row.name: (row.value, row.at) for row in rows}

    def put_vital(self, name: str, value: str, *, now: int) -> None:
        put(self.connection, tables.vitals, ("name",), name=name, value=value, at=now)

    def forget_event(self, event: int) -> None:
        self.connection.execute(delete(tables.inbox).where(tables.inbox.c.id == event))


@cache
def _newest() -> Select[Any]:
    return _with_bodies().order_by(tables.ledger.c.sequence.desc()).limit(1)


def _with_bodies() -> Select[Any]:
    head, body = tables.ledger, tables.ledger_bodies
    return select(head, body.c.salt, body.c.body).outerjoin(body, body.c.sequence == head.c.sequence)


def _entry(row: RowMapping) -> LedgerEntry:
    return LedgerEntry(
        sequence=row["sequence"],
        at=row["at"],
        kind=row["kind"],
        digest=row["digest"],
        hash=row["hash"],
        salt=row["salt"],
        body=row["body"],
    )


def _trouble(row: RowMapping) -> Trouble:
    return Trouble(
        key=row["key"],
        kind=row["kind"],
        values=json.loads(row["details"]),
        opened_at=row["opened_at"],
        mended_at=row["mended_at"],
        told=row["told"] > 0,
    )


def _itself(user: UserId) -> UserId:
    return user


def _hidden(user: str, salt: str) -> str:
    return hashlib.sha256(f"{salt}{user}".encode()).hexdigest()


def _names(value: object, user: UserId) -> bool:
    if isinstance(value, dict):
        return any(_names(inner, user) for inner in value.values())
    if isinstance(value, list):
        return any(_names(inner, user) for inner in value)
    return value == user or (isinstance(value, str) and f"<@{user}" in value)
