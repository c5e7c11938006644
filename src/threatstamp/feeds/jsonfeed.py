"""JSON Feed 1.0 and 1.1."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping

from threatstamp.core.news.entry import Entry
from threatstamp.core.news.feed import Problem, Reason
from threatstamp.feeds import plain
from threatstamp.feeds.dates import read_time
from threatstamp.feeds.drafts import Draft, FeedDraft, Setting, collect, people
from threatstamp.feeds.links import absolute
from threatstamp.feeds.problems import (
    DEEPEST,
    MOST_ELEMENTS,
    Refused,
)

_VERSION = re.compile(r"https?://(?:www\.)?jsonfeed\.org/version/", re.IGNORECASE)
_PARTS = re.compile(r'"(?:[^"\\]|\\.)*+(?:"|\Z)|[\[{]|[\]}]', re.DOTALL)
_ITEMS = re.compile(r'"items"\s{0,20}:\s{0,20}\[')
_BETWEEN = re.compile(r"[\s,]{0,1000}")
_DECODER = json.JSONDecoder(parse_int=str, parse_float=str, parse_constant=lambda _: None)

Table = Mapping[str, object]


def read_json(text: str, setting: Setting) -> tuple[FeedDraft, Problem | None]:
    """Reads a JSON Feed; of a broken one the items before the break. Raises Refused."""
    _guard(text)
    problem = None
    feed: object
    try:
        feed, end = _DECODER.raw_decode(text)
        if text[end:].strip(" \t\r\n\0"):
            problem = _broken(text.count("\n", 0, end) + 1)
    except json.JSONDecodeError as error:
        feed, problem = _saved(text), _broken(error.lineno)
    if not isinstance(feed, dict) or not _VERSION.match(str(feed.get("version"))):
        raise Refused(Reason.READ_JSON)
    items = feed.get("items")
    if not isinstance(items, list):
        return _feed(feed, (), setting), problem or Problem(reason=Reason.READ_JSON_NO_ITEMS)
    tables = [one for one in items if isinstance(one, dict)]
    if len(tables) < len(items):
        problem = problem or Problem(reason=Reason.READ_JSON_ITEMS)
    return _feed(feed, tables, setting), problem


def _broken(line: int) -> Problem:
    return Problem(reason=Reason.READ_JSON_BROKEN, values={"line": line})


def _guard(text: str) -> None:
    """Refuses what would need too much memory or depth, before anything is made of it."""
    opened = text.count("{") + text.count("[")
    if opened + text.count(",") > 2 * MOST_ELEMENTS:
        raise Refused(Reason.READ_TOO_MANY_ELEMENTS, most=MOST_ELEMENTS)
    if opened <= DEEPEST:
        return
    depth = 0
    for match in _PARTS.finditer(text):
        sign = text[match.start()]
        if sign in "[{":
            depth += 1
            if depth > DEEPEST:
                raise Refused(Reason.READ_TOO_DEEP, most=DEEPEST)
        elif sign != '"':
            depth -= 1


def _saved(text: str) -> dict[str, object]:
    """Returns what comes before the items, and the items that are whole."""
    match = _ITEMS.search(text)
    if match is None:
        return {}
    try:
        feed = _DECODER.decode(text[: match.end()] + "]}")
    except json.JSONDecodeError:
        return {}
    at = match.end()
    while True:
        between = _BETWEEN.match(text, at)
        at = between.end() if between else at
        try:
            item, at = _DECODER.raw_decode(text, at)
        except json.JSONDecodeError:
            return dict(feed) if isinstance(feed, dict) else {}
        feed["items"].append(item)


def _feed(feed: Table, items: Iterable[Table], setting: Setting) -> FeedDraft:
    link = absolute(_words(feed, "home_page_url"), setting.base)
    base = link or setting.base or absolute(_words(feed, "feed_url"), None)
    authors = _authors(feed)
    drafts, more = collect(_item(item, base, authors, setting) for item in items if item)
    return FeedDraft(title=plain.one_line(_words(feed, "title") or ""), link=link, drafts=drafts, more=more)


def _item(item: Table, base: str | None, authors: tuple[str, ...], setting: Setting) -> Draft:
    return Draft(
        ids=(_words(item, "id"),),
        entry=Entry(
            entry_id="",
            title=plain.one_line(_words(item, "title") or ""),
            link=absolute(_words(item, "url"), base) or absolute(_words(item, "external_url"), base),
            summary=_summary(item),
            published_at=read_time(_words(item, "date_published"), setting.zone),
            updated_at=read_time(_words(item, "date_modified"), setting.zone),
            authors=_authors(item) or authors,
        ),
    )


def _summary(item: Table) -> str | None:
    for name, reading in (
        ("summary", plain.paragraphs),
        ("content_text", plain.paragraphs),
        ("content_html", plain.html_lines),
    ):
        if found := reading(_words(item, name) or ""):
            return found
    return None


def _authors(table: Table) -> tuple[str, ...]:
    several = table.get("authors")
    listed = several if isinstance(several, list) else []
    known = [one for one in (*listed, table.get("author")) if isinstance(one, dict)]
    return people(plain.one_line(_words(one, "name") or _words(one, "url") or "") for one in known)


def _words(table: Table, name: str) -> str | None:
    """Returns a text; numbers are one as they are written."""
    value = table.get(name)
    return value if isinstance(value, str) else None
