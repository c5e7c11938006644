"""Versions as sentences name them beside a product: "7.4.0から7.4.2", "before 2.4.59", "10.0以前"."""

from __future__ import annotations

import re
from dataclasses import dataclass

_V = (
    r"(?:v(?:er(?:sion)?)?[. ]?)?"
    r"(\d{1,8}(?:\.\d{1,8}){0,5}(?:[-_.]?(?:p|r|sp|u|m|rc|cu|beta|alpha|build)\d{0,6})?[a-z]?)"
    r"(?![0-9a-z_]|\.\d)"
)
_LEAD = re.compile(
    r"[\s(「:,、]{0,3}の?系?\s?"
    r"(?:(?:software )?versions?|ver\.?|バージョン|リリース|release|ビルド|build)?\s{0,2}:?\s?"
)
_FROM = re.compile(r"(?:from|since|>=|≥)\s?(?:version\s)?")
_BELOW = re.compile(r"(?:before|prior to|earlier than|older than|below|<(?!=))\s?(?:versions?\s)?")
_UP_TO = re.compile(r"(?:up to(?: and including)?|through|<=|≤)\s?(?:versions?\s)?")
_VERSION = re.compile(_V)
_TO = re.compile(r"\s?(?:から|より|~|〜|-|–|to|through|thru|up to)\s?(?:versions?\s|バージョン\s?)?")
_TO_BELOW = re.compile(r"[\s,]{0,2}(?:から|to|up to|and)?\s?(?:before|prior to|<(?!=))\s?(?:versions?\s)?")
_OR_LESS = re.compile(
    r"\s?(?:および|及び|と|または)?(?:それ以前|以前|以下|まで)"
    r"|,? (?:and|or) (?:earlier|prior|below|older|lower)"
)
_LESS = re.compile(r"\s?(?:未満|より前|より古い)|,? (?:and|or) before that")
_OR_MORE = re.compile(r"\s?(?:以降|以上|から(?!\s?v?\d))|,? (?:and|or) (?:later|newer|above|higher)")
_AND = re.compile(
    r"\s?(?:[,、/・]|および|及び|または|と|,? and |,? or )\s?(?:and |or |および|version |バージョン)?\s?"
)
_COUNTED = re.compile(
    r"\s?(?:[件年月日人名時分秒%カ個台万億つ回本点種倍割社円歳位ヶ箇話章]|か所|か国|ドル|gb|mb|tb|bit|ビット"
    r"|(?:million|billion|new|security|critical|high|medium|zero|vulnerabilit|flaw|bug|patch|fix|cve|days?|hours?|users|"
    r"actively|exploited|more|other|different|severe|serious|advisories|updates|apps|devices|servers|of|percent))"
)
_DATE = re.compile(r"20\d\d([-/.])\d{1,2}\1\d{1,2}(?!\d)")
_BEFORE_NAME = re.compile(rf"{_V}\s?(以前|以下|まで|未満|より前|以降|以上)の(?:各)?(?:バージョンの)?\s?「?\Z")
NEAR = 120
"""Characters behind a name in which its versions are looked for."""
_MOST = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionSpan:
    """Versions from one to another, as written; "" for no end. One version: both are it, and both belong."""

    low: str = ""
    has_low: bool = True
    high: str = ""
    has_high: bool = True

    def __str__(self) -> str:
        if self.low == self.high:
            return self.low
        low = f"{'>=' if self.has_low else '>'}{self.low}" if self.low else ""
        high = f"{'<=' if self.has_high else '<'}{self.high}" if self.high else ""
        return ",".join(filter(None, (low, high)))


def spans_beside(text: str, start: int, end: int, *, until: int) -> tuple[VersionSpan, ...]:
    """Returns the versions that a normal text names for the product at this place, in order.

    until: where the next product begins: what follows is its own.
    """
    behind = text[end : min(until, end + NEAR)]
    lead = _LEAD.match(behind)
    found: list[VersionSpan] = []
    at = lead.end() if lead else 0
    while len(found) < _MOST:
        read = _span(behind, at)
        if read is None:
            break
        found.append(read[0])
        joint = _AND.match(behind, read[1])
        if joint is None:
            break
        at = joint.end()
    return tuple(found) or _named_before(text[max(0, start - NEAR) : start])


def _span(text: str, at: int) -> tuple[VersionSpan, int] | None:
    """Returns the span that begins here and where it ends."""
    for words, has_high in ((_BELOW, False), (_UP_TO, True)):
        if (lead := words.match(text, at)) and (high := _version(text, lead.end())):
            return VersionSpan(high=high[0], has_high=has_high), high[1]
    lead = _FROM.match(text, at)
    low = _version(text, lead.end() if lead else at)
    if low is None:
        return None
    version, end = low
    if (to := _TO_BELOW.match(text, end)) and (high := _version(text, to.end())):
        return VersionSpan(low=version, high=high[0], has_high=False), high[1]
    if (to := _TO.match(text, end)) and (high := _version(text, to.end())):
        less = _LESS.match(text, high[1])
        return VersionSpan(low=version, high=high[0], has_high=less is None), less.end() if less else high[1]
    if words_ := _OR_LESS.match(text, end):
        return VersionSpan(high=version), words_.end()
    if words_ := _LESS.match(text, end):
        return VersionSpan(high=version, has_high=False), words_.end()
    if words_ := _OR_MORE.match(text, end):
        return VersionSpan(low=version), words_.end()
    return (VersionSpan(low=version), end) if lead else (VersionSpan(low=version, high=version), end)


def _version(text: str, at: int) -> tuple[str, int] | None:
    found = _VERSION.match(text, at)
    if found is None or _DATE.match(text, at) or _COUNTED.match(text, found.end()):
        return None
    return found[1], found.end()


def _named_before(text: str) -> tuple[VersionSpan, ...]:
    found = _BEFORE_NAME.search(text)
    if found is None:
        return ()
    version, said = found[1], found[2]
    if said in ("以降", "以上"):
        return (VersionSpan(low=version),)
    return (VersionSpan(high=version, has_high=said not in ("未満", "より前")),)
