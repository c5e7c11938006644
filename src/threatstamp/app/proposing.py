"""What a workspace's own habits propose to `init`: the app's channels, and the emoji in use there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from threatstamp.app.clock import SystemClock
from threatstamp.app.workspace import calls_to, whoami
from threatstamp.config.secrets import Secret
from threatstamp.core.errors import SlackError
from threatstamp.core.ids import Emoji
from threatstamp.core.time import DAY, Micros
from threatstamp.desk.ports.time import Timing
from threatstamp.slack.directory import KINDS, Directory
from threatstamp.slack.emoji import EmojiNames
from threatstamp.slack.listing import Listing
from threatstamp.slack.reading import text_in
from threatstamp.slack.usage import PAGES, Usage, UsageReading

DAYS = 90
"""How far back a channel is read."""

MOST = 6
"""Emoji that are proposed: whoever begins wants to see what matters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EmojiUse:
    """An emoji, and on how many posts it stands."""

    reaction: Emoji
    posts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Habits:
    """What a channel's posts show, the most used emoji first.

    whole: all of the last 90 days was read. refused: Slack's error, if that is why it was not.
    """

    posts: int
    uses: tuple[EmojiUse, ...]
    whole: bool
    refused: SlackError | None


class Observer:
    """Looks at a workspace before there is a desk in it. Every method may raise SlackError."""

    def __init__(self, api_url: str, token: Secret) -> None:
        self._clock = SystemClock()
        self._calls = calls_to(api_url, token, timing=Timing(), clock=self._clock)
        who = whoami(self._calls)
        self._scopes = who.scopes
        self._directory = Directory(self._calls)
        emoji = EmojiNames(self._calls)
        emoji.try_refresh()
        self._reading = UsageReading(self._calls, emoji=emoji, me=who.me, wait=self._clock.wait)

    def own_channels(self) -> tuple[str, ...]:
        """Returns the channels that the app was invited to, by name; none without the scope to read them."""
        listing = Listing(self._calls, "users.conversations", "channels", variants=KINDS)
        names = (text_in(row, "name") for row in listing.rows() if not row.get("is_archived"))
        return tuple(sorted(f"#{name}" for name in names if name))

    def habits(self, name: str, *, share: int, report: Callable[[int], object]) -> Habits:
        """Reads a channel's last 90 days, or as much of them as is bearable.

        share: of how many channels this is one; together they are not read further than one. report: gets
        the number of posts read so far. Raises SlackError("channel_not_found") for a name that nothing has,
        and "missing_scope" where channels cannot be found by name.
        """
        channel = self._directory.channel(name)
        if channel is None:
            is_blind = self._scopes is not None and "channels:read" not in self._scopes
            needed = "channels:read" if is_blind else ""
            raise SlackError(
                "missing_scope" if is_blind else "channel_not_found", permanent=True, needed=needed
            )
        usage = Usage()
        oldest = Micros(self._clock.now() - DAYS * DAY)
        for usage in self._reading.read(channel, oldest=oldest, pages=max(1, PAGES // share)):
            report(usage.posts)
        ranked = sorted(usage.stamped.items(), key=lambda pair: (-pair[1], pair[0]))
        return Habits(
            posts=usage.posts,
            uses=tuple(EmojiUse(reaction=name, posts=count) for name, count in ranked[:MOST]),
            whole=usage.whole,
            refused=usage.refused,
        )
