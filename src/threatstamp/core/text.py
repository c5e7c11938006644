"""Text as Slack writes it: escaped once, and unable to mention or to link when it is quoted."""

from __future__ import annotations

import html
import re
import unicodedata

ZERO_WIDTH_SPACE = "\u200b"
_TOKEN = re.compile(r"<([^<>\n]*)>")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_MARKS = re.compile(r"([*_~`])")


def escape(text: str) -> str:
    """Returns plain text with Slack's three control characters escaped; the inverse of `unescape`."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def unescape(text: str) -> str:
    """Returns text from Slack's API as plain text: &amp; &lt; &gt; only, each once."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def plain(text: str) -> str:
    """Returns Slack's mrkdwn as the words that a person reads: links by their label, mentions by their name.

    Control and direction characters are dropped. The result is plain text, not escaped; names of people
    that only an id is known of stay as "@U…".
    """
    return _CONTROL.sub("", unescape(_TOKEN.sub(_token_words, text)))


def _token_words(match: re.Match[str]) -> str:
    body = match.group(1)
    target, _, label = body.partition("|")
    if target.startswith("!date^"):
        return label
    if target.startswith(("@", "#")):
        return target[0] + label.removeprefix(target[0]) if label else target
    if target.startswith("!"):
        return label or "@" + target[1:].partition("^")[0]
    return label or target.removeprefix("mailto:")


def quoted(text: str) -> str:
    """Returns plain text for a mrkdwn block in which nothing mentions, links, formats or shows an emoji.

    Angle brackets and ampersands are escaped; format marks, colons, "@", "#" and the joints of bare
    addresses get a zero-width space, since Slack's clients make links of bare addresses.
    """
    safe = escape(_CONTROL.sub("", text))
    safe = _MARKS.sub(ZERO_WIDTH_SPACE + r"\1" + ZERO_WIDTH_SPACE, safe)
    safe = re.sub(r"([@#:])", r"\1" + ZERO_WIDTH_SPACE, safe)
    safe = re.sub(r"(?<=\S)\.(?=\S)", "." + ZERO_WIDTH_SPACE, safe)
    return re.sub(r"(?m)^(\s*)&gt;", r"\1" + ZERO_WIDTH_SPACE + "&gt;", safe)


def noted(text: str) -> str:
    """Returns plain text for a message's `text` beside blocks, which notifications show: readable as it is.

    Nothing in it mentions anybody, and no address in it is one that a client could link.
    """
    safe = escape(_CONTROL.sub("", text)).replace("://", f":{ZERO_WIDTH_SPACE}//")
    return re.sub(r"@(?=here|channel|everyone)", "@" + ZERO_WIDTH_SPACE, safe, flags=re.IGNORECASE)


def is_web_link(link: str) -> bool:
    """True for an http(s) address without anything that could end or label a Slack link."""
    return bool(re.fullmatch(r"https?://[^\s<>|\"\x00-\x1f\x7f]+", link, re.IGNORECASE))


def one_line(text: str) -> str:
    """Returns text with every run of white space as one space."""
    return " ".join(text.split())


def shown(text: str) -> str:
    """Returns HTML-flavoured text (some bots post entities) as plain words, composed (NFC)."""
    return unicodedata.normalize("NFC", html.unescape(text))
