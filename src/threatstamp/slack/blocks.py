"""What the desk says, as Slack's text and Block Kit. Pure: a value in, a message out."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from threatstamp.core.forward import Holding
from threatstamp.core.ids import FORGOTTEN_USER, UserId, micros
from threatstamp.core.post import Snapshot
from threatstamp.core.story import Story
from threatstamp.core.text import escape, is_web_link, noted, quoted
from threatstamp.desk.ports import (
    AlertSaying,
    DigestSaying,
    ForwardSaying,
    LineSaying,
    RefusalSaying,
    Saying,
    StorySaying,
)
from threatstamp.texts.catalogue import Texts
from threatstamp.texts.fit import fit
from threatstamp.texts.times import say_time

Block = dict[str, object]
LONGEST_TITLE = 300
LONGEST_TEXT = 500
LONGEST_LINE = 2_800
"""Slack takes 3,000 characters in a section."""

DATE_FORMAT = "{date_short_pretty} {time}"
MOST_STAMPERS = 20
MOST_LINES = 30
LONGEST_LINK = 2_000
LONGEST_LINE_TITLE = 150
LONGEST_LINE_LINK = 1_000
LARGEST_DIGEST = 9_000
"""Slack refuses blocks of somewhere above 13,000 characters (msg_blocks_too_long)."""

_TOKEN = re.compile(
    r"<(?:@[UW][A-Z0-9]+|#C[A-Z0-9]+|!subteam\^S[A-Z0-9]+|!here|https?://[^<>|\s]+)(?:\|[^<>]*)?>"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """A message as chat.postMessage takes it."""

    text: str
    blocks: list[Block]


class Renderer:
    """Says things in the desk's language and zone."""

    def __init__(self, texts: Texts, zone: ZoneInfo) -> None:
        self._texts = texts
        self._zone = zone
        self._joint = texts("slack.joint")

    def message(self, saying: Saying) -> Rendered:
        match saying:
            case ForwardSaying():
                return self._forward(saying)
            case LineSaying():
                return self._plain(self._line(saying))
            case AlertSaying():
                return self._plain(self._alert(saying))
            case StorySaying():
                return self._story(saying.story)
            case DigestSaying():
                return self._digest(saying)

    def refusal(self, saying: RefusalSaying) -> str:
        return self._texts("slack.refused", emoji=f":{saying.reaction}:", route=quoted(saying.route_name))

    def _forward(self, saying: ForwardSaying) -> Rendered:
        first = self._first_line(saying)
        permalink = saying.snapshot.permalink if saying.snapshot else None
        text = first
        if permalink:
            text = f"{first}\n<{escape(permalink)}|{self._texts('slack.see_post')}>"
        blocks: list[Block] = [
            {"type": "section", "text": {"type": "mrkdwn", "text": first}},
            self._quote(saying),
            {"type": "context", "elements": [{"type": "mrkdwn", "text": self._people(saying)}]},
        ]
        return Rendered(text=text, blocks=blocks)

    def _story(self, story: Story) -> Rendered:
        """Title, source, time, link; nothing in it mentions anybody or links anywhere else."""
        title = fit(story.title, LONGEST_TITLE)
        facts = [quoted(story.source)]
        if story.published_at is not None:
            facts.append(self._clock(story.published_at))
        line: list[Block] = [{"type": "rich_text_section", "elements": [_title(title, story.link)]}]
        blocks: list[Block] = [
            {"type": "rich_text", "elements": line},
            {"type": "context", "elements": [{"type": "mrkdwn", "text": self._joint.join(facts)}]},
        ]
        return Rendered(
            text=_linked(f"{noted(title)}{self._joint}{noted(story.source)}", story.link), blocks=blocks
        )

    def _digest(self, saying: DigestSaying) -> Rendered:
        head = self._texts("slack.digest", source=quoted(saying.source), count=len(saying.stories))
        lines = _digest_lines(saying.stories)
        blocks: list[Block] = [
            {"type": "section", "text": {"type": "mrkdwn", "text": head}},
            {
                "type": "rich_text",
                "elements": [{"type": "rich_text_list", "style": "bullet", "elements": lines}],
            },
        ]
        rest = len(saying.stories) - len(lines)
        if rest:
            more = self._texts("slack.digest_more", count=rest)
            blocks.append({"type": "context", "elements": [{"type": "mrkdwn", "text": more}]})
        return Rendered(text=head, blocks=blocks)

    def _first_line(self, saying: ForwardSaying) -> str:
        order = saying.order
        calls = () if saying.quiet else order.mention
        words = operator_text(order.text) or f":{order.reaction}: {quoted(order.route_name)}"
        line = " ".join((*calls, words))
        if len(line) > LONGEST_LINE:
            line = " ".join((*calls, fit(words, max(1, LONGEST_LINE - len(" ".join(calls))))))
        return line if saying.standing.holders else struck(line)

    def _quote(self, saying: ForwardSaying) -> Block:
        elements = self._headline(saying.snapshot)
        source = saying.snapshot.source if saying.snapshot else ""
        elements += [_words(f"\n{source}{self._joint}" if source else "\n"), self._posted(saying)]
        permalink = saying.snapshot.permalink if saying.snapshot else None
        if permalink:
            elements.append(_words(self._joint))
            elements.append({"type": "link", "url": permalink, "text": self._texts("slack.see_post")})
        elif saying.snapshot is None:
            elements.append(_words(self._joint + self._texts("slack.post_gone")))
        return {"type": "rich_text", "elements": [{"type": "rich_text_quote", "elements": elements}]}

    def _headline(self, snapshot: Snapshot | None) -> list[Block]:
        """Rich text shows its words as they are: nothing in them mentions, links or formats."""
        if snapshot is None:
            return [_words(self._texts("slack.post_unknown"), bold=True)]
        if snapshot.title:
            return [_title(fit(snapshot.title, LONGEST_TITLE), snapshot.link)]
        return [_words(fit(snapshot.text, LONGEST_TEXT) or self._texts("slack.post_empty"), bold=True)]

    def _posted(self, saying: ForwardSaying) -> Block:
        """The time in the reader's own zone, as those of the stampers are."""
        at = micros(saying.place.ts)
        return {
            "type": "date",
            "timestamp": at // 1_000_000,
            "format": DATE_FORMAT,
            "fallback": self._said_at(at),
        }

    def _people(self, saying: ForwardSaying) -> str:
        standing, emoji = saying.standing, f":{saying.order.reaction}:"
        if standing.holders:
            shown = [self._person(one, one.since) for one in standing.holders[:MOST_STAMPERS]]
            rest = len(standing.holders) - len(shown)
            more = self._texts("slack.more_people", count=rest) if rest else ""
            return f"{emoji} " + self._joint.join([*shown, *([more] if more else [])])
        last = standing.last
        if last is None:
            return emoji
        return f"{emoji} " + self._texts(
            "slack.withdrawn", person=self._name(last.user), time=self._clock(last.until or 0)
        )

    def _person(self, one: Holding, at: int) -> str:
        return self._texts("slack.person_at", person=self._name(one.user), time=self._clock(at))

    def _name(self, user: UserId) -> str:
        return self._texts("slack.somebody") if user.startswith(FORGOTTEN_USER) else f"<@{user}>"

    def _clock(self, at: int) -> str:
        """In the reader's own zone; the desk's where a client cannot."""
        return f"<!date^{at // 1_000_000}^{DATE_FORMAT}|{self._said_at(at)}>"

    def _said_at(self, at: int) -> str:
        moment = datetime.fromtimestamp(at / 1_000_000, UTC)
        return say_time(moment, self._zone, self._texts.language)

    def _line(self, saying: LineSaying) -> str:
        if not saying.to:
            return self._texts("slack.taken", route=quoted(saying.route_name))
        to = self._joint.join(channel_mention(channel) for channel in saying.to)
        return self._texts("slack.shared", route=quoted(saying.route_name), to=to)

    def _alert(self, saying: AlertSaying) -> str:
        name = f"slack.alert_{saying.kind}" + ("_mended" if saying.mended else "")
        values = dict(saying.values)
        if "reason" in values:
            values["problem"] = self._texts.told(f"feeds.{values['reason']}", values)
        return self._texts(name, **_alert_values(values))

    def _plain(self, text: str) -> Rendered:
        section: Block = {"type": "section", "text": {"type": "mrkdwn", "text": fit(text, LONGEST_LINE)}}
        return Rendered(text=text, blocks=[section])


