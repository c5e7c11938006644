"""What comes before the root: declarations are removed, entities that are plain text are learnt."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_DECLARATION = re.compile(r"<\?xml(?=[\s?])[^>]{0,400}\?>")
_DEFINED = re.compile(
    r"""<!ENTITY\s{1,9}([A-Za-z][A-Za-z0-9._\-]{0,40})\s{1,9}(?:"([^"<%]{0,100})"|'([^'<%]{0,100})')\s{0,9}>"""
)
_NUMBERED = re.compile(r"&#(?:\d{1,7}|[xX][0-9a-fA-F]{1,6});")
_MOST_ENTITIES = 300
_LONGEST_DOCTYPE = 100_000
_ROOT = re.compile(r"<(?:[A-Za-z_][\w.\-]{0,30}:)?(?:rss|rdf|feed|channel)(?=[\s>/])", re.IGNORECASE)
_ENTRY = re.compile(r"\s*+<(?:[A-Za-z_][\w.\-]{0,30}:)?entry(?=[\s>/])")
"""An Atom entry by itself is a document, too (RFC 4287, 2)."""
_BLANK = " \t\r\n\ufeff\x00"


@dataclass(frozen=True, slots=True, kw_only=True)
class Prolog:
    """text: from the root on, after as many empty lines as were removed. early: there was text before it."""

    text: str
    entities: dict[str, str] = field(default_factory=dict)
    early: bool = False


def split_prolog(text: str) -> Prolog:
    """Returns a document without its declarations."""
    at = _past_blank(text, 0)
    early = not text.startswith("<", at)
    if early:
        at = _first_markup(text, at)
    entities: dict[str, str] = {}
    while True:
        at = _past_blank(text, at)
        if text.startswith(("<?", "<!--"), at):
            closing = "?>" if text[at + 1] == "?" else "-->"
            end = text.find(closing, at + 2)
            if end < 0:
                break
            at = end + len(closing)
        elif text[at : at + 9].upper() == "<!DOCTYPE":
            end = _doctype_end(text, at)
            entities.update(_learn(text[at:end]))
            at = end
        else:
            break
    return Prolog(text="\n" * text.count("\n", 0, at) + text[at:], entities=entities, early=early)


def has_root(text: str) -> bool:
    """True if there is the root of a feed anywhere, or that of an entry at the beginning."""
    return _ROOT.search(text) is not None or _ENTRY.match(text) is not None


def _past_blank(text: str, at: int) -> int:
    while at < len(text) and text[at] in _BLANK:
        at += 1
    return at


def _first_markup(text: str, at: int) -> int:
    found = _DECLARATION.search(text, at) or _ROOT.search(text, at)
    return found.start() if found else at


def _doctype_end(text: str, start: int) -> int:
    """Returns where a DOCTYPE ends: at ">" outside quotes and brackets, else where the text ends."""
    depth, quote = 0, ""
    for match in re.compile(r"""["'<>]""").finditer(text, start, start + _LONGEST_DOCTYPE):
        sign = match[0]
        if quote:
            quote = "" if sign == quote else quote
        elif sign in "\"'":
            quote = sign
        else:
            depth += 1 if sign == "<" else -1
            if depth == 0:
                return match.end()
    end = text.find(">", start)
    return end + 1 if end >= 0 else len(text)


def _learn(doctype: str) -> dict[str, str]:
    """Returns the entities whose value is a few plain characters. Those built on others are left out."""
    found: dict[str, str] = {}
    for match in _DEFINED.finditer(doctype):
        value = match[2] if match[2] is not None else match[3]
        if "&" in _NUMBERED.sub("", value) or len(found) >= _MOST_ENTITIES:
            continue
        found[match[1]] = value
    return found
