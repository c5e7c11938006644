"""The invented publishers of the demo, and their feeds as such publishers write them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from enum import StrEnum
from typing import Any
from xml.sax.saxutils import escape, quoteattr
from zoneinfo import ZoneInfo

TOKYO = ZoneInfo("Asia/Tokyo")


class Form(StrEnum):
    """What is at a feed's address. page: a web page, where a feed should be."""

    RDF = "rdf"
    RSS = "rss"
    ATOM = "atom"
    JSON = "json"
    PAGE = "page"


MEDIA_TYPES = {
    Form.RDF: "application/rdf+xml",
    Form.RSS: "application/rss+xml",
    Form.ATOM: "application/atom+xml",
    Form.JSON: "application/feed+json",
    Form.PAGE: "text/html",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One piece of news. changed_at: when it got another title."""

    title: str
    link: str
    summary: str
    at: datetime
    changed_at: datetime | None = None

    @property
    def id(self) -> str:
        """Its address without what a campaign puts behind it."""
        return self.link.partition("?")[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """What a publisher does later: a new entry, or a new title for one that is there.

    listed: a CVE that the KEV catalogue lists then; no publisher does anything.
    """

    title: str
    feed: str = ""
    link: str = ""
    summary: str = ""
    listed: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Publisher:
    """A publisher with its feed. items: newest first. backlog: so many of them are posted at first.

    register: what the settings say of it besides.
    """

    name: str
    path: str
    form: Form
    encoding: str
    language: str
    site: str
    about: str
    items: tuple[Item, ...]
    backlog: int
    register: Mapping[str, str]

    @property
    def first_posted(self) -> tuple[Item, ...]:
        """What the desk posts when it meets the feed."""
        return self.items[: self.backlog]

    @property
    def is_broken(self) -> bool:
        return self.form is Form.PAGE

    @property
    def media_type(self) -> str:
        charset = "" if self.form is Form.JSON else f"; charset={_charset(self)}"
        return MEDIA_TYPES[self.form] + charset


def read_publishers(world: Mapping[str, Any], *, now: datetime) -> tuple[Publisher, ...]:
    """Returns the publishers of a world file, with the times of their news counted back from now."""
    return tuple(_publisher(table, now=now) for table in world["feeds"])


def read_happenings(world: Mapping[str, Any]) -> tuple[Happening, ...]:
    """Returns what happens later, in its order."""
    return tuple(Happening(**table) for table in world["later"])


def _publisher(table: Mapping[str, Any], *, now: datetime) -> Publisher:
    return Publisher(
        name=table["name"],
        path=table["path"],
        form=Form(table["form"]),
        encoding=table.get("encoding", "utf_8"),
        language=table["language"],
        site=table["site"],
        about=table["about"],
        items=tuple(_item(entry, now=now) for entry in table.get("entries", ())),
        backlog=table.get("backlog", 2),
        register={key: table[key] for key in ("purpose", "layer", "owner") if key in table},
    )


def _item(entry: Mapping[str, Any], *, now: datetime) -> Item:
    at = now.replace(microsecond=0) - timedelta(minutes=entry["minutes_ago"])
    return Item(title=entry["title"], link=entry["link"], summary=entry["summary"], at=at)


def with_happening(publisher: Publisher, happening: Happening, *, now: datetime) -> Publisher:
    """Returns the publisher after it: with a new entry on top, or with another title for a known one."""
    now = now.replace(microsecond=0)
    new = Item(title=happening.title, link=happening.link, summary=happening.summary, at=now)
    known = [item for item in publisher.items if item.id == new.id]
    if not known:
        return replace(publisher, items=(new, *publisher.items))
    changed = replace(known[0], title=happening.title, changed_at=now)
    items = tuple(changed if item is known[0] else item for item in publisher.items)
    return replace(publisher, items=items)


def document(publisher: Publisher) -> bytes:
    """Returns what is at its address now."""
    writers: dict[Form, Callable[[Publisher], str]] = {
        Form.RDF: _rdf,
        Form.RSS: _rss,
        Form.ATOM: _atom,
        Form.JSON: _json,
        Form.PAGE: _page,
    }
    return writers[publisher.form](publisher).encode(publisher.encoding)


def _rdf(publisher: Publisher) -> str:
    """RSS 1.0, as Japanese portals have written it for twenty years."""
    about = quoteattr(f"{publisher.site}index.rdf")
    order = "".join(f"<rdf:li rdf:resource={quoteattr(item.id)}/>" for item in publisher.items)
    items = "".join(
        f"<item rdf:about={quoteattr(item.id)}>{_plain(item)}"
        f"<dc:date>{item.at.astimezone(TOKYO).isoformat()}</dc:date></item>\n"
        for item in publisher.items
    )
    return (
        f"{_declaration(publisher)}"
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"'
        f' xmlns:dc="http://purl.org/dc/elements/1.1/" xml:lang="{publisher.language}">\n'
        f"<channel rdf:about={about}>{_head(publisher)}<items><rdf:Seq>{order}</rdf:Seq></items></channel>\n"
        f"{items}</rdf:RDF>\n"
    )


def _rss(publisher: Publisher) -> str:
    items = "".join(
        f'<item>{_plain(item)}<guid isPermaLink="true">{escape(item.id)}</guid>'
        f"<pubDate>{format_datetime(item.at)}</pubDate></item>\n"
        for item in publisher.items
    )
    return (
        f'{_declaration(publisher)}<rss version="2.0"><channel>{_head(publisher)}'
        f"<language>{publisher.language}</language>\n{items}</channel></rss>\n"
    )


def _atom(publisher: Publisher) -> str:
    entries = "".join(
        f"<entry><title>{escape(item.title)}</title><id>{escape(item.id)}</id>"
        f"<link href={quoteattr(item.link)}/><published>{_utc(item.at)}</published>"
        f"<updated>{_utc(item.changed_at or item.at)}</updated>"
        f"<summary>{escape(item.summary)}</summary></entry>\n"
        for item in publisher.items
    )
    newest = max(item.changed_at or item.at for item in publisher.items)
    return (
        f'{_declaration(publisher)}<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="{publisher.language}">'
        f"<title>{escape(publisher.name)}</title><subtitle>{escape(publisher.about)}</subtitle>"
        f"<id>{publisher.site}</id><link href={quoteattr(publisher.site)}/>"
        f"<updated>{_utc(newest)}</updated>\n{entries}</feed>\n"
    )


def _json(publisher: Publisher) -> str:
    items = [
        {
            "id": item.id,
            "url": item.link,
            "title": item.title,
            "content_text": item.summary,
            "date_published": _utc(item.at),
            **({"date_modified": _utc(item.changed_at)} if item.changed_at else {}),
        }
        for item in publisher.items
    ]
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": publisher.name,
        "home_page_url": publisher.site,
        "description": publisher.about,
        "language": publisher.language,
        "items": items,
    }
    return json.dumps(feed, ensure_ascii=False, indent=1)


def _page(publisher: Publisher) -> str:
    """What a redesign leaves where the feed was: a page, and a status of 200."""
    return (
        f'<!doctype html>\n<html lang="{publisher.language}"><head><meta charset="utf-8">'
        f"<title>{escape(publisher.name)}</title></head>\n<body><h1>{escape(publisher.name)}</h1>"
        f"<p>{escape(publisher.about)}</p><br></body></html>\n"
    )


def _declaration(publisher: Publisher) -> str:
    return f'<?xml version="1.0" encoding="{_charset(publisher)}"?>\n'


def _charset(publisher: Publisher) -> str:
    """The encoding as the web names it."""
    return {"euc_jp": "EUC-JP", "shift_jis": "Shift_JIS", "utf_8": "UTF-8"}[publisher.encoding]


def _head(publisher: Publisher) -> str:
    return (
        f"<title>{escape(publisher.name)}</title><link>{escape(publisher.site)}</link>"
        f"<description>{escape(publisher.about)}</description>"
    )


def _plain(item: Item) -> str:
    return (
        f"<title>{escape(item.title)}</title><link>{escape(item.link)}</link>"
        f"<description>{escape(item.summary)}</description>"
    )


def _utc(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
