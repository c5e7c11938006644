"""`status`: is an operator needed?"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from datetime import datetime
from typing import TYPE_CHECKING

import click

from threatstamp.cli.feeds import feed_body, feed_lines
from threatstamp.cli.help import Command
from threatstamp.cli.opening import open_settings, opened_store
from threatstamp.cli.speech import json_text, say_error, shown
from threatstamp.config.settings import Settings
from threatstamp.core.cases.risk import due_risks
from threatstamp.core.errors import FactsError
from threatstamp.core.time import Micros, datetime_of, utc_text
from threatstamp.core.trouble import OF_FEEDS
from threatstamp.desk.views.running import HTTP, NO_EVENTS, SOCKET
from threatstamp.texts.catalogue import Texts
from threatstamp.texts.codes import say_code
from threatstamp.texts.times import say_time

if TYPE_CHECKING:
    from threatstamp.core.facts.document import FactStock, SourceState
    from threatstamp.core.trouble import Trouble
    from threatstamp.desk.ports.store import Read
    from threatstamp.desk.views.running import Running
    from threatstamp.desk.views.status import Status
    from threatstamp.store.inspection import Database


_DAY = 86_400.0
MOST_RISKS = 10
"""Risks that are named."""

NO_SPACE = 1_000_000
"""Bytes. With less on its disk, the database cannot be written for long."""


@click.command("status", cls=Command)
@click.option("--json", "as_json", is_flag=True)
@click.pass_context
def command(ctx: click.Context, as_json: bool) -> None:
    """Display the desk's status; exit 1 if an operator is needed."""
    settings, texts = open_settings(ctx)
    from threatstamp.store.inspection import describe

    with opened_store(settings) as store, store.reading() as read:
        status = status_now(read, settings, texts)
        database = describe(store.engine)
    if as_json:
        click.echo(json_text(body(status, database, texts), indent=2))
    else:
        for line in lines(status, database, settings, texts):
            click.echo(line)
    sys.exit(0 if status.ok else 1)


def status_now(read: Read, settings: Settings, texts: Texts) -> Status:
    """Returns the state now. A desk that cannot write cannot write that down either, so it is tried."""
    from threatstamp.app.check.database import check_writing
    from threatstamp.app.check.finding import Findings
    from threatstamp.app.clock import SystemClock
    from threatstamp.desk.views.status import read_status
    from threatstamp.store.inspection import inspect_database

    inspection = inspect_database(settings.database)
    found = Findings("database", texts)
    failure = check_writing(settings.database, inspection, found, least=NO_SPACE)
    unwritable = f"{failure.message} {failure.fix}" if failure else ""
    status = read_status(read, settings.feeds, now=SystemClock().now(), unwritable=unwritable)
    facts, fetching, problem = facts_now(settings.database)
    risks = due_risks(
        read.risks.every(settings.timezone),
        datetime.now(settings.timezone).date(),
        days=settings.cases.remind_before / _DAY,
    )
    return replace(status, facts=facts, fetching=fetching, no_facts=problem, risks=risks)


def facts_now(database: str) -> tuple[tuple[FactStock, ...], tuple[SourceState, ...], str]:
    """Returns what is loaded about vulnerabilities, how it is fetched, and why that cannot be read, or ""."""
    from threatstamp.store.facts import FactLookup

    try:
        lookup = FactLookup(database)
        return lookup.loads(), lookup.states(), ""
    except FactsError as error:
        return (), (), say_error(error)


