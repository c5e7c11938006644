"""`manifest`: what Slack creates the app from."""

from __future__ import annotations

import click

from threatstamp.app.manifest import app_manifest, create_link
from threatstamp.app.scopes import SCOPES, least_scopes
from threatstamp.cli.ending import ended_by_signal
from threatstamp.cli.help import Command
from threatstamp.cli.opening import open_settings
from threatstamp.cli.speech import json_text, texts


@click.command("manifest", cls=Command)
@click.option("--full", is_flag=True)
@click.option("--private", is_flag=True)
@click.option("--legend", is_flag=True)
@click.pass_context
@ended_by_signal()
def command(ctx: click.Context, full: bool, private: bool, legend: bool) -> None:
    """Print the manifest; the link goes to standard error, so that the output is a file of JSON."""
    scopes = SCOPES if full else least_scopes(open_settings(ctx)[0], private=private, legend=legend)
    manifest = app_manifest(scopes, texts())
    click.echo(json_text(manifest, indent=2))
    click.echo(texts()("cli.manifest_link", link=create_link(manifest)), err=True)
