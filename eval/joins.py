"""Whether two pieces of news are one story: our rule beside two naive ones."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache

from eval.lines import Pair
from threatstamp.app.naming import KnownNames
from threatstamp.core.facts.keys import id_keys
from threatstamp.core.facts.telling import telling_of_entry
from threatstamp.core.news.entry import Entry
from threatstamp.core.news.joining import bond_of, title_keys


@cache
def _names() -> KnownNames:
    return KnownNames()


def ours(one: Entry, other: Entry) -> bool:
    """True if the second would join the story that the first began: it is found, and the rule says so."""
    new, known = telling_of_entry(other), telling_of_entry(one)
    clues = {*id_keys(*_texts(one)), *title_keys(known.title)}
    if not clues & {*new.ids, *title_keys(new.title)}:
        return False
    named = (replace(said, products=_names().products_of(said.title)) for said in (new, known))
    return bond_of(*named) is not None


def same_cve(one: Entry, other: Entry) -> bool:
    """What most scripts do: a CVE that both name anywhere."""
    return bool(_cves(one) & _cves(other))


def equal_titles(one: Entry, other: Entry) -> bool:
    """What readers of feeds do: the same title, however it is written."""
    return _plain(one) == _plain(other)


WAYS: tuple[tuple[str, Callable[[Entry, Entry], bool]], ...] = (
    ("ours", ours),
    ("same CVE", same_cve),
    ("equal titles", equal_titles),
)


def rates(known: Sequence[Pair], way: Callable[[Entry, Entry], bool]) -> tuple[float, float]:
    """Returns recall and precision in per cent."""
    joined = [pair for pair in known if way(pair.a, pair.b)]
    right = sum(pair.same for pair in joined)
    there = sum(pair.same for pair in known)
    return 100 * right / (there or 1), 100 * right / (len(joined) or 1)


def print_joins(known: Sequence[Pair], halves: Sequence[str]) -> None:
    """Prints a table, and what is missed."""
    print(f"\n{'joins.jsonl, recall / precision':<34}" + "".join(f"{name:>18}" for name, _ in WAYS))
    for title, some in (
        *((f"half {half!r}", [one for one in known if one.half == half]) for half in halves),
        ("all", known),
    ):
        there = sum(pair.same for pair in some)
        cells = "".join(f"{'{:.1f} / {:.1f}'.format(*rates(some, way)):>18}" for _, way in WAYS)
        print(f"  {title:<12}{there:>4} of {len(some):>4} are one  {cells}")
    print("\njoins: what is missed (-) and what is joined wrongly (+)")
    for pair in known:
        if ours(pair.a, pair.b) != pair.same:
            print(
                f"  {pair.half}  {'-' if pair.same else '+'} {pair.why}  | {pair.a.title}  | {pair.b.title}"
            )


def _texts(entry: Entry) -> tuple[str, ...]:
    return (entry.title or "", entry.link or "", *entry.texts())


def _cves(entry: Entry) -> set[str]:
    return set(re.findall(r"CVE-\d{4}-\d{4,7}", " ".join(_texts(entry))))


def _plain(entry: Entry) -> str:
    return unicodedata.normalize("NFKC", entry.title or "").casefold().strip()
