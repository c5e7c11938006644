"""`risk`: the accepted risks, who answers for them and until when, and that somebody looks at them again."""

from __future__ import annotations

import shutil
import sys
from datetime import date, datetime, tzinfo
from typing import TYPE_CHECKING, NoReturn

import click

from threatstamp.cli.help import Command, Group
from threatstamp.cli.opening import open_settings, opened_store
from threatstamp.cli.speech import json_text, shown
from threatstamp.config.names import person_name
from threatstamp.core.cases.risk import RiskLevel
from threatstamp.core.errors import PolicyError
from threatstamp.core.ids import UserId
from threatstamp.core.text import one_line, well_formed
from threatstamp.core.time import Micros, datetime_of
from threatstamp.texts.catalogue import Texts
from threatstamp.texts.times import say_time

if TYPE_CHECKING:
    from threatstamp.desk.cases.register import RiskWords

LEVELS = click.Choice([one.value for one in RiskLevel])
DAY = click.DateTime(formats=["%Y-%m-%d"])
LONGEST_TITLE = 300


@click.group("risk", cls=Group)
def command() -> None:
    """The register of accepted risks."""


@command.command("list", cls=Command)
@click.option("--all", "everything", is_flag=True)
@click.option("--overdue", is_flag=True)
@click.option("--json", "as_json", is_flag=True)
@click.pass_context
def list_risks(ctx: click.Context, everything: bool, overdue: bool, as_json: bool) -> None:
    """List the accepted risks."""
    settings, texts = open_settings(ctx)
    from threatstamp.desk.views.risks import read_risks
    from threatstamp.render.risks import risk_body, risk_rows

    today = _today(settings.timezone)
    with opened_store(settings) as store:
        found = read_risks(store, settings.timezone)
    risks = [one for one in found if everything or not one.is_closed]
    if overdue:
        risks = [one for one in risks if one.is_overdue(today)]
    if as_json:
        click.echo(json_text({"risks": [risk_body(one, today=today) for one in risks]}, indent=2))
        return
    if not risks:
        click.echo(texts("risks.none"))
        return
    columns = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    for line in risk_rows(risks, texts, today=today, columns=columns):
        click.echo(line)


@command.command("show", cls=Command)
@click.argument("risk")
@click.option("--json", "as_json", is_flag=True)
@click.pass_context
def show_risk(ctx: click.Context, risk: str, as_json: bool) -> None:
    """Show a risk with its history; exit 1 for one that is not known."""
    settings, texts = open_settings(ctx)
    from threatstamp.desk.views.risks import read_risks
    from threatstamp.render.risks import risk_body, risk_lines

    key, today = _key(risk), _today(settings.timezone)
    with opened_store(settings) as store:
        found = next((one for one in read_risks(store, settings.timezone) if one.key == key), None)
    if found is None:
        _unknown(texts, key)
    if as_json:
        click.echo(json_text(risk_body(found, today=today), indent=2))
        return

    def say(at: int) -> str:
        return say_time(datetime_of(Micros(at)), settings.timezone, texts.language)

    for line in risk_lines(found, texts, today=today, say=say):
        click.echo(line)


@command.command("add", cls=Command)
@click.argument("title")
@click.option("--by", required=True)
@click.option("--owner")
@click.option("--before", type=LEVELS)
@click.option("--after", type=LEVELS)
@click.option("--until", type=DAY)
@click.option("--case", type=int)
@click.option("--reason", default="")
@click.pass_context
def add(
    ctx: click.Context,
    title: str,
    by: str,
    owner: str | None,
    before: str | None,
    after: str | None,
    until: datetime | None,
    case: int | None,
    reason: str,
) -> None:
    """Add a risk by hand."""
    settings, texts = open_settings(ctx)
    from threatstamp.app.clock import SystemClock
    from threatstamp.desk.cases.register import add_risk

    words = _words(texts, by=by, owner=owner, after=after, until=until, reason=reason)
    with opened_store(settings) as store:
        key = add_risk(
            store,
            one_line(well_formed(title))[:LONGEST_TITLE],
            words,
            before=RiskLevel(before) if before else None,
            case=case,
            today=_today(settings.timezone),
            now=SystemClock().now(),
        )
    if key is None:
        click.echo(texts("cases.denied_unknown", case=case), err=True)
        sys.exit(1)
    click.echo(texts("risks.added", key=key))


@command.command("review", cls=Command)
@click.argument("risk")
@click.option("--by", required=True)
@click.option("--owner")
@click.option("--after", type=LEVELS)
@click.option("--until", type=DAY)
@click.option("--reason", default="")
@click.option("--close", is_flag=True)
@click.pass_context
def review(
    ctx: click.Context,
    risk: str,
    by: str,
    owner: str | None,
    after: str | None,
    until: datetime | None,
    reason: str,
    close: bool,
) -> None:
    """Record that somebody looked at a risk again."""
    settings, texts = open_settings(ctx)
    from threatstamp.app.clock import SystemClock
    from threatstamp.desk.cases.register import review_risk

    words = _words(texts, by=by, owner=owner, after=after, until=until, reason=reason)
    key, today = _key(risk), _today(settings.timezone)
    with opened_store(settings) as store:
        done = review_risk(store, key, words, is_closed=close, today=today, now=SystemClock().now())
    if not done:
        _unknown(texts, key)
    click.echo(texts("risks.closed" if close else "risks.reviewed_now", key=key))


def _words(
    texts: Texts, *, by: str, owner: str | None, after: str | None, until: datetime | None, reason: str
) -> RiskWords:
    """Returns what somebody says of a risk. Raises PolicyError for a person who is none."""
    from threatstamp.desk.cases.register import RiskWords

    return RiskWords(
        by=_person(by, texts),
        owner=_person(owner, texts) if owner else None,
        after=RiskLevel(after) if after else None,
        accepted_until=until.date() if until else None,
        reason=well_formed(reason),
    )


def _key(said: str) -> str:
    """Returns a risk's key, however it is written: R3, r3 or 3; C42."""
    key = said.strip().upper()
    return f"R{key}" if key.isdecimal() else key


def _person(said: str, texts: Texts) -> UserId:
    name = person_name(said)
    if name is None:
        raise PolicyError((texts("cases.no_person", person=shown(said)),))
    return UserId(name)


def _today(zone: tzinfo) -> date:
    return datetime.now(zone).date()


def _unknown(texts: Texts, key: str) -> NoReturn:
    click.echo(texts("risks.unknown", key=shown(key)), err=True)
    sys.exit(1)
