"""`vulns`: facts about vulnerabilities, loaded from the documents of their sources, and shown."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from threatstamp.cli.ending import ended_by_signal
from threatstamp.cli.help import Group
from threatstamp.cli.misuse import Misuse
from threatstamp.cli.opening import open_settings
from threatstamp.cli.progress import PATIENCE, ProgressLine
from threatstamp.cli.speech import json_text, shown, texts
from threatstamp.config.published import WHOLE_SOURCES
from threatstamp.config.secrets import reason_of
from threatstamp.config.settings import Settings
from threatstamp.core.errors import PolicyError
from threatstamp.core.facts.assessment import CVELIST, EPSS, FACT_SOURCES, KEV, FactSource
from threatstamp.core.facts.cve import CveId, fact_id_of
from threatstamp.core.facts.document import DocumentError, DocumentFault
from threatstamp.core.facts.vulnerability import Vulnerability
from threatstamp.core.time import Micros, datetime_of
from threatstamp.texts.catalogue import Texts
from threatstamp.texts.times import say_time

if TYPE_CHECKING:
    from threatstamp.app.facts import Updated
    from threatstamp.desk.facts.load import LoadResult

NICE = 10
"""How far a load steps back for everybody else on the machine."""

USUAL = (CVELIST, KEV, EPSS)
"""What is fetched where neither the command nor the settings name a source."""

MOST_BROKEN = 20
"""So many broken records are named; the rest is counted."""


def _interrupted() -> str:
    return texts()("cli.vulns_interrupted")


@click.group("vulns", cls=Group)
def command() -> None:
    """Facts about vulnerabilities."""


@command.command("update")
@click.argument("sources", nargs=-1, type=click.Choice(FACT_SOURCES))
@click.option("--from", "path", type=click.Path(path_type=Path, readable=False))
@click.option("--id", "ids", multiple=True)
@click.pass_context
@ended_by_signal(_interrupted)
def update(ctx: click.Context, sources: tuple[str, ...], path: Path | None, ids: tuple[str, ...]) -> None:
    """Fetch sources, or load one source's published document from a file."""
    if path is None:
        _fetch(ctx, tuple(map(FactSource, sources)), tuple(_cve(ctx, one) for one in ids))
    if ids or len(sources) != 1:
        raise Misuse(ctx, "vulns_one_source", names=", ".join(FACT_SOURCES))
    settings, texts = open_settings(ctx)
    os.nice(NICE)
    source = FactSource(sources[0])
    done, failure = _load(source, path, settings, texts)
    for line in _told(source, done, texts):
        click.echo(line)
    for line in _broken_lines(done, path, texts):
        click.echo(line, err=True)
    if failure is not None:
        raise PolicyError((_said(failure, source, path, texts),))
    sys.exit(1 if done.broken else 0)


def _fetch(ctx: click.Context, sources: tuple[FactSource, ...], ids: tuple[CveId, ...]) -> NoReturn:
    """Fetches what is new of each source, or what it says about these ids; exit 1 if that fails for one."""
    from threatstamp.facts.fetching import ASKABLE

    if ids and not (sources and set(sources) <= set(ASKABLE)):
        raise Misuse(ctx, "vulns_askable", names=", ".join(ASKABLE))
    if not ids and set(sources) - set(WHOLE_SOURCES):
        raise Misuse(ctx, "vulns_by_id", names=", ".join(one for one in sources if one not in WHOLE_SOURCES))
    settings, texts = open_settings(ctx)
    os.nice(NICE)
    from threatstamp.app.facts import opened_update

    failed = False
    with ProgressLine(patience=PATIENCE) as line:

        def say(source: FactSource, unit: str, number: int) -> None:
            shown_number = number // 1_000_000 if unit == "megabytes" else number
            line.say(texts(f"cli.progress_{unit}", name=source, number=shown_number))

        with opened_update(settings, os.environ, say=say) as facts_update:
            for source in sources or settings.facts.sources or USUAL:
                done = facts_update.run(source, ids)
                failed = failed or done.problem is not None or bool(done.broken)
                for words, is_wrong in fetched_lines(done, texts):
                    click.echo(words, err=is_wrong)
    sys.exit(1 if failed else 0)


def fetched_lines(done: Updated, texts: Texts) -> Iterator[tuple[str, bool]]:
    """Yields what the fetching of a source has done, each line with whether it is about something wrong."""
    if done.is_held:
        yield texts("cli.vulns_held", name=done.source), False
    elif done.documents:
        yield texts("cli.vulns_loaded", name=done.source, count=done.loaded), False
        if done.dropped:
            yield texts("cli.vulns_loaded_dropped", count=done.dropped), False
    elif done.problem is None:
        yield texts("cli.vulns_nothing_new", name=done.source), False
    if done.broken:
        yield texts("cli.vulns_records_broken", count=len(done.broken)), True
    if done.problem is not None:
        problem = texts.told(done.problem.key, {n: shown(v) for n, v in done.problem.values.items()})
        yield texts("cli.vulns_not_fetched", name=done.source, problem=problem), True
        yield texts("cli.vulns_not_fetched_do", name=done.source), True


