"""Text as Slack writes it: escaped once, and unable to mention or to link when it is quoted."""

from __future__ import annotations

import html
import re
import unicodedata
from functools import cache

ZERO_WIDTH_SPACE = "\u200b"
_TOKEN = re.compile(r"<([^<>\n]*)>")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_MARKS = re.compile(r"([*_~`])")
_LONG_NUMBER = re.compile(r"&#(?:[0-9]{20,}|[xX][0-9a-fA-F]{20,});?")
_MOST_ACCENTS = 30
_LAST_ACCENT = 0x20000
_QUICK = 200
"""So many signs are composed quickly, whatever they are."""


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
    return re.sub(r"(?m)^([^\S\n]*)&gt;", r"\1" + ZERO_WIDTH_SPACE + "&gt;", safe)


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
    """Returns HTML-flavoured text (some bots post entities) as plain words, composed.

    A number that is no character's, however long, is one unknown character.
    """
    return composed(html.unescape(_LONG_NUMBER.sub("\ufffd", text)))


def composed(text: str) -> str:
    """Returns text in Unicode's form NFC.

    Of the accents over one letter 30 are kept, which no script needs (UAX #15, stream-safe text): to compose
    a long run of them takes time that grows with its square.
    """
    if text.isascii():
        return text
    if len(text) > _QUICK:
        text = _accents().sub(r"\1", text)
    return unicodedata.normalize("NFC", text)


@cache
def _accents() -> re.Pattern[str]:
    """Matches more accents on end than are kept: all signs that begin with one when they are taken apart."""
    signs = map(chr, range(0x300, _LAST_ACCENT))
    marks = "".join(sign for sign in signs if unicodedata.combining(_first(sign)))
    return re.compile(f"([{marks}]{{{_MOST_ACCENTS}}})[{marks}]+")


def _first(sign: str) -> str:
    return unicodedata.normalize("NFD", sign)[0]
