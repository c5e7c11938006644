"""`handover`: one page for the next person, out of the settings and the database. Slack is not called."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Iterator

import click

from threatstamp.cli.ending import ended_by_signal
from threatstamp.cli.help import Command
from threatstamp.cli.opening import open_settings, opened_store
from threatstamp.cli.speech import say_error
from threatstamp.cli.status import open_lines, status_now
from threatstamp.config.origins import in_force
from threatstamp.config.secrets import needed_secrets
from threatstamp.config.settings import Settings
from threatstamp.core.errors import PolicyError, StoreError
from threatstamp.core.secrets import hide
from threatstamp.render.handover import Place, handover_page, plain
from threatstamp.render.unseen import revealed
from threatstamp.texts.catalogue import Texts


@click.command("handover", cls=Command)
@click.pass_context
@ended_by_signal()
def command(ctx: click.Context) -> None:
    """Print the page as Markdown; exit 1 if the database could not be read, so that a part is missing."""
    settings, texts = open_settings(ctx)
    from threatstamp.app.clock import SystemClock
    from threatstamp.app.scopes import least_scopes, reason
    from threatstamp.app.tabs import tabs_or_none
    from threatstamp.desk.views.handover import read_handover

    found, open_now, code = None, [], 0
    try:
        with opened_store(settings) as store, store.reading() as read:
            settings = tabs_or_none(settings, store)
            status = status_now(read, settings, texts)
            found = read_handover(read, status)
            open_now = list(open_lines(status, settings, texts))
    except PolicyError as error:  # there is no database yet
        open_now = list(error.problems)
    except StoreError as error:
        open_now, code = [say_error(error)], 1
    place = Place(
        host=socket.gethostname(),
        program=sys.prefix,
        scopes=tuple((scope, reason(scope, texts)) for scope in least_scopes(settings)),
        secrets=tuple(_secrets(settings, texts)),
        open_now=tuple(open_now),
    )
    page = handover_page(settings, found, place, now=SystemClock().now(), texts=texts)
    click.echo(revealed(hide("\n".join(page))))
    sys.exit(code)


def _secrets(settings: Settings, texts: Texts) -> Iterator[tuple[str, str]]:
    """Yields the name of each secret that the desk needs, with where it is; never its value."""
    for name in needed_secrets(settings.slack.mode):
        yield name, _whereabouts(name, texts)
    for found in in_force(settings, os.environ):
        if found.setting.key in ("url_env", "secret_env") and found.value:
            yield str(found.value), _whereabouts(str(found.value), texts)
    for feed in settings.feeds:
        if feed.shown != feed.url and not feed.is_secret:
            yield texts("handover.secret_feed", name=plain(feed.name)), texts("handover.secret_in_file")
    if settings.heartbeat:
        yield "`heartbeat`", texts("handover.secret_in_file")
    if settings.database.startswith("postgresql"):
        yield from _of_server(settings, texts)
    if settings.sheets is not None:
        file = settings.sheets.credentials
        key, place = "[sheets] credentials", texts("handover.secret_file", path=file)
        if file is None:
            key, place = "Application Default Credentials", texts("handover.secret_google")
        yield f"{key} (Google Sheets)", place


def _of_server(settings: Settings, texts: Texts) -> Iterator[tuple[str, str]]:
    if hide(settings.database) != settings.database:
        yield "`database`", texts("handover.secret_in_file")
        return
    file = os.environ.get("PGPASSFILE")
    if file:
        yield "PGPASSFILE", texts("handover.secret_file", path=file)
    else:
        yield "PGPASSWORD", _whereabouts("PGPASSWORD", texts)


def _whereabouts(name: str, texts: Texts) -> str:
    file = os.environ.get(f"{name}_FILE")
    if file:
        return texts("handover.secret_file", path=file)
    return texts("handover.secret_set" if os.environ.get(name) else "handover.secret_unset", name=name)
