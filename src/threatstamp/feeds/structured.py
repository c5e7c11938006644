"""Text constructs: an element's content as text, as escaped HTML, or as elements (RFC 4287, 3.1)."""

from __future__ import annotations

import base64
import binascii

from threatstamp.feeds import plain
from threatstamp.feeds.tree import Node

_HTML = ("html", "text/html")
_TEXT = ("", "text", "text/plain")
_SILENT = frozenset({"script", "style", "head", "template", "svg"})


def has_elements(node: Node) -> bool:
    return any(isinstance(one, Node) for one in node.content)


def node_lines(node: Node, *, is_html: bool = True) -> str | None:
    """Returns the words of elements, by lines.

    is_html: what stands in CDATA among them is HTML if it looks so. XHTML that says so means what it says.
    """
    words: list[str] = []
    _walk(node, words, is_html=is_html)
    return plain.lines("".join(words))


def typed_lines(node: Node) -> str | None:
    """Reads a text construct of Atom 1.0 or 0.3 as lines."""
    kind = _kind(node)
    if node.attributes.get("mode") == "base64":
        return _from_base64(node, kind)
    if has_elements(node) or kind == "xhtml" or kind.endswith(("/xml", "+xml")):
        return node_lines(node, is_html=kind in _HTML)
    if kind in _HTML:
        return plain.html_lines(node.text())
    if kind in _TEXT or kind.startswith("text/"):
        return plain.paragraphs(node.text())
    return None


def typed_line(node: Node) -> str | None:
    """Reads a text construct of Atom as one line."""
    return plain.one_line(typed_lines(node) or "")


def untyped_line(node: Node) -> str | None:
    """Reads a title of RSS."""
    if has_elements(node):
        return plain.one_line(node_lines(node) or "")
    return plain.untyped_line(node.text(), cdata=node.cdata)


def untyped_lines(node: Node) -> str | None:
    """Reads a description of RSS."""
    if has_elements(node):
        return node_lines(node)
    return plain.untyped_lines(node.text())


def _kind(node: Node) -> str:
    return node.attributes.get("type", "").partition(";")[0].strip().lower()


def _from_base64(node: Node, kind: str) -> str | None:
    try:
        text = base64.b64decode(node.text().encode("ascii", "ignore")).decode("utf-8", "replace")
    except binascii.Error:
        return None
    return plain.html_lines(text) if kind in _HTML else plain.paragraphs(text)


def _walk(node: Node, words: list[str], *, is_html: bool) -> None:
    for one in node.content:
        if isinstance(one, str):
            is_markup = is_html and node.cdata and plain.looks_like_html(one)
            words.append(plain.inner_html(one) if is_markup else one.replace("\r", " ").replace("\n", " "))
            continue
        name = one.name.rpartition(":")[2].lower()
        if name in _SILENT:
            continue
        around = "\n" if name in plain.BLOCKS else " " if name in plain.CELLS else ""
        words.append(around)
        _walk(one, words, is_html=is_html)
        words.append(around)