def body(status: Status, database: Database, texts: Texts) -> dict[str, object]:
    """Returns the status for programs; times in UTC."""
    return {
        "ok": status.ok,
        "running": [
            {
                **asdict(one),
                "started_at": _utc(one.started_at),
                "last_event_at": _utc(one.last_event_at),
            }
            for one in status.running
        ],
        "database": asdict(database),
        "unwritable": status.unwritable or None,
        "feeds": [feed_body(feed, _utc, texts) for feed in status.feeds],
        "sockets": sum(one.connected and one.mode == SOCKET for one in status.running),
        "shadow_since": _utc(status.shadow_since),
        "last_event_at": _utc(status.last_event_at),
        "last_sweeps": {channel: _utc(at) for channel, at in status.last_sweeps.items()},
        "backlog": {"inbox": status.inbox_waiting, "departures": status.owed},
        "failed_events": status.inbox_failed,
        "undeliverable": [
            {"id": one.id, "kind": one.kind.name, "channel": one.channel, "error": one.error}
            for one in status.undeliverable
        ],
        "renamed": [{"name": one.name, "channel": one.found, "called": one.called} for one in status.renamed],
        "troubles": list(map(_trouble_body, status.troubles)),
        "unreviewed": status.unreviewed,
        "risks": {
            "overdue": [one.key for one in status.risks.overdue],
            "ending": [one.key for one in status.risks.ending],
        },
        "ledger": {"entries": status.entries, "head": status.head},
        "facts": _facts_body(status, texts),
    }


def _trouble_body(one: Trouble) -> dict[str, object]:
    return {
        "kind": one.kind.value,
        "subject": one.subject,
        "values": dict(one.values),
        "since": _utc(one.opened_at),
    }


def _stock_body(one: FactStock) -> dict[str, object]:
    return {
        "source": one.load.source,
        "edition": one.load.edition or None,
        "cves": one.cves,
        "read_at": _utc(one.load.began_at),
        "complete": one.load.is_done,
    }


def _facts_body(status: Status, texts: Texts) -> dict[str, object]:
    return {
        "sources": list(map(_stock_body, status.facts)),
        "fetching": [_fetching_body(one, texts) for one in status.fetching],
        "problem": status.no_facts or None,
    }


def _fetching_body(one: SourceState, texts: Texts) -> dict[str, object]:
    return {
        "source": one.source,
        "tried_at": _utc(one.tried_at),
        "fetched_at": _utc(one.fetched_at),
        "failures": one.failures,
        "problem": texts.told(one.problem.key, one.problem.values) if one.problem else None,
    }


def lines(status: Status, database: Database, settings: Settings, texts: Texts) -> list[str]:
    """Returns the status for people."""
    say = _sayer(settings, texts)
    found = [_verdict(status, texts)]
    found += _running_lines(status, say, texts)
    if status.shadow_since is not None:
        found.append(texts("status.shadow", since=say(status.shadow_since)))
    found.append(texts("status.last_event", time=say(status.last_event_at)))
    for channel, at in sorted(status.last_sweeps.items()):
        found.append(texts("status.swept", channel=status.names.get(channel, channel), time=say(at)))
    for feed in status.feeds:
        found += feed_lines(feed, say, texts)
    found.append(texts("status.backlog", inbox=status.inbox_waiting, owed=status.owed))
    if status.unreviewed:
        found.append(texts("reviews.status", count=status.unreviewed))
    found += _risk_lines(status, texts)
    if status.inbox_failed:
        found.append(texts("status.failed_events", count=status.inbox_failed))
    found += _trouble_lines(status, say, texts)
    found.append(_database_line(database, texts))
    if status.unwritable:
        found.append(texts("status.unwritable", problem=status.unwritable))
    found += _fact_lines(status, say, texts)
    found.append(texts("status.zone", zone=settings.timezone.key))
    found.append(texts("status.ledger", entries=status.entries, head=status.head[:16] or "-"))
    return found


def open_lines(status: Status, settings: Settings, texts: Texts) -> Iterator[str]:
    """Yields only what is not as it should be, the verdict first."""
    say = _sayer(settings, texts)
    yield _verdict(status, texts)
    if status.shadow_since is not None:
        yield texts("status.shadow", since=say(status.shadow_since))
    if not any(one.connected for one in status.running):
        yield from _running_lines(status, say, texts)
    for feed in status.feeds:
        if not feed.ok:
            yield " ".join(line.strip() for line in feed_lines(feed, say, texts))
    if status.inbox_waiting or status.owed:
        yield texts("status.backlog", inbox=status.inbox_waiting, owed=status.owed)
    if status.inbox_failed:
        yield texts("status.failed_events", count=status.inbox_failed)
    yield from _trouble_lines(status, say, texts)
    if status.unwritable:
        yield texts("status.unwritable", problem=status.unwritable)
    if status.no_facts:
        yield status.no_facts


