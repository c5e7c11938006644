"""Plain text as it stands in a ticket: it formats nothing, calls nobody and refers to no other ticket."""

from __future__ import annotations

import re

APART = "\u200b"
"""A space without width: what stands after "@" or "#" names nobody and nothing then."""

_MARKDOWN = re.compile(r"([\\`*_{}\[\]()~|!+-])")
_BACKLOG = re.compile(r"(['%\[{&*+|-])")
_CALLS = re.compile(r"([@#＠＃])(?=\S)")
_LINK = re.compile(r"(?i)\b(https?|ftp|www)([:.])")
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}


def markdown(text: str) -> str:
    """Returns text for GitHub's Markdown (https://github.github.com/gfm/)."""
    said = "".join(_ENTITIES.get(char, char) for char in text)
    return _apart(_MARKDOWN.sub(r"\\\1", said))


def backlog(text: str) -> str:
    """Returns text for Backlog's own notation, in which no two signs that mean something stand together."""
    return _apart(_BACKLOG.sub(rf"\1{APART}", text))


def _apart(text: str) -> str:
    return _LINK.sub(rf"\1{APART}\2", _CALLS.sub(rf"\1{APART}", text))
