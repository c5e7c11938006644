"""`priority`: how urgent a vulnerability is, and why."""

from __future__ import annotations

import contextlib
import difflib
import sys
from collections.abc import Mapping

import click

from threatstamp.cli.ending import ended_by_signal
from threatstamp.cli.help import Command, Group
from threatstamp.cli.misuse import Misuse
from threatstamp.cli.opening import open_products
from threatstamp.cli.speech import json_text, shown
from threatstamp.config.settings import Settings
from threatstamp.core.assets.product import Product
from threatstamp.core.errors import StoreError
from threatstamp.core.facts.cve import cve_of
from threatstamp.core.priority.exposure import ExposureAnswer, answers_of
from threatstamp.core.time import Micros, datetime_of
from threatstamp.desk.views.priority import Explaining
from threatstamp.texts.times import say_time


@click.group("priority", cls=Group)
def command() -> None:
    """Priorities: explain."""


@command.command("explain", cls=Command)
@click.argument("cve")
@click.option("--product", default="")
@click.option("--exposed", type=click.Choice(["yes", "no"]))
@click.option("--json", "as_json", is_flag=True)
@click.pass_context
@ended_by_signal()
def explain(ctx: click.Context, cve: str, product: str, exposed: str | None, as_json: bool) -> None:
    """Say what priority follows for a CVE, and from what; exit 1 if nothing is known of it."""
    found = cve_of(cve)
    if found is None:
        raise Misuse(ctx, "vulns_no_cve", value=shown(cve))
    settings, texts = open_products(ctx)
    from threatstamp.render.priority import explained_body, explained_lines

    explaining = open_explaining(settings)
    own = _product(ctx, product, explaining, settings) if product else None
    one = explaining.explain(found, own, exposed=None if exposed is None else exposed == "yes")

    def say(at: Micros) -> str:
        return say_time(datetime_of(at), settings.timezone, texts.language)

    if as_json:
        click.echo(json_text(explained_body(one, texts), indent=2))
    else:
        for line in explained_lines(one, settings.policy.policy, texts, say=say):
            click.echo(shown(line) if line else "")
    if one.found is None:
        click.echo(texts("cli.vulns_unknown", cve=found), err=True)
        sys.exit(1)


def open_explaining(settings: Settings) -> Explaining:
    """Returns what explains priorities with the facts that are loaded. Raises FactsError."""
    from threatstamp.store.facts import FactLookup

    lookup = FactLookup(settings.database, ranking=settings.facts.scores)
    loaded = {one.source: one.began_at for one in lookup.last_loads() if one.is_done}
    return Explaining(settings.policy.policy, products_of(settings), lookup.find, loaded, _answers(settings))


def _answers(settings: Settings) -> Mapping[str, ExposureAnswer]:
    """Returns what people have said of products; nothing where there is no database that says it."""
    from threatstamp.store import open_store
    from threatstamp.store.connection import sqlite_path

    file = sqlite_path(settings.database)
    if file is not None and not file.exists():
        return {}
    try:
        with (
            contextlib.closing(open_store(settings.database, migrate=False)) as store,
            store.reading() as read,
        ):
            return answers_of(read.priorities.exposures())
    except StoreError:
        return {}


def products_of(settings: Settings) -> tuple[Product, ...]:
    """Returns the company's own products."""
    return tuple(getattr(settings, "products", ()))


def _product(ctx: click.Context, name: str, explaining: Explaining, settings: Settings) -> Product:
    found = explaining.product(name)
    if found is not None:
        return found
    names = [one.name for one in products_of(settings)]
    near = difflib.get_close_matches(name, names, n=1, cutoff=0.5)
    if near:
        raise Misuse(ctx, "priority_no_product_near", name=shown(name), near=shown(near[0]))
    raise Misuse(ctx, "priority_no_product", name=shown(name))
