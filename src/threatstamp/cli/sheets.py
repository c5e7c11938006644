"""`sheets`: routes and products are read from the spreadsheet, and record and counts copied to it, now."""

from __future__ import annotations

import sys

import click

from threatstamp.cli.ending import ended_by_signal
from threatstamp.cli.help import Command
from threatstamp.cli.logs import start_logging
from threatstamp.cli.opening import open_settings, opened_store
from threatstamp.cli.speech import say_error
from threatstamp.core.errors import DeskError, PolicyError, SheetError
from threatstamp.texts.catalogue import Texts


@click.command("sheets", cls=Command)
@click.pass_context
@ended_by_signal()
def command(ctx: click.Context) -> None:
    """Read routes and products from the spreadsheet now, and copy record and counts to it."""
    settings, texts = open_settings(ctx)
    if settings.sheets is None:
        raise PolicyError((texts("cli.sheets_none", path=settings.path.name),))
    start_logging(settings.timezone, quiet=True)
    from threatstamp.app.clock import SystemClock
    from threatstamp.app.spreadsheet import Spreadsheet
    from threatstamp.app.tabs import tabs_or_none
    from threatstamp.app.vitals import holder_name

    with opened_store(settings, must_exist=False, migrate=True) as store:
        spreadsheet = Spreadsheet(
            lambda: tabs_or_none(settings, store),
            store=store,
            clock=SystemClock(),
            holder=holder_name(),
            of_file=lambda: settings,
            on_tabs=_nobody_listens,
        )
        try:
            done = spreadsheet.work()
        finally:
            spreadsheet.close()
    for tab, error in done:
        click.echo(_line(tab, error, texts), err=error is not None)
    sys.exit(1 if any(error for _, error in done) else 0)


def _line(tab: str, error: DeskError | None, texts: Texts) -> str:
    if error is None:
        return texts("cli.sheets_done", tab=tab)
    if isinstance(error, SheetError):
        return texts("cli.sheets_failed", tab=tab, reason=say_error(error))
    return str(error)


def _nobody_listens() -> None:
    """A `run` looks for what others have kept."""
