"""Arrival, joining and search of stories as their number grows: what one more story costs, and a question.

The record is filled in bulk up to each size, with the rows that the steps themselves would write; then single
entries arrive by the real steps, without ledger and posts, which do not depend on how many stories there are.
"""

from __future__ import annotations

import random
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from threatstamp.core.ids import FeedName
from threatstamp.core.news.entry import Entry
from threatstamp.core.news.story import story_id
from threatstamp.core.news.wording import asked_phrases, indexed_words
from threatstamp.core.time import SECOND, Micros
from threatstamp.desk.news.joining import read_tellings, record_told
from threatstamp.desk.ports.tools import no_products
from threatstamp.sqlite import installed
from threatstamp.store import SqlStore, open_store
from threatstamp.store.rows.entries import entry_key

FEED, OTHER = FeedName("bench"), FeedName("other")
SIZES, QUICK = (1_000, 10_000, 100_000, 1_000_000), (1_000, 10_000)
PIECE = 5_000
"""Stories in one transaction while the record is filled."""

ARRIVALS = 60
"""Arrivals that are measured at each size, of each kind."""

EVERY = 60 * SECOND
"""Between two stories: a million are nearly two years of news."""

BANDS = 12
KATAKANA = "アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモ"
QUESTIONS = (
    "脆弱",
    "悪用",
    "product77",
    "CVE-2026-10500",
    '"product77 に深刻"',
    "product77*",
    "vulntype3 product77",
)
WORDS = [
    "深刻な脆弱性",
    "悪用を確認",
    "修正版を公開",
    "注意喚起",
    "認証を回避",
    "任意のコード実行",
    "情報が漏えい",
    "更新プログラム",
    "attackers",
    "exploit",
    "a",
    "flaw",
    "in",
    "unpatched",
    "systems",
    "vendor",
    "releases",
    "fixes",
    "researchers",
    "warn",
]


@dataclass(slots=True)
class Costs:
    """Milliseconds of CPU within the transaction, and beyond it, by the kind of arrival."""

    within: dict[str, list[float]] = field(default_factory=dict)
    before: list[float] = field(default_factory=list)


def run(*, quick: bool, sizes: Sequence[int] | None = None) -> None:
    """Prints milliseconds of CPU at each size (nobody else's work counts): medians, and p95 of arrivals."""
    chance = random.Random(7)
    with tempfile.TemporaryDirectory() as folder:
        file, done = Path(folder) / "desk.db", 0
        print("\nstories on record, SQLite; ms of CPU: arrival before and in its transaction, questions")
        open_store(f"sqlite:///{file}").close()
        for size in sizes or (QUICK if quick else SIZES):
            began = time.process_time()
            fill(file, chance, done, size)
            done = size + 3 * ARRIVALS
            filled = time.process_time() - began
            store = open_store(f"sqlite:///{file}")
            costs = _arrivals(store, chance, size)
            asked = ", ".join(f"{one} {_ask(store, one)}" for one in QUESTIONS)
            store.close()
            said = ", ".join(f"{kind} {_said(took)}" for kind, took in costs.within.items())
            bytes_each = file.stat().st_size / size
            print(
                f"  {size:>9,}: before {_said(costs.before)}; {said}; {asked};"
                f" {bytes_each:.0f} bytes a story, filled in {filled:.0f} s",
                flush=True,
            )


def fill(file: Path, chance: random.Random, begin: int, end: int) -> None:
    """Writes stories by the thousand: rows like those of the steps, without the work that finds them."""
    with closing(installed().driver.connect(str(file))) as connection:
        connection.execute("PRAGMA synchronous=OFF")
        numbers = iter(range(begin, end))
        while some := list(islice(numbers, PIECE)):
            for statement, rows in _rows(chance, some):
                connection.executemany(statement, rows)
            connection.commit()


