"""What was found, as lines and as JSON."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import tzinfo

from threatstamp.core.news.marking import label_beside
from threatstamp.core.time import Micros, datetime_of, utc_text
from threatstamp.desk.views.search import FoundPost, SearchAnswer
from threatstamp.render.unseen import clean
from threatstamp.texts.catalogue import Texts

Say = Callable[[Micros], str]
"""A moment as people say it."""


def dated(at: Micros, zone: tzinfo) -> str:
    """Returns a moment with its year: what is found may be years old."""
    return f"{datetime_of(at).astimezone(zone):%Y-%m-%d %H:%M}"


def search_lines(answer: SearchAnswer, texts: Texts, *, say: Say, none: str = "none") -> Iterator[str]:
    """Yields what was found, two lines each, and how to see the rest. none: the key for nothing at all."""
    if not answer.found:
        yield texts(f"search.{none}" if not answer.total else "search.no_page", count=answer.said_total)
        return
    yield texts("search.count", count=answer.said_total)
    for one in answer.found:
        yield f"{say(one.at)}  {found_title(one, texts)}"
        where = (texts("search.of", source=clean(one.source)), clean(one.permalink or one.link))
        yield f"    {'  '.join(filter(None, where))}"
    if answer.has_more:
        yield texts("search.more", page=answer.page + 1)


def found_title(one: FoundPost, texts: Texts) -> str:
    """Returns a title, with its TLP label in front where it does not say that itself."""
    title = clean(one.title) or texts("search.untitled")
    return " ".join(filter(None, (label_beside(one.title, one.marking), title)))


def search_body(answer: SearchAnswer) -> dict[str, object]:
    """Returns what was found for programs, times in UTC."""
    return {
        "total": answer.total,
        "total_is_least": answer.is_least,
        "page": answer.page,
        "found": [found_body(one) for one in answer.found],
    }


def found_body(one: FoundPost) -> dict[str, object]:
    """Returns a story or a post for programs. story: null for a post that displays none. tlp: its label."""
    return {
        "at": utc_text(one.at),
        "title": one.title,
        "link": one.link or None,
        "source": one.source,
        "story": one.story,
        "posts": [{"channel": place.channel, "ts": place.ts} for place in one.places],
        "permalink": one.permalink,
        "tlp": one.marking,
    }
