"""`stories review`: what nobody has stamped, and that the rest is not ours, in one act."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import datetime

import click

from threatstamp.cli.ending import ended_by_signal
from threatstamp.cli.help import Command
from threatstamp.cli.misuse import Misuse
from threatstamp.cli.opening import open_settings, opened_store
from threatstamp.cli.speech import json_text, shown
from threatstamp.config.names import person_name
from threatstamp.config.settings import Settings
from threatstamp.core.cases.case import Way
from threatstamp.core.errors import PolicyError
from threatstamp.core.ids import UserId
from threatstamp.core.news.reviewing import REVIEW_SPAN
from threatstamp.core.text import one_line, well_formed
from threatstamp.core.time import SECOND, Micros, datetime_of, utc_text
from threatstamp.desk.news.reviewing import ReviewedRest, ReviewOrder, review_rest, undo_review
from threatstamp.desk.ports.store import Store
from threatstamp.desk.views.reviewing import ReviewPage, read_reviews
from threatstamp.texts.catalogue import Texts
from threatstamp.texts.times import say_time

LONGEST_REASON = 500
NEWEST = 0


@click.command("review", cls=Command)
@click.option("--rest", "marks", is_flag=True)
@click.option("--undo", type=click.IntRange(0), is_flag=False, flag_value=NEWEST)
@click.option("--by")
@click.option("--reason", default="")
@click.option("--since", type=click.DateTime(("%Y-%m-%d",)))
@click.option("--limit", type=click.IntRange(1, 2_000), default=20, show_default=True)
@click.option("--json", "as_json", is_flag=True)
@click.pass_context
@ended_by_signal()
def review(
    ctx: click.Context,
    marks: bool,
    undo: int | None,
    by: str | None,
    reason: str,
    since: datetime | None,
    limit: int,
    as_json: bool,
) -> None:
    """List what nobody has stamped, or say that the rest is not ours."""
    if marks and undo is not None:
        raise Misuse(ctx, "review_one")
    if (marks or undo is not None) and by is None:
        raise Misuse(ctx, "review_whom")
    settings, texts = open_settings(ctx)
    from threatstamp.app.clock import SystemClock

    now = SystemClock().now()
    begin = _begin(since, settings, now)
    with opened_store(settings) as store:
        if by is None:
            _show(store, settings, texts, since=begin, now=now, limit=limit, as_json=as_json)
            return
        order = ReviewOrder(
            by=named_person(by, texts), way=Way.COMMAND, until=now, since=begin, reason=said_reason(reason)
        )
        if undo is None:
            _tell(review_rest(store, order, now=now), texts, "marked")
        else:
            _tell(undo_review(store, order, act=undo or None, now=now), texts, "undone")


def _show(
    store: Store, settings: Settings, texts: Texts, *, since: Micros, now: Micros, limit: int, as_json: bool
) -> None:
    with store.reading(whole=True) as read:
        page = read_reviews(read, now=now, most=limit, since=since)
    if as_json:
        click.echo(json_text(_body(page, since), indent=2))
        return
    for line in _lines(page, settings, texts, since):
        click.echo(shown(line))


def _lines(page: ReviewPage, settings: Settings, texts: Texts, since: Micros) -> Iterator[str]:
    def say(at: Micros) -> str:
        return say_time(datetime_of(at), settings.timezone, texts.language)

    waiting = page.waiting
    yield texts(
        "reviews.waiting" if waiting.count else "reviews.waiting_none", count=waiting.count, since=say(since)
    )
    for one in waiting.stories:
        at = say(one.published_at) if one.published_at is not None else "-"
        yield "  " + texts("reviews.line", at=at, source=one.source, title=one_line(one.title))
    if waiting.count > len(waiting.stories):
        yield "  " + texts("reviews.more", count=waiting.count - len(waiting.stories))
    if page.last is not None:
        by = page.last.by or texts("reviews.by_forgotten")
        yield texts("reviews.last", by=by, at=say(page.last.at), count=page.last.count, act=page.last.act)
    if waiting.count:
        yield texts("reviews.how")


def _body(page: ReviewPage, since: Micros) -> dict[str, object]:
    last = page.last
    return {
        "count": page.waiting.count,
        "since": utc_text(since),
        "stories": [
            {"id": one.id, "title": one.title, "link": one.link, "source": one.source}
            for one in page.waiting.stories
        ],
        "last": last and {"act": last.act, "at": utc_text(last.at), "by": last.by, "count": last.count},
    }


def _tell(done: ReviewedRest, texts: Texts, key: str) -> None:
    """Says what came of it. To mark nothing is well; an act that is not there is not."""
    if done.act is None:
        click.echo(texts(f"reviews.{key}_none"), err=key == "undone")
        sys.exit(1 if key == "undone" else 0)
    click.echo(texts(f"reviews.{key}", count=done.count, act=done.act))
    if done.left:
        click.echo(texts("reviews.marked_left", count=done.left))


def _begin(since: datetime | None, settings: Settings, now: Micros) -> Micros:
    if since is None:
        return Micros(max(0, now - REVIEW_SPAN))
    return Micros(int(since.replace(tzinfo=settings.timezone).timestamp()) * SECOND)


def named_person(said: str, texts: Texts) -> UserId:
    name = person_name(said)
    if name is None:
        raise PolicyError((texts("cases.no_person", person=shown(said)),))
    return UserId(name)


def said_reason(reason: str) -> str:
    return one_line(well_formed(reason))[:LONGEST_REASON]
