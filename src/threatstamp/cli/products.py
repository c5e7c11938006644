"""`products`: the company's own products, and what stories and vulnerabilities would say of them."""

from __future__ import annotations

import sys

import click

from threatstamp.cli.answering import answer
from threatstamp.cli.ending import ended_by_signal
from threatstamp.cli.help import Command, Group
from threatstamp.cli.matching import match
from threatstamp.cli.opening import open_products
from threatstamp.cli.speech import json_text, shown
from threatstamp.core.assets.product import SBOM


@click.group("products", cls=Group)
def command() -> None:
    """The company's own products."""


@command.command("check", cls=Command)
@click.option("--json", "as_json", is_flag=True)
@click.pass_context
@ended_by_signal()
def check(ctx: click.Context, as_json: bool) -> None:
    """Say what would never be found, and what everywhere; exit 1 if there is such a thing."""
    settings, texts = open_products(ctx)
    from threatstamp.config.known import catalogue
    from threatstamp.core.assets.checking import check_products
    from threatstamp.render.products import checked_body, checked_lines

    named = [one for one in settings.products if SBOM not in one.tags]
    checked = check_products(named, catalogue())
    bad = sum(one.is_wrong for one in checked)
    if as_json:
        body = {"ok": not bad, "products": [checked_body(one, texts) for one in checked]}
        click.echo(json_text(body, indent=2))
    elif not checked:
        click.echo(texts("products.none"))
    else:
        for one in checked:
            for line in checked_lines(one, texts):
                click.echo(shown(line))
        click.echo(texts("products.bad" if bad else "products.well", count=len(checked), bad=bad))
    sys.exit(1 if bad else 0)


command.add_command(answer)
command.add_command(match)
