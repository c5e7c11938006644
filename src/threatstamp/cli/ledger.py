"""`ledger`: the record, to read, to take along, to verify, to redact."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable
from pathlib import Path

import click

from threatstamp.cli.opening import open_settings, opened_store
from threatstamp.core.ids import UserId, is_user_id
from threatstamp.render.ledger import csv_lines, entry_body, entry_lines, json_lines


@click.group("ledger")
def command() -> None:
    """The record of what happened."""


@command.command("list")
@click.option("--limit", type=click.IntRange(1), default=50, show_default=True, help="The newest so many.")
@click.option("--kind", help="Only entries of one kind.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@click.pass_context
def list_entries(ctx: click.Context, limit: int, kind: str | None, as_json: bool) -> None:
    """Show the newest entries."""
    settings, texts = open_settings(ctx)
    with opened_store(settings) as store, store.reading() as tx:
        entries = list(tx.entries(newest=True, limit=limit, kind=kind))
    if as_json:
        for entry in entries:
            click.echo(json.dumps(entry_body(entry), ensure_ascii=False))
        return
    if not entries:
        click.echo(texts("cli.ledger_empty"))
    for line in entry_lines(entries, texts):
        click.echo(line)


@command.command("export")
@click.option("--format", "form", type=click.Choice(["csv", "json"]), required=True)
@click.option(
    "--output", type=click.Path(path_type=Path, dir_okay=False), help="A file instead of the terminal."
)
@click.pass_context
def export(ctx: click.Context, form: str, output: Path | None) -> None:
    """Write the whole record out."""
    settings, texts = open_settings(ctx)
    with opened_store(settings) as store, store.reading() as tx:
        parts = csv_lines(tx.entries()) if form == "csv" else json_lines(tx.entries())
        if output is None:
            for part in parts:
                sys.stdout.write(part)
            return
        count = _write(output, parts, bom=form == "csv")
    click.echo(texts("cli.exported", count=count, path=output), err=True)


@command.command("verify")
@click.option("--expect", metavar="HEAD", help="The head that was written down elsewhere.")
@click.option("--json", "as_json", is_flag=True)
@click.pass_context
def verify_chain(ctx: click.Context, expect: str | None, as_json: bool) -> None:
    """Check the chain; name the first bad entry."""
    settings, texts = open_settings(ctx)
    from threatstamp.app.verify import verify_ledger

    with opened_store(settings) as store:
        found = verify_ledger(store, expect=expect.strip().lower() if expect else None)
    if as_json:
        body = {"ok": found.ok, "entries": found.entries, "redacted": found.redacted, "head": found.head}
        click.echo(json.dumps({**body, "first_bad": found.first_bad, "reason": found.reason}))
    elif found.first_bad is not None:
        click.echo(texts(f"cli.verify_{found.reason}", sequence=found.first_bad), err=True)
    elif found.reason:
        click.echo(texts("cli.verify_expect", head=expect), err=True)
    else:
        click.echo(texts("cli.verified", entries=found.entries, redacted=found.redacted, head=found.head))
    sys.exit(0 if found.ok else 1)


@command.command("redact")
@click.option(
    "--sequence", "sequences", type=int, multiple=True, help="An entry; may be given several times."
)
@click.option("--person", help="A user id: every entry that names this person.")
@click.option("--reason", required=True, help="Why; it stays on record.")
@click.pass_context
def redact_entries(ctx: click.Context, sequences: tuple[int, ...], person: str | None, reason: str) -> None:
    """Empty entries for good, by a person's right or a retention rule; the chain still verifies."""
    settings, texts = open_settings(ctx)
    if bool(sequences) == bool(person) or (person and not is_user_id(person)):
        click.echo(texts("cli.redact_which"), err=True)
        sys.exit(2)
    from threatstamp.desk.redact import redact, redact_person

    with opened_store(settings) as store:
        if person:
            done = redact_person(UserId(person), reason=reason, store=store)
        else:
            done = redact(sequences, reason=reason, store=store)
    click.echo(texts("cli.redacted", count=len(done)))
    sys.exit(0 if done else 1)


def _write(output: Path, parts: Iterable[str], *, bom: bool) -> int:
    """Writes beside the target and moves it there: a broken export leaves no half of a file."""
    beside = output.with_name(f".{output.name}.{os.getpid()}")
    count = -1 if bom else -2
    try:
        with beside.open("w", encoding="utf-8-sig" if bom else "utf-8", newline="") as file:
            for part in parts:
                file.write(part)
                count += 1
        beside.replace(output)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise click.ClickException(f"{output}: {error.strerror}") from error
    return count
