"""A post: a message in a source channel that people may stamp, and the snapshot of it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from threatstamp.core.ids import ChannelId, TeamId, Ts, UserId


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Place:
    """Where a message is: the natural key of a post. Slack's ts identifies a message only in its channel."""

    team: TeamId
    channel: ChannelId
    ts: Ts


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """A post as it was when it was first stamped. Plain text, not escaped.

    title, link: headline and address if the post is a news item. source: the name of its feed or author.
    author: None if an app posted it. permalink: None until Slack has been asked for it.
    """

    text: str
    title: str = ""
    link: str = ""
    source: str = ""
    author: UserId | None = None
    thread_ts: Ts | None = None
    permalink: str | None = None


_PERMALINK = re.compile(r"<?https?://[^/\s<>|]+/archives/([CG][A-Z0-9]{2,})/p(\d{10})(\d{6})(?:[?#|]\S*)?>?")
_USER_ID = re.compile(r"(?<![A-Z0-9])[UW][A-Z0-9]+(?![A-Z0-9])")
"""What may be a person's id within text: a mention has it between signs."""


def under_aliases(snapshot: Snapshot, aliases: Callable[[UserId], UserId]) -> Snapshot:
    """Returns a snapshot that names nobody who was forgotten: they have their aliases, the author no name."""

    def words(text: str) -> str:
        return _USER_ID.sub(lambda found: aliases(UserId(found[0])), text)

    author = aliases(snapshot.author) if snapshot.author else None
    source = snapshot.source if author == snapshot.author else ""
    return replace(
        snapshot, author=author, source=source, text=words(snapshot.text), title=words(snapshot.title)
    )


def post_of(link: str, team: TeamId) -> Place | None:
    """Returns the message that a permalink leads to, also one in a thread; None for any other text.

    It has the ts without its dot (https://docs.slack.dev/reference/methods/chat.getPermalink).
    """
    found = _PERMALINK.fullmatch(link)
    if found is None:
        return None
    return Place(team=team, channel=ChannelId(found[1]), ts=Ts(f"{found[2]}.{found[3]}"))


def place_body(place: Place) -> dict[str, object]:
    """Returns a place as the bodies of ledger entries have it."""
    return {"team": place.team, "channel": place.channel, "ts": place.ts}


def snapshot_body(place: Place, snapshot: Snapshot) -> dict[str, object]:
    """Returns a post with its snapshot as the bodies of ledger entries have it."""
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
    """A post on record. snapshot: None if it could not be read yet. gone: deleted before it could be."""

    place: Place
    snapshot: Snapshot | None
    gone: bool = False
