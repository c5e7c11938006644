"""What is on record about some words: the answer of `search`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from threatstamp.core.ids import StoryId
from threatstamp.core.news.marking import CONFIDENTIAL, Labels, Tlp
from threatstamp.core.news.trail import PostTrail
from threatstamp.core.news.wording import Phrase
from threatstamp.core.stamps.post import Place, PostRecord
from threatstamp.core.text import one_line
from threatstamp.core.time import Micros
from threatstamp.desk.ports.marking import place_marking, story_marking
from threatstamp.desk.ports.store import Read, Store
from threatstamp.desk.ports.words import Hit, Hits


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundPost:
    """A story, or a stamped post that displays none, as it is told to whoever searched.

    at: when it was recorded. story: None for a post. places: the messages that display it.
    permalink: of the first of them that was stamped. posts: what became of a story's posts. marking: its TLP
    label.
    """

    at: Micros
    title: str
    link: str
    source: str
    story: StoryId | None
    places: tuple[Place, ...]
    permalink: str | None
    posts: tuple[PostTrail, ...] = ()
    marking: Tlp | None = None


MayRead = Callable[[FoundPost], bool]
"""Whether what was found may be read where it is told."""

MOST_MARKED = 200
"""So many confidential ones are looked at for one answer; older ones are not told to anybody restricted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchAnswer:
    """A page of what was found, the newest first. page: from 1. has_more: another one follows.

    total: how many there are on all pages. is_least: there are more, which nobody has counted.
    """

    total: int
    found: tuple[FoundPost, ...]
    page: int
    has_more: bool
    is_least: bool

    @property
    def said_total(self) -> int | str:
        """The total as it is said to people."""
        return f"{self.total}+" if self.is_least else self.total


def search(
    store: Store,
    phrases: Sequence[Phrase],
    *,
    since: Micros,
    page: int = 1,
    size: int,
    labels: Labels,
    may_read: MayRead | None = None,
) -> SearchAnswer:
    """Returns a page of what has all the phrases. Raises StoreError.

    may_read: what may not be read neither appears nor counts, since a number would tell what words are in it;
    None for whoever may read everything.
    """
    with store.reading(whole=True) as read:
        hidden = (
            frozenset[int]() if may_read is None else _hidden(read, phrases, since, labels, may_read=may_read)
        )
        hits = read.words.find(phrases, since=since, most=size, after=(page - 1) * size, without=hidden)
        return _answer(read, hits, page, labels, may_read=may_read)


def _hidden(
    read: Read, phrases: Sequence[Phrase], since: Micros, labels: Labels, *, may_read: MayRead
) -> frozenset[int]:
    sources = [name for name, tlp in labels.by_feed.items() if tlp in CONFIDENTIAL]
    marked = read.words.marked(phrases, since=since, sources=sources)
    told = ((hit.id, tell_hit(read, hit, labels)) for hit in marked[:MOST_MARKED])
    readable = {row for row, one in told if one is not None and may_read(one)}
    return frozenset(hit.id for hit in marked) - readable


def tell_hit(read: Read, hit: Hit, labels: Labels) -> FoundPost | None:
    """Returns a hit with what is known of it; None if that is gone."""
    if hit.story is not None:
        return tell_story(read, hit.story, labels)
    post = read.posts.get(hit.place) if hit.place else None
    snapshot = post.snapshot if post else None
    if post is None or snapshot is None:
        return None
    return FoundPost(
        at=hit.at,
        title=one_line(snapshot.title or snapshot.text),
        link=snapshot.link,
        source=snapshot.source,
        story=None,
        places=(post.place,),
        permalink=snapshot.permalink,
        marking=place_marking(read, post.place, labels),
    )


def tell_story(read: Read, story: StoryId, labels: Labels) -> FoundPost | None:
    """Returns a story with its posts; None if it is not on record."""
    trail = read.stories.trail(story)
    if trail is None:
        return None
    places = read.publications.places_of(story)
    return FoundPost(
        at=trail.made_at,
        title=one_line(trail.story.title),
        link=trail.story.link,
        source=trail.story.source,
        story=story,
        places=places,
        permalink=next(filter(None, map(_permalink, map(read.posts.get, places))), None),
        posts=trail.posts,
        marking=story_marking(read, trail.story, labels),
    )


def _permalink(post: PostRecord | None) -> str | None:
    return post.snapshot.permalink if post and post.snapshot else None


def left_out(store: Store, *, since: Micros, page: int = 1, size: int, labels: Labels) -> SearchAnswer:
    """Returns a page of what was not posted, since it does not concern the company. Raises StoreError."""
    with store.reading(whole=True) as read:
        hits = read.words.left_out(since=since, most=size, after=(page - 1) * size)
        return _answer(read, hits, page, labels)


def _answer(
    read: Read, hits: Hits, page: int, labels: Labels, *, may_read: MayRead | None = None
) -> SearchAnswer:
    told = (tell_hit(read, hit, labels) for hit in hits.hits)
    found = tuple(one for one in told if one is not None and (may_read is None or may_read(one)))
    return SearchAnswer(
        total=hits.total, found=found, page=page, has_more=hits.has_more, is_least=hits.is_least
    )
