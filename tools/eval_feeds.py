"""Compares our reading with feedparser alone, field by field, over the corpus: `make eval-feeds`.

What feedparser gives is taken at its best: its HTML as plain text, its times to the second, its people by
name, and the answer's header and address are given to it. A field is right if it is what a person wrote down.
Prints the tables and puts them into docs/feeds.md.
"""

from __future__ import annotations

import calendar
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

import feedparser  # noqa: E402
from tests.feeds.jvnrss import make_jvnrss  # noqa: E402
from tests.feeds.support import Sample, read_body, samples  # noqa: E402

from threatstamp.feeds import plain  # noqa: E402
from threatstamp.feeds.drafts import person  # noqa: E402
from threatstamp.feeds.reading import read_document  # noqa: E402

FIELDS = ("title", "link", "summary", "published_at", "updated_at", "authors")
PAGE = ROOT / "docs" / "feeds.md"
START, END = "<!-- make eval-feeds -->", "<!-- end -->"
Score = dict[str, list[int]]


def ours(sample: Sample) -> dict[str, Any]:
    """Returns what we read, in the form of the expectation."""
    document = sample.read()
    found = read_body(document)
    found["elements"] = {
        entry.entry_id: [[one.name, one.text, dict(one.attributes)] for one in entry.elements]
        for entry in document.entries
    }
    return found


def theirs(sample: Sample) -> dict[str, Any]:
    """Returns what feedparser reads, in the same form."""
    headers = {}
    if header := sample.given.get("content_type"):
        headers["content-type"] = header
    if base := sample.given.get("base"):
        headers["content-location"] = base
    read = feedparser.parse(sample.path.read_bytes(), response_headers=headers)
    return {
        "feed": {"title": _plain(read.feed, "title"), "link": _link(read.feed)},
        "entries": [_entry(entry) for entry in read.entries],
        "problem": {"kind": "?"} if read.bozo or not read.get("version") else None,
        "elements": {entry.get("id"): _elements(entry) for entry in read.entries},
    }


def _entry(entry: Any) -> dict[str, Any]:
    return {
        "entry_id": entry.get("id"),
        "title": _plain(entry, "title"),
        "link": _link(entry),
        "summary": _plain(entry, "summary"),
        "published_at": _utc(entry, "published_parsed"),
        "updated_at": _utc(entry, "updated_parsed"),
        "authors": [one["name"] for one in entry.get("authors", []) if one.get("name")],
    }


def _plain(table: Any, name: str) -> str | None:
    detail = table.get(f"{name}_detail")
    if not detail or not detail.get("value"):
        return None
    if "html" in detail.get("type", ""):
        return plain.html_lines(detail["value"])
    return plain.paragraphs(detail["value"])


def _link(table: Any) -> str | None:
    link = table.get("link")
    return link if link and link.startswith(("http://", "https://", "HTTPS://")) else None


def _utc(entry: Any, name: str) -> str | None:
    if name not in entry.keys() or entry[name] is None:  # noqa: SIM118 - "in" answers for other names, too
        return None
    try:
        return datetime.fromtimestamp(calendar.timegm(entry[name]), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except ValueError:
        return None


def _elements(entry: Any) -> list[Any]:
    """Returns the one element of each name that is left, with its attributes or its text."""
    found = []
    for key in entry.keys():  # noqa: SIM118
        prefix, _, local = key.partition("_")
        if prefix == "sec":
            value = entry[key]
            attributes = dict(value) if hasattr(value, "keys") else {}
            found.append([f"sec:{local}", "" if attributes else plain.one_line(str(value)) or "", attributes])
    return found


def marks(
    expected: dict[str, Any], found: dict[str, Any], elements: dict[str, Any]
) -> Iterator[tuple[str, bool]]:
    """Yields each field that the expectation asks for, and whether it is right."""
    for name in ("title", "link"):
        if expected["feed"][name] is not None:
            yield f"feed {name}", _same(expected["feed"][name], found["feed"][name])
    yield "problem", (expected["problem"] is None) == (found["problem"] is None)
    yield "count", len(expected["entries"]) == len(found["entries"])
    for place, entry in enumerate(expected["entries"]):
        got = found["entries"][place] if place < len(found["entries"]) else {}
        if not entry["entry_id"].startswith("sha256:"):
            yield "entry_id", entry["entry_id"] == got.get("entry_id")
        for name in FIELDS:
            yield name, name in got and _same(entry[name], got[name])
    for name, wanted in elements.items():
        for element in wanted:
            if element[0].startswith("sec:"):
                yield "sec elements", element in found["elements"].get(name, [])


def _same(expected: Any, found: Any) -> bool:
    if isinstance(expected, list) and isinstance(found, list):
        return expected == [person(one) for one in found]
    if isinstance(expected, str) and isinstance(found, str):
        return expected.split() == found.split()
    return bool(expected == found)


def table(title: str, mine: Score, other: Score) -> list[str]:
    rows = [f"| {title} | values | ours | feedparser alone |", "|---|---:|---:|---:|"]
    for name in mine:
        rows.append(f"| {name} | {mine[name][1]} | {_share(mine[name])} | {_share(other[name])} |")
    total = [[sum(one[at] for one in score.values()) for at in (0, 1)] for score in (mine, other)]
    return [*rows, f"| **all** | {total[0][1]} | {_share(total[0])} | {_share(total[1])} |"]


def _share(score: list[int]) -> str:
    return f"{100 * score[0] / score[1]:.1f} %" if score[1] else "-"


def measured() -> list[str]:
    """Returns how quickly both read a generated JVNRSS document of 500 entries."""
    body = make_jvnrss(500)
    rows = [f"JVNRSS, 500 entries, {len(body) / 1e6:.2f} MB, best of five, CPU time:"]
    for name, read in (
        ("ours", lambda: read_document(body, zone=ZoneInfo("Asia/Tokyo"))),
        ("feedparser alone", lambda: feedparser.parse(body)),
    ):
        best = min(_timed(read) for _ in range(5))
        rows.append(f"{name} {best * 1000:.0f} ms ({len(body) / 1e6 / best:.1f} MB/s),")
    return [" ".join(rows).rstrip(",") + "."]


def _timed(step: Any) -> float:
    before = time.process_time()
    step()
    return time.process_time() - before


def main() -> None:
    by_family: tuple[Score, Score] = (defaultdict(lambda: [0, 0]), defaultdict(lambda: [0, 0]))
    by_field: tuple[Score, Score] = (defaultdict(lambda: [0, 0]), defaultdict(lambda: [0, 0]))
    count = 0
    for sample in samples():
        count += 1
        for side, found in enumerate((ours(sample), theirs(sample))):
            for field, right in marks(sample.expected, found, sample.elements):
                for score in (by_family[side][sample.family], by_field[side][field]):
                    score[0] += right
                    score[1] += 1
    lines = [f"{count} documents, feedparser {feedparser.__version__}. {measured()[0]}", ""]
    lines += [*table("trap family", *by_family), "", *table("field", *by_field)]
    text = "\n".join(lines)
    print(text)
    page = PAGE.read_text(encoding="utf-8")
    head, tail = page.partition(START)[0], page.partition(END)[2]
    PAGE.write_text(f"{head}{START}\n{text}\n{END}{tail}", encoding="utf-8")


if __name__ == "__main__":
    main()
