"""Secrets come from the environment alone, and are never displayed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from threatstamp.core.errors import PolicyError
from threatstamp.desk.views.running import HTTP, NO_EVENTS, SOCKET
from threatstamp.texts.catalogue import Language, Texts

PREFIXES = {"SLACK_BOT_TOKEN": "xoxb-", "SLACK_APP_TOKEN": "xapp-", "SLACK_SIGNING_SECRET": ""}
_OTHERS = {
    "xapp-": "app",
    "xoxb-": "bot",
    "xoxe.xoxb-": "rotating",  # https://docs.slack.dev/authentication/using-token-rotation
    "xoxe.": "rotating_user",
    "xoxe-": "refresh",
    "xoxr-": "refresh",
    "xoxp-": "user",
    "xoxs-": "user",
    "xoxc-": "user",  # what a browser has
    "xoxd-": "user",
}
"""What else people have at hand, each with its sentence `secret_is_…`."""


class Secret:
    """A value that prints as stars, and cannot be pickled into a log or a dump."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """Returns the value itself, for the one call that needs it."""
        return self._value

    def __repr__(self) -> str:
        return "Secret(***)"

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return repr(self)

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret is not to be stored")


@dataclass(frozen=True, slots=True, kw_only=True)
class Secrets:
    """What the environment holds; None for what is not there."""

    bot_token: Secret | None
    app_token: Secret | None
    signing_secret: Secret | None

    def of(self, name: str) -> Secret | None:
        """Returns the value of an environment variable."""
        found = {
            "SLACK_BOT_TOKEN": self.bot_token,
            "SLACK_APP_TOKEN": self.app_token,
            "SLACK_SIGNING_SECRET": self.signing_secret,
        }
        return found[name]


def needed_secrets(mode: str) -> tuple[str, ...]:
    """Returns the names of what a desk needs to call Slack, and to receive events in this way."""
    to_receive = {SOCKET: ("SLACK_APP_TOKEN",), HTTP: ("SLACK_SIGNING_SECRET",), NO_EVENTS: ()}
    return "SLACK_BOT_TOKEN", *to_receive[mode]


def read_secrets(environ: Mapping[str, str], language: Language = Language.EN) -> Secrets:
    """Reads each secret from NAME or from the file in NAME_FILE. Raises PolicyError with every problem."""
    texts = Texts(language)
    problems: list[str] = []
    found = {name: _read(name, environ, texts=texts, problems=problems) for name in PREFIXES}
    if problems:
        raise PolicyError(tuple(problems))
    return Secrets(
        bot_token=found["SLACK_BOT_TOKEN"],
        app_token=found["SLACK_APP_TOKEN"],
        signing_secret=found["SLACK_SIGNING_SECRET"],
    )


def read_variable(name: str, environ: Mapping[str, str], *, texts: Texts, problems: list[str]) -> str:
    """Returns NAME, or what is in the file that NAME_FILE names; "" with a problem, or without any."""
    value, file = environ.get(name, "").strip(), environ.get(f"{name}_FILE", "").strip()
    if value and file:
        problems.append(texts("config.secret_twice", name=name))
        return ""
    return _from_file(name, file, texts=texts, problems=problems) if file else value


def _read(name: str, environ: Mapping[str, str], *, texts: Texts, problems: list[str]) -> Secret | None:
    value = read_variable(name, environ, texts=texts, problems=problems)
    if not value:
        return None
    wrong = _what_is_wrong(name, value)
    if wrong:
        problems.append(texts(f"config.{wrong}", name=name, prefix=PREFIXES[name]))
        return None
    return Secret(value)


def _from_file(name: str, file: str, *, texts: Texts, problems: list[str]) -> str:
    try:
        value = Path(file).read_text(encoding="utf-8-sig").strip()
    except OSError as error:
        problems.append(texts("config.secret_file", name=name, path=file, reason=reason_of(error, texts)))
        return ""
    except ValueError:
        problems.append(texts("config.secret_file", name=name, path=file, reason=texts("config.not_text")))
        return ""
    if not value:
        problems.append(texts("config.secret_empty", name=name, path=file))
    return value


def _what_is_wrong(name: str, value: str) -> str | None:
    """Returns the sentence for a value that cannot be this secret."""
    if not value.isascii() or any(char.isspace() for char in value):
        return "secret_form"
    if value.startswith(PREFIXES[name]) and PREFIXES[name]:
        return None
    kind = next((kind for prefix, kind in _OTHERS.items() if value.startswith(prefix)), None)
    if kind:
        return f"secret_is_{kind}"
    return "secret_kind" if PREFIXES[name] else None


def reason_of(error: OSError, texts: Texts) -> str:
    """Returns why a file cannot be read, as a person says it."""
    for kind, key in (
        (FileNotFoundError, "reason_missing"),
        (PermissionError, "reason_permission"),
        (IsADirectoryError, "reason_folder"),
    ):
        if isinstance(error, kind):
            return texts(f"config.{key}")
    return error.strerror or type(error).__name__
