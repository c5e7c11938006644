"""Plain text from what feeds write: tags off, entities resolved once, nothing invisible left."""

from __future__ import annotations

import re
from html.entities import html5

from threatstamp.core.text import composed

_WINDOWS = {code: bytes([code]).decode("cp1252", "ignore") for code in range(0x80, 0xA0)}
"""What the control characters U+0080 to U+009F are taken for, as HTML does."""
_DROPPED = (
    *range(0x09),
    *range(0x0E, 0x20),
    0x7F,
    0x061C,
    0x200E,
    0x200F,
    *range(0x202A, 0x202F),
    *range(0x2066, 0x206A),
    0xFEFF,
    *range(0xFFF9, 0xFFFC),
    *range(0xFDD0, 0xFDF0),
    0xFFFE,
    0xFFFF,
)
_TABLE: dict[int, str | None] = {
    **dict.fromkeys(_DROPPED, None),
    **_WINDOWS,
    0x0B: " ",
    0x0C: " ",
    0x0D: "\n",
}
_SUSPECT = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff"
                      "\ufdd0-\ufdef\ufeff\ufff9-\ufffb\ufffe\uffff]")  # fmt: skip
_SURROGATES = re.compile("[\ud800-\udfff]")
_ENTITY = re.compile(r"&(?:#(\d{1,8})|#[xX]([0-9a-fA-F]{1,7})|([A-Za-z][A-Za-z0-9]{1,31}));")
_MARKUP = frozenset({"lt", "gt", "LT", "GT"})

_TAG = re.compile(
    r"""<(/?)([A-Za-z][A-Za-z0-9:]*)((?>(?>[^<>"']+|"[^"<]*"|'[^'<]*')*)>|[^<>]*>)|<[!?][^<>]*>"""
)
_SILENT = ("script", "style", "head", "template", "svg")
_OPENED = {name: re.compile(rf"<{name}(?=[\s/>])", re.IGNORECASE) for name in _SILENT}
_CLOSED = {name: re.compile(rf"</{name}\s{{0,9}}>", re.IGNORECASE) for name in _SILENT}


def named_words(words: str) -> frozenset[str]:
    """Returns a list of names, which reads better as one sentence."""
    return frozenset(words.split())


BLOCKS = named_words(
    "address article aside blockquote body br caption center dd details dir div dl dt fieldset "
    "figcaption figure footer form h1 h2 h3 h4 h5 h6 head header hr html li main menu nav ol option "
    "p pre section select summary table tbody tfoot thead title tr ul"
)
CELLS = frozenset({"td", "th"})
_INLINE = named_words(
    "a abbr acronym b bdi bdo big br cite code del dfn em font i img ins kbd mark q rp rt ruby s "
    "samp small span strike strong sub sup tt u var wbr p div"
)
_MORE = named_words(
    "area audio base button canvas col colgroup data datalist embed input label legend link map meta "
    "meter object output param picture progress source textarea time track video iframe script style "
    "svg path g noscript template applet blink frame frameset noframes marquee nobr center basefont isindex"
)
_ALL = BLOCKS | CELLS | _INLINE | _MORE
_CLOSING = re.compile(r"</([A-Za-z][A-Za-z0-9]*)\s{0,9}>")
_WITH_ATTRIBUTE = re.compile(r"<([A-Za-z][A-Za-z0-9]*)\s{1,9}[A-Za-z\-]{1,30}\s{0,9}=[^<>]*>")
_SURE = re.compile(r"<(?:br|hr|p|li|div)\s{0,9}/?>", re.IGNORECASE)

_NOTHING = frozenset(
    ("-", "--", "---", "?", "#", "n/a", "n.a.", "na", "#n/a", "none", "null", "nil", "nan", "nul",
     "(none)", "(null)", "undefined", "unknown", "tbd", "tba", "empty", "blank", "false", "not available",
     "not applicable", "なし", "無し", "無", "該当なし", "未定", "不明", "―", "ー", "－")
)  # fmt: skip
"""What people and programs write where there is nothing to say."""


def says_nothing(text: str) -> bool:
    """True for what stands where an id or a link should be, and is neither: "N/A", "none", "-"."""
    return len(text) < 20 and text.strip(" \t\r\n\u3000<>[]\"'").lower() in _NOTHING


def clean(text: str) -> str:
    """Returns text without control and direction characters, composed (NFC).

    U+0080 to U+009F are taken for what Windows has there.
    """
    if not text.isprintable() and _SUSPECT.search(text):
        text = _SURROGATES.sub("", text.replace("\r\n", "\n").translate(_TABLE))
    return composed(text)


def one_line(text: str) -> str | None:
    """Returns clean text with every run of white space as one space; None if nothing is left."""
    if text.isascii() and text.isprintable() and "  " not in text:
        return text.strip() or None
    return " ".join(clean(text).split()) or None


