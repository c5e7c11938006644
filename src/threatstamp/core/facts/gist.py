"""Gist: what is read out of a story at once, without asking anybody."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from threatstamp.core.facts.actors import FoundName, NameBook
from threatstamp.core.facts.ids import NamedId, ids_in
from threatstamp.core.facts.indicators import Indicator, indicators_in
from threatstamp.core.facts.spelling import evened
from threatstamp.core.facts.subject import KindRules, Subject, subject_of
from threatstamp.core.news.entry import Element, Entry


@dataclass(frozen=True, slots=True, kw_only=True)
class Gist:
    """What a story says. ids: those of its links and of the publisher's own elements, too."""

    ids: tuple[NamedId, ...]
    subject: Subject
    indicators: tuple[Indicator, ...]
    names: tuple[FoundName, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedScore:
    """A CVSS score that an entry brings. score: as it is published; None if it has only a vector."""

    version: str
    vector: str
    score: float | None
    source: str


JVN = "jvn"
"""Who states the scores in JVN's elements, unless they say another one."""

MOST = 500
"""So many elements of one entry are read."""

_VERSION = re.compile(r"CVSS:([0-9]\.[0-9])/")
_PRODUCT_VERSION = re.compile(
    r"(?<![0-9.])[0-9]{1,4}(?:\.[0-9]{1,5}){1,3}(?![0-9.])"
    r"|(?<![A-Za-z])[A-Za-z]{3,20} [0-9]{1,3}(?![0-9.,%]|[年月日件万億人回社])"
)
"""What a title that announces a version has: "15.2", "Firefox 145"."""

_NUMBER = re.compile(r"(?:10|[0-9])(?:\.[0-9]{1,2})?")


def gist_of(entry: Entry, rules: KindRules, book: NameBook) -> Gist:
    """Returns what an entry says. rules, book: by what kinds and names are told."""
    title, rest = entry.title or "", entry.summary or ""
    ids = ids_in(title, rest, entry.link or "", *_pointing(entry.elements[:MOST]))
    text = f"{title}\n{rest}"
    indicators, names = indicators_in(text), book.names_in(text)
    signs = {f"id:{one.kind}" for one in ids}
    signs |= {"has:indicator"} if indicators else set()
    signs |= {"has:name"} if names else set()
    signs |= {"has:version"} if _PRODUCT_VERSION.search(evened(title)) else set()
    return Gist(ids=ids, subject=subject_of(title, rest, signs, rules), indicators=indicators, names=names)


def stated_scores(entry: Entry) -> tuple[StatedScore, ...]:
    """Returns the scores of an entry's `sec:cvss`, all of them, each once."""
    found = (_score(dict(one.attributes)) for one in _named(entry, "sec:cvss"))
    return tuple(dict.fromkeys(one for one in found if one.vector or one.score is not None))


def stated_cpes(entry: Entry) -> tuple[str, ...]:
    """Returns the CPE names of an entry's `sec:cpe`, as they are written, each once."""
    return tuple(dict.fromkeys(one.text for one in _named(entry, "sec:cpe") if one.text.startswith("cpe:")))


def _named(entry: Entry, name: str) -> Iterator[Element]:
    return (one for one in entry.elements[:MOST] if one.name == name)


def _pointing(elements: Iterable[Element]) -> Iterator[str]:
    """Yields the texts and attributes that may hold ids: JVNRSS repeats `sec:references`."""
    for one in elements:
        if one.name.startswith("sec:") or one.name in {"dc:identifier", "dc:relation"}:
            yield one.text
            yield from (value for _, value in one.attributes)


def _score(said: dict[str, str]) -> StatedScore:
    vector = said.get("vector", "").strip()
    prefix = _VERSION.match(vector)
    number = said.get("score", "").strip()
    return StatedScore(
        version=prefix[1] if prefix else said.get("version", "").strip() or "2.0",
        vector=vector,
        score=float(number) if _NUMBER.fullmatch(number) and float(number) <= 10 else None,
        source=said.get("source", "").strip() or JVN,
    )
