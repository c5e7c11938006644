"""`products match`: which of the company's products a vulnerability or a text is about, and why."""

from __future__ import annotations

import sys

import click

from threatstamp.cli.ending import ended_by_signal
from threatstamp.cli.help import Command
from threatstamp.cli.opening import open_products
from threatstamp.cli.speech import json_text, shown

LARGEST = 1_000_000
"""Characters of a text that are read from standard input."""


@click.command("match", cls=Command)
@click.argument("words", nargs=-1, required=True)
@click.option("--json", "as_json", is_flag=True)
@click.pass_context
@ended_by_signal()
def match(ctx: click.Context, words: tuple[str, ...], as_json: bool) -> None:
    """Say which products are touched, and why."""
    settings, texts = open_products(ctx)
    from threatstamp.app.matching import look
    from threatstamp.render.matching import match_body, match_lines
    from threatstamp.store.facts import FactLookup

    text = sys.stdin.read(LARGEST) if words == ("-",) else " ".join(words)
    found = look(text, settings.products, FactLookup(settings.database, ranking=settings.facts.scores))
    if as_json:
        body = {
            "ids": list(found.ids),
            "unknown": list(found.unknown),
            "products": len(settings.products),
            "matches": [match_body(one, texts) for one in found.matches],
        }
        click.echo(json_text(body, indent=2))
        return
    for number, one in enumerate(found.matches):
        lines = [*([""] if number else []), *match_lines(one, texts)]
        click.echo("\n".join(map(shown, lines)))
    if not settings.products:
        click.echo(texts("matching.no_products"))
    elif not found.matches:
        click.echo(texts("matching.none", count=len(settings.products)))
    if found.unknown:
        click.echo(shown(texts("matching.no_facts", ids=", ".join(found.unknown))), err=True)
