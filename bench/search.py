"""Arrival and search of stories as their number grows: what one more story costs, and what a question."""

from __future__ import annotations

import random
import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from threatstamp.core.ids import FeedName, StoryId
from threatstamp.core.news.entry import Entry
from threatstamp.core.news.story import NewStory, story_of
from threatstamp.core.news.wording import asked_phrases
from threatstamp.core.time import SECOND, Micros
from threatstamp.store import SqlStore, open_store

FEED = FeedName("bench")
IN_ONE = 20
"""Stories in one transaction, as a round of feeds brings them."""

QUESTIONS = ("脆弱", "悪用", "product77", "CVE-2026-50", '"product77 に深刻"', "product7*")
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


def run(*, quick: bool, sizes: Sequence[int] | None = None) -> None:
    """Prints microseconds a story and milliseconds a question at each size, of CPU: nobody else counts."""
    chance = random.Random(7)
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(f"sqlite:///{Path(folder) / 'desk.db'}")
        print("\nsearch, SQLite: stories on record; the last 1,000 arrivals; questions (median of 5)")
        done = 0
        for size in sizes or ((1_000, 10_000) if quick else (1_000, 10_000, 100_000)):
            took: list[float] = []
            for number in range(done, size, IN_ONE):
                took.append(_arrive(store, chance, number))
            done = size
            last = took[-1_000 // IN_ONE :]
            asked = ", ".join(f"{question} {_ask(store, question)}" for question in QUESTIONS)
            bytes_each = (Path(folder) / "desk.db").stat().st_size / size
            print(
                f"  {size:>9,}: {statistics.median(last) / IN_ONE * 1e6:.0f} µs of CPU a story,"
                f" {bytes_each:.0f} bytes a story; {asked}",
                flush=True,
            )
        store.close()


def _arrive(store: SqlStore, chance: random.Random, begin: int) -> float:
    entries = [_entry(chance, number) for number in range(begin, begin + IN_ONE)]
    stories = [story_of(entry, feed=FEED) for entry in entries]
    now = Micros(begin * SECOND)
    begun = time.process_time()
    with store.transaction() as tx:
        tx.stories.add([NewStory(story=story, link_key=None) for story in stories], now=now)
        told = [(entry, StoryId(story.id), None) for entry, story in zip(entries, stories, strict=True)]
        tx.entries.add(FEED, told, now=now)
    return time.process_time() - begun


def _entry(chance: random.Random, number: int) -> Entry:
    product = f"Product{chance.randrange(1_000)}"
    title = f"{product}に{chance.choice(WORDS)}、CVE-2026-{number}"
    return Entry(entry_id=str(number), title=title, summary=" ".join(chance.choices(WORDS, k=30)))


def _ask(store: SqlStore, question: str) -> str:
    times = []
    total = 0
    for _ in range(5):
        begun = time.process_time()
        with store.reading() as read:
            total = read.words.find(asked_phrases(question), since=Micros(0), most=20).total
        times.append(time.process_time() - begun)
    return f"{statistics.median(times) * 1e3:.1f} ms ({total:,} found)"
