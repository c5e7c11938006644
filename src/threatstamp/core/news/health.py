"""A feed's health: what a response changes, when the feed is polled again, and which silence is unusual."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from statistics import median

from threatstamp.core.news.address import address_key, recalled, remembered, shown_address
from threatstamp.core.news.entry import Fetched
from threatstamp.core.news.feed import Feed, FeedState, Problem, Request, Validators
from threatstamp.core.time import DAY, Micros, later, span

LONGEST_BACK_OFF = 6 * 3_600.0
"""Seconds."""

WHOLE_EVERY = DAY
"""Once a day a request has no conditions: some servers and caches answer 304 although there is news."""

KEPT_NEWS = 40
"""How many arrivals of entries are remembered."""

ENOUGH_NEWS = 8
"""With fewer arrivals, nothing is known about what is usual."""

LEAST_SILENCE = 2 * DAY
"""A shorter silence is never unusual: it may be a weekend."""

UNUSUAL = 3
"""A silence is unusual if it is this many times as long as the longest known gap."""


def request(feed: Feed, state: FeedState, *, now: Micros) -> Request:
    """Returns the request to send.

    It has no conditions while the feed has a problem: a 304 would mean that the document is as broken as
    before, and the problem could never end. If the feed's zone was changed, the document must be read again,
    because its dates without a zone now mean other times.
    """
    known = state.validators
    if known.zone not in (None, feed.zone.key):
        known = Validators()
    whole = state.problem is not None or now - (state.asked_whole_at or 0) >= WHOLE_EVERY
    validators = replace(known, etag=None, last_modified=None) if whole else known
    url = recalled(state.url, known=feed.url, whole=feed.is_secret)
    return Request(url=url, zone=feed.zone, most=feed.most, validators=validators)


def named(feed: Feed, state: FeedState | None) -> FeedState:
    """Returns the state to continue with: a new one if the file has a new address for the feed.

    The new address gets its own first contact. Its known entries are kept elsewhere, by the feed's name.
    """
    new = FeedState(name=feed.name, url=feed.shown, named=address_key(feed.url))
    if state is None:
        return new
    if state.named == new.named:
        return state
    if state.named == feed.url:  # an earlier version recorded addresses as they were
        moved = None if state.url == feed.url else state.url
        return _moved(replace(state, url=new.url, named=new.named), moved, feed=feed)
    return replace(new, news_at=state.news_at)


def is_about(state: FeedState, feed: Feed) -> bool:
    """True if a state is about the address that the settings have now."""
    return state.named in (address_key(feed.url), feed.url)


def _moved(state: FeedState, moved_to: str | None, *, feed: Feed) -> FeedState:
    """Returns the state after an answer came from another address for good, or not (None)."""
    if moved_to is None:
        return state if state.url != feed.shown else replace(state, moved_to=None)
    kept = remembered(moved_to, known=feed.url, whole=feed.is_secret)
    return replace(state, url=kept or state.url, moved_to=shown_address(moved_to, whole=feed.is_secret))


def after(
    state: FeedState, fetched: Fetched, *, feed: Feed, now: Micros, asked_whole: bool, spread: float
) -> FeedState:
    """Returns the state after a response.

    spread: random, 0 to 1; it varies the interval by 10 %, so that feeds do not all fall due
    in the same second.
    """
    problem = fetched.problem or (fetched.document.problem if fetched.document else None)
    failures = state.failures + 1 if problem else 0
    every = feed.every
    wait = every * (0.9 + 0.2 * spread)
    # a broken document with readable entries is polled at the usual pace: backing off would delay its news
    usable = fetched.document is not None and bool(fetched.document.entries)
    hold = back_off(failures, every) if problem and not usable else 0.0
    hold = max(hold, fetched.retry_after or 0.0)
    due_at = later(now, max(wait, hold))
    new = replace(
        _moved(state, fetched.moved_to, feed=feed),
        tried_at=now,
        failures=failures,
        problem=problem,
        problem_since=(state.problem_since or now) if problem else None,
        gone=fetched.gone,
        held_until=later(now, hold) if hold else Micros(0),
        told_until=later(now, fetched.retry_after) if fetched.retry_after else Micros(0),
        due_at=due_at,
        asked_whole_at=now if asked_whole else state.asked_whole_at,
    )
    if problem:
        return new
    validators = fetched.validators or state.validators
    document = fetched.document
    had_entries = bool(document.entries) if document else state.had_entries
    met_at = state.met_at or now
    return replace(new, succeeded_at=now, validators=validators, met_at=met_at, had_entries=had_entries)


def back_off(failures: int, every: float) -> float:
    """Returns the seconds to wait after this many failures: the feed's interval, doubled up to 6 hours."""
    return min(every * 2.0 ** min(max(failures - 1, 0), 10), max(LONGEST_BACK_OFF, every))


def with_news(
    state: FeedState, times: Sequence[Micros], *, changed: bool, overflow: bool, now: Micros
) -> FeedState:
    """Returns the state after a document with entries. times: when its new ones came."""
    kept = tuple(sorted([*state.news_at, *(min(at, now) for at in times)])[-KEPT_NEWS:])
    changed_at = now if changed else state.changed_at
    return replace(state, news_at=kept, changed_at=changed_at, overflow_at=now if overflow else None)


def typical_gap(state: FeedState) -> int | None:
    """Returns the median time between two arrivals, in microseconds; None while too few are known."""
    gaps = _gaps(state)
    return round(median(gaps)) if len(gaps) >= ENOUGH_NEWS - 1 else None


def silent_since(state: FeedState, *, now: Micros) -> Micros | None:
    """Returns when the last entry came if the silence since then is unusual for this feed, else None."""
    gaps = _gaps(state)
    if len(gaps) < ENOUGH_NEWS - 1:
        return None
    last = state.news_at[-1]
    return last if now - last > max(UNUSUAL * max(gaps), LEAST_SILENCE) else None


def _gaps(state: FeedState) -> list[int]:
    return [later - earlier for earlier, later in zip(state.news_at, state.news_at[1:], strict=False)]


def lasting(state: FeedState, *, now: Micros, patience: float) -> Problem | None:
    """Returns a problem that an operator should know: one that has lasted for `patience` seconds.

    A feed that has ended (410) does not come back, so it is reported at once.
    """
    if state.problem is None or state.problem_since is None:
        return None
    is_late = now - state.problem_since >= span(patience) and state.failures > 1
    return state.problem if is_late or state.gone else None
