"""Persons are redacted: their id is replaced by an alias in every column that is marked as personal."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Callable
from functools import cache
from typing import Any

from sqlalchemy import Column, Connection, Select, Table, and_, delete, select, update

from threatstamp.core.ids import FORGOTTEN_USER, UserId
from threatstamp.core.stamps.post import Place
from threatstamp.core.time import Micros
from threatstamp.store.rows.base import Rows
from threatstamp.store.rows.naming import without
from threatstamp.store.rows.posts import read_place
from threatstamp.store.rows.vitals import ReadVitalRows, VitalRows
from threatstamp.store.rows.words import reword_post
from threatstamp.store.sql import place_values, rows_at
from threatstamp.store.tables.columns import Personal, personal_columns
from threatstamp.store.tables.names import names
from threatstamp.store.tables.posts import posts
from threatstamp.store.tables.vitals import vitals

FORGOTTEN = "forgotten:"
"""Prefix of the vital sign with a redacted person's alias; a salted digest of their id follows."""

FORGOTTEN_SALT = "salt_of_forgotten"


class ReadPersonRows(Rows):
    """The ReadPersons port."""

    _aliases: Callable[[UserId], UserId] | None = None
    """Read once in a transaction: nobody else is forgotten while it has the write lock."""

    def aliases(self) -> Callable[[UserId], UserId]:
        if self._aliases is None:
            self._aliases = self._read_aliases()
        return self._aliases

    def _read_aliases(self) -> Callable[[UserId], UserId]:
        rows = self.connection.execute(_forgotten())
        known = {row.name.removeprefix(FORGOTTEN): UserId(row.value) for row in rows}
        if not known:
            return _itself
        salt = ReadVitalRows(self.connection).get(FORGOTTEN_SALT) or ""
        return lambda user: known.get(_hidden(user, salt), user)


class PersonRows(ReadPersonRows):
    """The Persons port."""

    def forget(self, user: UserId, *, now: Micros) -> None:
        alias = self._alias_for(user, now=now)
        self._aliases = None
        named = self._posts_naming(user)
        # the handle beside the id would still name the person
        self.connection.execute(delete(names).where(names.c.found == user))
        for column, how in personal_columns():
            if how is Personal.ID:
                self.connection.execute(
                    update(column.table).where(column == user).values({column.name: alias})
                )
            else:
                _rewrite(self.connection, column, user, alias)
        for place in named:
            row = rows_at(self.connection, posts, **place_values(place)).first()
            reword_post(self.connection, place, row["snapshot"] if row else None)

    def _posts_naming(self, user: UserId) -> tuple[Place, ...]:
        """Returns the posts whose words may name a person or be theirs."""
        query = select(posts).where(posts.c.snapshot.contains(user, autoescape=True))
        return tuple(read_place(row) for row in self.connection.execute(query).mappings().all())

    def _alias_for(self, user: UserId, *, now: Micros) -> UserId:
        """Returns a redacted person's alias, always the same one.

        It is found by a salted digest of their id. Slack's ids are short, so whoever has the database and a
        list of the workspace's members could still match them: this is pseudonymisation, not anonymisation.
        """
        rows = VitalRows(self.connection)
        salt = rows.get(FORGOTTEN_SALT)
        if salt is None:
            salt = secrets.token_hex(16)
            rows.put(FORGOTTEN_SALT, salt, now=now)
        name = f"{FORGOTTEN}{_hidden(user, salt)}"
        alias = rows.get(name)
        if alias is None:
            alias = f"{FORGOTTEN_USER}{secrets.token_hex(4).upper()}"
            rows.put(name, alias, now=now)
        return UserId(alias)


@cache
def _forgotten() -> Select[Any]:
    return select(vitals.c.name, vitals.c.value).where(vitals.c.name.startswith(FORGOTTEN))


def _rewrite(connection: Connection, column: Column[Any], user: UserId, alias: UserId) -> None:
    """Replaces a person's id in a JSON column."""
    table = column.table
    assert isinstance(table, Table)
    key = list(table.primary_key)
    # LIKE narrows the search; `without` then replaces only whole ids
    rows = connection.execute(select(*key, column).where(column.contains(user, autoescape=True)))
    for *which, text in rows.all():
        clean = json.dumps(without(json.loads(text), user, alias), ensure_ascii=False)
        is_it = and_(*(one == value for one, value in zip(key, which, strict=True)))
        connection.execute(update(table).where(is_it).values({column.name: clean}))


def _itself(user: UserId) -> UserId:
    return user


def _hidden(user: str, salt: str) -> str:
    return hashlib.sha256(f"{salt}{user}".encode()).hexdigest()
