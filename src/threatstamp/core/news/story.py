"""A story: what one or several entries say, shown once in a channel, edited when it changes."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import parse_qsl, urlencode, urlsplit

from threatstamp.core.ids import FeedName, StoryId
from threatstamp.core.news.entry import Entry
from threatstamp.core.news.feed import Keep
from threatstamp.core.time import Micros

T = TypeVar("T")
_TRACKING = re.compile(r"utm_[a-z]+|fbclid|gclid|yclid|mc_cid|mc_eid|ref_src", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """What a post displays. Plain text. source: the feed that brought it first."""

    id: StoryId
    title: str
    link: str
    source: str
    published_at: Micros | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """A known entry that says something else now. is_visible: in title or link, so the post changes, too."""

    entry: Entry
    story: StoryId
    is_visible: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownEntry:
    """What is on record of an entry."""

    story: StoryId
    title: str
    """Of the story."""
    visible_digest: str
    whole_digest: str
    began: bool
    """This very feed began the story, so that its words are the ones that the post displays."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewStory:
    """A story to be kept. link_key: by which another feed's entry is known to say the same."""

    story: Story
    link_key: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Shares:
    """How the news of one round is said: in silence, as lines of one digest, or each by itself."""

    silent: tuple[int, ...] = ()
    digest: tuple[int, ...] = ()
    single: tuple[int, ...] = ()


def share_out(count: int, *, first: bool, backlog: int, burst: int) -> Shares:
    """Shares out so many pieces of news, by their place, oldest first.

    At first contact the newest few are said and the rest is only recorded; later the newest are said one
    by one, and what comes before them is one digest.
    """
    places = range(count)
    most = backlog if first else burst
    cut = max(0, count - most)
    older, newest = tuple(places[:cut]), tuple(places[cut:])
    return Shares(silent=older, single=newest) if first else Shares(digest=older, single=newest)


def oldest_first(entries: Sequence[Entry]) -> tuple[Entry, ...]:
    """Returns entries by their times where all have one; else backwards: feeds begin with the newest."""
    backwards = tuple(reversed(entries))
    times = [_time(entry) for entry in backwards]
    if any(time is None for time in times):
        return backwards
    return tuple(sorted(backwards, key=lambda entry: _time(entry) or 0))


def _time(entry: Entry) -> Micros | None:
    return entry.updated_at if entry.published_at is None else entry.published_at


def kept(entry: Entry, keep: Keep) -> Entry:
    """Returns as much of an entry as may be kept: of commercial news its title, link and time."""
    if keep is Keep.FULL:
        return entry
    return Entry(
        entry_id=entry.entry_id,
        title=entry.title,
        link=entry.link,
        published_at=entry.published_at,
        updated_at=entry.updated_at,
    )


def story_id(feed: FeedName, entry_id: str) -> StoryId:
    """Returns the identity of the story that an entry begins."""
    return StoryId(hashlib.sha256(f"{feed}\n{entry_id}".encode(errors="replace")).hexdigest()[:32])


def story_of(entry: Entry, *, feed: FeedName) -> Story:
    """Returns the story that an entry begins. Without a title its summary stands for it, then its link."""
    return Story(
        id=story_id(feed, entry.entry_id),
        title=entry.title or _first_words(entry.summary) or entry.link or entry.entry_id,
        link=entry.link or "",
        source=feed,
        published_at=_time(entry),
    )


def _first_words(summary: str | None) -> str:
    return " ".join((summary or "").split())[:120]


def link_key(link: str | None, *, site: str | None = None) -> str | None:
    """Returns what two addresses of the same page have in common, as a digest; None where that says nothing.

    Scheme, "www.", fragment, a last slash and campaign parameters do not count. A feed's own site, or a
    bare host, is no page of an entry.
    """
    plain = _plain_link(link)
    if plain is None or plain == _plain_link(site) or "/" not in plain.strip("/"):
        return None
    return hashlib.sha256(plain.encode(errors="replace")).hexdigest()


def _plain_link(link: str | None) -> str | None:
    try:
        parts = urlsplit(link or "")
        port = parts.port
    except ValueError:
        return None
    host = (parts.hostname or "").rstrip(".").removeprefix("www.")
    if not host:
        return None
    at = f":{port}" if port not in (None, 80, 443) else ""
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    asked = urlencode([(name, value) for name, value in pairs if not _TRACKING.fullmatch(name)])
    query = f"?{asked}" if asked else ""
    return f"{host}{at}{parts.path.rstrip('/')}{query}"


def visible_digest(entry: Entry) -> str:
    """A digest of what a post displays of an entry."""
    return _digest(entry.title, entry.link)


def whole_digest(entry: Entry) -> str:
    """A digest of all that an entry says."""
    times = (str(entry.published_at), str(entry.updated_at))
    elements = [f"{one.name}={one.text}{one.attributes}" for one in entry.elements]
    return _digest(entry.title, entry.link, entry.summary, *times, *entry.authors, *elements)


def _digest(*parts: str | None) -> str:
    text = "\x1f".join("" if part is None else part for part in parts)
    return hashlib.sha256(text.encode(errors="replace")).hexdigest()[:32]