def _sayer(settings: Settings, texts: Texts) -> Callable[[object], str]:
    def say(at: object) -> str:
        if not isinstance(at, int):
            return texts("status.never")
        return say_time(datetime_of(Micros(at)), settings.timezone, texts.language)

    return say


def _trouble_lines(status: Status, say: Callable[[object], str], texts: Texts) -> Iterator[str]:
    for departure in status.undeliverable:
        error = say_code(texts, departure.error)
        channel = status.names.get(departure.channel, departure.channel)
        yield texts("status.undeliverable", id=departure.id, channel=channel, error=error)
    for trouble in status.troubles:
        if trouble.kind in OF_FEEDS:
            continue  # said beneath the feed itself
        values = {key: status.names.get(value, value) for key, value in trouble.values.items()}
        if "error" in values:
            values["error"] = say_code(texts, values["error"])
        words = texts(f"status.trouble_{trouble.kind}", **values)
        yield texts("status.trouble", since=say(trouble.opened_at), words=words)
    for one in status.renamed:
        yield texts("status.renamed", name=one.name, id=one.found, called=f"#{one.called}")


def _risk_lines(status: Status, texts: Texts) -> Iterator[str]:
    for key, risks in (("risks_overdue", status.risks.overdue), ("risks_ending", status.risks.ending)):
        if risks:
            keys = texts("slack.joint").join(one.key for one in risks[:MOST_RISKS])
            yield texts(f"status.{key}", count=len(risks), risks=keys)


def _fact_lines(status: Status, say: Callable[[object], str], texts: Texts) -> Iterator[str]:
    if status.no_facts:
        yield status.no_facts
    elif not status.facts:
        yield texts("status.facts_none")
    for one in status.facts:
        key = "status.facts" if one.load.is_done else "status.facts_part"
        edition = shown(one.load.edition) or texts("status.facts_no_edition")
        yield texts(key, name=one.load.source, count=one.cves, edition=edition, time=say(one.load.began_at))
    for state in status.fetching:
        key = "status.facts_fetched" if state.fetched_at else "status.facts_never_fetched"
        yield texts(key, name=state.source, time=say(state.fetched_at or state.tried_at))
        if state.problem is not None:
            values = {name: shown(value) for name, value in state.problem.values.items()}
            problem = texts.told(state.problem.key, values)
            yield texts(
                "status.facts_not_fetched", count=state.failures, time=say(state.tried_at), problem=problem
            )


def _verdict(status: Status, texts: Texts) -> str:
    if not status.ok:
        return texts("status.operator")
    wrong = sum(not feed.ok for feed in status.feeds)
    return texts("status.well_but_feeds", count=wrong) if wrong else texts("status.well")


def _database_line(database: Database, texts: Texts) -> str:
    from threatstamp.app.database import say_engine

    key = "database.status" if database.safe else "database.status_old"
    return texts(key, engine=say_engine(database, texts))


def _running_lines(status: Status, say: Callable[[object], str], texts: Texts) -> Iterator[str]:
    if not status.running:
        yield texts("status.not_running")
    for one in status.running:
        yield texts(_way_of(one), holder=one.holder, since=say(one.started_at))
        if one.host_ahead:
            key = "status.host_ahead" if one.host_ahead > 0 else "status.host_behind"
            yield texts(key, seconds=abs(one.host_ahead))
        if one.error:
            yield texts("cli.app_token_refused", code=one.error)
        if one.connections > sum(other.mode == SOCKET for other in status.running):
            yield texts("status.connections", count=one.connections)


def _way_of(one: Running) -> str:
    """Returns the sentence for a process, by how events reach it."""
    if one.mode == NO_EVENTS:
        return "status.helping"
    if not one.connected:
        return "status.disconnected"
    return "status.serving" if one.mode == HTTP else "status.connected"


def _utc(at: object) -> str | None:
    return utc_text(Micros(at)) if isinstance(at, int) else None
