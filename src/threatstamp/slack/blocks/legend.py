"""A legend: what each stamp does in a channel, as a message or as a canvas.

People's words (names of routes, texts) stand in inline code, where neither a message nor a canvas takes
anything as a mention, a link or formatting.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from threatstamp.core.text import escape, plain
from threatstamp.desk.policy.legend import Legend, LegendLine
from threatstamp.slack.blocks.voice import (
    LONGEST_LINE,
    Block,
    Called,
    Rendered,
    RenderedCanvas,
    Voice,
    as_code,
    channel_mention,
    section,
)
from threatstamp.texts.fit import fit

LONGEST_TEXT = 200
"""Characters of a route's name or text."""

MOST_NAMED = 20
"""People, groups or channels in one line."""

LARGEST = 12_000
"""Characters of all sections. Slack refuses somewhere above 15,000, which is not documented."""

MOST_SECTIONS = 49
"""Slack takes 50 blocks in a message (https://docs.slack.dev/reference/block-kit/blocks)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Script:
    """How a message or a canvas is written. code: inline code. channel, person: of an id or a mention."""

    code: Callable[[str], str]
    channel: Callable[[str], str]
    person: Callable[[str], str]


def legend_blocks(saying: Legend, voice: Voice) -> Rendered:
    """Returns the legend as a message. What a notification displays names nobody."""
    script = _Script(code=lambda text: escape(as_code(text)), channel=channel_mention, person=_mention)
    title = voice.texts("slack.legend_title")
    parts = [f"*{title}*\n{_head(saying, voice)}"]
    for at, line in enumerate(saying.lines):
        route = f":{line.reaction}: {script.code(fit(line.name, LONGEST_TEXT))}"
        said = "\n".join(f"• {one}" for one in _said(line, voice, script, quiet=saying.quiet))
        part = fit(f"{route}\n{said}", LONGEST_LINE)
        if sum(map(len, parts)) + len(part) > LARGEST:
            parts.append(voice.texts("slack.facts_more", count=len(saying.lines) - at))
            break
        parts.append(part)
    return Rendered(text=title, blocks=list(_sections(parts))[:MOST_SECTIONS])


def legend_canvas(saying: Legend, voice: Voice, called: Called) -> RenderedCanvas:
    """Returns the legend as a canvas. A mention in a canvas may call people, so they stand there by name."""
    script = _Script(code=as_code, channel=_canvas_channel, person=lambda mention: as_code(called(mention)))
    parts = [_head(saying, voice)]
    for line in saying.lines:
        said = "\n".join(f"- {one}" for one in _said(line, voice, script, quiet=False))
        parts.append(f"## :{line.reaction}: {script.code(fit(line.name, LONGEST_TEXT))}\n\n{said}")
    parts.append(voice.texts("slack.legend_foot"))
    return RenderedCanvas(title=voice.texts("slack.legend_title"), markdown="\n\n".join(parts))


def _head(saying: Legend, voice: Voice) -> str:
    return voice.texts("slack.legend_head" if saying.lines else "slack.legend_none")


def _said(line: LegendLine, voice: Voice, script: _Script, *, quiet: bool) -> Iterator[str]:
    texts = voice.texts
    if line.in_thread:
        yield texts("slack.legend_thread")
    elif line.to:
        yield texts("slack.legend_to", channels=_named(line.to, script.channel, voice))
    else:
        yield texts("slack.legend_records")
    if line.to and line.mention and not quiet:
        yield texts("slack.legend_calls", people=_named(line.mention, script.person, voice))
    words = " ".join(plain(line.text).split())
    if line.to and words:
        yield texts("slack.legend_text", text=script.code(fit(words, LONGEST_TEXT)))
    if not line.allow:
        yield texts("slack.legend_anyone")
    elif quiet:
        yield texts("slack.legend_some")
    else:
        yield texts("slack.legend_allow", people=_named(line.allow, script.person, voice))


def _named(names: tuple[str, ...], say: Callable[[str], str], voice: Voice) -> str:
    rest = len(names) - MOST_NAMED
    more = [voice.texts("slack.more_people", count=rest)] if rest > 0 else []
    return voice.joint.join([*map(say, names[:MOST_NAMED]), *more])


def _mention(token: str) -> str:
    """A mention in Slack's form, which edits may display; a name that was not found as code."""
    return token if token.startswith(("<@", "<!subteam^")) else escape(as_code(plain(token)))


def _canvas_channel(channel: str) -> str:
    """A channel as a canvas links it (https://docs.slack.dev/surfaces/canvases)."""
    linked = channel_mention(channel)
    return f"![](#{channel})" if linked.startswith("<#") else as_code(channel)


def _sections(parts: list[str]) -> Iterator[Block]:
    """Yields as few sections as hold all parts."""
    held = ""
    for part in parts:
        joined = f"{held}\n\n{part}" if held else part
        if len(joined) > LONGEST_LINE:
            yield section(held, verbatim=True)
            joined = part
        held = joined
    yield section(held, verbatim=True)
