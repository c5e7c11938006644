"""`init`: a commented settings file and the app's manifest beside it. What is there already stays."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import click

from threatstamp.app.manifest import PUBLIC, app_manifest, create_link
from threatstamp.app.scopes import SCOPES, least_scopes, needs_buttons
from threatstamp.cli.ending import ended_by_signal
from threatstamp.cli.help import Command
from threatstamp.cli.proposing import EXAMPLE_TO, Proposals
from threatstamp.cli.speech import shown, speak, spoken, texts
from threatstamp.config.addresses import is_base
from threatstamp.config.names import channel_name
from threatstamp.config.reference.setting import TOP
from threatstamp.config.settings import read_settings
from threatstamp.config.slack import SLACK_API
from threatstamp.core.errors import PolicyError
from threatstamp.render.settings import settings_file
from threatstamp.texts.catalogue import Language, Texts
from threatstamp.texts.emoji import sign_of

LEAST, FULL = "manifest.json", "manifest-full.json"


@click.command("init", cls=Command)
@click.option("--api-url", "api_url")
@click.pass_context
@ended_by_signal()
def command(ctx: click.Context, api_url: str | None) -> None:
    """Write the files, and say how to go on. On a terminal it asks; elsewhere it takes the examples.

    api_url: of another server than Slack's own. With a token both begin with what is in the workspace.
    """
    path = ctx.find_object(Path)
    assert path is not None
    if api_url is not None and not is_base(api_url):
        raise PolicyError((texts()("config.address", key="--api-url"),))
    if not os.path.lexists(path):
        _write(path, _new_file(api_url))
    else:
        click.echo(texts()("cli.init_there", path=path))
    settings = read_settings(path, say_in=spoken)  # an older file may say what a new one would not
    speak(settings.language)
    mode = settings.slack.mode
    least = app_manifest(least_scopes(settings), texts(), buttons=needs_buttons(settings), mode=mode)
    _write(path.parent / LEAST, _json(least))
    _write(path.parent / FULL, _json(app_manifest(SCOPES, texts(), buttons=True, mode=mode)))
    click.echo()
    if api_url is None:
        secrets = texts()(f"cli.init_secrets_{mode}", url=PUBLIC)
        click.echo(texts()("cli.init_next", link=create_link(least), secrets=secrets, file=path, full=FULL))
    else:
        click.echo(texts()("cli.init_next_elsewhere", file=path))


def _new_file(api_url: str | None) -> str:
    """Returns the settings to begin with: what was answered, or else what the workspace shows."""
    proposals = Proposals(api_url or SLACK_API)
    if sys.stdin.isatty() and sys.stdout.isatty():
        chosen = dict(questions(input, proposals))
    else:
        chosen = dict(proposals.unasked())
    if api_url is not None:
        chosen["slack", "api_url"] = json.dumps(api_url)
    language = Language(json.loads(chosen[TOP, "language"]))  # which this terminal may be unable to display
    return settings_file(Texts(language), chosen, proposals.drafts(Texts(language)))


def questions(answer: Callable[[str], str], proposals: Proposals) -> Iterator[tuple[tuple[str, str], str]]:
    """Asks for what a file cannot guess, and yields values in TOML by table and key.

    answer: displays a question and returns what was typed. Each has a default, for an empty answer.
    """
    language = _choice(answer, "init_language", str(texts().language), tuple(Language))
    speak(Language(language))
    yield (TOP, "language"), f'"{language}"'
    source = _channel(answer, "init_source", proposals.source())
    yield ("sources", "channel"), json.dumps(source, ensure_ascii=False)
    for use in proposals.look(source):
        said = texts()("cli.init_route_to", sign=sign_of(use.reaction), count=use.posts)
        proposals.choose(use, _asked_channel(answer, said, "", other=source))
    if not proposals.chosen:
        proposals.example_to = _channel(answer, "init_to", EXAMPLE_TO, other=source)
    yield from proposals.main_route()
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
    return _asked_channel(answer, texts()(f"cli.{key}", default=default), default, other=other)


def _asked_channel(answer: Callable[[str], str], question: str, default: str, *, other: str) -> str:
    """Returns a channel as the file has it; the # may be left out. other: a channel that it may not be."""
    while True:
        said = answer(question).strip() or default
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
