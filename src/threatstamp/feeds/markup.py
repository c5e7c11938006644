"""XML of any kind: strictly first, loosely where that fails, then by the dialect of its root."""

from __future__ import annotations

import re
from xml.parsers.expat import ExpatError

from threatstamp.core.news.feed import Problem, Reason
from threatstamp.feeds.atom import is_atom, read_atom
from threatstamp.feeds.drafts import FeedDraft, Setting
from threatstamp.feeds.loose import read_loosely
from threatstamp.feeds.problems import Cut, Refused
from threatstamp.feeds.prolog import Prolog, has_root, split_prolog
from threatstamp.feeds.rss import is_rss, read_rss
from threatstamp.feeds.strict import read_strictly
from threatstamp.feeds.tree import Node, Tree

_FIRST = re.compile(r"<([A-Za-z_][\w.:\-]{0,60})")
_KNOWN = {
    "html": Reason.READ_HTML,
    "opml": Reason.READ_OPML,
    "urlset": Reason.READ_SITEMAP,
    "sitemapindex": Reason.READ_SITEMAP,
}


def read_markup(text: str, setting: Setting) -> tuple[FeedDraft, Problem | None]:
    """Reads RSS or Atom. Raises Refused for what is neither."""
    prolog = split_prolog(text)
    if not has_root(prolog.text):
        raise _foreign(prolog)
    tree, problem = _tree(prolog)
    roots = _roots(tree.top)
    if roots and is_rss(roots[0]):
        return read_rss(roots, setting), problem
    if roots and is_atom(roots[0]):
        return read_atom(roots, setting), problem
    raise _foreign(prolog)


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
    return tree, Problem(reason=Reason.READ_NOT_WELL_FORMED, values={"line": line})


def _early(prolog: Prolog) -> Problem | None:
    return Problem(reason=Reason.READ_EARLY_WORDS) if prolog.early else None


def _unknown(tree: Tree) -> Problem | None:
    if tree.unknown is None:
        return None
    return Problem(reason=Reason.READ_UNKNOWN_ENTITY, values={"entity": tree.unknown})


def _roots(top: Node) -> list[Node]:
    """Returns the roots of a dialect: several where documents follow each other, stray items too."""
    kind = next((kind for node in top.nodes for kind in (is_rss, is_atom) if kind(node)), is_rss)
    return [node for node in top.nodes if kind(node)]


def _foreign(prolog: Prolog) -> Refused:
    """Says what a document is that is no feed."""
    text = prolog.text.lstrip()
    if prolog.early or not text.startswith("<"):
        return Refused(Reason.READ_PDF if text.startswith("%PDF") else Reason.READ_TEXT)
    match = _FIRST.match(text)
    if match is None:
        return Refused(Reason.READ_TEXT)
    name = match[1].rpartition(":")[2].lower()
    known = _KNOWN.get(name)
    return Refused(known) if known else Refused(Reason.READ_XML, root=match[1])
