"""Bytes to entries: whatever comes is read, or it is said why not.

bytes | decode | split_prolog | read_strictly, else read_loosely | read_rss, read_atom | finish
      |        | read_json                                                         | finish
"""

from __future__ import annotations

from zoneinfo import ZoneInfo

from threatstamp.core.news.entry import Document
from threatstamp.core.news.feed import Problem, ProblemKind, Reason
from threatstamp.feeds.decoding import Decoded, decode, may_be_feed
from threatstamp.feeds.drafts import FeedDraft, Setting, finish
from threatstamp.feeds.links import absolute
from threatstamp.feeds.problems import (
    MOST_BYTES,
    MOST_ENTRIES,
    Refused,
)

_GLANCE = 4_096
"""So many bytes tell what a document is that is no feed."""
_BLANK = " \t\r\n\ufeff\0"


def read_document(
    body: bytes, *, content_type: str | None = None, base: str | None = None, zone: ZoneInfo
) -> Document:
    """Returns what a document says; what is wrong with it is its problem, never an exception.

    content_type: the header that came with it. base: the address that it came from. zone: for dates that
    carry none.
    """
    if len(body) > MOST_BYTES:
        return Document(problem=Problem(reason=Reason.READ_TOO_MANY_BYTES, values={"most": MOST_BYTES}))
    decoded = decode(body if may_be_feed(body) else body[:_GLANCE], content_type)
    setting = Setting(base=absolute(base, None), zone=zone)
    try:
        found, problem = _read(decoded.text.lstrip(_BLANK), setting)
    except Refused as refused:
        return Document(problem=refused.problem)
    return Document(
        title=found.title,
        link=found.link,
        entries=finish(found.drafts),
        problem=_worst(problem, found, decoded),
    )


def _read(text: str, setting: Setting) -> tuple[FeedDraft, Problem | None]:
    if not text.strip(_BLANK):
        raise Refused(Reason.READ_EMPTY)
    if text[0] in "{[":
        from threatstamp.feeds.jsonfeed import read_json

        return read_json(text, setting)
    from threatstamp.feeds.markup import read_markup

    return read_markup(text, setting)


def _worst(problem: Problem | None, found: FeedDraft, decoded: Decoded) -> Problem | None:
    """Returns the problem to be shown: too much first, then broken bytes, which may have broken the rest."""
    if problem and problem.kind is not ProblemKind.MALFORMED:
        return problem
    if found.more:
        return Problem(reason=Reason.READ_TOO_MANY_ENTRIES, values={"most": MOST_ENTRIES})
    if decoded.lost:
        values: dict[str, str | int] = {"count": decoded.lost, "encoding": decoded.encoding}
        return Problem(reason=Reason.READ_BROKEN_BYTES, values=values)
    return problem