def operator_text(text: str) -> str:
    """Returns a route's text: its own mentions, links and formatting stand, anything else is escaped."""
    parts: list[str] = []
    end = 0
    for token in _TOKEN.finditer(text):
        parts += [escape(text[end : token.start()]), token[0]]
        end = token.end()
    return "".join([*parts, escape(text[end:])])


def struck(text: str) -> str:
    """Strikes each line through; a tilde inside would end it early."""
    return "\n".join(f"~{line.replace('~', '〜')}~" if line.strip() else line for line in text.split("\n"))


def channel_mention(channel: str) -> str:
    """A channel as Slack links it; its name where only that is known."""
    return f"<#{channel}>" if re.fullmatch(r"[CG][A-Z0-9]{2,}", channel) else quoted(channel)


def _alert_values(values: Mapping[str, str]) -> dict[str, str]:
    """Channels as links, Slack's codes as they are, anything else unable to mention or format."""
    return {name: _alert_value(name, value) for name, value in values.items()}


def _alert_value(name: str, value: str) -> str:
    if name == "channel":
        return channel_mention(value)
    return escape(value) if name in ("error", "head", "sequence") else quoted(value)


def _title(title: str, link: str, *, bold: bool = True) -> Block:
    if not _can_link(link):
        return _words(title, bold=bold)
    words: Block = {"type": "link", "url": link, "text": title}
    return {**words, "style": {"bold": True}} if bold else words


def _digest_lines(stories: Sequence[Story]) -> list[Block]:
    """Returns the newest lines that one message can hold, oldest first."""
    lines: list[Block] = []
    left = LARGEST_DIGEST
    for story in reversed(stories[-MOST_LINES:]):
        link = story.link if len(story.link) <= LONGEST_LINE_LINK else ""
        title = _title(fit(story.title, LONGEST_LINE_TITLE), link, bold=False)
        line: Block = {"type": "rich_text_section", "elements": [title]}
        left -= len(json.dumps(line, ensure_ascii=False))
        if left < 0:
            break
        lines.insert(0, line)
    return lines


def _can_link(link: str) -> bool:
    """Slack refuses a message whose link is longer than it can be; it is on record all the same."""
    return len(link) <= LONGEST_LINK and is_web_link(link)


def _linked(text: str, link: str) -> str:
    return f"{text}\n<{escape(link)}>" if _can_link(link) else text


def _words(text: str, *, bold: bool = False) -> Block:
    words: Block = {"type": "text", "text": text}
    return {**words, "style": {"bold": True}} if bold else words