def _load(
    source: FactSource, path: Path, settings: Settings, texts: Texts
) -> tuple[LoadResult, DocumentError | None]:
    """Loads as much as can be read.

    Returns what it has done, and where the document breaks off. Raises PolicyError for one of which nothing
    can be loaded, FactsError, StoreError.
    """
    from threatstamp.app.clock import SystemClock
    from threatstamp.desk.facts.load import LoadFacts
    from threatstamp.facts.sources import SOURCES
    from threatstamp.store.facts import open_facts

    try:
        document = SOURCES[source](path)
    except DocumentError as error:
        raise PolicyError((_said(error, source, path, texts),)) from None
    facts = open_facts(settings.database)
    try:
        load = LoadFacts(document, facts, SystemClock(), ranking=settings.facts.scores)
        with ProgressLine(patience=PATIENCE) as line:
            for number in load.run():
                line.say(texts("cli.progress_facts", number=number))
    except DocumentError as error:
        if error.fault is DocumentFault.OLDER:
            raise PolicyError((_said(error, source, path, texts),)) from None
        return load.done, error
    finally:
        facts.close()
    return load.done, None


def _said(error: DocumentError, source: FactSource, path: Path, texts: Texts) -> str:
    given = {name: shown(value) for name, value in error.values.items()}
    values = {"name": source, "path": shown(str(path)), **given}
    if isinstance(error.__cause__, OSError):
        values["reason"] = reason_of(error.__cause__, texts)
    return texts(f"cli.vulns_{error.fault}", **values)


def _told(source: FactSource, done: LoadResult, texts: Texts) -> list[str]:
    """Returns what a load has done, without what did not happen."""
    lines = [texts("cli.vulns_loaded", name=source, count=done.loaded)]
    counts = {"skipped": done.skipped, "kept": done.kept, "dropped": done.dropped}
    lines += [texts(f"cli.vulns_loaded_{name}", count=count) for name, count in counts.items() if count]
    if done.edition:
        lines.append(texts("cli.vulns_loaded_edition", edition=shown(done.edition)))
    return lines


def _broken_lines(done: LoadResult, path: Path, texts: Texts) -> list[str]:
    lines = [
        texts(
            "cli.vulns_record" if one.name else "cli.vulns_record_nameless",
            path=shown(path.name),
            place=shown(one.place),
            record=shown(one.name),
            what=shown(one.what),
        )
        for one in done.broken[:MOST_BROKEN]
    ]
    if done.broken:
        lines.append(texts("cli.vulns_records_broken", count=len(done.broken)))
    return lines


@command.command("show")
@click.argument("names", nargs=-1, required=True)
@click.option("--json", "as_json", is_flag=True)
@click.pass_context
@ended_by_signal()
def show(ctx: click.Context, names: tuple[str, ...], as_json: bool) -> None:
    """Show what is known of CVEs; exit 1 if that is nothing of one of them."""
    cves = [_cve(ctx, name) for name in names]
    settings, texts = open_settings(ctx)
    from threatstamp.render.vulnerability import vulnerability_body, vulnerability_lines
    from threatstamp.store.facts import FactLookup

    lookup = FactLookup(settings.database, ranking=settings.facts.scores)
    found = {one.cve: one for one in lookup.find(cves)}
    is_empty = not found and not lookup.loads()

    def say(at: Micros) -> str:
        return say_time(datetime_of(at), settings.timezone, texts.language)

    for number, cve in enumerate(cves):
        if as_json:
            body = vulnerability_body(found.get(cve) or Vulnerability(cve=cve, said=()))
            click.echo(json_text(body, indent=None if len(cves) > 1 else 2, compact=len(cves) > 1))
        elif cve in found:
            lines = [*([""] if number else []), *vulnerability_lines(found[cve], say, texts)]
            click.echo("\n".join(map(shown, lines)))
        if cve not in found:
            click.echo(texts("cli.vulns_empty" if is_empty else "cli.vulns_unknown", cve=cve), err=True)
    sys.exit(0 if len(found) == len(set(cves)) else 1)


def _cve(ctx: click.Context, name: str) -> CveId:
    cve = fact_id_of(name)
    if cve is None:
        raise Misuse(ctx, "vulns_no_cve", value=shown(name))
    return cve
