"""A new entry joins the story that it tells, or begins one: one story has one post, for life."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

from threatstamp.core.facts.telling import telling_of_entry
from threatstamp.core.ids import FeedName, StoryId
from threatstamp.core.news.entry import Entry
from threatstamp.core.news.joining import Bond, Heard, Telling, bond_of, title_keys
from threatstamp.core.news.story import NewStory, joining_key, story_id, story_of
from threatstamp.core.time import DAY, SECOND, Micros, later
from threatstamp.desk.ports.store import Tx

LINK_WINDOW = 7.0 * DAY / SECOND
"""Seconds. A link that was posted longer ago may be posted again: it is probably about something new."""

TITLE_WINDOW = 7.0 * DAY / SECOND
"""Seconds. Titles come again, such as those of a month's updates."""

ID_WINDOW = 30.0 * DAY / SECOND
"""Seconds. What is said of a CVE for so long after the last entry about it is the same story."""

MOST_COMPARED = 50
"""So many stories an entry is compared with, the newest of those that have something in common with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A new entry with its story. bond: why it belongs to one on record; None: it begins one."""

    entry: Entry
    story: StoryId
    bond: Bond | None


def read_tellings(entries: Sequence[Entry]) -> tuple[Telling, ...]:
    """Returns what entries tell. It takes a while, and no stamp should have to wait for it.

    What is found in their texts, and the keys of their titles, is at hand then when they are recorded.
    """
    tellings = tuple(telling_of_entry(entry) for entry in entries)
    for one in tellings:
        title_keys(one.title)
    return tellings


def record_told(
    tx: Tx,
    entries: Sequence[Entry],
    tellings: Sequence[Telling],
    *,
    feed: FeedName,
    keys: Mapping[str, str | None],
    products_of: Callable[[str], frozenset[str]],
    now: Micros,
) -> tuple[Told, ...]:
    """Records the stories of new entries, and what these can be found by.

    tellings: what each entry tells; `read_tellings` finds that before the transaction. keys: what is stored
    as the link key of each entry, by its id. products_of: see `Tools`.
    """
    links = _linked(tx, [keys[entry.entry_id] for entry in entries], feed=feed, now=now)
    others = _Others(tx, tellings, feed=feed, products_of=products_of, now=now)
    existing = tx.stories.existing([story_id(feed, entry.entry_id) for entry in entries])
    told: list[Told] = []
    new: list[NewStory] = []
    for entry, telling in zip(entries, tellings, strict=True):
        if same := others.untold(links.get(keys[entry.entry_id] or "", ())):
            told.append(Told(entry=entry, story=same[0], bond=Bond.LINK))
        elif found := others.same(telling):
            told.append(Told(entry=entry, story=found[0], bond=found[1]))
        else:
            story = story_of(entry, feed=feed)
            if story.id in existing:  # an entry with this id has been given another one since
                story = replace(story, id=story_id(feed, f"{entry.entry_id}\n{now}"))
            new.append(NewStory(story=story, link_key=keys[entry.entry_id]))
            told.append(Told(entry=entry, story=story.id, bond=None))
        others.add(told[-1].story)
    tx.stories.add(new, now=now)
    tx.entries.add(feed, [(one.entry, one.story, one.bond) for one in told], now=now)
    return tuple(told)


def _linked(
    tx: Tx, keys: Sequence[str | None], *, feed: FeedName, now: Micros
) -> Mapping[str, tuple[StoryId, ...]]:
    """Returns the recent stories of other feeds about the same pages.

    An entry never joins one of its own feed by its page: vendors have several advisories under one address.
    """
    links = [key for one in keys if (key := joining_key(one))]
    return tx.stories.by_link(links, excluding=feed, since=later(now, -LINK_WINDOW))


class _Others:
    """The stories that new entries of a feed may belong to, by what they have in common with them."""

    def __init__(
        self,
        tx: Tx,
        tellings: Sequence[Telling],
        *,
        feed: FeedName,
        products_of: Callable[[str], frozenset[str]],
        now: Micros,
    ) -> None:
        self._tx = tx
        self._feed = feed
        self._products_of = cache(products_of)
        self._told: set[StoryId] = set()
        ids = sorted({one for telling in tellings for one in telling.ids})
        titles = sorted({key for telling in tellings for key in title_keys(telling.title)})
        self._having = {
            **tx.clues.found(titles, since=later(now, -TITLE_WINDOW)),
            **tx.clues.found(ids, since=later(now, -ID_WINDOW)),
        }
        self._heard: dict[StoryId, Heard] = {}

    def same(self, telling: Telling) -> tuple[StoryId, Bond] | None:
        """Returns the story that a telling belongs to, with the reason; ids count more than a title."""
        having = [
            story
            for clue in (*sorted(telling.ids), *title_keys(telling.title))
            for story in self._having.get(clue, ())
        ]
        bonds: dict[Bond, StoryId] = {}
        for story, known in self._hear(self.untold(list(dict.fromkeys(having))[:MOST_COMPARED])):
            bond = self._bond(telling, known.telling)
            if bond is not None and self._feed in known.feeds:
                # a feed repeats its titles and links for other matters, but not its CVEs
                bond = Bond.FOLLOWS if bond is Bond.CVES else None
            if bond is not None:
                bonds.setdefault(bond, story)
        return next(((bonds[bond], bond) for bond in Bond if bond in bonds), None)

    def _hear(self, stories: Sequence[StoryId]) -> Iterator[tuple[StoryId, Heard]]:
        """Yields what is on record of stories: only of those that are compared, since each takes a while."""
        missing = [one for one in stories if one not in self._heard]
        if missing:
            self._heard.update(self._tx.clues.heard(missing))
        return ((one, self._heard[one]) for one in stories)

    def _bond(self, new: Telling, known: Telling) -> Bond | None:
        """Returns why two are the same story. Products are looked for only where something speaks for it."""
        if not new.cves & known.cves and bond_of(new, known) is None:
            return None
        return bond_of(self._with_products(new), self._with_products(known))

    def _with_products(self, telling: Telling) -> Telling:
        return replace(telling, products=self._products_of(telling.title))

    def untold(self, stories: Sequence[StoryId]) -> list[StoryId]:
        """Returns those that no entry of the document tells yet."""
        return [one for one in stories if one not in self._told]

    def add(self, story: StoryId) -> None:
        """Notes that an entry tells a story. No other one of the document does: the record tells a feed's
        entries in a story apart by their times.
        """
        self._told.add(story)
