"""CVE ids: found in whatever people and publishers write around them."""

from __future__ import annotations

import re
from typing import NewType

from threatstamp.core.facts.spelling import evened

CveId = NewType("CveId", str)
"""In capitals, with hyphens: "CVE-2026-106310". The number has 4 to 19 digits.

Where facts are kept it is also the id of an advisory, since some are about no CVE: "MAL-2026-17"."""

_ADVISORY = re.compile(r"[A-Z][A-Z0-9]{1,19}(?:-[A-Z0-9]{1,19}){1,4}(?::[0-9]{1,6})?")
_NOT_IDS = ("CWE-", "CVE-")

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
    found = _CVE.fullmatch(text) or _CVE.fullmatch(_plain(text).strip())
    return CveId(found[0]) if found else None


def fact_id_of(text: str) -> CveId | None:
    """Returns the id under which facts are kept: that of a CVE, or an advisory's, "MAL-2026-17" or GHSA's.

    GitHub writes the rest of its ids in small letters. None for any other text.
    """
    cve = cve_of(text)
    if cve is not None:
        return cve
    plain = _plain(text).strip()
    if not _ADVISORY.fullmatch(plain) or plain.startswith(_NOT_IDS):
        return None
    return CveId("GHSA" + plain[4:].lower() if plain.startswith("GHSA-") else plain)


def _plain(text: str) -> str:
    return evened(text).upper()
