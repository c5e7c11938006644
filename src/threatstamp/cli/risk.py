"""`risk`: the accepted risks, who answers for them and until when, and that somebody looks at them again."""

from __future__ import annotations

import shutil
import sys
from datetime import date, datetime, tzinfo
from typing import TYPE_CHECKING, NoReturn

import click

from threatstamp.cli.help import Command, Group
from threatstamp.cli.logs import start_logging
from threatstamp.cli.opening import bot_token, open_secrets, open_settings, opened_store
from threatstamp.cli.speech import json_text, shown
from threatstamp.config.names import person_name
from threatstamp.config.settings import Settings
from threatstamp.core.cases.details import LONGEST_REASON
from threatstamp.core.cases.risk import LONGEST_TITLE, RiskLevel, risk_key
from threatstamp.core.errors import PolicyError
from threatstamp.core.ids import UserId, is_user_id
from threatstamp.core.text import one_line, well_formed
from threatstamp.core.time import Micros, datetime_of
from threatstamp.texts.catalogue import Texts
from threatstamp.texts.times import say_time

if TYPE_CHECKING:
    from threatstamp.desk.cases.register import RiskWords
    from threatstamp.desk.ports.store import Store

LEVELS = click.Choice([one.value for one in RiskLevel])
DAY = click.DateTime(formats=["%Y-%m-%d"])


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
    from threatstamp.render.risks import risk_body, risk_rows

    today = _today(settings.timezone)
    with opened_store(settings) as store, store.reading(whole=True) as read:
        found = read.risks.every(settings.timezone)
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
    from threatstamp.render.risks import risk_body, risk_lines

    key, today = risk_key(risk), _today(settings.timezone)
    with opened_store(settings) as store, store.reading(whole=True) as read:
        found = next((one for one in read.risks.every(settings.timezone) if one.key == key), None)
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

    with opened_store(settings) as store:
        words = _words(store, settings, texts, by=by, owner=owner, after=after, until=until, reason=reason)
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

    key, today = risk_key(risk), _today(settings.timezone)
    with opened_store(settings) as store:
        words = _words(store, settings, texts, by=by, owner=owner, after=after, until=until, reason=reason)
        done = review_risk(store, key, words, is_closed=close, today=today, now=SystemClock().now())
    if not done:
        _unknown(texts, key)
    click.echo(texts("risks.closed" if close else "risks.reviewed_now", key=key))


def _words(
    store: Store,
    settings: Settings,
    texts: Texts,
    *,
    by: str,
    owner: str | None,
    after: str | None,
    until: datetime | None,
    reason: str,
) -> RiskWords:
    """Returns what somebody says of a risk. Raises PolicyError for a person who is not found."""
    from threatstamp.desk.cases.register import RiskWords

    names = (by,) if owner is None else (by, owner)
    found = _people(store, settings, texts, names)
    return RiskWords(
        by=found[0],
        owner=found[1] if owner is not None else None,
        after=RiskLevel(after) if after else None,
        accepted_until=until.date() if until else None,
        reason=well_formed(reason)[:LONGEST_REASON],
    )


def _people(store: Store, settings: Settings, texts: Texts, names: tuple[str, ...]) -> tuple[UserId, ...]:
    """Returns the ids of people. Slack is not asked where all of them are given as ids."""
    said = tuple(person_name(name) or name for name in names)
    if all(map(is_user_id, said)):
        return tuple(map(UserId, said))
    from threatstamp.app.once import UnknownPersonError, find_people

    token = bot_token(open_secrets(settings))
    start_logging(settings.timezone, quiet=True)
    try:
        return find_people(settings, token, store=store, names=said)
    except UnknownPersonError as error:
        raise PolicyError((texts("cases.no_person", person=shown(str(error))),)) from None


def _today(zone: tzinfo) -> date:
    return datetime.now(zone).date()


def _unknown(texts: Texts, key: str) -> NoReturn:
    click.echo(texts("risks.unknown", key=shown(key)), err=True)
    sys.exit(1)
