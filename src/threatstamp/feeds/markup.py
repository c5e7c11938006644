"""XML of any kind: strictly first, loosely where that fails, then by the dialect of its root."""

from __future__ import annotations

import re
from xml.parsers.expat import ExpatError

from threatstamp.core.news.feed import Problem
from threatstamp.feeds.atom import is_atom, read_atom
from threatstamp.feeds.drafts import Found, Setting
from threatstamp.feeds.loose import read_loosely
from threatstamp.feeds.problems import Cut, Refused, malformed, not_a_feed
from threatstamp.feeds.prolog import Prolog, has_root, split_prolog
from threatstamp.feeds.rss import is_rss, read_rss
from threatstamp.feeds.strict import read_strictly
from threatstamp.feeds.tree import Node, Tree

_FIRST = re.compile(r"<([A-Za-z_][\w.:\-]{0,60})")
_KNOWN = {"html": "html", "opml": "opml", "urlset": "sitemap", "sitemapindex": "sitemap"}


def read_markup(text: str, setting: Setting) -> tuple[Found, Problem | None]:
    """Reads RSS or Atom. Raises Refused for what is neither."""
    prolog = split_prolog(text)
    if not has_root(prolog.text):
        raise Refused(_foreign(prolog))
    tree, problem = _tree(prolog)
    roots = _roots(tree.top)
    if roots and is_rss(roots[0]):
        return read_rss(roots, setting), problem
    if roots and is_atom(roots[0]):
        return read_atom(roots, setting), problem
    raise Refused(_foreign(prolog))


def _tree(prolog: Prolog) -> tuple[Tree, Problem | None]:
    tree = Tree()
    try:
        read_strictly(prolog, tree)
        return tree, _early(prolog) or _unknown(tree)
    except ExpatError as error:
        line = error.lineno
    except Cut as cut:
        return tree, cut.problem
    tree = Tree()
    try:
        read_loosely(prolog, tree)
    except Cut as cut:
        return tree, cut.problem
    return tree, malformed("not_well_formed", line=line)


def _early(prolog: Prolog) -> Problem | None:
    return malformed("early_words") if prolog.early else None


def _unknown(tree: Tree) -> Problem | None:
    return malformed("unknown_entity", entity=tree.unknown) if tree.unknown else None


def _roots(top: Node) -> list[Node]:
    """Returns the roots of a dialect: several where documents follow each other, stray items too."""
    kind = next((kind for node in top.nodes for kind in (is_rss, is_atom) if kind(node)), is_rss)
    return [node for node in top.nodes if kind(node)]


def _foreign(prolog: Prolog) -> Problem:
    """Says what a document is that is no feed."""
    text = prolog.text.lstrip()
    if prolog.early or not text.startswith("<"):
        return not_a_feed("pdf" if text.startswith("%PDF") else "text")
    match = _FIRST.match(text)
    if match is None:
        return not_a_feed("text")
    name = match[1].rpartition(":")[2].lower()
    known = _KNOWN.get(name)
    return not_a_feed(known) if known else not_a_feed("xml", root=match[1])