def paragraphs(text: str) -> str | None:
    """Returns plain text: blank lines part paragraphs (one line each), other white space is one space."""
    text = clean(text)
    if "\n" not in text:
        return " ".join(text.split()) or None
    found: list[list[str]] = [[]]
    for line in text.split("\n"):
        words = line.split()
        if words:
            found[-1] += words
        elif found[-1]:
            found.append([])
    return "\n".join(" ".join(words) for words in found if words) or None


def lines(text: str) -> str | None:
    """Returns text whose line breaks all count: each line folded, empty ones left out."""
    folded = (" ".join(line.split()) for line in clean(text).split("\n"))
    return "\n".join(line for line in folded if line) or None


def resolve(text: str, *, keep_markup: bool = False) -> str:
    """Resolves each known entity once. keep_markup: `&lt;` and `&gt;` stay as they are."""
    if "&" not in text:
        return text
    return _ENTITY.sub(_kept if keep_markup else _resolved, text)


def named(name: str) -> str | None:
    """Returns the characters of a named entity of HTML."""
    return html5.get(name + ";")


def _kept(match: re.Match[str]) -> str:
    if match[3] in _MARKUP or _resolved(match) in ("<", ">"):
        return match[0]
    return _resolved(match)


def _resolved(match: re.Match[str]) -> str:
    decimal, sixteen, name = match.groups()
    if name:
        return named(name) or match[0]
    code = int(decimal) if decimal else int(sixteen, 16)
    if code == 0 or code > 0x10FFFF or 0xD800 <= code < 0xE000:
        return "\ufffd"
    return chr(code)


def looks_like_html(text: str, known: frozenset[str] = _ALL) -> bool:
    """True if untyped text holds tags of HTML that were meant as tags, not "<b" in a sentence."""
    if "<" not in text:
        return False
    names = (*_CLOSING.findall(text), *_WITH_ATTRIBUTE.findall(text))
    return any(name.lower() in known for name in names) or bool(_SURE.search(text))


def untyped_line(text: str, *, cdata: bool) -> str | None:
    """Reads a title of RSS, which may be plain or HTML.

    With paired tags of HTML it is HTML. Otherwise it is plain: what is left of twofold escaping is resolved,
    but `&lt;` only inside CDATA, so that every entity is resolved once.
    """
    if "<" in text and looks_like_html(text, _INLINE):
        text = _stripped(text, _INLINE).replace("\n", " ")
    elif "&" in text:
        text = resolve(text, keep_markup=not cdata)
    return one_line(text)


def untyped_lines(text: str) -> str | None:
    """Reads a description of RSS: HTML by custom; tags that HTML does not know are words."""
    if looks_like_html(text):
        return lines(inner_html(text))
    return paragraphs(resolve(text))


def inner_html(text: str) -> str:
    """Returns the words of HTML, not yet parted into lines; tags that HTML does not know are words."""
    return _stripped(_without_silent(text), _ALL)


def html_lines(text: str) -> str | None:
    """Reads HTML as lines: blocks and breaks part them."""
    return lines(_stripped(_without_silent(text), None))


def _stripped(text: str, known: frozenset[str] | None) -> str:
    """Takes tags off and resolves entities. known: other tags are words; None: all are tags."""
    found: list[str] = []
    at = 0
    for match in _TAG.finditer(text):
        name = (match[2] or "").lower()
        if name and known is not None and name not in known:
            continue
        found.append(_words(text[at : match.start()]))
        if name in BLOCKS:
            found.append("\n")
        elif name in CELLS:
            found.append(" ")
        at = match.end()
    found.append(_words(text[at:]))
    return "".join(found)


def _words(text: str) -> str:
    return resolve(text.replace("\r", " ").replace("\n", " "))


def _without_silent(text: str) -> str:
    """Takes out comments and what is not meant to be read, such as scripts. Each pass is linear."""
    if "<!--" in text:
        text = _without_comments(text)
    for name in _SILENT:
        if _OPENED[name].search(text):
            text = _without(text, _OPENED[name], _CLOSED[name])
    return text


def _without_comments(text: str) -> str:
    found: list[str] = []
    at = 0
    while (start := text.find("<!--", at)) >= 0:
        end = text.find("-->", start + 4)
        if end < 0:
            return "".join((*found, text[at:].replace("<!--", " ")))
        found.append(text[at:start])
        at = end + 3
    return "".join((*found, text[at:]))


def _without(text: str, opened: re.Pattern[str], closed: re.Pattern[str]) -> str:
    found: list[str] = []
    at = 0
    while start := opened.search(text, at):
        end = closed.search(text, start.end())
        if end is None:
            break
        found.append(text[at : start.start()])
        at = end.end()
    return "".join((*found, text[at:]))
