"""`backup`: the database as one file to keep elsewhere, also while the desk runs."""

from __future__ import annotations

from pathlib import Path

import click

from threatstamp.cli.ending import ended_by_signal
from threatstamp.cli.help import Command
from threatstamp.cli.opening import open_settings, require_file
from threatstamp.core.errors import PolicyError

TENTH = 100_000
"""Bytes: a size is said in tenths of a megabyte."""


@click.command("backup", cls=Command)
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.pass_context
def command(ctx: click.Context, file: Path) -> None:
    """Copy the database while it is in use."""
    settings, texts = open_settings(ctx)
    database = require_file(settings)
    if database is None:
        raise PolicyError((texts("database.backup_server"),))
    if not file.absolute().parent.is_dir():
        raise PolicyError((texts("database.backup_no_folder", folder=file.absolute().parent),))
    from threatstamp.store.backup import back_up

    with ended_by_signal():
        copy = back_up(database, file)
    click.echo(
        texts("database.backed_up", path=file, size=max(TENTH, round(copy.size, -5)), entries=copy.entries)
    )
    if copy.head:
        click.echo(texts("database.backup_head", head=copy.head))
