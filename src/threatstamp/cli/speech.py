"""What the commands say, in the file's language once it is read, in the terminal's before."""

from __future__ import annotations

import codecs
import errno
import io
import json
import os
import sys
import threading
import tomllib
import traceback
from pathlib import Path
from types import TracebackType
from typing import TextIO

import click

from threatstamp.core.errors import (
    DeskError,
    FactsError,
    ShadowError,
    SheetError,
    SlackError,
    StoreError,
    UnfitError,
)
from threatstamp.core.secrets import hide
from threatstamp.render.unseen import revealed
from threatstamp.texts.catalogue import Language, Texts, language_of
from threatstamp.texts.codes import say_code

_spoken: list[Language] = []
SETTINGS_FILE = "threatstamp.toml"


def never_fail_at_signs() -> None:
    """Makes the outputs write what their encoding lacks as an escape: nothing that is said ends a command.

    ASCII is what a system says that was told nothing; UTF-8 is written there, as Python does for the locale
    C (https://peps.python.org/pep-0540/) and click for each output of its own.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            is_told = codecs.lookup(stream.encoding).name != "ascii"
            stream.reconfigure(encoding=None if is_told else "utf-8", errors="backslashreplace")


def hide_in_tracebacks() -> None:
    """What nobody expected ends with a traceback, which holds no secret either; in a thread, too."""

    def show(kind: type[BaseException], error: BaseException | None, trace: TracebackType | None) -> None:
        click.echo(hide("".join(traceback.format_exception(kind, error, trace))), nl=False, err=True)

    sys.excepthook = show
    threading.excepthook = lambda args: show(args.exc_type, args.exc_value, args.exc_traceback)


def spoken(language: Language) -> Language:
    """Returns the language to say something in: English where an output has no Japanese signs."""
    can = all(can_show("あ", stream) for stream in (sys.stdout, sys.stderr))
    return language if can else Language.EN


def speak(language: Language) -> Texts:
    """Chooses the language of everything that is said from now on, as far as the outputs can show it."""
    _spoken[:] = [spoken(language)]
    return texts()


def texts() -> Texts:
    return Texts(_spoken[0] if _spoken else spoken(language_of(os.environ)))


def json_text(body: object, *, indent: int | None = None, compact: bool = False) -> str:
    """Returns JSON, in plain ASCII where the output is not Unicode: it is the same to every program.

    Characters that hide something are escapes in it, too.
    """
    separators = (",", ":") if compact else None
    ascii_only = not can_show("\U0001f6a8", sys.stdout)
    return revealed(json.dumps(body, ensure_ascii=ascii_only, indent=indent, separators=separators))


def can_show(sign: str, stream: TextIO) -> bool:
    """True if an output's encoding has a sign."""
    try:
        sign.encode(getattr(stream, "encoding", None) or "utf-8")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def first_texts(ctx: click.Context) -> Texts:
    """Returns the words for help and wrong use, before the file is read as a whole.

    They are in the language that the file names, if it is there and names one; else in the terminal's.
    """
    path = ctx.find_object(Path) or ctx.find_root().params.get("config") or Path(SETTINGS_FILE)
    return Texts(spoken(_language_in(path) or language_of(os.environ)))


def _language_in(path: Path) -> Language | None:
    try:
        said = tomllib.loads(path.read_text(encoding="utf-8")).get("language") if path.is_file() else None
    except (OSError, ValueError, RecursionError):
        return None  # what is wrong with the file is said when it is needed
    return Language(said) if said in tuple(Language) else None


def shown(given: str) -> str:
    """Returns what somebody typed as it may be repeated: no token, nothing that steers the terminal."""
    clean = "".join(char if char.isprintable() else "�" for char in given)
    return hide(clean)


def say_error(error: DeskError) -> str:
    """Returns what went wrong and what to do, for the person at the terminal."""
    if isinstance(error, SlackError):
        key = "cli.slack_http" if error.code.startswith("http_5") else f"cli.slack_{error.code}"
        known = key if texts().has(key) else "cli.slack_error"
        return texts()(known, code=error.code, method=error.method or "-")
    if isinstance(error, UnfitError):
        return texts()(f"database.{error.reason.value}", **error.values)
    if isinstance(error, ShadowError):
        return texts()(f"shadow.{error.reason.value}", holder=error.holder)
    if isinstance(error, FactsError):
        return texts()(f"status.facts_{error.fault}", place=error.place, reason=error.reason)
    if isinstance(error, StoreError):
        return texts()("cli.store_error", reason=str(error))
    if isinstance(error, SheetError):
        reason, account = say_code(texts(), error.code), error.values.get("account", "")
        return reason + (
            f"\n     → {texts()('cli.check_sheets_account', account=account)}" if account else ""
        )
    return str(error)


def reason_of_output(error: OSError, texts: Texts) -> str:
    """Returns why something cannot be written; what the system says of the rest is English."""
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return texts("cli.no_output_folder")
    if isinstance(error, PermissionError):
        return texts("cli.no_output_right")
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return texts("cli.no_output_space")
    return error.strerror or type(error).__name__
