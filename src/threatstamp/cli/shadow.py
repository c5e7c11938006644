"""`shadow`: what `run --shadow` would have sent, beside what the old script posted."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from threatstamp.cli.ending import ended_by_signal
from threatstamp.cli.help import Command, Group
from threatstamp.cli.logs import start_logging
from threatstamp.cli.opening import bot_token, open_secrets, open_settings, opened_store
from threatstamp.cli.speech import json_text
from threatstamp.core.time import Micros, datetime_of, utc_text
from threatstamp.texts.codes import say_code
from threatstamp.texts.times import say_time

if TYPE_CHECKING:
    from threatstamp.app.comparing import ShadowReport
    from threatstamp.desk.views.shadow import Compared, ShadowDay


@click.group("shadow", cls=Group)
def command() -> None:
    """Compare the desk in shadow with the old script."""


@command.command("report", cls=Command)
@click.option("--json", "as_json", is_flag=True)
@click.pass_context
@ended_by_signal()
def report(ctx: click.Context, as_json: bool) -> None:
    """Compare day by day; exit 1 if a difference has no known reason, or a channel could not be read."""
    settings, texts = open_settings(ctx)
    secrets = open_secrets(settings)
    start_logging(settings.timezone, quiet=True)
    from threatstamp.app.comparing import report_shadow
    from threatstamp.render.shadow import shadow_lines

    with opened_store(settings) as store:
        found = report_shadow(settings, bot_token(secrets), store=store)

    def say(at: int) -> str:
        return say_time(datetime_of(Micros(at)), settings.timezone, texts.language)

    if as_json:
        click.echo(json_text(report_body(found), indent=2))
    else:
        until = found.period.until
        key = "shadow.title" if until is None else "shadow.title_ended"
        click.echo(texts(key, since=say(found.period.since), until=say(until or 0)))
        for line in shadow_lines(found.days, texts, say=say, names=found.names):
            click.echo(line)
    for channel, code in found.unread:
        name = found.names.get(channel, channel)
        click.echo(texts("shadow.unread", channel=name, error=say_code(texts, code)), err=True)
    sys.exit(0 if found.ok else 1)


def report_body(found: ShadowReport) -> dict[str, object]:
    """Returns the comparison for programs; times in UTC, days in the desk's zone."""
    until = found.period.until
    return {
        "ok": found.ok,
        "since": utc_text(found.period.since),
        "until": utc_text(until) if until is not None else None,
        "days": [_day(day) for day in found.days],
        "unread": [{"channel": channel, "error": code} for channel, code in found.unread],
    }


def _day(day: ShadowDay) -> dict[str, object]:
    from threatstamp.desk.views.shadow import Side

    counts = {side.value: day.count(side) for side in Side}
    return {"day": day.day, **counts, "lines": [_line(line) for line in day.lines]}


def _line(line: Compared) -> dict[str, object]:
    return {
        "side": line.side.value,
        "at": utc_text(line.at),
        "channel": line.channel,
        "post": {"channel": line.post.channel, "ts": line.post.ts},
        "permalink": line.link,
        "reaction": line.reaction,
        "route": line.route,
        "id": line.departure,
        "message_ts": line.message_ts,
        "why": line.why.value if line.why else None,
    }
