"""A forward: who should do what, then what the post says, then who stamped it."""

from __future__ import annotations

import re

from threatstamp.core.stamps.forward import Holding
from threatstamp.core.stamps.post import Snapshot
from threatstamp.core.text import escape, quoted
from threatstamp.core.time import SECOND, Micros, micros_of
from threatstamp.desk.stamps.forwarding import ForwardSaying
from threatstamp.slack.blocks.voice import (
    DATE_FORMAT,
    LONGEST_LINE,
    LONGEST_TITLE,
    Block,
    Rendered,
    Voice,
    context,
    section,
    title_of,
    words,
)
from threatstamp.texts.fit import fit

LONGEST_TEXT = 500
MOST_STAMPERS = 20
"""With their times some 1,700 characters; a text object takes 3,000."""

_TOKEN = re.compile(
    r"<(?:@[UW][A-Z0-9]+|#C[A-Z0-9]+|!subteam\^S[A-Z0-9]+|!here|https?://[^<>|\s]+)(?:\|[^<>]*)?>"
)


def forward_blocks(saying: ForwardSaying, voice: Voice) -> Rendered:
    """Returns the message of a forward."""
    first = _first_line(saying)
    permalink = saying.snapshot.permalink if saying.snapshot else None
    text = first
    if permalink:
        text = f"{first}\n<{escape(permalink)}|{voice.texts('slack.see_post')}>"
    blocks = [section(first), _quote(saying, voice), context(_people(saying, voice))]
    return Rendered(text=text, blocks=blocks)


def _first_line(saying: ForwardSaying) -> str:
    order = saying.order
    calls = () if saying.quiet else order.mention
    said = operator_text(order.text) or f":{order.reaction}: {quoted(order.route_name)}"
    line = " ".join((*calls, said))
    if len(line) > LONGEST_LINE:
        line = " ".join((*calls, fit(said, max(1, LONGEST_LINE - len(" ".join(calls))))))
    return line if saying.holders.now else struck(line)


def _quote(saying: ForwardSaying, voice: Voice) -> Block:
    elements = _headline(saying.snapshot, voice)
    source = saying.snapshot.source if saying.snapshot else ""
    elements += [words(f"\n{source}{voice.joint}" if source else "\n"), _posted(saying, voice)]
    permalink = saying.snapshot.permalink if saying.snapshot else None
    if permalink:
        elements.append(words(voice.joint))
        elements.append({"type": "link", "url": permalink, "text": voice.texts("slack.see_post")})
    elif saying.snapshot is None:
        elements.append(words(voice.joint + voice.texts("slack.post_gone")))
    return {"type": "rich_text", "elements": [{"type": "rich_text_quote", "elements": elements}]}


def _headline(snapshot: Snapshot | None, voice: Voice) -> list[Block]:
    if snapshot is None:
        return [words(voice.texts("slack.post_unknown"), bold=True)]
    if snapshot.title:
        return [title_of(fit(snapshot.title, LONGEST_TITLE), snapshot.link)]
    said = fit(snapshot.text, LONGEST_TEXT) or voice.texts("slack.post_empty")
    return [words(said, bold=True)]


def _posted(saying: ForwardSaying, voice: Voice) -> Block:
    """The time in the reader's own zone, as those of the stampers are."""
    at = micros_of(saying.place.ts)
    return {
        "type": "date",
        "timestamp": at // SECOND,
        "format": DATE_FORMAT,
        "fallback": voice.said_at(at),
    }


def _people(saying: ForwardSaying, voice: Voice) -> str:
    holders, emoji = saying.holders, f":{saying.order.reaction}:"
    if holders.now:
        named = [_person(one, voice) for one in holders.now[:MOST_STAMPERS]]
        rest = len(holders.now) - len(named)
        more = [voice.texts("slack.more_people", count=rest)] if rest else []
        return f"{emoji} " + voice.joint.join([*named, *more])
    last = holders.last
    if last is None:
        return emoji
    time = voice.clock(last.until or Micros(0))
    said = voice.texts("slack.withdrawn", person=voice.person(last.user), time=time)
    return f"{emoji} {said}"


def _person(one: Holding, voice: Voice) -> str:
    person, time = voice.person(one.user), voice.clock(one.since)
    return voice.texts("slack.person_at", person=person, time=time)


def operator_text(text: str) -> str:
    """Returns a route's text: its own mentions, links and formatting count, anything else is escaped."""
    parts: list[str] = []
    end = 0
    for token in _TOKEN.finditer(text):
        parts += [escape(text[end : token.start()]), token[0]]
        end = token.end()
    return "".join([*parts, escape(text[end:])])


def struck(text: str) -> str:
    """Strikes each line through; a tilde inside would end it early."""
    return "\n".join(f"~{line.replace('~', '〜')}~" if line.strip() else line for line in text.split("\n"))
