"""What is on record about some words: the answer of `search`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from threatstamp.core.ids import StoryId
from threatstamp.core.news.trail import PostTrail
from threatstamp.core.news.wording import Phrase
from threatstamp.core.stamps.post import Place, PostRecord
from threatstamp.core.text import one_line
from threatstamp.core.time import Micros
from threatstamp.desk.ports.store import Read, Store
from threatstamp.desk.ports.words import Hit, Hits


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundPost:
    """A story, or a stamped post that displays none, as it is told to whoever searched.

    at: when it was recorded. story: None for a post. places: the messages that display it.
    permalink: of the first of them that was stamped. posts: what became of a story's posts.
    """

    at: Micros
    title: str
    link: str
    source: str
    story: StoryId | None
    places: tuple[Place, ...]
    permalink: str | None
    posts: tuple[PostTrail, ...] = ()


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
    store: Store, phrases: Sequence[Phrase], *, since: Micros, page: int = 1, size: int
) -> SearchAnswer:
    """Returns a page of what has all the phrases. Raises StoreError."""
    with store.reading(whole=True) as read:
        return _answer(read, read.words.find(phrases, since=since, most=size, after=(page - 1) * size), page)


def tell_hit(read: Read, hit: Hit) -> FoundPost | None:
    """Returns a hit with what is known of it; None if that is gone."""
    if hit.story is not None:
        return tell_story(read, hit.story)
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
    )


def tell_story(read: Read, story: StoryId) -> FoundPost | None:
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
    )


def _permalink(post: PostRecord | None) -> str | None:
    return post.snapshot.permalink if post and post.snapshot else None


def left_out(store: Store, *, since: Micros, page: int = 1, size: int) -> SearchAnswer:
    """Returns a page of what was not posted, since it does not concern the company. Raises StoreError."""
    with store.reading(whole=True) as read:
        return _answer(read, read.words.left_out(since=since, most=size, after=(page - 1) * size), page)


def _answer(read: Read, hits: Hits, page: int) -> SearchAnswer:
    found = tuple(told for hit in hits.hits if (told := tell_hit(read, hit)) is not None)
    return SearchAnswer(
        total=hits.total, found=found, page=page, has_more=hits.has_more, is_least=hits.is_least
    )
