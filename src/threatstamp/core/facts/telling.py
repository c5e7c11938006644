"""What an entry tells, as far as joining goes by it: the ids in it."""

from __future__ import annotations

from collections.abc import Iterable

from threatstamp.core.facts.cve import cves_in, cves_said
from threatstamp.core.facts.ids import IdKind, NamedId, ids_in
from threatstamp.core.news.entry import Entry
from threatstamp.core.news.joining import Telling

_NO_ADVISORY = frozenset({IdKind.CVE, IdKind.CWE})


def telling_of(title: str, entries: Iterable[Entry]) -> Telling:
    """Returns the telling of a story with this title and these entries."""
    tellings = [telling_of_entry(entry) for entry in entries]
    own = _all(one.own for one in tellings)
    return Telling(
        title=title,
        cves=_all(one.cves for one in tellings),
        own=own,
        named=_all(one.named for one in tellings) - own,
        in_passing=all(one.in_passing for one in tellings),
    )


def telling_of_entry(entry: Entry) -> Telling:
    title, texts = entry.title or "", tuple(entry.texts())
    own = _advisories(ids_in(entry.link or "", entry.entry_id)) or _advisories(ids_in(title))
    return Telling(
        title=title,
        cves=frozenset(cves_said(title, "\n".join(texts))),
        own=own,
        named=_advisories(ids_in(title, *texts)) - own,
        in_passing=not cves_in(title),
    )


def _advisories(found: Iterable[NamedId]) -> frozenset[str]:
    return frozenset(one.value for one in found if one.kind not in _NO_ADVISORY)


def _all(sets: Iterable[frozenset[str]]) -> frozenset[str]:
    return frozenset().union(*sets)
