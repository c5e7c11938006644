"""`search`: stories and stamped posts with some words."""

from __future__ import annotations

from datetime import datetime
from functools import partial

import click

from threatstamp.cli.ending import ended_by_signal
from threatstamp.cli.help import Command
from threatstamp.cli.misuse import Misuse
from threatstamp.cli.opening import open_settings, opened_store
from threatstamp.cli.speech import json_text, shown
from threatstamp.core.time import SECOND, Micros


@click.command("search", cls=Command)
@click.argument("words", nargs=-1)
@click.option("--since", type=click.DateTime(("%Y-%m-%d",)))
@click.option("--limit", type=click.IntRange(1, 1_000), default=20, show_default=True)
@click.option("--page", type=click.IntRange(1, 100_000), default=1, show_default=True)
@click.option("--left-out", "is_left_out", is_flag=True)
@click.option("--json", "as_json", is_flag=True)
@click.pass_context
@ended_by_signal()
def command(
    ctx: click.Context,
    words: tuple[str, ...],
    since: datetime | None,
    limit: int,
    page: int,
    is_left_out: bool,
    as_json: bool,
) -> None:
    """Find stories and stamped posts, or list what was left out."""
    from threatstamp.core.news.feed import labels_of
    from threatstamp.core.news.wording import asked_phrases
    from threatstamp.desk.views.search import left_out, search
    from threatstamp.render.search import dated, search_body, search_lines

    phrases = asked_phrases(" ".join(words))
    if is_left_out and words:
        raise Misuse(ctx, "search_left_out_words")
    if not is_left_out and not phrases:
        raise Misuse(
            ctx, "search_no_words" if words else "search_missing_words", value=shown(" ".join(words))
        )
    settings, texts = open_settings(ctx)
    moment = since.replace(tzinfo=settings.timezone).timestamp() if since is not None else 0
    begin = Micros(int(moment) * SECOND)
    finds = left_out if is_left_out else partial(search, phrases=phrases)
    with opened_store(settings) as store:
        answer = finds(store, since=begin, page=page, size=limit, labels=labels_of(settings.feeds))

    def say(at: Micros) -> str:
        return dated(at, settings.timezone)

    if as_json:
        click.echo(json_text(search_body(answer), indent=2))
        return
    none = "none_left_out" if is_left_out else "none"
    for line in search_lines(answer, texts, say=say, none=none):
        click.echo(line)
