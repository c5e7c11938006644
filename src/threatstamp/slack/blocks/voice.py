"""What all messages have in common: language, zone, and pieces that cannot mention or link by accident."""

from __future__ import annotations

import re
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from threatstamp.core.ids import FORGOTTEN_USER, UserId
from threatstamp.core.text import is_web_link, quoted
from threatstamp.core.time import SECOND, Micros, datetime_of
from threatstamp.texts.catalogue import Texts
from threatstamp.texts.fit import fit
from threatstamp.texts.times import say_time

Block = dict[str, object]
LONGEST_TITLE = 300
LONGEST_LINE = 2_800
"""Slack takes 3,000 characters in a section."""

LONGEST_LINK = 2_000
DATE_FORMAT = "{date_short_pretty} {time}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """A message as chat.postMessage takes it."""

    text: str
    blocks: list[Block]


class Voice:
    """Says things in the desk's language and zone."""

    def __init__(self, texts: Texts, zone: ZoneInfo) -> None:
        self.texts = texts
        self.joint = texts("slack.joint")
        self._zone = zone

    def clock(self, at: Micros) -> str:
        """Returns a moment in the reader's own zone; in the desk's where a client cannot."""
        return f"<!date^{at // SECOND}^{DATE_FORMAT}|{self.said_at(at)}>"

    def said_at(self, at: Micros) -> str:
        """Returns a moment in the desk's zone."""
        return say_time(datetime_of(at), self._zone, self.texts.language)

    def person(self, user: UserId) -> str:
        """Returns a mention; a word for somebody who was forgotten."""
        if user.startswith(FORGOTTEN_USER):
            return self.texts("slack.somebody")
        return f"<@{user}>"

    def plain(self, text: str) -> Rendered:
        """Returns a message of one paragraph."""
        return Rendered(text=text, blocks=[section(fit(text, LONGEST_LINE))])


def section(text: str) -> Block:
    """A paragraph of mrkdwn."""
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


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


def channel_mention(channel: str) -> str:
    """A channel as Slack links it; its name where only that is known."""
    return f"<#{channel}>" if re.fullmatch(r"[CG][A-Z0-9]{2,}", channel) else quoted(channel)
