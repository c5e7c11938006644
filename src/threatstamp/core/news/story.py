"""A story: what one or several entries report, displayed once in a channel and edited when it changes."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeVar
from urllib.parse import parse_qsl, urlencode, urlsplit

from threatstamp.core.ids import FeedName, StoryId
from threatstamp.core.news.entry import Entry
from threatstamp.core.news.feed import Keep
from threatstamp.core.time import Micros

T = TypeVar("T")
_TRACKING = re.compile(r"utm_[a-z]+|fbclid|gclid|yclid|mc_cid|mc_eid|ref_src", re.IGNORECASE)
_NO_PART = re.compile(
    r"top|pagetop|page-top|start|main|main-content|maincontent|content|contents|body|header|primary|article|post"
    r"|respond|comments?|disqus_thread|more(-[0-9]+)?|rss|feed|readmore|read-more|continue|_|:~:.*"
    r"|(utm_[a-z]+|xtor|ref|from|src|source|fbclid|gclid|ftag|intcid|at_medium)=.*",
    re.IGNORECASE | re.DOTALL,
)
"""Fragments that lead to the page as a whole, or only say how a reader came."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """What a post displays. Plain text. source: the name of the feed that brought it first.

    also: the names of the other feeds that tell it, where that is displayed.
    joined: the story that it goes on in, since a person said that they are one.
    kind: of what kind a person said that it is, a StoryKind's value; None: its words tell.
    """

    id: StoryId
    title: str
    link: str
    source: str
    published_at: Micros | None = None
    also: tuple[str, ...] = ()
    joined: StoryId | None = None
    kind: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """A known entry with new content. is_visible: its title or link changed, so its post must be edited.

    follows, recorded_in: see `KnownEntry`.
    """

    entry: Entry
    story: StoryId
    recorded_in: StoryId
    is_visible: bool
    follows: Micros | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownEntry:
    """What is on record about an entry.

    title, link, at: as in `Entry`. shares_page: see `shared_key`. recorded_in: its story when it was
    recorded, by which the ledger knows it; a person may have moved it since.
    """

    entry_id: str
    story: StoryId
    recorded_in: StoryId
    title: str | None
    link: str | None
    at: Micros | None
    shares_page: bool
    visible_digest: str
    whole_digest: str
    began: bool
    """It began the story, so the post displays its words and follows its changes."""
    follows: Micros | None = None
    """When it was recorded, if it followed another entry of its feed in the same story."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewStory:
    """A story to be recorded.

    link_key: identifies other feeds' entries about the same page; see `link_key`. One that is shared
    identifies none; see `shared_key`.
    """

    story: Story
    link_key: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Shares:
    """How a round's news is published, by position: not at all, as lines of one digest, or one by one."""

    silent: tuple[int, ...] = ()
    digest: tuple[int, ...] = ()
    single: tuple[int, ...] = ()


def share_out(count: int, *, first: bool, backlog: int, burst: int) -> Shares:
    """Divides this many pieces of news, oldest first.

    At first contact the newest `backlog` are posted and the rest is only recorded: a new feed must not flood
    its channel. Later the newest `burst` are posted one by one, and all before them become one digest.
    """
    places = range(count)
    most = backlog if first else burst
    cut = max(0, count - most)
    older, newest = tuple(places[:cut]), tuple(places[cut:])
    return Shares(silent=older, single=newest) if first else Shares(digest=older, single=newest)


def oldest_first(entries: Sequence[Entry]) -> tuple[Entry, ...]:
    """Returns entries by time if all have one; else in reverse, because feeds list the newest first."""
    backwards = tuple(reversed(entries))
    if any(entry.at is None for entry in backwards):
        return backwards
    return tuple(sorted(backwards, key=lambda entry: entry.at or 0))


def storable(entry: Entry, keep: Keep) -> Entry:
    """Returns as much of an entry as may be stored; see `Keep`."""
    if keep is Keep.FULL:
        return entry
    return Entry(
        entry_id=entry.entry_id,
        own_id=entry.own_id,
        title=entry.title,
        link=entry.link,
        published_at=entry.published_at,
        updated_at=entry.updated_at,
    )


