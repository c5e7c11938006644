"""`counts`: what came in, what was stamped and what was forwarded, month by month."""

from __future__ import annotations

import re
import shutil
import sys
from dataclasses import asdict
from pathlib import Path

import click

from threatstamp.cli.help import Command
from threatstamp.cli.misuse import Misuse
from threatstamp.cli.opening import open_settings, opened_store
from threatstamp.cli.speech import can_show, json_text, shown
from threatstamp.cli.writing import write_file

_MONTH = re.compile("(?!0000)[0-9]{4}-(0[1-9]|1[0-2])")
INK = "█"


@click.command("counts", cls=Command)
@click.option("--month")
@click.option("--json", "as_json", is_flag=True)
@click.option("--svg", type=click.Path(path_type=Path, dir_okay=False))
@click.pass_context
def command(ctx: click.Context, month: str | None, as_json: bool, svg: Path | None) -> None:
    """Count by month, route, source and emoji."""
    settings, texts = open_settings(ctx)
    if month is not None and not _MONTH.fullmatch(month):
        expected = texts("counts.no_month")
        raise Misuse(ctx, "use_value", name="--month", value=shown(month), expected=expected)
    from threatstamp.desk.views.counts import read_counts
    from threatstamp.render.chart import chart_lines
    from threatstamp.render.counts import count_lines

    with opened_store(settings) as store:
        months = read_counts(store, settings.timezone, month=month)
    if svg is not None:
        write_file(svg, chart_lines(months, texts), texts, failed="counts.no_picture")
        click.echo(texts("counts.drawn_in", path=svg), err=True)
    if as_json:
        click.echo(json_text({"months": [asdict(one) for one in months]}, indent=2))
        return
    columns = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    ink = INK if can_show(INK, sys.stdout) else "#"
    for line in count_lines(months, texts, columns=columns, ink=ink):
        click.echo(line)
