"""What most commands begin with: the file, the secrets, the database, Slack."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from threatstamp.cli.speech import speak, spoken, texts
from threatstamp.config.secrets import Secret, Secrets, needed_secrets, read_secrets
from threatstamp.config.settings import Settings, read_settings
from threatstamp.core.errors import PolicyError
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
