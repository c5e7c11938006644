"""A digest of forwards: a line for each, the newest first; nothing in it mentions anybody but its calls."""

from __future__ import annotations

import json
from collections.abc import Sequence

from threatstamp.core.ids import FORGOTTEN_USER, UserId
from threatstamp.core.text import noted
from threatstamp.core.time import Micros
from threatstamp.desk.stamps.collecting import CollectedForward, ForwardDigestSaying
from threatstamp.slack.blocks.voice import Block, Rendered, Voice, can_link, context, section, title_of, words
from threatstamp.texts.fit import fit
from threatstamp.texts.headline import headline_of

MOST_LINES = 30
MOST_PEOPLE = 5
LONGEST_TITLE = 150
LONGEST_LINK = 1_000
LONGEST_CALLS = 1_000
LARGEST = 9_000
"""Characters of JSON; see `story.py`."""


def forward_digest_blocks(saying: ForwardDigestSaying, voice: Voice) -> Rendered:
    """Returns the message: who is called, how many there are, and the newest of them."""
    held = [one for one in saying.forwards if one.holders.now]
    said = voice.texts("routes.digest", count=len(held))
    head = " ".join((*_calls(saying.calls), said))
    lines = _lines(saying.forwards, voice)
    blocks: list[Block] = [section(head)]
    if lines:
        bullets: Block = {"type": "rich_text_list", "style": "bullet", "elements": lines}
        blocks.append({"type": "rich_text", "elements": [bullets]})
    rest = len(saying.forwards) - len(lines)
    if rest:
        blocks.append(context(voice.texts("routes.digest_more", count=rest)))
    newest = noted(fit(_title(held[0], voice), LONGEST_TITLE)) if held else ""
    return Rendered(text=f"{head}\n{newest}" if newest else head, blocks=blocks)


def _calls(calls: Sequence[str]) -> list[str]:
    """Returns as many mentions as fit: a digest of many routes may have hundreds."""
    kept: list[str] = []
    for one in calls:
        if len(" ".join((*kept, one))) > LONGEST_CALLS:
            break
        kept.append(one)
    return kept


def _lines(forwards: Sequence[CollectedForward], voice: Voice) -> list[Block]:
    lines: list[Block] = []
    left = LARGEST
    for one in forwards[:MOST_LINES]:
        line: Block = {"type": "rich_text_section", "elements": _elements(one, voice)}
        left -= len(json.dumps(line, ensure_ascii=False))
        if left < 0:
            break
        lines.append(line)
    return lines


def _elements(one: CollectedForward, voice: Voice) -> list[Block]:
    title = title_of(fit(_title(one, voice), LONGEST_TITLE), _link(one), bold=False)
    if not one.holders.now:
        last = one.holders.last
        time = voice.said_at(last.until or Micros(0)) if last else ""
        withdrawn = voice.texts("routes.digest_withdrawn", at=time)
        return [{**title, "style": {"strike": True}}, words(f"{voice.joint}{withdrawn}")]
    elements = [title, words(voice.joint)]
    permalink = one.snapshot.permalink if one.snapshot else None
    if permalink and can_link(permalink):
        see: Block = {"type": "link", "url": permalink, "text": voice.texts("slack.see_post")}
        elements += [see, words(voice.joint)]
    elements += [{"type": "emoji", "name": one.order.reaction}, words(" ")]
    people = [held.user for held in one.holders.now]
    for number, user in enumerate(people[:MOST_PEOPLE]):
        elements += [*([words(voice.joint)] if number else []), *_person(user, voice)]
    rest = len(people) - MOST_PEOPLE
    if rest > 0:
        elements.append(words(f"{voice.joint}{voice.texts('slack.more_people', count=rest)}"))
    return elements


def _title(one: CollectedForward, voice: Voice) -> str:
    headline = headline_of(one.snapshot) if one.snapshot else ""
    return headline or voice.texts("slack.post_unknown")


def _link(one: CollectedForward) -> str:
    link = one.snapshot.link if one.snapshot else ""
    return link if len(link) <= LONGEST_LINK else ""


def _person(user: UserId, voice: Voice) -> list[Block]:
    if user.startswith(FORGOTTEN_USER):
        return [words(voice.texts("slack.somebody"))]
    before, _, after = voice.texts("slack.person", person="\x00").partition("\x00")
    named: Block = {"type": "user", "user_id": user}
    return [part for part in (words(before), named, words(after)) if part.get("text") != ""]
