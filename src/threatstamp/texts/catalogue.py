"""Every sentence that a person reads, by key, in the language that the file chooses."""

from __future__ import annotations

import string
import tomllib
from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from importlib.resources import files

Message = str | dict[str, str]
"""A sentence with {placeholders}, {posts:post|posts}; or its forms `none`, `one` and `other`, by `count`.

Each form but `other` may be missing: Japanese has no plural.
"""


class Language(StrEnum):
    """The languages that the desk speaks."""

    JA = "ja"
    EN = "en"


class Texts:
    """The catalogue of one language. Keys are "room.name"; each room is a file, read when it is needed."""

    def __init__(self, language: Language) -> None:
        self.language = Language(language)

    def __call__(self, key: str, /, **values: object) -> str:
        """Returns a sentence with its values filled in. Raises KeyError for an unknown key or value."""
        room, _, name = key.partition(".")
        message = room_messages(self.language, room).get(name)
        if message is None:
            raise KeyError(key)
        if isinstance(message, dict):
            message = message.get(_form(values.get("count")), message["other"])
        return _filled(message, values)

    def told(self, key: str, values: Mapping[str, object]) -> str:
        """Returns a sentence whose key and values come from the record; "" if they are of another version."""
        try:
            return self(key, **values)
        except KeyError:
            return ""

    def has(self, key: str) -> bool:
        """True if there is such a sentence."""
        room, _, name = key.partition(".")
        return name in room_messages(self.language, room)


@cache
def room_messages(language: Language, room: str) -> dict[str, Message]:
    """Returns all sentences of a room. Raises KeyError for an unknown room."""
    file = files(__package__).joinpath(language.value, f"{room}.toml")
    if not file.is_file():
        raise KeyError(room)
    return tomllib.loads(file.read_text(encoding="utf-8"))


def rooms(language: Language) -> tuple[str, ...]:
    """Returns the names of all rooms of a language."""
    folder = files(__package__).joinpath(language.value)
    return tuple(sorted(file.name.removesuffix(".toml") for file in folder.iterdir()))


def language_of(environ: Mapping[str, str]) -> Language:
    """Returns the language of a terminal: Japanese where it says so, English otherwise."""
    spoken = environ.get("LC_ALL") or environ.get("LC_MESSAGES") or environ.get("LANG") or ""
    return Language.JA if spoken.lower().startswith("ja") else Language.EN


def _form(count: object) -> str:
    return "none" if count == 0 else "one" if count == 1 else "other"


def _filled(message: str, values: Mapping[str, object]) -> str:
    """Fills in plain names only: a placeholder can reach no attribute and no index."""
    words: list[str] = []
    for literal, name, spec, _ in string.Formatter().parse(message):
        words.append(literal)
        if name is not None:
            words.append(_worded(values[name], spec or ""))
    return "".join(words)


def _worded(value: object, spec: str) -> str:
    """Returns a value as the sentence has it: {posts:post|posts} counts, {most:MB} is in megabytes."""
    one, sign, other = spec.partition("|")
    if sign:
        return f"{value} {one if value == 1 else other}"
    if spec == "MB":
        return f"{int(str(value)) / 1_000_000:g}"  # the record of a trouble has numbers as text
    return format(value, spec)
