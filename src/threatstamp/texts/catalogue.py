"""Every sentence that a person reads, by key, in the language that the file chooses."""

from __future__ import annotations

import string
import tomllib
from enum import StrEnum
from functools import cache
from importlib.resources import files

Message = str | dict[str, str]
"""A sentence with {placeholders}; or its forms for one and for several, chosen by `count`."""


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
        message = room_messages(self.language, room)[name]
        if isinstance(message, dict):
            message = message["one" if values.get("count") == 1 and "one" in message else "other"]
        return _Plain().format(message, **values)

    def has(self, key: str) -> bool:
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


class _Plain(string.Formatter):
    """Fills in plain names only: a placeholder can reach no attribute and no index."""

    def get_field(self, field_name, args, kwargs):  # type: ignore[no-untyped-def]
        if not field_name.isidentifier():
            raise KeyError(field_name)
        return kwargs[field_name], field_name
