"""`import`: what was kept elsewhere before, such as the record of the old script."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from threatstamp.cli.ending import ended_by_signal
from threatstamp.cli.help import Group
from threatstamp.cli.logs import start_logging
from threatstamp.cli.misuse import Misuse
from threatstamp.cli.opening import bot_token, open_secrets, open_settings, opened_store
from threatstamp.cli.progress import counted
from threatstamp.cli.speech import json_text, shown
from threatstamp.core.errors import PolicyError

if TYPE_CHECKING:
    from threatstamp.app.importing import BrokenRow, Imported
    from threatstamp.config.settings import Settings
    from threatstamp.config.sheets import SheetsSettings
    from threatstamp.texts.catalogue import Texts


@click.group("import", cls=Group)
def command() -> None:
    """Take over what was kept elsewhere before."""


@command.command("sheet")
@click.argument("file", required=False, type=click.Path(path_type=Path, dir_okay=False, readable=False))
@click.option("--sheets", "from_sheets", is_flag=True)
@click.option("--tab")
@click.option("--json", "as_json", is_flag=True)
@click.pass_context
@ended_by_signal()
def sheet(ctx: click.Context, file: Path | None, from_sheets: bool, tab: str | None, as_json: bool) -> None:
    """Put what the old script has forwarded on record; nothing of it is forwarded."""
    if (file is None) == (tab is None and not from_sheets):
        raise Misuse(ctx, "import_one_source")
    settings, texts = open_settings(ctx)
    secrets = open_secrets(settings)
    start_logging(settings.timezone, quiet=True)
    from threatstamp.app.importing import import_record, read_record, read_tab

    if file is not None:
        name, record = file.name, read_record(file, texts)
    else:
        sheets, name = _tab_of(settings, tab, texts)
        record = read_tab(sheets, name, texts)
    with opened_store(settings, must_exist=False, migrate=True) as store:
        done = import_record(
            record,
            settings,
            bot_token(secrets),
            store=store,
            through=lambda rows: counted(rows, texts, "cli.progress_import"),
        )
    if as_json:
        click.echo(json_text(import_body(done, texts)))
    else:
        for one in done.broken:
            said = texts("cli.import_broken", file=name, row=one.number, reason=_reason(one, texts))
            click.echo(said, err=True)
        words = {"rows": done.rows, "added": done.added, "known": done.known, "ours": done.ours}
        click.echo(texts("cli.imported", **words, broken=len(done.broken)))
    sys.exit(1 if done.broken else 0)


def _tab_of(settings: Settings, tab: str | None, texts: Texts) -> tuple[SheetsSettings, str]:
    """Returns where the record is in the spreadsheet. Raises PolicyError if the file does not say."""
    sheets, path = settings.sheets, settings.path.name
    if sheets is None:
        raise PolicyError((texts("cli.sheets_none", path=path),))
    name = tab or sheets.record
    if name is None:
        raise PolicyError((texts("cli.import_no_tab", path=path),))
    return sheets, name


def import_body(done: Imported, texts: Texts) -> dict[str, object]:
    """Returns what an import has done, for programs."""
    broken = [
        {"row": one.number, "reason": one.fault.value, "message": _reason(one, texts)} for one in done.broken
    ]
    return {
        "rows": done.rows,
        "imported": done.added,
        "known": done.known,
        "ours": done.ours,
        "broken": broken,
    }


def _reason(row: BrokenRow, texts: Texts) -> str:
    return texts(f"cli.import_{row.fault}", value=shown(row.value))
