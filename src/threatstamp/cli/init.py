"""`init`: a commented settings file and the app's manifest beside it. What is there already stays."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import click

from threatstamp.app.manifest import app_manifest, create_link
from threatstamp.app.scopes import SCOPES, least_scopes
from threatstamp.cli.ending import ended_by_signal
from threatstamp.cli.help import Command
from threatstamp.cli.speech import shown, speak, spoken, texts
from threatstamp.config.names import channel_name
from threatstamp.config.reference import TOP
from threatstamp.config.settings import read_settings
from threatstamp.render.settings import settings_file
from threatstamp.texts.catalogue import Language, Texts

Chosen = dict[tuple[str, str], str]
LEAST, FULL = "manifest.json", "manifest-full.json"


@click.command("init", cls=Command)
@click.pass_context
@ended_by_signal()
def command(ctx: click.Context) -> None:
    """Write the files, and say how to go on. On a terminal it asks; elsewhere it takes the examples."""
    path = ctx.find_object(Path)
    assert path is not None
    chosen: Chosen = {(TOP, "language"): f'"{texts().language}"'}
    if not os.path.lexists(path) and sys.stdin.isatty() and sys.stdout.isatty():
        chosen = dict(questions(input))
    language = Language(json.loads(chosen[TOP, "language"]))  # which this terminal may be unable to display
    _write(path, settings_file(Texts(language), chosen))
    settings = read_settings(path, say_in=spoken)  # an older file may say what a new one would not
    speak(settings.language)
    least = app_manifest(least_scopes(settings), texts())
    _write(path.parent / LEAST, _json(least))
    _write(path.parent / FULL, _json(app_manifest(SCOPES, texts())))
    click.echo()
    click.echo(texts()("cli.init_next", link=create_link(least), file=path, full=FULL))


def questions(answer: Callable[[str], str]) -> Iterator[tuple[tuple[str, str], str]]:
    """Asks for what a file cannot guess, and yields values in TOML by table and key.

    answer: displays a question and returns what was typed. Each has a default, for an empty answer.
    """
    language = _choice(answer, "init_language", str(texts().language), tuple(Language))
    speak(Language(language))
    yield (TOP, "language"), f'"{language}"'
    source = _channel(answer, "init_source", "#security-news")
    yield ("sources", "channel"), json.dumps(source, ensure_ascii=False)
    to = _channel(answer, "init_to", "#sec-alert", other=source)
    yield ("routes", "to"), json.dumps([to], ensure_ascii=False)
    alerts = _channel(answer, "init_alerts", "")
    if alerts:
        yield (TOP, "alerts"), json.dumps(alerts, ensure_ascii=False)


def _choice(answer: Callable[[str], str], key: str, default: str, choices: tuple[str, ...]) -> str:
    while True:
        said = answer(texts()(f"cli.{key}", default=default)).strip().lower() or default
        if said in choices:
            return said
        click.echo(texts()("cli.init_no_choice", choices=", ".join(choices)))


def _channel(answer: Callable[[str], str], key: str, default: str, *, other: str = "") -> str:
    """Returns a channel as the file has it; the # may be left out. other: a channel that it may not be."""
    while True:
        said = answer(texts()(f"cli.{key}", default=default)).strip() or default
        if not said:
            return ""
        name = channel_name(said) or channel_name(f"#{said}")
        if name is None:
            click.echo(texts()("cli.init_no_channel", value=shown(said)))
        elif name == other:
            click.echo(texts()("cli.init_same", channel=name))
        else:
            return name


def _write(path: Path, text: str) -> None:
    """Writes a new file and says so; one that is there stays as it is. Raises OSError."""
    try:
        written = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
    except FileExistsError:
        click.echo(texts()("cli.init_there", path=path))
        return
    try:
        with os.fdopen(written, "w", encoding="utf-8") as file:
            file.write(text)
    except OSError:
        path.unlink(missing_ok=True)  # half a file would be taken for somebody's own the next time
        raise
    click.echo(texts()("cli.init_written", path=path))


def _json(manifest: dict[str, object]) -> str:
    return json.dumps(manifest, ensure_ascii=False, indent=2) + "\n"
