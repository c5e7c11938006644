"""The line beneath a title: what is known of the vulnerabilities that a post is about."""

from __future__ import annotations

from collections.abc import Sequence

from threatstamp.core.facts.vulnerability import Vulnerability, by_urgency
from threatstamp.slack.blocks.voice import Block, Voice, words
from threatstamp.texts.facts import fact_line

MOST = 3


def fact_words(found: Sequence[Vulnerability], voice: Voice) -> list[Block]:
    """Returns rich text to follow a title: a line for each of the most urgent; [] where nothing is known."""
    ordered = by_urgency(found)
    lines = [line for one in ordered[:MOST] if (line := fact_line(one, voice.texts))]
    if lines and len(ordered) > MOST:
        lines.append(voice.texts("slack.facts_more", count=len(ordered) - MOST))
    return [words("".join(f"\n{line}" for line in lines))] if lines else []
