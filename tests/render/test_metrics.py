"""The page of numbers is what Prometheus reads, whatever a feed is called."""

from __future__ import annotations

import re
from dataclasses import replace

from threatstamp.core.ids import FeedName
from threatstamp.core.time import Micros
from threatstamp.core.trouble import Trouble, TroubleKind
from threatstamp.desk.views.feeds import FeedStatus
from threatstamp.desk.views.status import Status
from threatstamp.render.metrics import metrics_page

LINE = re.compile(
    r'(# (HELP|TYPE) [a-z_]+ .+|[a-z_]+(\{[a-z]+="(\\[\\n"]|[^"\\\n])*"(,[a-z]+="(\\[\\n"]|[^"\\\n])*")*\})? -?[0-9.]+)'
)
STATUS = Status(
    running=(),
    feeds=(FeedStatus(name=FeedName('a "b"\\\nc'), url="https://valley.example/secret"),),
    last_event_at=Micros(1_764_000_000_250_000),
    last_sweeps={"C0NEWS": Micros(1_764_000_000_000_000)},
    inbox_waiting=2,
    inbox_failed=0,
    owed=3,
    undeliverable=(),
    troubles=(Trouble(kind=TroubleKind.LATE, subject="C0ALERT", values={}, opened_at=Micros(1)),),
    renamed=(),
    unwritable="",
    entries=7,
    head="",
)


def page(status: Status | None = STATUS) -> str:
    return metrics_page(status, version="1.0", healthy=True, connected=False, started_at=Micros(5_000_000))


def test_every_line_is_in_the_format() -> None:
    lines = page().splitlines()
    assert [line for line in lines if not LINE.fullmatch(line)] == []
    assert page().endswith("\n")


def test_every_number_is_explained_once_and_before_it() -> None:
    seen: list[str] = []
    for line in page().splitlines():
        name = line.split()[2] if line.startswith("#") else re.split(r"[ {]", line)[0]
        seen += [] if seen[-1:] == [name] else [name]
    assert len(seen) == len(set(seen))


def test_values_and_names_are_what_they_are() -> None:
    text = page()
    assert "threatstamp_healthy 1\n" in text
    assert "threatstamp_connected 0\n" in text
    assert "threatstamp_last_event_time_seconds 1764000000.250\n" in text
    assert 'threatstamp_last_sweep_time_seconds{channel="C0NEWS"} 1764000000\n' in text
    assert 'threatstamp_feed_ok{feed="a \\"b\\"\\\\\\nc"} 1\n' in text
    assert 'threatstamp_troubles_by_kind{kind="late"} 1\n' in text
    assert "secret" not in text


def test_without_the_database_and_with_nothing_yet_there_is_less() -> None:
    assert "threatstamp_healthy" in page(None)
    assert "ledger" not in page(None)
    text = page(replace(STATUS, feeds=(), troubles=(), last_event_at=None, last_sweeps={}))
    assert "feed_ok" not in text
    assert "threatstamp_troubles 0\n" in text
