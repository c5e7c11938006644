"""`poll`: one round of all feeds, delivered before it ends."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from threatstamp.cli.ending import ended_by_signal
from threatstamp.cli.feeds import feed_problem
from threatstamp.cli.help import Command
from threatstamp.cli.logs import start_logging
from threatstamp.cli.opening import bot_token, open_secrets, open_settings, opened_store
from threatstamp.cli.progress import PassLine, owed_words
from threatstamp.config.settings import Settings
from threatstamp.core.time import datetime_of
from threatstamp.texts.catalogue import Texts
from threatstamp.texts.times import say_time

if TYPE_CHECKING:
    from threatstamp.desk.views.feeds import FeedStatus


@click.command("poll", cls=Command)
@click.option("--respect-backoff", is_flag=True)
@click.pass_context
@ended_by_signal()
def command(ctx: click.Context, respect_backoff: bool) -> None:
    """Ask all feeds once, whatever their interval, and post what is new.

    Exits with 1 if a feed has a problem now, whether this round asked it or not.
    """
    settings, texts = open_settings(ctx)
    if not settings.feeds:
        click.echo(texts("cli.no_feeds"))
        return
    secrets = open_secrets(settings)
    start_logging(settings.timezone, quiet=True)
    from threatstamp.app.clock import SystemClock
    from threatstamp.app.once import poll_once
    from threatstamp.desk.views.feeds import read_feeds

    with opened_store(settings, must_exist=False, migrate=True) as store:
        with ended_by_signal(lambda: owed_words(store, texts)), PassLine(texts) as line:
            gathered, left = poll_once(
                settings, bot_token(secrets), store=store, respect_backoff=respect_backoff, watch=line
            )
        with store.reading() as read:
            feeds = read_feeds(read, settings.feeds, now=SystemClock().now())
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
    for one in feeds:
        if one.name not in gathered.answered:
            click.echo(f"{one.name}: {_why_not_asked(one, settings, texts)}", err=True)
        if one.problem is not None:
            click.echo(f"{one.name}: {feed_problem(one, texts)}", err=True)
    sys.exit(0 if all(one.is_read for one in feeds) and not (gathered.failed or left) else 1)


def _why_not_asked(feed: FeedStatus, settings: Settings, texts: Texts) -> str:
    if feed.lost:
        return texts("cli.poll_lost")
    if feed.gone:
        return texts("cli.poll_gone")
    until = feed.told_until or feed.held_until
    if until is None:
        return texts("cli.poll_busy")
    when = say_time(datetime_of(until), settings.timezone, texts.language)
    return texts("cli.poll_told" if feed.told_until else "cli.poll_held", until=when)