def _rows(chance: random.Random, numbers: Sequence[int]) -> Iterator[tuple[str, list[tuple[Any, ...]]]]:
    entries = [(number, _entry(chance, number)) for number in numbers]
    ids = {number: story_id(FEED, entry.entry_id) for number, entry in entries}
    at = {number: number * EVERY for number in numbers}
    yield (
        "INSERT INTO desk_stories (id, link_key, title, link, source, published_at, made_at, told_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (ids[n], f"//news.example/{n}", one.title, one.link, FEED, at[n], at[n], at[n])
            for n, one in entries
        ],
    )
    yield (
        "INSERT INTO desk_entries"
        " (feed, entry_key, entry_id, story, visible_digest, whole_digest, body, seen_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (FEED, entry_key(one.entry_id), one.entry_id, ids[n], f"{n:064x}", f"{n:064x}", _body(one), at[n])
            for n, one in entries
        ],
    )
    clues = [(_cve(number), ids[number]) for number in numbers]
    clues += [
        (f"title {band}:{chance.getrandbits(32):08x}", ids[n]) for n in numbers for band in range(BANDS)
    ]
    yield "INSERT OR IGNORE INTO desk_story_ids (id, story) VALUES (?, ?)", sorted(clues)
    yield (
        "INSERT INTO desk_words (id, story, at) VALUES (?, ?, ?)",
        [(number + 1, ids[number], at[number]) for number in numbers],
    )
    yield (
        "INSERT INTO desk_words_index (rowid, words) VALUES (?, ?)",
        [(n + 1, " ".join(indexed_words(f"{one.title}\n{one.summary}"))) for n, one in entries],
    )


def _entry(chance: random.Random, number: int, *, feed: str = "", title: str = "") -> Entry:
    product = f"Product{chance.randrange(1_000)}"
    return Entry(
        entry_id=f"{feed}{number}",
        title=title or f"{product}に{chance.choice(WORDS)}、{_cve(number)}",
        link=f"https://{feed}news.example/{number}",
        summary=" ".join(chance.choices(WORDS, k=30)) + f" vulntype{number % 40}",
    )


def _cve(number: int) -> str:
    return f"CVE-2026-{number + 10_000}"


def _headline(number: int) -> str:
    """Returns a title that is like no other one."""
    return "".join(random.Random(number).choices(KATAKANA, k=30)) + "の製品に欠陥"


def _body(entry: Entry) -> str:
    return f'{{"title": "{entry.title}", "link": "{entry.link}", "summary": "{entry.summary}"}}'


def _arrivals(store: SqlStore, chance: random.Random, size: int) -> Costs:
    """Lets entries arrive: such as begin a story, have the CVE of a recent one, or nearly its title."""
    costs = Costs()
    for number in range(size, size + ARRIVALS):
        one = _entry(chance, number, title=_headline(number))
        _arrive(store, costs, "new", FEED, one, size)
    for number in range(size, size + ARRIVALS):
        recent = chance.randrange(max(0, size - 900), size)
        one = _entry(chance, number, feed="other", title=f"Another word on {_cve(recent)}")
        _arrive(store, costs, "same CVE", OTHER, one, size)
    for number in range(size, size + ARRIVALS):
        one = _entry(chance, number, feed="third", title=_headline(number))
        _arrive(store, costs, "same title", FeedName("third"), one, size)
    return costs


def _arrive(store: SqlStore, costs: Costs, kind: str, feed: FeedName, entry: Entry, size: int) -> None:
    began = time.process_time()
    tellings = read_tellings([entry])
    costs.before.append(time.process_time() - began)
    keys = {entry.entry_id: entry.link}
    began = time.process_time()
    with store.transaction() as tx:
        now = Micros(size * EVERY)
        told = record_told(tx, [entry], tellings, feed=feed, keys=keys, products_of=no_products, now=now)
    costs.within.setdefault(kind, []).append(time.process_time() - began)
    assert (told[0].bond is None) == (kind == "new"), (kind, told)


def _said(took: Sequence[float]) -> str:
    ordered = sorted(took)
    return f"{statistics.median(ordered) * 1e3:.2f} (p95 {ordered[len(ordered) * 95 // 100] * 1e3:.2f})"


def _ask(store: SqlStore, question: str) -> str:
    times: list[float] = []
    total = ""
    for _ in range(5):
        begun = time.process_time()
        with store.reading() as read:
            hits = read.words.find(asked_phrases(question), since=Micros(0), most=20)
        times.append(time.process_time() - begun)
        total = f"{hits.total:,}{'+' if hits.is_least else ''}"
    return f"{statistics.median(times) * 1e3:.1f} ({total} found)"
