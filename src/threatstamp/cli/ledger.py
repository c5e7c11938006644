"""`ledger`: the record, to read, to take along, to verify, to redact."""

from __future__ import annotations

import io
import os
import re
import shutil
import stat
import sys
from collections import deque
from collections.abc import Iterable
from itertools import takewhile
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import click

from threatstamp.cli.help import Group
from threatstamp.cli.opening import open_settings, opened_store
from threatstamp.cli.progress import CountedRecords, counted
from threatstamp.cli.redact import redact_entries
from threatstamp.cli.speech import json_text, shown
from threatstamp.cli.writing import write_file
from threatstamp.core.errors import PolicyError
from threatstamp.core.ledger.entry import LedgerEntry
from threatstamp.core.ledger.kinds import Kind
from threatstamp.render.ledger import csv_lines, entry_body, entry_lines, json_lines
from threatstamp.texts.catalogue import Texts

if TYPE_CHECKING:
    from threatstamp.core.ledger.chain import Verification
    from threatstamp.desk.record.compare import Comparison

_HEAD = re.compile("[0-9a-f]{64}")


@click.group("ledger", cls=Group)
def command() -> None:
    """The record of what happened."""


@command.command("list")
@click.option("--limit", type=click.IntRange(1), default=50, show_default=True)
@click.option("--before", type=click.IntRange(1))
@click.option("--kind", type=click.Choice([kind.value for kind in Kind]))
@click.option("--json", "as_json", is_flag=True)
@click.pass_context
def list_entries(ctx: click.Context, limit: int, before: int | None, kind: str | None, as_json: bool) -> None:
    """Show the newest entries, or those before one."""
    settings, texts = open_settings(ctx)
    with opened_store(settings) as store, store.reading() as read:
        entries = list(read.ledger.entries(newest=True, limit=limit, kind=kind))
        if before is not None and entries:
            begin = min(before, entries[-1].sequence + 1) - 1 - limit
            after = max(0, begin) if kind is None else None  # in between there are others than of a kind
            entries = _last_before(before, read.ledger.entries(kind=kind, after=after), limit=limit)
    if as_json:
        for entry in entries:
            click.echo(json_text(entry_body(entry)))
        return
    if not entries:
        click.echo(texts("cli.ledger_none" if kind or before else "cli.ledger_empty"))
    columns = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    for line in entry_lines(entries, texts, columns=columns):
        click.echo(line)
    if len(entries) == limit and entries[0].sequence > 1:
        click.echo(texts("cli.ledger_older", sequence=entries[0].sequence), err=True)


def _last_before(sequence: int, entries: Iterable[LedgerEntry], *, limit: int) -> list[LedgerEntry]:
    return list(deque(takewhile(lambda entry: entry.sequence < sequence, entries), maxlen=limit))


@command.command("export")
@click.option("--format", "form", type=click.Choice(["csv", "json"]), required=True)
@click.option("--output", type=click.Path(path_type=Path, dir_okay=False))
@click.pass_context
def export(ctx: click.Context, form: str, output: Path | None) -> None:
    """Write the whole record out."""
    settings, texts = open_settings(ctx)
    with opened_store(settings) as store, store.reading() as read:
        if output is None:
            _speak_utf_8(sys.stdout)
            entries = read.ledger.entries()
            if _goes_into_file(sys.stdout):  # else something else may move on the terminal
                entries = counted(entries, texts, "cli.progress_export")
            for part in csv_lines(entries) if form == "csv" else json_lines(entries):
                sys.stdout.write(part)
            return
        entries = counted(read.ledger.entries(), texts, "cli.progress_export")
        parts = csv_lines(entries) if form == "csv" else json_lines(entries)
        written = write_file(output, parts, texts, failed="cli.no_output", bom=form == "csv")
    count = written - (1 if form == "csv" else 2)  # without the head; JSON has an end, too
    click.echo(texts("cli.exported", count=count, path=output), err=True)


@command.command("verify")
@click.option("--expect")
@click.option("--records", is_flag=True)
@click.option("--json", "as_json", is_flag=True)
@click.pass_context
def verify_chain(ctx: click.Context, expect: str | None, records: bool, as_json: bool) -> None:
    """Check the chain, and on wish the tables against it; name what is wrong first."""
    settings, texts = open_settings(ctx)
    head = None if expect is None else expect.strip().lower()
    if head is not None and not _HEAD.fullmatch(head):
        raise PolicyError((texts("cli.no_head", head=shown(expect or "")),))
    from threatstamp.desk.record.compare import compare_records
    from threatstamp.desk.record.verify import verify_ledger

    with opened_store(settings) as store:
        found = verify_ledger(
            store, expect=head, through=lambda entries: counted(entries, texts, "cli.progress_verify")
        )
        compared = None
        if records and found.ok:  # of tables beside a broken chain nothing can be said
            compared = compare_records(store, through=CountedRecords(texts))
    ok = found.ok and (compared is None or compared.first is None)
    if as_json:
        click.echo(json_text(verify_body(found, compared, ok=ok, end_checked=head is not None)))
        sys.exit(0 if ok else 1)
    _say_verified(found, head, texts)
    if compared is not None:
        _say_compared(compared, texts)
    sys.exit(0 if ok else 1)


command.add_command(redact_entries)  # the last one in the help


def verify_body(
    found: Verification, compared: Comparison | None, *, ok: bool, end_checked: bool
) -> dict[str, object]:
    """Returns the answer of `ledger verify` for programs. end_checked: a head was given."""
    first = compared.first if compared else None
    difference = (
        {
            "difference": first.mismatch.value,
            "table": first.table.value,
            "key": list(first.key),
            "sequence": first.sequence,
            "value": first.value or None,
        }
        if first
        else None
    )
    return {
        "ok": ok,
        "entries": found.entries,
        "redacted": found.redacted,
        "head": found.head,
        "first_bad": found.first_bad,
        "reason": found.fault.value if found.fault else "",
        "value": found.value or None,
        "end_checked": end_checked,
        "records": {"rows": compared.rows, "first": difference} if compared else None,
    }


def _say_verified(found: Verification, head: str | None, texts: Texts) -> None:
    if found.first_bad is not None:
        said = texts(f"cli.verify_{found.fault}", sequence=found.first_bad, value=found.value)
        click.echo(said, err=True)
    elif found.fault:
        click.echo(texts("cli.verify_expect", head=head), err=True)
    else:
        click.echo(texts("cli.verified", entries=found.entries, redacted=found.redacted, head=found.head))
        if head is None:
            click.echo(texts("cli.verified_end"))


def _say_compared(compared: Comparison, texts: Texts) -> None:
    first = compared.first
    if first is None:
        click.echo(texts("cli.records_same", rows=compared.rows))
        return
    key = " ".join(map(shown, first.key))
    said = texts(
        f"cli.records_{first.mismatch}",
        table=first.table.value,
        key=key,
        sequence=first.sequence,
        value=first.value,
    )
    click.echo(said, err=True)


def _speak_utf_8(stream: TextIO) -> None:
    """A record is evidence: it is written as files have it, whatever the terminal can show."""
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(encoding="utf-8", newline="")


def _goes_into_file(stream: TextIO) -> bool:
    try:
        return stat.S_ISREG(os.fstat(stream.fileno()).st_mode)
    except OSError:
        return False
