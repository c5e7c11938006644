"""The line in a source post's thread, and what somebody is told whose stamp may not be used."""

from __future__ import annotations

from threatstamp.core.text import quoted
from threatstamp.desk.stamps.confirming import ThreadLine
from threatstamp.desk.stamps.refusing import Refusal
from threatstamp.slack.blocks.voice import Rendered, Voice, channel_mention


def thread_line_blocks(saying: ThreadLine, voice: Voice) -> Rendered:
    """Returns the line that says where a post went, or that it is on record."""
    route = quoted(saying.route_name)
    if not saying.to:
        return voice.plain(voice.texts("slack.taken", route=route))
    to = voice.joint.join(channel_mention(channel) for channel in saying.to)
    return voice.plain(voice.texts("slack.shared", route=route, to=to))


def refusal_blocks(saying: Refusal, voice: Voice) -> Rendered:
    """Returns what the person is told."""
    emoji = f":{saying.reaction}:"
    key = "slack.refused_external" if saying.external else "slack.refused"
    if saying.digest:
        key = "slack.refused_digest"
    label = saying.marking.label if saying.marking else ""
    if label:
        key = "slack.refused_marked"
    return voice.plain(voice.texts(key, emoji=emoji, route=quoted(saying.route_name), label=label))
