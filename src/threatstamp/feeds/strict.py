"""The first pass over XML: expat, which is quick and forgives nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from xml.parsers import expat

from threatstamp.feeds.plain import resolve
from threatstamp.feeds.prolog import Prolog
from threatstamp.feeds.tree import Tree

MOST_LEARNT = 10_000
"""So often may a document use entities of its own."""


def read_strictly(prolog: Prolog, tree: Tree) -> None:
    """Fills the tree from a well-formed document. Raises ExpatError, Refused and Cut.

    Nothing outside is fetched: the DOCTYPE is gone, and expat only believes that there is one, so that
    entities of HTML, which feeds use undeclared, come to us one by one instead of ending the document.
    """
    parser = expat.ParserCreate("utf-8")
    parser.buffer_text = True
    parser.buffer_size = 1 << 16
    parser.UseForeignDTD(True)  # noqa: FBT003 - expat takes it by position only
    parser.ExternalEntityRefHandler = lambda *_: 1
    parser.StartElementHandler = tree.start
    parser.EndElementHandler = tree.end
    parser.CharacterDataHandler = tree.text
    parser.StartCdataSectionHandler = tree.cdata
    parser.SkippedEntityHandler = _entities(tree, prolog.entities)
    parser.Parse(prolog.text, True)  # noqa: FBT003 - expat takes it by position only


def _entities(tree: Tree, learnt: Mapping[str, str]) -> Callable[[str, bool], None]:
    left = MOST_LEARNT

    def meet(name: str, _parameter: bool) -> None:
        nonlocal left
        if name in learnt and left > 0:
            left -= 1
            tree.count()
            tree.text(resolve(learnt[name]))
        else:
            tree.entity(name)

    return meet
