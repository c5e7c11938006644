"""`incident`: all that is on record about a product, a group, a hash, a domain, an id or some words."""

from __future__ import annotations

from pathlib import Path

import click

from threatstamp.cli.ending import ended_by_signal
from threatstamp.cli.help import Command
from threatstamp.cli.misuse import Misuse
from threatstamp.cli.opening import open_products, opened_store
from threatstamp.cli.speech import json_text, shown
from threatstamp.cli.writing import write_file
from threatstamp.core.time import Micros


@click.command("incident", cls=Command)
@click.argument("what", nargs=-1, required=True)
@click.option("--output", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--json", "as_json", is_flag=True)
@click.pass_context
@ended_by_signal()
def command(ctx: click.Context, what: tuple[str, ...], output: Path | None, as_json: bool) -> None:
    """Show past stories about it, their stamps and forwards, its cases and accepted risks."""
    from threatstamp.config.sought import sought_for
    from threatstamp.core.news.feed import labels_of
    from threatstamp.core.news.wording import asked_phrases
    from threatstamp.desk.views.incident import incident
    from threatstamp.desk.views.workspace import channel_names
    from threatstamp.render.incident import incident_body, incident_lines
    from threatstamp.render.search import dated

    asked = " ".join(what)
    if not asked_phrases(asked):
        raise Misuse(ctx, "search_no_words", value=shown(asked))
    settings, texts = open_products(ctx)
    with opened_store(settings) as store:
        sought = sought_for(asked, settings.products, settings.reading.names)
        found = incident(store, sought, settings.timezone, labels=labels_of(settings.feeds))
        with store.reading() as read:
            names = channel_names(read)

    def call(channel: str) -> str:
        return names.get(channel, channel)

    def say(at: Micros) -> str:
        return dated(at, settings.timezone)

    if as_json:
        page = json_text(incident_body(found), indent=2)
    else:
        lines = incident_lines(found, texts, say=say, call=call, zone=str(settings.timezone))
        page = "\n".join(lines).rstrip()
    if output is None:
        click.echo(page)
        return
    write_file(output, [page + "\n"], texts, failed="search.incident_failed")
    click.echo(texts("search.incident_written", path=output))
