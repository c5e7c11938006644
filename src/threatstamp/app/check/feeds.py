"""Feeds: each document is fetched, as `run` would do it."""

from __future__ import annotations

from collections.abc import Iterator

from threatstamp.app.check.finding import Check, Findings
from threatstamp.config.settings import Settings
from threatstamp.core.news.entry import Fetched
from threatstamp.core.news.feed import Feed, ProblemKind, Request
from threatstamp.feeds.problems import problem_message
from threatstamp.texts.catalogue import Texts


def check_feeds(settings: Settings, texts: Texts) -> Iterator[Check]:
    """Yields a check for each feed, in the order of the settings."""
    if not settings.feeds:
        return
    from threatstamp.feeds.fetch import Fetcher

    requests = [(feed.name, Request(url=feed.url, zone=feed.zone, most=feed.most)) for feed in settings.feeds]
    with Fetcher(allow_private=settings.fetch.allow_private) as fetcher:
        answers = dict(fetcher.fetch_all(requests))
    found = Findings("feed", texts)
    for feed in settings.feeds:
        if feed.name in answers:
            yield _feed(feed, answers[feed.name], found)


def _feed(feed: Feed, fetched: Fetched, found: Findings) -> Check:
    document = fetched.document
    problem = fetched.problem or (document.problem if document else None)
    if problem is None:
        return found.good(feed.name, "check_feed", count=len(document.entries) if document else 0)
    key = "feed_problem"
    if problem.kind is ProblemKind.FORBIDDEN_ADDRESS:
        key = "feed_forbidden"
    elif fetched.gone:
        key = "feed_gone"
    elif problem.kind in (ProblemKind.NETWORK, ProblemKind.TIMEOUT):
        key = "feed_network"
    fix = found.texts(f"cli.check_{key}_fix", url=feed.shown)
    return found.wrong(feed.name, problem_message(found.texts, problem), fix=fix)
