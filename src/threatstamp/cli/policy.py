"""`policy`: whether table and rules are sound, and whether the committee's examples come out."""

from __future__ import annotations

import sys

import click

from threatstamp.cli.ending import ended_by_signal
from threatstamp.cli.help import Command, Group
from threatstamp.cli.opening import open_products
from threatstamp.cli.priority import open_explaining, products_of
from threatstamp.cli.speech import json_text, shown


@click.group("policy", cls=Group)
def command() -> None:
    """The policy of priorities: check, test."""


@command.command("check", cls=Command)
@click.option("--json", "as_json", is_flag=True)
@click.pass_context
@ended_by_signal()
def check(ctx: click.Context, as_json: bool) -> None:
    """Name the table and each rule; exit 1 if something is odd about a rule."""
    settings, texts = open_products(ctx)
    from threatstamp.core.priority.review import doubts_of
    from threatstamp.render.rules import policy_body, policy_lines

    policy = settings.policy.policy
    doubts = doubts_of(policy.rules, products_of(settings))
    if as_json:
        click.echo(json_text(policy_body(policy, doubts, texts), indent=2))
    else:
        for line in policy_lines(policy, doubts, texts):
            click.echo(shown(line))
    sys.exit(1 if doubts else 0)


@command.command("test", cls=Command)
@click.option("--json", "as_json", is_flag=True)
@click.pass_context
@ended_by_signal()
def test(ctx: click.Context, as_json: bool) -> None:
    """Try the examples of the settings; exit 1 if one does not come out."""
    settings, texts = open_products(ctx)
    from threatstamp.render.rules import tried_body, tried_lines

    explaining = open_explaining(settings)
    tried = [explaining.play(one) for one in settings.policy.examples]
    if as_json:
        click.echo(json_text(tried_body(tried), indent=2))
    else:
        for line in tried_lines(tried, texts):
            click.echo(shown(line))
    sys.exit(0 if all(one.is_passed for one in tried) else 1)
