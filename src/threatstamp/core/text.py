"""Text for and from Slack: escaped exactly once, and harmless when other people's words are quoted.

Escaping and mrkdwn: https://docs.slack.dev/messaging/formatting-message-text
"""

from __future__ import annotations

import html
import re
import unicodedata
from functools import cache

ZERO_WIDTH_SPACE = "\u200b"
_TOKEN = re.compile(r"<([^<>\n]*)>")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_MARKS = re.compile(r"([*_~`])")
_ILL_FORMED = re.compile("[\x00\ud800-\udfff]")
_LONG_NUMBER = re.compile(r"&#(?:[0-9]{20,}|[xX][0-9a-fA-F]{20,});?")
_MOST_ACCENTS = 30
_LAST_ACCENT = 0x20000
_QUICK = 200
"""Text up to this many characters is normalised quickly whatever it contains."""


def well_formed(text: str) -> str:
    """Returns text that any database and any output can hold: halves of surrogate pairs, and NUL, as U+FFFD.

    JSON can express both (RFC 8259, 8.2), and texts that were cut in the middle of an emoji have the first.
    UTF-8 has no surrogates (RFC 3629, 3), and PostgreSQL's text no NUL. Two halves that belong together
    become the character they stand for.
    """
    if not _ILL_FORMED.search(text):
        return text
    pairs = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return pairs.replace("\x00", "\ufffd")


def well_formed_json(value: object) -> object:
    """Returns JSON with each text in it well-formed, names included; see `well_formed`."""
    if isinstance(value, str):
        return well_formed(value)
    if isinstance(value, dict):
        return {well_formed(str(name)): well_formed_json(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [well_formed_json(inner) for inner in value]
    return value


def escape(text: str) -> str:
    """Returns plain text with Slack's three control characters (& < >) escaped; the inverse of `unescape`."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def unescape(text: str) -> str:
    """Returns text from Slack's API as plain text: only &amp; &lt; &gt; are resolved, each once."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def plain(text: str) -> str:
    """Returns Slack's mrkdwn as the words that a person reads: links as their label, mentions as a name.

    The result is plain, unescaped text without control and bidirectional characters. A mention that carries
    no name stays "@U…".
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
    """Returns plain text for a mrkdwn block, unable to mention, link, format or display an emoji.

    Escaping alone is not enough: Slack's clients also turn bare addresses and :names: into links and emoji.
    So format marks, colons, "@", "#" and the dots within words get a zero-width space.
    """
    safe = escape(_CONTROL.sub("", text))
    safe = _MARKS.sub(ZERO_WIDTH_SPACE + r"\1" + ZERO_WIDTH_SPACE, safe)
    safe = re.sub(r"([@#:])", r"\1" + ZERO_WIDTH_SPACE, safe)
    safe = re.sub(r"(?<=\S)\.(?=\S)", "." + ZERO_WIDTH_SPACE, safe)
    return re.sub(r"(?m)^([^\S\n]*)&gt;", r"\1" + ZERO_WIDTH_SPACE + "&gt;", safe)


def noted(text: str) -> str:
    """Returns plain text for a message's `text` beside blocks: notifications display it as it is.

    It stays readable, so only what would notify everybody or become a link is defused.
    """
    safe = escape(_CONTROL.sub("", text)).replace("://", f":{ZERO_WIDTH_SPACE}//")
    return re.sub(r"@(?=here|channel|everyone)", "@" + ZERO_WIDTH_SPACE, safe, flags=re.IGNORECASE)


def is_web_link(link: str) -> bool:
    """True for an http(s) address without characters that could end or relabel a Slack link."""
    return bool(re.fullmatch(r"https?://[^\s<>|\"\x00-\x1f\x7f]+", link, re.IGNORECASE))


def one_line(text: str) -> str:
    """Returns text with every run of white space replaced by one space."""
    return " ".join(text.split())


def shown(text: str) -> str:
    """Returns text in which HTML entities, which some bots post, are resolved; in Unicode form NFC.

    Numbers too long for any character are replaced first: converting such a number takes time that grows
    with the square of its length, and Python refuses more than 4,300 digits.
    """
    return composed(html.unescape(_LONG_NUMBER.sub("\ufffd", text)))


def composed(text: str) -> str:
    """Returns text in Unicode's form NFC, with at most 30 combining marks on one character.

    Composing a longer run takes time that grows with the square of its length, so hostile text could stop
    the process. No script needs that many: https://unicode.org/reports/tr15/#Stream_Safe_Text_Format
    """
    if text.isascii():
        return text
    if len(text) > _QUICK:
        text = _accents().sub(r"\1", text)
    return unicodedata.normalize("NFC", text)


@cache
def _accents() -> re.Pattern[str]:
    """Matches runs of more marks than are kept: all characters whose decomposition begins with a mark."""
    signs = map(chr, range(0x300, _LAST_ACCENT))
    marks = "".join(sign for sign in signs if unicodedata.combining(_first(sign)))
    return re.compile(f"([{marks}]{{{_MOST_ACCENTS}}})[{marks}]+")


def _first(sign: str) -> str:
    return unicodedata.normalize("NFD", sign)[0]
