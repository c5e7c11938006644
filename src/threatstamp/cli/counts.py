"""`counts`: what came in, what was stamped and what was forwarded, month by month."""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from threatstamp.cli.help import Command
from threatstamp.cli.misuse import Misuse
from threatstamp.cli.opening import open_settings, opened_store
from threatstamp.cli.speech import can_show, json_text, shown
from threatstamp.cli.writing import write_file
from threatstamp.core.errors import PolicyError
from threatstamp.texts.catalogue import Texts

if TYPE_CHECKING:
    from threatstamp.desk.views.counts import MonthCounts

_MONTH = re.compile("(?!0000)[0-9]{4}-(0[1-9]|1[0-2])")
INK = "█"


@click.command("counts", cls=Command)
@click.option("--month")
@click.option("--json", "as_json", is_flag=True)
@click.option("--svg", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--png", type=click.Path(path_type=Path, dir_okay=False))
@click.pass_context
def command(ctx: click.Context, month: str | None, as_json: bool, svg: Path | None, png: Path | None) -> None:
    """Count by month, route, source and emoji."""
    settings, texts = open_settings(ctx)
    if month is not None and not _MONTH.fullmatch(month):
        expected = texts("counts.no_month")
        raise Misuse(ctx, "use_value", name="--month", value=shown(month), expected=expected)
    from threatstamp.desk.views.counts import read_counts
    from threatstamp.render.counts import count_lines

    with opened_store(settings) as store:
        today = datetime.now(settings.timezone).date()
        months = read_counts(store, settings.timezone, month=month, today=today)
    _draw(months, texts, svg=svg, png=png)
    if as_json:
        click.echo(json_text({"months": [asdict(one) for one in months]}, indent=2))
        return
    columns = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    ink = INK if can_show(INK, sys.stdout) else "#"
    for line in count_lines(months, texts, columns=columns, ink=ink):
        click.echo(line)


def _draw(months: Sequence[MonthCounts], texts: Texts, *, svg: Path | None, png: Path | None) -> None:
    """Writes the pictures that are wanted. Raises PolicyError if nothing here can draw pixels."""
    from threatstamp.render.chart import chart_lines
    from threatstamp.render.pixels import NoPainterError, png_of

    wanted: list[tuple[Path, bytes]] = []
    picture = "".join(chart_lines(months, texts)) if svg or png else ""
    if svg is not None:
        wanted.append((svg, picture.encode()))
    if png is not None:
        try:
            wanted.append((png, png_of(picture)))
        except NoPainterError:
            raise PolicyError((texts("counts.no_painter"),)) from None
    for path, content in wanted:
        write_file(path, [content], texts, failed="counts.no_picture")
        click.echo(texts("counts.drawn_in", path=path), err=True)
