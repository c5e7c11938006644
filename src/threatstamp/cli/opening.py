"""What most commands begin with: the file, the secrets, the database, Slack."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click

from threatstamp.cli.speech import speak, spoken, texts
from threatstamp.config.secrets import Secret, Secrets, needed_secrets, read_secrets
from threatstamp.config.settings import Settings, read_settings
from threatstamp.config.sheet import said_tab
from threatstamp.core.errors import DeskError, PolicyError
from threatstamp.desk.views.running import NO_EVENTS
from threatstamp.texts.catalogue import Texts

if TYPE_CHECKING:
    from threatstamp.store import SqlStore  # at run time when it is opened: help stays quick


def open_settings(ctx: click.Context) -> tuple[Settings, Texts]:
    """Reads the file. Raises PolicyError."""
    path = ctx.find_object(Path)
    assert path is not None
    settings = read_settings(path, say_in=spoken)
    return settings, speak(settings.language)


def open_products(ctx: click.Context) -> tuple[Settings, Texts]:
    """The same with the products of the spreadsheet's tab, too, as they were read last.

    On standard error it says if they are not known, or wrong with the file as it is.
    """
    settings, words = open_settings(ctx)
    if not settings.lacks_products:
        return settings, words
    settings, wrong = with_products(settings, words)
    for line in wrong:
        click.echo(line, err=True)
    return settings, words


def with_products(settings: Settings, words: Texts) -> tuple[Settings, tuple[str, ...]]:
    """Returns the settings with the products of the tab as they were read last, and why they lack them."""
    from threatstamp.app.tabs import kept_rows
    from threatstamp.config.tabs import Tab, name_of, with_tab

    rows = None
    with suppress(DeskError), opened_store(settings) as store:  # there may be none yet
        rows = kept_rows(settings, Tab.PRODUCTS, store)
    if rows is None:
        name = said_tab(str(name_of(settings, Tab.PRODUCTS)))
        return settings, (words("products.tab_unread", name=name),)
    try:
        return with_tab(settings, Tab.PRODUCTS, rows), ()
    except PolicyError as error:
        return settings, error.problems


def open_secrets(settings: Settings, *, events: bool = False) -> Secrets:
    """Reads the secrets. Raises PolicyError naming each that is missing. events: they are to arrive."""
    secrets = read_secrets(os.environ, texts().language)
    needed = needed_secrets(settings.slack.mode if events else NO_EVENTS)
    missing = [name for name in needed if secrets.of(name) is None]
    if missing:
        raise PolicyError(tuple(texts()("cli.no_secret", name=name) for name in missing))
    return secrets


def bot_token(secrets: Secrets) -> Secret:
    assert secrets.bot_token is not None
    return secrets.bot_token


@contextmanager
def opened_store(settings: Settings, *, must_exist: bool = True, migrate: bool = False) -> Iterator[SqlStore]:
    """Opens the database for a command.

    migrate: creates or upgrades it, as `run`, `sweep` and `poll` may; for the others it must be up to date.
    Raises StoreError; PolicyError if there is nothing yet to look at.
    """
    from threatstamp.store import open_store

    if must_exist:
        require_file(settings)
    store = open_store(settings.database, migrate=migrate)
    try:
        yield store
    finally:
        store.close()


def require_file(settings: Settings) -> Path | None:
    """Returns the database's file, None for a server. Raises PolicyError if the file does not exist yet."""
    from threatstamp.store.connection import sqlite_path

    file = sqlite_path(settings.database)
    if file is not None and not file.exists():
        key = "cli.no_database" if file.parent.is_dir() else "cli.no_database_folder"
        raise PolicyError((texts()(key, path=file, folder=file.parent),))
    return file
