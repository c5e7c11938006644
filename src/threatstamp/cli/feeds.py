"""What the commands say about feeds: a line each for people, a table each for programs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import TYPE_CHECKING

from threatstamp.texts.catalogue import Texts
from threatstamp.texts.times import say_duration

if TYPE_CHECKING:
    from threatstamp.desk.views.feeds import FeedStatus


def feed_body(feed: FeedStatus, utc: Callable[[object], str | None], texts: Texts) -> dict[str, object]:
    """Returns one feed for programs."""
    problem = feed.problem
    return {
        "name": feed.name,
        "ok": feed.ok,
        "url": feed.url,
        "last_tried_at": utc(feed.tried_at),
        "last_success_at": utc(feed.succeeded_at),
        "last_change_at": utc(feed.changed_at),
        "problem": {"kind": problem.kind.value, "message": feed_problem(feed, texts)} if problem else None,
        "problem_since": utc(feed.problem_since),
        "typical_interval_seconds": feed.typical,
        "overflow_at": utc(feed.overflow_at),
        "silent_since": utc(feed.silent_since),
        "gone": feed.gone,
        "held_until": utc(feed.held_until),
        "channel_found": not feed.lost,
    }


def feed_problem(feed: FeedStatus, texts: Texts) -> str:
    """Returns the sentence that says what is wrong; "" if nothing is."""
    if feed.problem is None:
        return ""
    return texts.told(f"feeds.{feed.problem.reason}", feed.problem.values)


def feed_lines(feed: FeedStatus, say: Callable[[object], str], texts: Texts) -> Iterator[str]:
    """Yields the state of a feed, and below it what an operator should know. say: makes words of a time."""
    yield _first_line(feed, say, texts)
    if feed.lost:
        yield texts("status.feed_lost")
    if feed.problem is not None:
        yield texts("status.feed_problem", since=say(feed.problem_since), words=feed_problem(feed, texts))
    if feed.held_until is not None and feed.problem is not None and not feed.gone:
        yield texts("status.feed_held", until=say(feed.held_until))
    if feed.gone:
        yield texts("status.feed_gone")
    if feed.overflow_at is not None:
        yield texts("status.feed_overflow", time=say(feed.overflow_at))
    if feed.silent_since is not None:
        yield texts("status.feed_silent", since=say(feed.silent_since))
    if feed.moved:
        yield texts("status.feed_moved", url=feed.url)


def _first_line(feed: FeedStatus, say: Callable[[object], str], texts: Texts) -> str:
    mark = texts("status.feed_ok" if feed.ok else "status.feed_bad")
    if feed.succeeded_at is None:
        return texts("status.feed_never", mark=mark, name=feed.name)
    success = say(feed.succeeded_at)
    if feed.changed_at is None:
        return texts("status.feed_no_news", mark=mark, name=feed.name, success=success)
    usual = texts("status.not_known")
    if feed.typical:
        usual = say_duration(timedelta(seconds=feed.typical), texts.language)
    change = say(feed.changed_at)
    return texts("status.feed", mark=mark, name=feed.name, success=success, change=change, usual=usual)
