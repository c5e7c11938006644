"""`config`: every setting explained, and what is in force."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator

import click

from threatstamp.cli.ending import ended_by_signal
from threatstamp.cli.help import Group
from threatstamp.cli.opening import open_settings, opened_store, with_products
from threatstamp.cli.speech import json_text, texts
from threatstamp.config.lines import say_path
from threatstamp.config.origins import InForce, in_force
from threatstamp.config.reference import ENVIRONMENT, FROM_FILES
from threatstamp.config.route_list import Cells
from threatstamp.config.settings import Settings
from threatstamp.config.sheet import said_tab
from threatstamp.config.tabs import Tab, with_tab
from threatstamp.core.errors import DeskError, PolicyError
from threatstamp.core.secrets import hide
from threatstamp.render.settings import in_force_lines, settings_file
from threatstamp.render.unseen import revealed
from threatstamp.texts.catalogue import Texts


@click.group("config", cls=Group)
def command() -> None:
    """Explain the settings, and show what is in force."""


@command.command("example")
@ended_by_signal()
def example() -> None:
    """Print a commented file with every setting."""
    click.echo(settings_file(texts()), nl=False)


@command.command("show")
@click.option("--json", "as_json", is_flag=True)
@click.pass_context
@ended_by_signal()
def show(ctx: click.Context, as_json: bool) -> None:
    """Print what is in force, and where each value comes from."""
    settings, words = open_settings(ctx)
    settings, tab, missing = _with_routes(settings, words)
    if settings.lacks_products:
        settings, lacking = with_products(settings, words)
        missing += ("", *(f"# {line}" for line in lacking)) if lacking else ()
    found = list(in_force(settings, os.environ, tab=tab))
    if as_json:
        body = {"settings": [_body(one) for one in found], "environment": [*_variables()]}
        click.echo(json_text(body, indent=2))
        return
    for line in (*in_force_lines(found, words), *missing, "", *_environment_lines(words)):
        click.echo(revealed(line))


def _with_routes(settings: Settings, words: Texts) -> tuple[Settings, Cells | None, tuple[str, ...]]:
    """Returns the settings with the routes of the spreadsheet's tab as they were read last, and that tab.

    The last value: what is said instead where they are not known, or wrong with the file as it is.
    """
    if settings.sheets is None or settings.sheets.routes is None:
        return settings, None, ()
    from threatstamp.app.tabs import kept_rows

    name, rows = said_tab(settings.sheets.routes), None
    with contextlib.suppress(DeskError), opened_store(settings) as store:  # there may be none yet
        rows = kept_rows(settings, Tab.ROUTES, store)
    if rows is None:
        return settings, None, ("", f"# {words('settings.show_tab_unread', name=name)}")
    try:
        return with_tab(settings, Tab.ROUTES, rows), rows, ()
    except PolicyError as error:
        return settings, None, ("", *(f"# {problem}" for problem in error.problems))


def _body(one: InForce) -> dict[str, object]:
    return {
        "path": say_path(one.path),
        "value": one.value,
        "from": one.source.value,
        "where": one.where or None,
    }


def _variables() -> Iterator[dict[str, object]]:
    """Yields each variable of the environment; a secret without its value."""
    for name in ENVIRONMENT:
        file = f"{name}_FILE" if name in FROM_FILES and os.environ.get(f"{name}_FILE") else None
        value = os.environ.get(name.lower()) or os.environ.get(name)
        is_set = bool(value or file)
        shown = hide(value) if value and name not in FROM_FILES else None
        yield {"name": name, "set": is_set, "value": shown, "where": file or (name if is_set else None)}


def _environment_lines(words: Texts) -> Iterator[str]:
    yield f"# {words('settings.show_environment_head')}"
    for one in _variables():
        said = words("settings.show_set" if one["set"] else "settings.show_unset")
        if one["where"] != one["name"] and one["set"]:
            said = words("settings.show_set_from", name=one["where"])
        yield f"# {one['name']}: {one['value'] or said}"
