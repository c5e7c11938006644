"""Source channels from their tables, with how long the texts of stamped posts are kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from threatstamp.config.names import channel_name
from threatstamp.config.reader import Table
from threatstamp.core.news.feed import Feed
from threatstamp.core.time import DAY, SECOND

LEAST_KEPT = 7 * DAY / SECOND
"""Seconds: what a sweep still looks at, and what Slack has had no time for yet, must not be forgotten."""


def read_sources(
    top: Table, feeds: Sequence[Feed], *, top_keys: frozenset[str]
) -> tuple[tuple[str, ...], Mapping[str, float]]:
    """Returns the channels of [[sources]] and those of feeds; and the seconds of `keep`, where it is set."""
    found: list[str] = []
    keep: dict[str, float] = {}
    tables = top.tables("sources")
    for table in tables:
        if not table.has("channel"):
            table.missing("channel")
        name = read_channel(table, "channel")
        if name in found:
            table.wrong("channel", "twice", value=name)
        elif name:
            found.append(name)
        if table.has("keep"):
            keep[name or ""] = _keep(table)
        table.close(top=top_keys)
    of_feeds = [feed.channel for feed in feeds if feed.channel]  # also where another app posts them
    if not tables and not of_feeds and (not top.has("sources") or top.is_empty("sources")):
        top.problems.add_at(None, "no_sources")
    return tuple(dict.fromkeys([*found, *of_feeds])), keep


def read_channel(table: Table, key: str) -> str | None:
    """Returns a channel as it is written, "#name" or an id; None if the table has none, or a wrong one."""
    said = table.text(key, None)
    if said is None:
        return None
    name = channel_name(said)
    if name is None:
        with_sign = channel_name(f"#{said}")
        table.wrong(key, "channel", value=said, hint=table.near(f'"{with_sign}"' if with_sign else None))
    return name


def _keep(table: Table) -> float:
    seconds = table.duration("keep", LEAST_KEPT)
    if seconds < LEAST_KEPT:
        table.wrong("keep", "keep")
    return seconds
