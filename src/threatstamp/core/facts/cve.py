"""CVE ids: found in whatever people and publishers write around them."""

from __future__ import annotations

import re
from typing import NewType

from threatstamp.core.facts.spelling import evened

CveId = NewType("CveId", str)
"""In capitals, with hyphens: "CVE-2026-106310". The number has 4 to 19 digits."""

MOST = 100
_CVE = re.compile(r"(?<![A-Z0-9])CVE-[0-9]{4}-[0-9]{4,19}(?![0-9])")
"""Not by \\b: kana and kanji are word characters, so that "CVE-2026-1234の脆弱性" would have no end."""


def cves_in(text: str) -> tuple[CveId, ...]:
    """Returns the ids in a text, each once, in the order in which they stand there."""
    return tuple(dict.fromkeys(CveId(found[0]) for found in _CVE.finditer(_plain(text))))


def cves_said(title: str, rest: str) -> tuple[CveId, ...]:
    """Returns the ids that a piece of news is about: those in its title, else those in the rest of it.

    A text may name others beside those: what a flaw resembles, and what was exploited last year. Of very many
    the first hundred are enough to find the most urgent ones.
    """
    return (cves_in(title) or cves_in(rest))[:MOST]


def cve_of(text: str) -> CveId | None:
    """Returns the id that a text is, however it is typed; None for any other text."""
    found = _CVE.fullmatch(_plain(text).strip())
    return CveId(found[0]) if found else None


def _plain(text: str) -> str:
    return evened(text).upper()
