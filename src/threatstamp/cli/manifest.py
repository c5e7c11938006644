"""`manifest`: what Slack creates the app from."""

from __future__ import annotations

from pathlib import Path

import click

from threatstamp.app.manifest import PUBLIC, app_manifest, create_link
from threatstamp.app.scopes import SCOPES, least_scopes, needs_buttons
from threatstamp.cli.ending import ended_by_signal
from threatstamp.cli.help import Command
from threatstamp.cli.opening import open_settings
from threatstamp.cli.speech import json_text, texts
from threatstamp.config.addresses import is_base
from threatstamp.core.errors import PolicyError
from threatstamp.desk.views.running import HTTP, SOCKET


@click.command("manifest", cls=Command)
@click.option("--full", is_flag=True)
@click.option("--private", is_flag=True)
@click.option("--legend", is_flag=True)
@click.option("--url", "public")
@click.pass_context
@ended_by_signal()
def command(ctx: click.Context, full: bool, private: bool, legend: bool, public: str | None) -> None:
    """Print the manifest; the link goes to standard error, so that the output is a file of JSON.

    public: the address under which Slack reaches the desk, for events over HTTP.
    """
    if public is not None and not is_base(public):
        raise PolicyError((texts()("config.address", key="--url"),))
    settings = None if full and not _file(ctx).exists() else open_settings(ctx)[0]
    scopes = SCOPES if full or settings is None else least_scopes(settings, private=private, legend=legend)
    buttons = full or settings is None or needs_buttons(settings)
    mode = SOCKET if settings is None else settings.slack.mode
    if public is not None:
        mode = HTTP
    manifest = app_manifest(scopes, texts(), buttons=buttons, mode=mode, public=public or PUBLIC)
    click.echo(json_text(manifest, indent=2))
    click.echo(texts()("cli.manifest_link", link=create_link(manifest)), err=True)
    if mode == HTTP:
        click.echo(texts()("cli.manifest_http" if public else "cli.manifest_public", url=PUBLIC), err=True)


def _file(ctx: click.Context) -> Path:
    path = ctx.find_object(Path)
    assert path is not None
    return path
