"""Which emoji people put on the posts of a channel: numbers only, nothing of the posts is kept."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from threatstamp.core.errors import SlackError
from threatstamp.core.ids import ChannelId, Emoji, UserId
from threatstamp.core.time import Micros, ts_of
from threatstamp.slack.calls import Answer, Calls
from threatstamp.slack.client import PAGE
from threatstamp.slack.emoji import EmojiNames
from threatstamp.slack.reading import Loose, next_cursor, number_in, tables_in, text_in, texts_in

PAGES = 25
"""The most pages in all: a first impression needs no more than 5,000 posts."""

PACE = 1.2
"""Seconds between two pages: Slack allows 50 a minute (https://docs.slack.dev/apis/web-api/rate-limits)."""

LONGEST = 60.0
"""Seconds. If Slack asks for a longer wait, in all, somebody at a terminal has waited enough."""


@dataclass(slots=True, kw_only=True)
class Usage:
    """What was counted so far. stamped: posts by emoji, each post once however many people agreed.

    whole: everything back to the time that was asked for. refused: why it is not, if Slack did not answer.
    """

    posts: int = 0
    stamped: Counter[Emoji] = field(default_factory=Counter)
    whole: bool = False
    refused: SlackError | None = None


class UsageReading:
    """Reads channels page by page, as slowly as Slack wishes, and gives up where that takes too long.

    me: our own user, whose reactions do not count. wait: a clock's.
    """

    def __init__(self, calls: Calls, *, emoji: EmojiNames, me: UserId, wait: Callable[[float], bool]) -> None:
        self._calls = calls
        self._emoji = emoji
        self._me = me
        self._wait = wait
        self._patience = LONGEST

    def read(self, channel: ChannelId, *, oldest: Micros, pages: int) -> Iterator[Usage]:
        """Yields the same `Usage` after each page, newest posts first; the last time with why it ended.

        pages: the most that are read.
        """
        usage, cursor = Usage(), ""
        for number in range(pages):
            if number:
                self._wait(PACE)
            try:
                answer = self._page(channel, oldest=oldest, cursor=cursor)
            except SlackError as error:
                usage.refused = error
                yield usage
                return
            self._count(answer, usage)
            cursor = next_cursor(answer)
            usage.whole = not cursor
            yield usage
            if usage.whole:
                return

    def _page(self, channel: ChannelId, *, oldest: Micros, cursor: str) -> Answer:
        while True:
            try:
                return self._calls.get(
                    "conversations.history",
                    channel=channel,
                    oldest=ts_of(oldest),
                    limit=PAGE,
                    cursor=cursor or None,
                )
            except SlackError as error:
                if error.code != "ratelimited" or (error.retry_after or 0.0) > self._patience:
                    raise
                seconds = max(error.retry_after or 0.0, PACE)
                self._patience -= seconds
                if not self._wait(seconds):
                    raise

    def _count(self, answer: Answer, usage: Usage) -> None:
        for message in tables_in(answer, "messages"):
            usage.posts += 1
            usage.stamped.update(set(self._stamps(message)))

    def _stamps(self, message: Loose) -> Iterator[Emoji]:
        """Yields the emoji on one post, skin tones and aliases folded, maybe more than once."""
        for one in tables_in(message, "reactions"):
            others = (number_in(one, "count") or 0) - (self._me in texts_in(one, "users"))
            if others > 0 and text_in(one, "name"):
                yield self._emoji.canonical(text_in(one, "name"))
