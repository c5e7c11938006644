"""The index of words, on each database in its own way behind the same functions.

SQLite: a table of FTS5, whose own trigrams would find no word of two signs, so that it gets words that are
separated already; PostgreSQL: a `tsvector` of the same words, for the same counts. Where SQLite was built
without FTS5, a plain table is read from end to end.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from sqlalchemy import Connection, text
from sqlalchemy.exc import SQLAlchemyError

from threatstamp.core.news.wording import Phrase, indexed_words

_MOST_PLACES = 16_383
"""PostgreSQL's greatest position (https://www.postgresql.org/docs/current/textsearch-limitations.html)."""

_INSERT = text("INSERT INTO desk_words_index (rowid, words) VALUES (:row, :words)")
_INSERT_VECTOR = text("INSERT INTO desk_words_index (rowid, words) VALUES (:row, CAST(:words AS tsvector))")
_UPDATE = text("UPDATE desk_words_index SET words = :words WHERE rowid = :row")
_UPDATE_VECTOR = text("UPDATE desk_words_index SET words = CAST(:words AS tsvector) WHERE rowid = :row")


def create_index(connection: Connection) -> None:
    """Creates the table of the words."""
    if connection.dialect.name == "postgresql":
        connection.execute(
            text("CREATE TABLE desk_words_index (rowid BIGINT PRIMARY KEY, words tsvector NOT NULL)")
        )
        connection.execute(
            text("CREATE INDEX ix_desk_words_index_words ON desk_words_index USING gin (words)")
        )
        return
    try:
        with connection.begin_nested():
            # "ascii" takes every other sign as a letter, whatever the version of Unicode in this SQLite
            connection.execute(
                text("CREATE VIRTUAL TABLE desk_words_index USING fts5(words, tokenize='ascii')")
            )
    except SQLAlchemyError:  # "no such module: fts5"
        connection.execute(
            text("CREATE TABLE desk_words_index (rowid INTEGER PRIMARY KEY, words TEXT NOT NULL)")
        )
        return
    with suppress(SQLAlchemyError), connection.begin_nested():  # new in 3.42; before, see `drop_words`
        connection.execute(
            text("INSERT INTO desk_words_index (desk_words_index, rank) VALUES ('secure-delete', 1)")
        )


def write_words(connection: Connection, texts: Sequence[tuple[int, str]]) -> None:
    """Writes the words of rows that have none yet. Each: the row's id, and its text."""
    if not texts:
        return
    is_postgres = connection.dialect.name == "postgresql"
    statement = _INSERT_VECTOR if is_postgres else _INSERT
    rows = [{"row": row, "words": _written(said, is_postgres=is_postgres)} for row, said in texts]
    connection.execute(statement, rows)


def replace_words(connection: Connection, row: int, said: str) -> None:
    """Replaces a row's words."""
    is_postgres = connection.dialect.name == "postgresql"
    statement = _UPDATE_VECTOR if is_postgres else _UPDATE
    connection.execute(statement, {"row": row, "words": _written(said, is_postgres=is_postgres)})


def drop_words(connection: Connection, rows: Sequence[int]) -> None:
    """Deletes the words of rows, in FTS5's own pages, too."""
    if not rows:
        return
    connection.execute(
        text("DELETE FROM desk_words_index WHERE rowid = :row"), [{"row": row} for row in rows]
    )
    if _is_fts(connection) and not _deletes_securely(connection):
        # the words would stay in old pages of the index until these are merged
        connection.execute(text("INSERT INTO desk_words_index (desk_words_index) VALUES ('optimize')"))


def condition(connection: Connection, phrases: Sequence[Phrase]) -> tuple[str, dict[str, str]]:
    """Returns SQL that is true for the rows of the index with all phrases, and its values."""
    if connection.dialect.name == "postgresql":
        return "words @@ CAST(:asked AS tsquery)", {"asked": " & ".join(map(_tsquery, phrases))}
    if _is_fts(connection):
        return "desk_words_index MATCH :asked", {"asked": " AND ".join(map(_fts_query, phrases))}
    parts = {f"asked{number}": _like(one) for number, one in enumerate(phrases)}
    return " AND ".join(f"' ' || words || ' ' LIKE :{name}" for name in parts), parts


def _is_fts(connection: Connection) -> bool:
    if connection.dialect.name != "sqlite":
        return False
    sql = connection.execute(text("SELECT sql FROM sqlite_master WHERE name = 'desk_words_index'"))
    return "VIRTUAL" in str(sql.scalar())


def _deletes_securely(connection: Connection) -> bool:
    found = connection.execute(text("SELECT v FROM desk_words_index_config WHERE k = 'secure-delete'"))
    return bool(found.scalar())


def _written(said: str, *, is_postgres: bool) -> str:
    """Returns the words as the column takes them. They are letters and figures: nothing is to be quoted."""
    words = indexed_words(said)
    if not is_postgres:
        return " ".join(words)
    return " ".join(f"'{word}':{min(place, _MOST_PLACES)}" for place, word in enumerate(words, 1))


def _fts_query(phrase: Phrase) -> str:
    return '"' + " ".join(phrase.words) + '"' + ("*" if phrase.opens else "")


def _tsquery(phrase: Phrase) -> str:
    quoted = [f"'{word}'" for word in phrase.words]
    return "(" + " <-> ".join(quoted) + (":*" if phrase.opens else "") + ")"


def _like(phrase: Phrase) -> str:
    return "% " + " ".join(phrase.words) + ("%" if phrase.opens else " %")
