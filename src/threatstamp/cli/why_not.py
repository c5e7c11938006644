"""`why-not`: why somebody was told of a vulnerability, or was not."""

from __future__ import annotations

import click

from threatstamp.cli.ending import ended_by_signal
from threatstamp.cli.help import Command
from threatstamp.cli.misuse import Misuse
from threatstamp.cli.opening import open_products, opened_store
from threatstamp.cli.speech import json_text, shown
from threatstamp.core.facts.cve import fact_id_of
from threatstamp.core.time import Micros, datetime_of
from threatstamp.texts.times import say_time


@click.command("why-not", cls=Command)
@click.argument("cve")
@click.option("--json", "as_json", is_flag=True)
@click.pass_context
@ended_by_signal()
def command(ctx: click.Context, cve: str, as_json: bool) -> None:
    """Show each step at which a story about it was seen, joined, matched, shown, or left out."""
    asked = fact_id_of(cve)
    if asked is None:
        raise Misuse(ctx, "vulns_no_cve", value=shown(cve))
    settings, texts = open_products(ctx)
    from threatstamp.app.matching import look
    from threatstamp.core.news.feed import labels_of
    from threatstamp.desk.views.why_not import Circumstances, why_not
    from threatstamp.desk.views.workspace import channel_names
    from threatstamp.render.why_not import why_not_body, why_not_lines
    from threatstamp.store.facts import FactLookup

    lookup = FactLookup(settings.database, ranking=settings.facts.scores)
    with opened_store(settings) as store:
        looked = look(asked, settings.products, lookup)
        around = Circumstances(
            silent=frozenset(feed.name for feed in settings.feeds if not feed.post),
            loaded=tuple(one.load.source for one in lookup.loads()),
            known=next(iter(looked.known), None),
            matches=looked.matches,
            products=len(settings.products),
            labels=labels_of(settings.feeds),
            routes={one.id: one.tlp for one in settings.routes if one.to},
        )
        found = why_not(store, asked, around)
        with store.reading() as read:
            names = channel_names(read)

    def call(channel: str) -> str:
        return names.get(channel, channel)

    def say(at: Micros) -> str:
        return say_time(datetime_of(at), settings.timezone, texts.language)

    if as_json:
        click.echo(json_text(why_not_body(found, texts, call=call), indent=2))
        return
    for line in why_not_lines(found, texts, say=say, call=call):
        click.echo(shown(line))
