"""What all messages have in common: language, zone, and pieces that cannot mention or link by accident."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from threatstamp.core.ids import FORGOTTEN_USER, UserId, is_channel_id
from threatstamp.core.text import ZERO_WIDTH_SPACE, escape, is_web_link, quoted, unescape
from threatstamp.core.time import SECOND, Micros, datetime_of
from threatstamp.texts.catalogue import Texts
from threatstamp.texts.fit import fit
from threatstamp.texts.times import say_time

Block = dict[str, object]
LONGEST_TITLE = 300
LONGEST_LINE = 2_800
"""Slack takes 3,000 characters in a section (https://docs.slack.dev/reference/block-kit/blocks/section-block)."""

LONGEST_LINK = 2_000
MOST_CALLED = 80
"""Mentions in one line: more would leave no room in it for words."""

DATE_FORMAT = "{date_short_pretty} {time}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """A message as chat.postMessage takes it."""

    text: str
    blocks: list[Block]


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderedCanvas:
    """A canvas as Slack takes it: a title without formatting, and Markdown."""

    title: str
    markdown: str


Called = Callable[[str], str]
"""Returns what a person or group is called whose mention, in Slack's form, is given."""


class Voice:
    """Says things in the desk's language and zone."""

    def __init__(self, texts: Texts, zone: ZoneInfo) -> None:
        self.texts = texts
        self.joint = texts("slack.joint")
        self._zone = zone

    @property
    def zone(self) -> ZoneInfo:
        """The desk's zone."""
        return self._zone

    def clock(self, at: Micros) -> str:
        """Returns a moment in the reader's own zone; in the desk's where a client cannot."""
        return f"<!date^{at // SECOND}^{DATE_FORMAT}|{self.said_at(at)}>"

    def said_at(self, at: Micros) -> str:
        """Returns a moment in the desk's zone."""
        return say_time(datetime_of(at), self._zone, self.texts.language)

    def person(self, user: UserId) -> str:
        """Returns a mention as people say it (with さん); a word for somebody whose data were redacted."""
        if user.startswith(FORGOTTEN_USER):
            return self.texts("slack.somebody")
        return self.texts("slack.person", person=f"<@{user}>")

    def mention(self, user: str) -> str:
        """The same, for whoever knows only a text."""
        return self.person(UserId(user))

    def today(self, now: Micros) -> date:
        """Returns the date in the desk's zone."""
        return datetime_of(now).astimezone(self._zone).date()

    def plain(self, text: str) -> Rendered:
        """Returns a message of one paragraph."""
        return Rendered(text=text, blocks=[section(fit(text, LONGEST_LINE), verbatim=True)])


def section(text: str, *, verbatim: bool = False) -> Block:
    """A paragraph of mrkdwn. verbatim: words that look like an address or a channel are not made a link.

    Source: https://docs.slack.dev/reference/block-kit/composition-objects/text-object
    """
    words: Block = {"type": "mrkdwn", "text": text}
    return {"type": "section", "text": {**words, "verbatim": True} if verbatim else words}


def context(text: str) -> Block:
    """A small line of mrkdwn."""
    return {"type": "context", "elements": [{"type": "mrkdwn", "text": text}]}


def words(text: str, *, bold: bool = False) -> Block:
    """Words of rich text, which are displayed as they are: nothing in them mentions, links or formats."""
    plain: Block = {"type": "text", "text": text}
    return {**plain, "style": {"bold": True}} if bold else plain


def title_of(title: str, link: str, *, bold: bool = True) -> Block:
    """A headline of rich text, linked if its address is one that Slack takes."""
    if not can_link(link):
        return words(title, bold=bold)
    linked: Block = {"type": "link", "url": link, "text": title}
    return {**linked, "style": {"bold": True}} if bold else linked


def can_link(link: str) -> bool:
    """Slack refuses a message whose link is longer than it can be; it is on record all the same."""
    return len(link) <= LONGEST_LINK and is_web_link(link)


def linked(link: str, words: str) -> str:
    """Words of mrkdwn that link, if they leave room in a section for others; "" otherwise."""
    address = escape(link)
    return f"<{address}|{words}>" if can_link(link) and len(address) <= LONGEST_LINE // 2 else ""


def channel_mention(channel: str) -> str:
    """A channel as Slack links it; its name where only that is known."""
    return f"<#{channel}>" if is_channel_id(channel) else copyable(channel)


def copyable(text: str) -> str:
    """A name for a section of mrkdwn that people may copy into the settings file: no sign is added to it.

    If anything in it could mention, link or format, it is inline code, where Slack takes all as it is.
    """
    return escape(text if quoted(text) == text else as_code(text))


def as_code(text: str) -> str:
    """Inline code, not escaped yet. A backtick would end it early, and control characters are dropped."""
    plain = unescape(quoted(text).replace(ZERO_WIDTH_SPACE, ""))
    return "`" + plain.replace("\n", " ").replace("`", "'") + "`"
