"""`restore`: a database out of a copy that `backup` made."""

from __future__ import annotations

from pathlib import Path

import click

from threatstamp.cli.ending import ended_by_signal
from threatstamp.cli.help import Command
from threatstamp.cli.opening import open_settings
from threatstamp.core.errors import PolicyError


@click.command("restore", cls=Command)
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.pass_context
def command(ctx: click.Context, file: Path) -> None:
    """Make a database out of a copy; nothing is overwritten."""
    settings, texts = open_settings(ctx)
    from threatstamp.app.clock import SystemClock
    from threatstamp.store.backup import restore
    from threatstamp.store.connection import sqlite_path

    database = sqlite_path(settings.database)
    if database is None:
        raise PolicyError((texts("database.restore_server"),))
    if not database.parent.is_dir():
        raise PolicyError((texts("cli.no_database_folder", folder=database.parent),))
    with ended_by_signal():
        copy = restore(file, database, now=SystemClock().now())
    click.echo(texts("database.restored", path=database, entries=copy.entries))
    if not copy.is_current:
        click.echo(texts("database.restored_older"))
    click.echo(texts("database.restored_check"))
