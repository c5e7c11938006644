"""`retry`: undeliverable forwards try again."""

from __future__ import annotations

import sys

import click

from threatstamp.cli.help import Command
from threatstamp.cli.opening import open_settings, opened_store


@click.command("retry", cls=Command)
@click.argument("forward", type=int, required=False)
@click.option("--all", "everything", is_flag=True)
@click.pass_context
def command(ctx: click.Context, forward: int | None, everything: bool) -> None:
    """Try undeliverable forwards again."""
    settings, texts = open_settings(ctx)
    if (forward is None) == (not everything):
        click.echo(texts("cli.retry_which"), err=True)
        sys.exit(2)
    from threatstamp.app.clock import SystemClock
    from threatstamp.app.shadow import forbid_in_shadow
    from threatstamp.desk.outbox.retry import retry
    from threatstamp.desk.views.running import read_running

    with opened_store(settings) as store:
        forbid_in_shadow(store)  # it would go out at the cut-over, when the script may have got to it
        ids = None if everything or forward is None else (forward,)
        clock = SystemClock()
        tried = retry(ids, store=store, clock=clock)
        with store.reading() as read:
            running = read_running(read.vitals.every(), now=clock.now())
    if forward is not None and not tried:
        click.echo(texts("cli.retry_none", id=forward), err=True)
        sys.exit(1)
    click.echo(texts("cli.retried" if tried else "cli.retried_none", count=len(tried)))
    if tried and not running:
        click.echo(texts("cli.retried_later"))
