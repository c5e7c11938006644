"""A post: a message in a source channel that people may stamp, and the snapshot kept of it."""

from __future__ import annotations

from dataclasses import dataclass

from threatstamp.core.ids import ChannelId, TeamId, Ts, UserId


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Place:
    """Where a message is: the natural key of a post."""

    team: TeamId
    channel: ChannelId
    ts: Ts


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """A post as it was when it was first stamped: plain text, nothing escaped.

    title, link: the headline and its address if the post is one; source: who says it (the feed's or the
    author's name); permalink: None while it could not be asked for.
    """

    text: str
    title: str = ""
    link: str = ""
    source: str = ""
    author: UserId | None = None
    thread_ts: Ts | None = None
    permalink: str | None = None


def place_body(place: Place) -> dict[str, object]:
    """Returns a place as the ledger writes it."""
    return {"team": place.team, "channel": place.channel, "ts": place.ts}


def snapshot_body(place: Place, snapshot: Snapshot) -> dict[str, object]:
    """Returns a post with its snapshot as the ledger writes it."""
    return {
        **place_body(place),
        "text": snapshot.text,
        "title": snapshot.title,
        "link": snapshot.link,
        "source": snapshot.source,
        "author": snapshot.author,
        "thread_ts": snapshot.thread_ts,
        "permalink": snapshot.permalink,
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class PostRecord:
    """A post on record. snapshot: None while it could not be read; gone: it was deleted before it was."""

    place: Place
    snapshot: Snapshot | None
    gone: bool = False
