"""Emoji by name: what Slack calls them, what they are aliases of, how they look."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files

from threatstamp.core.ids import Emoji

_TONE = re.compile(r"::skin-tone-\d+$")
_FURTHEST = 10


def canonical(name: str, custom: Mapping[str, str]) -> Emoji:
    """Returns the one name that a reaction is known by: no colons, no skin tone, aliases resolved.

    custom: the workspace's own emoji as emoji.list has them; "alias:NAME" leads on, in chains too.
    """
    plain = unicodedata.normalize("NFKC", name).strip().strip(":").lower()
    plain = _TONE.sub("", plain).strip(":")
    seen: set[str] = set()
    for _ in range(_FURTHEST):
        target = custom.get(plain, "")
        if not target.startswith("alias:") or plain in seen:
            break
        seen.add(plain)
        plain = target.removeprefix("alias:")
    return Emoji(_aliases().get(plain, plain))


def is_standard(name: str) -> bool:
    """True for an emoji that every workspace has."""
    return name in _glyphs() or name in _aliases()


def glyph(name: str) -> str | None:
    """Returns the sign of a standard emoji."""
    return _glyphs().get(_aliases().get(name, name))


def nearest(name: str, known: Iterable[str]) -> str | None:
    """Returns the known or standard name that is most like a mistyped one."""
    names = [*known, *_glyphs()]
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
