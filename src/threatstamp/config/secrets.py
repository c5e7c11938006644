"""Secrets come by the environment alone, and are never shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from threatstamp.core.errors import PolicyError
from threatstamp.texts.catalogue import Language, Texts

KINDS = {
    "SLACK_BOT_TOKEN": "xoxb-",
    "SLACK_APP_TOKEN": "xapp-",
    "SLACK_SIGNING_SECRET": "",
}


class Secret:
    """A value that prints as stars, and cannot be pickled into a log or a dump."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
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


def read_secrets(environ: Mapping[str, str], language: Language = Language.EN) -> Secrets:
    """Reads each secret from NAME or from the file in NAME_FILE. Raises PolicyError with every problem."""
    texts = Texts(language)
    problems: list[str] = []
    found = {name: _read(name, environ, texts=texts, problems=problems) for name in KINDS}
    if problems:
        raise PolicyError(tuple(problems))
    return Secrets(
        bot_token=found["SLACK_BOT_TOKEN"],
        app_token=found["SLACK_APP_TOKEN"],
        signing_secret=found["SLACK_SIGNING_SECRET"],
    )


def _read(name: str, environ: Mapping[str, str], *, texts: Texts, problems: list[str]) -> Secret | None:
    value, file = environ.get(name, "").strip(), environ.get(f"{name}_FILE", "").strip()
    if value and file:
        problems.append(texts("config.secret_twice", name=name))
        return None
    if file:
        try:
            value = Path(file).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError):
            problems.append(texts("config.secret_file", name=name, path=file))
            return None
    if not value:
        return None
    prefix = KINDS[name]
    if not value.startswith(prefix) or not value.isascii() or any(char.isspace() for char in value):
        problems.append(texts("config.secret_kind", name=name, prefix=prefix))
        return None
    return Secret(value)
