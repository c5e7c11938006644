"""`demo`: a workspace to click in with the real desk beside it; `--once` plays without a person."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import subprocess
import sys
import webbrowser

import click

from threatstamp.cli.ending import ended_by_signal, listen_for_signal
from threatstamp.cli.help import Command
from threatstamp.cli.speech import speak
from threatstamp.config.settings import default_language
from threatstamp.texts.catalogue import Language, Texts

DESK_GRACE = 20.0
"""Seconds that the desk beside the page has to end, before it would be left behind."""

PORT_ERRORS = (errno.EADDRINUSE, errno.EACCES)


@click.command("demo", cls=Command)
@click.option("--once", is_flag=True)
@click.option("--port", type=click.IntRange(0, 65535), default=None)
@click.option("--language", type=click.Choice([one.value for one in Language]))
@click.option("--no-browser", is_flag=True)
def command(once: bool, port: int | None, language: str | None, no_browser: bool) -> None:
    """Try it all without Slack: no configuration, no tokens."""
    texts = speak(Language(language) if language else default_language())
    if port is None:
        port = 0 if once else 8790
    try:
        if once:
            ok = _play_once(texts, port=port)
        else:
            ok = _stay(texts, port=port, is_told=language is not None, browser=not no_browser)
    except OSError as error:
        if error.errno not in PORT_ERRORS:
            raise
        click.echo(texts("demo.port_taken", port=port), err=True)
        sys.exit(2)
    sys.exit(0 if ok else 1)


def _play_once(texts: Texts, *, port: int) -> bool:
    from threatstamp.demo.company import Company
    from threatstamp.demo.once import Play
    from threatstamp.demo.world import World

    click.echo(texts("demo.starting"))
    with ended_by_signal(grace=DESK_GRACE), Company(World(texts.language), port=port) as company:
        try:
            return Play(company, texts).run()
        except (TimeoutError, AssertionError) as error:
            click.echo(texts("demo.failed", reason=error), err=True)
            click.echo(company.log_tail(), err=True)
            return False


def _stay(texts: Texts, *, port: int, is_told: bool, browser: bool) -> bool:
    """Plays until a signal. is_told: in this language; otherwise in that of the first browser that comes."""
    from threatstamp.demo.company import Company
    from threatstamp.demo.door import Door
    from threatstamp.demo.world import World

    language = texts.language
    if not is_told:
        with ended_by_signal(lambda: texts("demo.ended")):
            door = Door(port, otherwise=language)
            _invite(door.url, texts, browser=browser)
            port, language = door.port, door.wait()
    click.echo(texts("demo.starting"))
    with ended_by_signal(grace=DESK_GRACE), Company(World(language), port=port) as company:
        wait_for_signal = listen_for_signal()
        company.open_doors()
        if is_told:
            _invite(company.sandbox.url, texts, browser=browser)
        click.echo(texts("demo.hint"))
        wait_for_signal()
        click.echo(texts("demo.ended"))
    return True


def _invite(url: str, texts: Texts, *, browser: bool) -> None:
    click.echo(texts("demo.open", url=click.style(url, bold=True)))
    if browser and sys.stdout.isatty() and has_display():
        _open_browser(url)


def has_display() -> bool:
    """True where a browser can show a page: elsewhere one in the terminal would take it over."""
    if sys.platform in ("darwin", "win32"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _open_browser(url: str) -> None:
    """Opens the page, without a word if that fails: its address is printed."""
    with contextlib.suppress(Exception):
        words = {"darwin": "open", "win32": "explorer"}.get(sys.platform) or shutil.which("xdg-open")
        if words is None:
            webbrowser.open(url)
            return
        quiet = subprocess.DEVNULL
        subprocess.Popen([words, url], stdin=quiet, stdout=quiet, stderr=quiet, start_new_session=True)  # noqa: S603 - our own address
