"""TLP: how far what somebody sent may be told. Source: https://www.first.org/tlp/ (version 2.0)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

MOST_LINES = 3
MOST_SIGNS = 300
"""A label stands at the head of a message; what a long text says further down is about something else."""

EXPLAINED = 3
"""So many different labels stand in a text about TLP itself."""

_LABEL = re.compile(
    r"(?<![A-Z0-9])TLP ?[:.\-] ?(CLEAR|WHITE|GREEN|AMBER ?\+ ?STRICT|AMBER-STRICT|AMBER|RED)(?![A-Z])"
)


class Tlp(StrEnum):
    """A label, the widest first. WHITE, of version 1, is CLEAR."""

    CLEAR = "clear"
    GREEN = "green"
    AMBER = "amber"
    AMBER_STRICT = "amber+strict"
    RED = "red"

    @property
    def label(self) -> str:
        """As it is written: TLP:AMBER+STRICT."""
        return f"TLP:{self.value.upper()}"

    def exceeds(self, most: Tlp) -> bool:
        """True if what bears this label may not go where `most` is the strictest that may."""
        return _ORDER.index(self) > _ORDER.index(most)


_ORDER = tuple(Tlp)


CONFIDENTIAL = (Tlp.AMBER, Tlp.AMBER_STRICT, Tlp.RED)
"""What goes nowhere unless a route says that it may."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Labels:
    """How what is on record is labelled. by_feed: the label of all news of a feed, by its name."""

    by_feed: Mapping[str, Tlp] = field(default_factory=dict)

    def of(self, title: str, text: str, *, source: str) -> Tlp | None:
        """Returns what a text says itself, or what all news of its feed is marked with; None for no label."""
        return stricter(marking_in(title, text), self.by_feed.get(source))


def marking_in(title: str, text: str) -> Tlp | None:
    """Returns the strictest label in a title and the first lines; None without one, or if it explains TLP."""
    head = "\n".join(text.splitlines()[:MOST_LINES])[:MOST_SIGNS]
    plain = unicodedata.normalize("NFKC", f"{title[:MOST_SIGNS]}\n{head}").upper()
    found = {_read(one[1]) for one in _LABEL.finditer(plain)}
    if not found or len(found) >= EXPLAINED:
        return None
    return max(found, key=_ORDER.index)


def label_beside(title: str, marking: Tlp | None) -> str:
    """Returns the label to be shown with a title, "" where there is none or the title says it itself."""
    return marking.label if marking is not None and marking_in(title, "") is not marking else ""


def stricter(one: Tlp | None, other: Tlp | None) -> Tlp | None:
    """Returns the stricter of two labels."""
    return max((said for said in (one, other) if said is not None), key=_ORDER.index, default=None)


def _read(word: str) -> Tlp:
    if word == "WHITE":
        return Tlp.CLEAR
    return Tlp.AMBER_STRICT if "STRICT" in word else Tlp(word.lower())
