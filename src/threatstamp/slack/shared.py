"""Reads the messages in which another app has shared a post of this workspace, by the post's permalink."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

from threatstamp.core.ids import ChannelId, Emoji, Ts
from threatstamp.core.stamps.post import post_of
from threatstamp.core.text import unescape
from threatstamp.core.time import Micros, ts_of
from threatstamp.desk.views.shadow import ScriptPost
from threatstamp.slack.client import PAGE, SlackWorkspace
from threatstamp.slack.messages import is_by
from threatstamp.slack.reading import Loose, next_cursor, tables_in, text_in

_LINK = re.compile(r"https?://[^/\s<>|]+/archives/[A-Z0-9]+/p\d+(?:\?[^\s<>|]*)?")
_EMOJI = re.compile(r":([^\s:]+):")
_PARTS = ("text", "attachments", "blocks")

Ask = Callable[[Callable[[], Loose]], Loose]
"""Makes a call, with the patience that the caller has."""


def read_script_posts(
    workspace: SlackWorkspace, channel: ChannelId, *, oldest: Micros, ask: Ask
) -> Iterator[ScriptPost]:
    """Yields them page by page, the newest first. Raises SlackError."""
    cursor = ""
    while True:
        answer = ask(lambda: _page(workspace, channel, oldest=oldest, cursor=cursor))  # noqa: B023 - at once
        for message in tables_in(answer, "messages"):
            yield from script_posts(message, workspace, channel=channel)
        cursor = next_cursor(answer)
        if not cursor:
            return


def _page(workspace: SlackWorkspace, channel: ChannelId, *, oldest: Micros, cursor: str) -> Loose:
    where = {"channel": channel, "oldest": ts_of(oldest), "limit": PAGE, "cursor": cursor or None}
    return workspace.calls.get("conversations.history", **where)


def script_posts(message: Loose, workspace: SlackWorkspace, *, channel: ChannelId) -> Iterator[ScriptPost]:
    """Yields one for each post that a message leads to; none unless a webhook or another bot posted it."""
    is_app = bool(message.get("bot_id")) or message.get("subtype") == "bot_message"
    if not is_app or is_by(message, user=workspace.me, bot=workspace.bot):
        return
    texts = [unescape(one) for name in _PARTS for one in _texts(message.get(name))]
    emoji = {workspace.emoji.canonical(Emoji(name)) for text in texts for name in _EMOJI.findall(text)}
    links = dict.fromkeys(link for text in texts for link in _LINK.findall(text))
    seen = set()
    for link in links:
        post = post_of(link, workspace.team)
        if post is not None and post not in seen:
            seen.add(post)
            ts = Ts(text_in(message, "ts"))
            yield ScriptPost(channel=channel, ts=ts, post=post, link=link, reactions=frozenset(emoji))


def _texts(value: object) -> Iterator[str]:
    """Walks what a message says, in whatever block or attachment."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for one in value:
            yield from _texts(one)
    elif isinstance(value, Mapping):
        if value.get("type") == "emoji":  # rich text has the name alone
            yield f":{text_in(value, 'name')}:"
        yield from _texts(list(value.values()))
