"""Stories, found by what people know of them."""

from __future__ import annotations

from threatstamp.core.facts.cve import fact_id_of
from threatstamp.core.facts.ids import ids_in
from threatstamp.core.facts.keys import id_key
from threatstamp.core.ids import FeedName, StoryId
from threatstamp.core.news.story import link_key
from threatstamp.core.news.trail import StoryTrail
from threatstamp.core.time import Micros
from threatstamp.desk.ports.store import Read, Store

MOST = 20
"""Stories that are shown, the newest."""


def find_stories(store: Store, said: str) -> tuple[StoryTrail, ...]:
    """Returns the stories of an id, of a page, or those that name a CVE or an advisory. Raises StoreError."""
    with store.reading(whole=True) as read:
        trails = (read.stories.trail(one) for one in _found(read, said.strip()))
        return tuple(one for one in trails if one is not None)


def _found(read: Read, said: str) -> tuple[StoryId, ...]:
    if read.stories.existing([StoryId(said)]):
        return (StoryId(said),)
    if said.lower().startswith(("http://", "https://")):
        key = link_key(said)
        found = read.stories.by_link([key], excluding=FeedName(""), since=Micros(0)) if key else {}
        return tuple(dict.fromkeys(found.get(key or "", ())))[-MOST:]
    fact = fact_id_of(said)
    keys = [fact] if fact else [one.value for one in ids_in(said)]
    return read.stories.naming(id_key(keys[0]), most=MOST) if keys else ()