def story_id(feed: FeedName, entry_id: str) -> StoryId:
    """Returns the id of the story that an entry begins; the same whenever the entry is read again."""
    return StoryId(hashlib.sha256(f"{feed}\n{entry_id}".encode(errors="replace")).hexdigest()[:32])


def story_of(entry: Entry, *, feed: FeedName) -> Story:
    """Returns the story that an entry begins. An entry without a title is named by its summary or link."""
    return Story(
        id=story_id(feed, entry.entry_id),
        title=entry.title or _first_words(entry.summary) or entry.link or entry.entry_id,
        link=entry.link or "",
        source=feed,
        published_at=entry.at,
    )


def _first_words(summary: str | None) -> str:
    return " ".join((summary or "").split())[:120]


def link_key(link: str | None, *, site: str | None = None) -> str | None:
    """Returns a digest that is the same for all addresses of a page; None for one that proves nothing.

    The feed's own site and a bare host are not the page of an entry: many feeds link all their entries to
    their home page.
    """
    plain = _plain_link(link)
    if plain is None or plain == _plain_link(site) or not any(sign in plain for sign in "/?#"):
        return None
    return page_key(link)


@lru_cache(maxsize=8_192)
def page_key(link: str | None) -> str | None:
    """Returns a digest that is the same for all addresses of a page; None for no address.

    Scheme, "www.", trailing slash and campaign parameters are ignored, and so is a fragment that names no
    part of the page.
    """
    plain = _plain_link(link)
    return None if plain is None else hashlib.sha256(plain.encode(errors="replace")).hexdigest()


_SHARED = "shared:"


def place_key(entry: Entry) -> str | None:
    """Returns the key by which a feed's history is searched: that of an entry's page, else of its title."""
    if entry.link is not None:
        return page_key(entry.link)
    title = " ".join((entry.title or "").split())
    return hashlib.sha256(f"\n{title}".encode(errors="replace")).hexdigest() if title else None


def shared_key(entry: Entry) -> str | None:
    """Returns what is stored as the key of an entry without a page of its own.

    The feed's history can be searched for it, and no other feed's entry joins by it.
    """
    key = place_key(entry)
    return None if key is None else stored_keys(key)[1]


def joining_key(stored: str | None) -> str | None:
    """Returns the key by which other feeds' entries join; None for a shared one."""
    return None if stored is None or stored.startswith(_SHARED) else stored


def stored_keys(page: str) -> tuple[str, str]:
    """Returns how the key of a page may be stored."""
    return page, _SHARED + page


def page_of_key(stored: str) -> tuple[str, bool]:
    """Returns the page's key in a stored one, and whether that is shared."""
    return stored.removeprefix(_SHARED), stored.startswith(_SHARED)


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
    rest = urlencode([(name, value) for name, value in pairs if not _TRACKING.fullmatch(name)])
    query = f"?{rest}" if rest else ""
    part = parts.fragment.strip().strip("/")
    fragment = f"#{part}" if part and not _NO_PART.fullmatch(part) else ""
    return f"{host}{at}{parts.path.rstrip('/')}{query}{fragment}"


def visible_digest(entry: Entry) -> str:
    """Returns a digest of the part of an entry that its post displays."""
    return _digest(entry.title, entry.link)


def whole_digest(entry: Entry) -> str:
    """Returns a digest of an entry's whole content."""
    times = (str(entry.published_at), str(entry.updated_at))
    elements = [f"{one.name}={one.text}{one.attributes}" for one in entry.elements]
    return _digest(entry.title, entry.link, entry.summary, *times, *entry.authors, *elements)


def _digest(*parts: str | None) -> str:
    text = "\x1f".join("" if part is None else part for part in parts)
    return hashlib.sha256(text.encode(errors="replace")).hexdigest()[:32]
