"""`poll`: one round of all feeds, delivered before it ends."""

from __future__ import annotations

import sys

import click

from threatstamp.cli.ending import ended_by_signal
from threatstamp.cli.help import Command
from threatstamp.cli.opening import bot_token, open_secrets, open_settings, opened_store
from threatstamp.cli.progress import PassLine, owed_words
from threatstamp.cli.speech import start_logging


@click.command("poll", cls=Command)
@click.pass_context
@ended_by_signal()
def command(ctx: click.Context) -> None:
    """Ask all feeds once, whatever their interval, and post what is new."""
    settings, texts = open_settings(ctx)
    if not settings.feeds:
        click.echo(texts("cli.no_feeds"))
        return
    secrets = open_secrets(settings)
    start_logging(quiet=True)
    from threatstamp.app.clock import SystemClock
    from threatstamp.app.once import poll_once
    from threatstamp.cli.feeds import feed_problem
    from threatstamp.desk.views.feeds import read_feeds

    with opened_store(settings, must_exist=False, migrate=True) as store:
        with ended_by_signal(lambda: owed_words(store, texts)), PassLine(texts) as line:
            gathered, left = poll_once(settings, bot_token(secrets), store=store, watch=line)
        with store.reading() as read:
            feeds = read_feeds(read, settings.feeds, now=SystemClock().now())
        wrong = [one for one in feeds if one.name in gathered.failed]
    click.echo(
        texts(
            "cli.polled",
            feeds=gathered.asked,
            new=gathered.new,
            revised=gathered.revised,
            unchanged=gathered.unchanged,
            left=left,
        )
    )
    if left:
        click.echo(texts("cli.owed", count=left))
    held = len(settings.feeds) - gathered.asked
    if held:
        click.echo(texts("cli.poll_held", count=held))
    for one in wrong:
        click.echo(f"{one.name}: {feed_problem(one, texts)}", err=True)
    sys.exit(1 if gathered.failed or left else 0)
