"""A story, or many as a digest; nothing in it mentions anybody or links anywhere but to its own page."""

from __future__ import annotations

import json
from collections.abc import Sequence

from threatstamp.core.news.joining import Bond
from threatstamp.core.news.story import Story
from threatstamp.core.text import escape, noted, quoted
from threatstamp.desk.news.noting import StoryNote
from threatstamp.desk.news.publishing import DailySaying, DigestSaying, StorySaying
from threatstamp.slack.blocks.concern import known_words
from threatstamp.slack.blocks.voice import (
    LONGEST_TITLE,
    Block,
    Rendered,
    Voice,
    can_link,
    context,
    section,
    title_of,
    words,
)
from threatstamp.slack.blocks.why import why_button
from threatstamp.texts.fit import fit

MOST_LINES = 30
MOST_NAMES = 4
LONGEST_LINE_TITLE = 150
LONGEST_LINE_LINK = 1_000
LONGEST_SOURCE = 60
LARGEST_DIGEST = 9_000
"""Characters of JSON. Slack refuses somewhere above 13,000 (msg_blocks_too_long), which is not documented."""


def story_blocks(saying: StorySaying, voice: Voice) -> Rendered:
    """Returns the message of a story: title, facts, source, time, link."""
    story = saying.story
    title = fit(story.title, LONGEST_TITLE)
    label = [saying.marking.label] if saying.marking else []
    facts = [*label, quoted(story.source)]
    if story.published_at is not None:
        facts.append(voice.clock(story.published_at))
    if story.also:
        facts.append(_others(story, voice))
    if story.kind:
        kind = voice.texts(f"reading.kind_{story.kind}")
        facts.append(voice.texts("stories.told_kind", kind=kind))
    said = [title_of(title, story.link), *known_words(saying.facts, saying.priority, title, voice)]
    line: list[Block] = [{"type": "rich_text_section", "elements": said}]
    blocks: list[Block] = [
        {"type": "rich_text", "elements": line},
        context(voice.joint.join(facts)),
    ]
    if saying.goes_on is not None:
        other = saying.goes_on
        said = [
            words(f"{voice.texts('stories.goes_on')} "),
            title_of(fit(other.title, LONGEST_TITLE), other.link),
        ]
        blocks.append({"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": said}]})
    if saying.has_button:
        blocks.append(why_button(story.id, voice))
    text = _linked(f"{noted(title)}{voice.joint}{noted(story.source)}", story.link)
    return Rendered(text=text, blocks=blocks)


def note_blocks(saying: StoryNote, voice: Voice) -> Rendered:
    """Returns the line below a story's post: who tells it, too, and why that is the same story."""
    key = "stories.note_more" if saying.bond is Bond.FOLLOWS else "stories.note_also"
    head = voice.texts(key, source=saying.source)
    why = voice.texts(f"stories.bond_{saying.bond.value}")
    title = fit(saying.title, LONGEST_TITLE)
    said = [words(f"{head} "), title_of(title, saying.link, bold=False)]
    blocks: list[Block] = [
        {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": said}]},
        context(why),
    ]
    text = _linked(f"{noted(head)} {noted(title)}", saying.link)
    return Rendered(text=text, blocks=blocks)


def digest_blocks(saying: DigestSaying, voice: Voice) -> Rendered:
    """Returns the message of a digest: a line for each of the newest."""
    count = len(saying.stories)
    head = voice.texts("slack.digest", source=quoted(saying.source), count=count)
    lines = _lines(saying.stories)
    bullets: Block = {"type": "rich_text_list", "style": "bullet", "elements": lines}
    blocks: list[Block] = [section(head), {"type": "rich_text", "elements": [bullets]}]
    rest = count - len(lines)
    if rest:
        blocks.append(context(voice.texts("slack.digest_more", count=rest)))
    return Rendered(text=head, blocks=blocks)


def daily_blocks(saying: DailySaying, voice: Voice) -> Rendered:
    """Returns the message of a day's digest: a line for each of the newest, with its source."""
    count = len(saying.stories)
    head = voice.texts("slack.daily", count=count)
    lines = _lines(saying.stories, joint=voice.joint)
    bullets: Block = {"type": "rich_text_list", "style": "bullet", "elements": lines}
    blocks: list[Block] = [section(head), {"type": "rich_text", "elements": [bullets]}]
    rest = count - len(lines)
    said = [voice.texts("slack.daily_more", count=rest)] if rest else []
    blocks.append(context(" ".join([*said, voice.texts("slack.daily_how")])))
    return Rendered(text=head, blocks=blocks)


def _others(story: Story, voice: Voice) -> str:
    """Returns who else tells a story: a few by name, and how many they are."""
    names = voice.texts("stories.names_joint").join(quoted(one) for one in story.also[:MOST_NAMES])
    rest = len(story.also) - MOST_NAMES
    more = voice.texts("stories.names_more", count=rest) if rest > 0 else ""
    return voice.texts("stories.told_also", count=len(story.also), names=f"{names}{more}")


def _lines(stories: Sequence[Story], *, joint: str = "") -> list[Block]:
    """Returns the newest lines that one message can hold, oldest first. joint: before each one's source."""
    lines: list[Block] = []
    left = LARGEST_DIGEST
    for story in reversed(stories[-MOST_LINES:]):
        link = story.link if len(story.link) <= LONGEST_LINE_LINK else ""
        title = title_of(fit(story.title, LONGEST_LINE_TITLE), link, bold=False)
        source = [words(f"{joint}{fit(story.source, LONGEST_SOURCE)}")] if joint else []
        line: Block = {"type": "rich_text_section", "elements": [title, *source]}
        left -= len(json.dumps(line, ensure_ascii=False))
        if left < 0:
            break
        lines.insert(0, line)
    return lines


def _linked(text: str, link: str) -> str:
    return f"{text}\n<{escape(link)}>" if can_link(link) else text
