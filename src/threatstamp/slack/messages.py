"""Reads a message as Slack writes it into the desk's snapshot of a post."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from threatstamp.core.ids import Ts, UserId
from threatstamp.core.stamps.post import Snapshot
from threatstamp.core.text import is_web_link, one_line, plain, shown, unescape
from threatstamp.slack.reading import Loose as Message
from threatstamp.slack.reading import tables_in, text_in

_LINK = re.compile(r"<(https?://[^<>|\s]+)(?:\|([^<>]*))?>")


def read_snapshot(message: Message) -> Snapshot:
    """Returns what a post says. Slack's own RSS app puts its link into text, attachments or blocks."""
    title, link = _headline(message)
    thread, user = text_in(message, "thread_ts"), text_in(message, "user")
    return Snapshot(
        text=_words(message, link),
        title=title,
        link=link,
        source=_source(message),
        author=UserId(user) if user and not message.get("bot_id") else None,
        thread_ts=Ts(thread) if thread and thread != message.get("ts") else None,
        permalink=text_in(message, "permalink") or None,
    )


def is_by(message: Message, *, user: str, bot: str) -> bool:
    """True for a message that this app posted itself."""
    return bool(user and message.get("user") == user) or bool(bot and message.get("bot_id") == bot)


def _headline(message: Message) -> tuple[str, str]:
    for attachment in tables_in(message, "attachments"):
        link = text_in(attachment, "title_link") or text_in(attachment, "from_url")
        title = text_in(attachment, "title")
        if title and is_web_link(unescape(link)):
            return _line(title), unescape(link)
    texts = [text_in(message, "text"), *_block_texts(message)]
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
    """The words of a link in rich text that the text has only as an address, as in our own posts."""
    return next((one_line(title) for at, title in _rich_links(message.get("blocks")) if at == link), "")


def _line(text: str) -> str:
    return one_line(shown(plain(text)))


def _words(message: Message, headline: str) -> str:
    """Returns what the post says. An app's summary is in its attachments; below a person's words they are
    previews of what was linked, which the person has not said.

    headline: the link that is kept beside the words. Others that a person wrote are kept within them.
    """
    text = text_in(message, "text")
    if not text.strip():
        parts = [*_block_texts(message), *_attachment_texts(message)]
    elif message.get("bot_id"):
        parts = [text, *(text_in(one, "text") for one in tables_in(message, "attachments"))]
    else:
        parts = [_LINK.sub(lambda link: _with_address(link, headline), text)]
    said: list[str] = []
    for part in parts:
        clean = shown(plain(part)).strip()
        if clean and not any(clean in before for before in said):
            said.append(clean)
    return "\n".join(said)


def _with_address(link: re.Match[str], headline: str) -> str:
    """Returns a link as Slack wrote it, followed by its address if its words hide that."""
    address, label = link[1], link[2] or ""
    is_shown = unescape(address) == headline or not label or address in label
    return link[0] if is_shown else f"{link[0]} ({address})"


def _source(message: Message) -> str:
    profile = message.get("bot_profile")
    named = text_in(profile, "name") if isinstance(profile, Mapping) else ""
    for attachment in tables_in(message, "attachments"):
        service = text_in(attachment, "service_name") or text_in(attachment, "author_name")
        if service:
            return _line(service)
    return _line(text_in(message, "username") or named)


def _block_texts(message: Message) -> Iterator[str]:
    for block in tables_in(message, "blocks"):
        text = block.get("text")
        if isinstance(text, Mapping):
            yield text_in(text, "text")
        for part in (*tables_in(block, "fields"), *tables_in(block, "elements")):
            if part.get("type") in ("mrkdwn", "plain_text"):
                yield text_in(part, "text")


def _attachment_texts(message: Message) -> Iterator[str]:
    for attachment in tables_in(message, "attachments"):
        yield from (text_in(attachment, name) for name in ("pretext", "title", "text", "fallback"))


def _rich_links(value: object) -> Iterator[tuple[str, str]]:
    """Walks rich text, which nests, for its links."""
    if isinstance(value, list):
        for one in value:
            yield from _rich_links(one)
    elif isinstance(value, Mapping):
        link = text_in(value, "url")
        if value.get("type") == "link" and is_web_link(link):
            yield link, text_in(value, "text")
        yield from _rich_links(value.get("elements"))
