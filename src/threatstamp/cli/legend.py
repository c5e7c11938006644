"""`legend`: what the stamps do is put up in each source channel."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from threatstamp.cli.ending import ended_by_signal
from threatstamp.cli.help import Command
from threatstamp.cli.logs import start_logging
from threatstamp.cli.opening import bot_token, open_secrets, open_settings, opened_store
from threatstamp.cli.progress import PassLine, owed_words
from threatstamp.core.errors import PolicyError
from threatstamp.core.outbox.departure import State
from threatstamp.desk.policy.legend import PINNED
from threatstamp.texts.catalogue import Texts
from threatstamp.texts.codes import say_code

if TYPE_CHECKING:
    from threatstamp.app.once import PlacedLegend


@click.command("legend", cls=Command)
@click.pass_context
@ended_by_signal()
def command(ctx: click.Context) -> None:
    """Put up what the stamps do, in each source channel."""
    settings, texts = open_settings(ctx)
    if not settings.sources:
        raise PolicyError((texts("cli.legend_no_source", path=settings.path.name),))
    secrets = open_secrets(settings)
    start_logging(settings.timezone, quiet=True)
    from threatstamp.app.once import UnknownRoutesError, place_legends

    try:
        with (
            opened_store(settings, must_exist=False, migrate=True) as store,
            ended_by_signal(lambda: owed_words(store, texts)),
            PassLine(texts) as line,
        ):
            placed = place_legends(settings, bot_token(secrets), store=store, watch=line)
    except UnknownRoutesError:
        raise PolicyError((texts("cli.legend_no_routes"),)) from None
    for one in placed:
        click.echo(_line(one, texts))
    if any("missing_scope" in (one.state.refused, one.state.pin) for one in placed):
        click.echo(texts("cli.legend_scopes"), err=True)
    sys.exit(0 if placed and all(_is_there(one) for one in placed) else 1)


def _is_there(one: PlacedLegend) -> bool:
    return one.departure.state is State.DELIVERED


def _line(one: PlacedLegend, texts: Texts) -> str:
    departure, state = one.departure, one.state
    if not _is_there(one):
        key = "refused" if departure.state is State.UNDELIVERABLE else "waits"
        return texts(
            f"cli.legend_{key}", channel=one.name, reason=say_code(texts, departure.error or "waiting")
        )
    if not state.refused:
        return texts("cli.legend_canvas", channel=one.name)
    reason = say_code(texts, state.refused)
    if state.pin == PINNED:
        return texts("cli.legend_pinned", channel=one.name, reason=reason)
    return texts(
        "cli.legend_message", channel=one.name, reason=reason, pin=say_code(texts, state.pin or "waiting")
    )
