"""`import sheet`: the record of the old script goes on record here; nothing of it is forwarded."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from threatstamp.app.clock import SystemClock
from threatstamp.app.workspace import open_calls, whoami
from threatstamp.config.cells import CellsError, is_workbook, read_cells
from threatstamp.config.old_record import RecordRow, heading_of, record_rows
from threatstamp.config.routes import emoji_of
from threatstamp.config.secrets import Secret, reason_of
from threatstamp.config.settings import Settings
from threatstamp.config.sheet import numbered
from threatstamp.config.sheets import SheetsSettings
from threatstamp.config.workbook import NoReaderError, read_workbook
from threatstamp.core.errors import PolicyError
from threatstamp.core.ids import TeamId
from threatstamp.core.stamps.post import post_of
from threatstamp.desk.ports.store import Store
from threatstamp.desk.ports.time import Timing
from threatstamp.desk.stamps.importing import OldForward, import_forwards
from threatstamp.slack.emoji import EmojiNames
from threatstamp.texts.catalogue import Texts

Passing = Callable[[Iterable[RecordRow]], Iterator[RecordRow]]


class RowFault(StrEnum):
    """Why a row cannot be imported. Each has a text `import_*` in the catalogue `cli`."""

    CSV = "csv"
    """The row is no CSV."""
    NO_LINK = "no_link"
    NO_POST = "no_post"
    """Something else than the link of a post in a channel."""
    NO_REACTION = "no_reaction"
    NO_EMOJI = "no_emoji"
    NUMBER = "number"
    """A spreadsheet has made a number of +1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokenRow:
    """A row that cannot be imported. value: what is wrong with it, as it is written there."""

    number: int
    fault: RowFault
    value: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordFile:
    """The record of the old script as a file. digest: SHA-256 of it. broken: rows that are no CSV."""

    rows: tuple[RecordRow, ...]
    broken: tuple[BrokenRow, ...]
    digest: str


@dataclass(slots=True)
class Imported:
    """What an import has done. rows: of the record. ours: rows that this program had written itself."""

    rows: int = 0
    added: int = 0
    ours: int = 0
    broken: list[BrokenRow] = field(default_factory=list)

    @property
    def known(self) -> int:
        """How many rows were on record already, or twice in the file."""
        return self.rows - self.added - self.ours - len(self.broken)


def read_record(path: Path, texts: Texts) -> RecordFile:
    """Reads the file. Raises PolicyError if it cannot be read, or has no rows of a record."""
    try:
        content = path.read_bytes()
    except OSError as error:
        reason = reason_of(error, texts)
        raise PolicyError((texts("cli.import_unreadable", path=path, reason=reason),)) from None
    faults: list[CellsError] = []
    is_book = is_workbook(content)
    try:
        if is_book:
            tables = read_workbook(content)
        else:
            tables = [list(read_cells(content, heading_of, broken=faults.append))]
    except NoReaderError:
        raise PolicyError((texts("cli.import_no_reader", path=path),)) from None
    except CellsError:
        key = "cli.import_workbook" if is_book else "cli.import_encoding"
        raise PolicyError((texts(key, path=path),)) from None
    rows = next((found for cells in tables if (found := record_rows(cells)) is not None), None)
    if rows is None:
        raise PolicyError((texts("cli.import_no_rows", path=path),))
    broken = (BrokenRow(number=one.line or 0, fault=RowFault.CSV, value=str(one)) for one in faults)
    return RecordFile(rows=tuple(rows), broken=tuple(broken), digest=hashlib.sha256(content).hexdigest())


def read_tab(sheets: SheetsSettings, tab: str, texts: Texts) -> RecordFile:
    """Reads a tab of the spreadsheet itself, as it was typed: of a link with a label, the link.

    Raises SheetError; PolicyError if the tab has no rows of a record.
    """
    from threatstamp.sheets.client import SheetsClient, Values, quoted_tab

    client = SheetsClient(api_url=sheets.api_url, spreadsheet=sheets.id, credentials=sheets.credentials)
    try:
        [cells] = client.read(quoted_tab(tab), values=Values.WRITTEN)
    finally:
        client.close()
    rows = record_rows(numbered(cells))
    if rows is None:
        raise PolicyError((texts("cli.import_no_rows", path=tab),))
    content = json.dumps(cells, ensure_ascii=False).encode()
    return RecordFile(rows=tuple(rows), broken=(), digest=hashlib.sha256(content).hexdigest())


def import_record(
    file: RecordFile, settings: Settings, token: Secret, *, store: Store, through: Passing = iter
) -> Imported:
    """Imports a file. Raises SlackError if Slack cannot say which workspace this is; StoreError.

    Also the emoji's aliases are Slack's to know: the script may have written one of several names.
    through: passes the rows on, so that progress can be displayed.
    """
    clock = SystemClock()
    calls = open_calls(settings, token, timing=Timing(), clock=clock)
    team, emoji = whoami(calls).team, EmojiNames(calls)
    emoji.try_refresh()
    done = Imported(rows=len(file.broken), broken=list(file.broken))
    found = _read(through(file.rows), done, team=team, emoji=emoji)
    done.added = import_forwards(found, digest=file.digest, store=store, clock=clock)
    done.broken.sort(key=lambda one: one.number)
    return done


def _read(
    rows: Iterable[RecordRow], done: Imported, *, team: TeamId, emoji: EmojiNames
) -> Iterator[OldForward]:
    """Yields what can be imported, and counts the rest."""
    for row in rows:
        done.rows += 1
        post, reaction = post_of(row.url, team), emoji_of(row.reaction)
        fault = _fault(row, is_post=post is not None, is_emoji=reaction is not None)
        if row.is_ours:
            done.ours += 1
        elif post is None or reaction is None or fault is not None:
            fault = fault or RowFault.NO_POST
            value = row.url if fault is RowFault.NO_POST else row.reaction
            done.broken.append(BrokenRow(number=row.number, fault=fault, value=value))
        else:
            yield OldForward(row=row.number, post=post, reaction=emoji.canonical(reaction))


def _fault(row: RecordRow, *, is_post: bool, is_emoji: bool) -> RowFault | None:
    if not row.url:
        return RowFault.NO_LINK
    if not is_post:
        return RowFault.NO_POST
    if not row.reaction:
        return RowFault.NO_REACTION
    if row.reaction == "1":
        return RowFault.NUMBER
    return None if is_emoji else RowFault.NO_EMOJI
