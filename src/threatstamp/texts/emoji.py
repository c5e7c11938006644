"""Emoji by name: what Slack calls them, what they are aliases of, how they look."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files

from threatstamp.core.ids import Emoji

_TONES = re.compile(r"(?::*::skin-tone-\d+)+$")
_EDGES = re.compile(r"^[\s:]+|[\s:]+$")


def canonical(name: str, custom: Mapping[str, str]) -> Emoji:
    """Returns the one name that a reaction is known by: no colons, no skin tone, aliases resolved.

    custom: the workspace's own emoji as emoji.list has them; "alias:NAME" leads on, in chains too. Of a
    circle of aliases the name itself is returned.
    """
    plain = said = _plain(name)
    seen: set[str] = set()
    while custom.get(plain, "").startswith("alias:"):
        if plain in seen:
            return Emoji(said)
        seen.add(plain)
        plain = _plain(custom[plain].removeprefix("alias:"))
    return Emoji(plain if plain in custom else _aliases().get(plain, plain))


def _plain(name: str) -> str:
    normal = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).lower())
    return _EDGES.sub("", _TONES.sub("", _EDGES.sub("", normal)))


def is_standard(name: str) -> bool:
    """True for an emoji that every workspace has."""
    return name in _glyphs() or name in _aliases()


def name_of(sign: str) -> Emoji | None:
    """Returns the name of a standard emoji that was written as the sign itself."""
    return _names().get(sign.replace("\ufe0f", ""))


def sign_of(name: str) -> str:
    """Returns a standard emoji as a sign; of any other its name as people type it, :acme:."""
    return _glyphs().get(name) or f":{name}:"


def nearest(name: str, known: Iterable[str]) -> str | None:
    """Returns the known or standard name that is most like a mistyped one."""
    names = [*known, *_glyphs(), *_aliases()]
    return next(iter(difflib.get_close_matches(name, names, n=1, cutoff=0.7)), None)


@cache
def _rows() -> tuple[tuple[str, ...], ...]:
    text = files(__package__).joinpath("emoji.tsv").read_text(encoding="utf-8")
    return tuple(tuple(line.split("\t")) for line in text.splitlines())


@cache
def _glyphs() -> dict[str, str]:
    return {row[0]: row[1] for row in _rows()}


@cache
def _aliases() -> dict[str, str]:
    return {alias: row[0] for row in _rows() for alias in row[2:]}


@cache
def _names() -> dict[str, Emoji]:
    return {sign.replace("\ufe0f", ""): Emoji(name) for name, sign in _glyphs().items()}
