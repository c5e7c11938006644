"""What a post says, quoted in a forward.

A news item is its headline, linked, and the first lines of its summary. A person's own words are quoted as
they are, with the link that stood among them: a link does not make a headline of them.
"""

from __future__ import annotations

from collections.abc import Sequence

from threatstamp.core.stamps.post import Snapshot
from threatstamp.core.text import is_web_link
from threatstamp.core.time import SECOND, Micros
from threatstamp.slack.blocks.voice import (
    DATE_FORMAT,
    LONGEST_TITLE,
    Block,
    Voice,
    can_link,
    title_of,
    words,
)
from threatstamp.texts.fit import fit
from threatstamp.texts.headline import EDGES, is_news

LONGEST_TEXT = 500
LONGEST_EXCERPT = 240
MOST_LINES = 3


def quote_block(
    snapshot: Snapshot | None,
    *,
    posted_at: Micros,
    voice: Voice,
    facts: Sequence[Block] = (),
    label: str = "",
) -> Block:
    """Returns the quote: what the post says, its source and time, and a link to it.

    facts: what is known of it, to stand beneath its title. label: of TLP.
    """
    elements = [*_said(snapshot, voice), *facts]
    source = voice.joint.join(filter(None, (label, snapshot.source if snapshot else "")))
    elements += [words(f"\n{source}{voice.joint}" if source else "\n"), _posted(posted_at, voice)]
    permalink = snapshot.permalink if snapshot else None
    if permalink:
        elements.append(words(voice.joint))
        elements.append({"type": "link", "url": permalink, "text": voice.texts("slack.see_post")})
    elif snapshot is None:
        elements.append(words(voice.joint + voice.texts("slack.post_gone")))
    excerpt = _excerpt(snapshot) if snapshot and is_news(snapshot) else ""
    if excerpt:
        elements.append(words(f"\n{excerpt}"))
    return {"type": "rich_text", "elements": [{"type": "rich_text_quote", "elements": elements}]}


def _said(snapshot: Snapshot | None, voice: Voice) -> list[Block]:
    if snapshot is None:
        return [words(voice.texts("slack.post_unknown"), bold=True)]
    if is_news(snapshot):
        return [title_of(fit(snapshot.title, LONGEST_TITLE), snapshot.link)]
    said = fit(snapshot.text, LONGEST_TEXT) or voice.texts("slack.post_empty")
    if not can_link(snapshot.link):
        return [words(said, bold=True)]
    before, found, after = said.partition(snapshot.title or snapshot.link)
    if not found:  # the title is not in the words: Slack has read it from the page behind the link
        title = fit(snapshot.title or snapshot.link, LONGEST_TITLE)
        return [words(f"{said}\n", bold=True), title_of(title, snapshot.link)]
    around = [words(before, bold=True), title_of(found, snapshot.link), words(after, bold=True)]
    return [one for one in around if one["text"]]


def _excerpt(snapshot: Snapshot) -> str:
    """Returns the first lines of what follows the headline, without addresses and the source's name."""
    _, _, after = snapshot.text.partition(snapshot.title)
    lines = [line.strip(EDGES) for line in after.splitlines()]
    telling = [line for line in lines if line and not is_web_link(line) and line != snapshot.source]
    return fit("\n".join(telling[:MOST_LINES]), LONGEST_EXCERPT)


def _posted(at: Micros, voice: Voice) -> Block:
    """The time in the reader's own zone, as those of the stampers are."""
    return {
        "type": "date",
        "timestamp": at // SECOND,
        "format": DATE_FORMAT,
        "fallback": voice.said_at(at),
    }
