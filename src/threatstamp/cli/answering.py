"""`products answer`: whether the internet reaches a product that the list says nothing about."""

from __future__ import annotations

import sys

import click

from threatstamp.cli.ending import ended_by_signal
from threatstamp.cli.help import Command
from threatstamp.cli.logs import start_logging
from threatstamp.cli.opening import bot_token, open_secrets, open_settings, opened_store
from threatstamp.cli.speech import shown
from threatstamp.config.names import person_name
from threatstamp.core.errors import PolicyError


@click.command("answer", cls=Command)
@click.argument("name")
@click.option("--exposed", type=click.Choice(["yes", "no"]), required=True)
@click.option("--by", required=True)
@click.pass_context
@ended_by_signal()
def answer(ctx: click.Context, name: str, exposed: str, by: str) -> None:
    """Answer for somebody; exit 1 if it does not count."""
    settings, texts = open_settings(ctx)
    token = bot_token(open_secrets(settings))
    start_logging(settings.timezone, quiet=True)
    from threatstamp.app.once import UnknownPersonError, expose_once

    try:
        with opened_store(settings) as store:
            taken = expose_once(
                settings,
                token,
                store=store,
                product=name,
                exposed=exposed == "yes",
                by=person_name(by) or by,
            )
    except UnknownPersonError as error:
        raise PolicyError((texts("cases.no_person", person=shown(str(error))),)) from None
    if taken.refused is not None:
        click.echo(texts(f"exposure.refused_{taken.refused.value}", product=shown(name), person=""), err=True)
        sys.exit(1)
    click.echo(texts("exposure.saved", product=shown(name), answer=texts(f"exposure.answer_{exposed}")))
