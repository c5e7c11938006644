"""What is on record about a matter, for the day on which it becomes an incident: the answer of `incident`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import tzinfo
from functools import reduce

from threatstamp.core.cases.risk import Risk
from threatstamp.core.facts.keys import id_keys
from threatstamp.core.ids import StoryId
from threatstamp.core.news.marking import Labels, Tlp, stricter
from threatstamp.core.news.wording import asked_phrases
from threatstamp.core.stamps.post import Place
from threatstamp.core.time import Micros
from threatstamp.desk.ports.store import Read, Store
from threatstamp.desk.views.cases import CaseView, read_cases
from threatstamp.desk.views.search import FoundPost, MayRead, tell_hit, tell_story

MOST = 100
"""Stories that are told, the newest."""

MOST_OF_ONE = 200
"""Stories that are looked for by one name."""

EVER = Micros(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """What somebody asks about. names: what it is called, too, itself the first; each finds by itself."""

    what: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """All that is on record about a matter. stories: the newest first. left_out: how many more there are.

    cases: of the posts of these stories and those whose own words speak of it. risks: that were accepted.
    """

    sought: Sought
    stories: tuple[FoundPost, ...]
    left_out: int
    cases: tuple[CaseView, ...]
    risks: tuple[Risk, ...]

    @property
    def marking(self) -> Tlp | None:
        """The strictest label of the stories: that of the page as a whole."""
        return reduce(stricter, (one.marking for one in self.stories), None)


def incident(
    store: Store, sought: Sought, zone: tzinfo, *, labels: Labels, may_read: MayRead | None = None
) -> Incident:
    """Returns what is on record about a matter. Raises StoreError.

    zone: in which the days of risks count. may_read: see `search`; the cases of what is hidden are, too.
    """
    with store.reading(whole=True) as read:
        told = (one for one in _found(read, sought, labels) if may_read is None or may_read(one))
        every = sorted(told, key=lambda one: -one.at)
        register = read.risks.every(zone)
    stories = tuple(every[:MOST])
    places = {place for one in stories for place in one.places}
    cases = tuple(one for one in read_cases(store) if one.case.place in places)
    numbers = {one.case.number for one in cases}
    risks = tuple(
        one for one in register if one.case in numbers or (one.case is None and _speaks_of(one.title, sought))
    )
    return Incident(
        sought=sought, stories=stories, left_out=len(every) - len(stories), cases=cases, risks=risks
    )


def _found(read: Read, sought: Sought, labels: Labels) -> Iterator[FoundPost]:
    told: set[StoryId | tuple[Place, ...]] = set()
    for one in _tellings(read, sought, labels):
        key = one.story or one.places
        if key not in told:
            told.add(key)
            yield one


def _tellings(read: Read, sought: Sought, labels: Labels) -> Iterator[FoundPost]:
    for key in id_keys(sought.what):
        yield from _told(tell_story(read, one, labels) for one in read.stories.naming(key, most=MOST_OF_ONE))
    for name in sought.names:
        hits = read.words.find(asked_phrases(name), since=EVER, most=MOST_OF_ONE)
        yield from _told(tell_hit(read, hit, labels) for hit in hits.hits)


def _told(found: Iterable[FoundPost | None]) -> Iterator[FoundPost]:
    return (one for one in found if one is not None)


def _speaks_of(title: str, sought: Sought) -> bool:
    return any(name.strip('"').casefold() in title.casefold() for name in sought.names)
