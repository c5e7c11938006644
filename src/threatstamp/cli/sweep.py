"""`sweep`: one reconciling pass, delivered before it ends."""

from __future__ import annotations

import sys

import click

from threatstamp.cli.ending import ended_by_signal
from threatstamp.cli.help import Command
from threatstamp.cli.logs import start_logging
from threatstamp.cli.opening import bot_token, open_secrets, open_settings, opened_store
from threatstamp.cli.progress import PassLine, owed_words


@click.command("sweep", cls=Command)
@click.option("--days", type=click.FloatRange(0.01, 365), default=3.0, show_default=True)
@click.option("--forward-existing", is_flag=True)
@click.pass_context
@ended_by_signal()
def command(ctx: click.Context, days: float, forward_existing: bool) -> None:
    """Read the source channels back once, and forward what was missed."""
    settings, texts = open_settings(ctx)
    secrets = open_secrets(settings)
    start_logging(settings.timezone, quiet=True)
    from threatstamp.app.once import sweep_once

    with (
        opened_store(settings, must_exist=False, migrate=True) as store,
        ended_by_signal(lambda: owed_words(store, texts)),
        PassLine(texts) as line,
    ):
        swept, released, left = sweep_once(
            settings,
            bot_token(secrets),
            store=store,
            days=days,
            forward_existing=forward_existing,
            watch=line,
        )
    turns = texts("cli.swept_turns", count=swept.turns)
    click.echo(texts("cli.swept", channels=swept.channels, posts=swept.posts, turns=turns, left=left))
    if forward_existing:
        click.echo(texts("cli.swept_released", count=released))
    if left:
        click.echo(texts("cli.owed", count=left))
    for channel, code in swept.failed:
        click.echo(texts("cli.sweep_failed", channel=channel, code=code), err=True)
    for place, error in swept.aside:
        said = texts("cli.sweep_aside", channel=place.channel, ts=place.ts, error=error)
        click.echo(said, err=True)
    sys.exit(1 if swept.failed or swept.aside or left else 0)
