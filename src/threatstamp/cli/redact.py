"""`ledger redact`: content of entries is deleted for good, once somebody has seen which."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence

import click

from threatstamp.cli.help import Command
from threatstamp.cli.opening import open_settings, opened_store
from threatstamp.cli.speech import shown
from threatstamp.core.errors import PolicyError
from threatstamp.core.ids import UserId, is_user_id
from threatstamp.core.ledger.entry import LedgerEntry
from threatstamp.core.text import well_formed
from threatstamp.render.ledger import entry_lines
from threatstamp.texts.catalogue import Texts

MOST_SHOWN = 20
YES = frozenset({"y", "yes", "はい"})


@click.command("redact", cls=Command)
@click.option("--sequence", "sequences", type=int, multiple=True)
@click.option("--person")
@click.option("--reason", required=True)
@click.option("--yes", is_flag=True)
@click.pass_context
def redact_entries(
    ctx: click.Context, sequences: tuple[int, ...], person: str | None, reason: str, yes: bool
) -> None:
    """Empty entries for good, by a person's right or a retention rule; the chain still verifies."""
    settings, texts = open_settings(ctx)
    if person and not is_user_id(person):
        raise PolicyError((texts("cli.redact_no_user", person=shown(person)),))
    if bool(sequences) == bool(person):
        click.echo(texts("cli.redact_which"), err=True)
        sys.exit(2)
    from threatstamp.app.clock import SystemClock
    from threatstamp.desk.record.redact import redact, redact_person, redactable

    user, clock = UserId(person) if person else None, SystemClock()
    reason = well_formed(reason)  # the command line can hold bytes that are no text
    with opened_store(settings) as store:
        if not yes:
            # over before anybody is asked: as long as a reading lasts, SQLite's log only grows
            with store.reading() as read:
                entries = redactable(read, user=user, sequences=sequences)
            _ask(entries, user, texts)
        if user is not None:
            done = redact_person(user, reason=reason, store=store, clock=clock)
        else:
            done = redact(sequences, reason=reason, store=store, clock=clock)
    if done:
        click.echo(texts("cli.redacted", count=len(done)))
    else:
        click.echo(texts("cli.redact_nobody" if person else "cli.redact_none", person=person), err=True)
    sys.exit(0 if done else 1)


def _ask(entries: Sequence[LedgerEntry], user: UserId | None, texts: Texts) -> None:
    """Shows what would be emptied, the newest last, and asks. Ends the command unless the answer is yes."""
    if not entries and user is None:
        return  # there is nothing to lose, and the command says so
    columns = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    if len(entries) > MOST_SHOWN:
        click.echo(texts("cli.redact_earlier", count=len(entries) - MOST_SHOWN))
    for line in entry_lines(entries[-MOST_SHOWN:], texts, columns=columns):
        click.echo(line)
    if user is not None:
        click.echo(texts("cli.redact_other_tables", person=user))
    if not sys.stdin.isatty():
        click.echo(texts("cli.redact_unasked", count=len(entries)), err=True)
        sys.exit(2)
    click.echo(texts("cli.redact_ask", count=len(entries)), nl=False, err=True)
    if sys.stdin.readline().strip().lower() not in YES:
        click.echo(texts("cli.redact_left"), err=True)
        sys.exit(1)
