"""Reads a message as Slack writes it into the desk's snapshot of a post."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from threatstamp.core.ids import Ts, UserId
from threatstamp.core.post import Snapshot
from threatstamp.core.text import is_web_link, one_line, plain, shown, unescape

Message = Mapping[str, object]
_LINK = re.compile(r"<(https?://[^<>|\s]+)(?:\|([^<>]*))?>")


def read_snapshot(message: Message) -> Snapshot:
    """Returns what a post says. Slack's own RSS app puts its link into text, attachments or blocks."""
    title, link = _headline(message)
    thread = _text(message, "thread_ts")
    return Snapshot(
        text=_words(message),
        title=title,
        link=link,
        source=_source(message),
        author=UserId(_text(message, "user")) if _text(message, "user") else None,
        thread_ts=Ts(thread) if thread and thread != message.get("ts") else None,
        permalink=_text(message, "permalink") or None,
    )


def is_by(message: Message, *, user: str, bot: str) -> bool:
    """True for a message that this app posted itself."""
    return bool(user and message.get("user") == user) or bool(bot and message.get("bot_id") == bot)


def _headline(message: Message) -> tuple[str, str]:
    for attachment in _tables(message, "attachments"):
        link = _text(attachment, "title_link") or _text(attachment, "from_url")
        title = _text(attachment, "title")
        if title and is_web_link(unescape(link)):
            return _line(title), unescape(link)
    texts = [_text(message, "text"), *_block_texts(message)]
    for text in texts:
        found = _LINK.search(text)
        if found and is_web_link(unescape(found[1])):
            link = unescape(found[1])
            return _line(found[2] or "") or _rich_title(message, link), link
    links = dict(_rich_links(message.get("blocks")))
    if len(links) == 1:  # several: it is a list of things, and none of them is its headline
        [(link, title)] = links.items()
        return one_line(shown(title)), link
    return "", ""


def _rich_title(message: Message, link: str) -> str:
    """The words of a link in rich text that stands bare in the text, as in our own posts."""
    return next((one_line(title) for at, title in _rich_links(message.get("blocks")) if at == link), "")


def _line(text: str) -> str:
    return one_line(shown(plain(text)))


def _words(message: Message) -> str:
    text = _text(message, "text")
    if text.strip():
        return shown(plain(text)).strip()
    parts = [*_block_texts(message), *_attachment_texts(message)]
    return "\n".join(shown(plain(part)).strip() for part in parts if part.strip())


def _source(message: Message) -> str:
    profile = message.get("bot_profile")
    named = _text(profile, "name") if isinstance(profile, Mapping) else ""
    for attachment in _tables(message, "attachments"):
        service = _text(attachment, "service_name") or _text(attachment, "author_name")
        if service:
            return _line(service)
    return _line(_text(message, "username") or named)


def _block_texts(message: Message) -> Iterator[str]:
    for block in _tables(message, "blocks"):
        text = block.get("text")
        if isinstance(text, Mapping):
            yield _text(text, "text")
        for part in (*_tables(block, "fields"), *_tables(block, "elements")):
            if part.get("type") in ("mrkdwn", "plain_text"):
                yield _text(part, "text")


def _attachment_texts(message: Message) -> Iterator[str]:
    for attachment in _tables(message, "attachments"):
        yield from (_text(attachment, name) for name in ("pretext", "title", "text", "fallback"))


def _rich_links(value: object) -> Iterator[tuple[str, str]]:
    """Walks rich text, which nests, for its links."""
    if isinstance(value, list):
        for one in value:
            yield from _rich_links(one)
    elif isinstance(value, Mapping):
        link = _text(value, "url")
        if value.get("type") == "link" and is_web_link(link):
            yield link, _text(value, "text")
        yield from _rich_links(value.get("elements"))


def _text(value: object, name: str) -> str:
    found = value.get(name) if isinstance(value, Mapping) else None
    return found if isinstance(found, str) else ""


def _tables(value: Mapping[str, object], name: str) -> list[Mapping[str, object]]:
    found = value.get(name)
    return [one for one in found if isinstance(one, Mapping)] if isinstance(found, list) else []
