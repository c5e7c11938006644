"""`case`: what stories ask of the team, who looks after it, and what was decided."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Concatenate, ParamSpec

import click

from threatstamp.cli.call import call
from threatstamp.cli.ending import ended_by_signal
from threatstamp.cli.help import Command, Group
from threatstamp.cli.logs import start_logging
from threatstamp.cli.opening import bot_token, open_products, open_secrets, open_settings, opened_store
from threatstamp.cli.speech import first_texts, json_text, shown
from threatstamp.config.names import person_name
from threatstamp.config.settings import Settings
from threatstamp.core.calendar import Calendar
from threatstamp.core.cases.case import CLOSED, CaseAct, CaseState, Choice, Wish
from threatstamp.core.cases.details import LONGEST_AUDIENCE, LONGEST_REASON, Details, read_effort
from threatstamp.core.cases.weighing import Scales
from threatstamp.core.errors import PolicyError
from threatstamp.core.priority.urgency import SCALE, Priority
from threatstamp.core.text import one_line, well_formed
from threatstamp.core.time import Micros, datetime_of
from threatstamp.texts.times import say_time


class _Effort(click.ParamType[str]):
    """S, M, L or hours."""

    name = "effort"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        effort = read_effort(value)
        if effort is None:
            raise click.BadParameter(value, ctx, param)  # `misuse` has the sentence
        return effort


EFFORT = _Effort()
DAY = click.DateTime(("%Y-%m-%d",))
PRIORITY = click.Choice([one.value for one in reversed(SCALE)])
P = ParamSpec("P")


def acting(function: Callable[Concatenate[click.Context, int, P], None]) -> Callable[..., None]:
    """The command acts on a case for somebody; a signal ends it cleanly."""
    made: Callable[..., None] = click.pass_context(ended_by_signal()(function))
    made = click.option("--by", required=True)(made)
    return click.argument("case", type=int)(made)


@click.group("case", cls=Group)
def command() -> None:
    """Cases: list, look at, act on."""


command.add_command(call)


@command.command("list", cls=Command)
@click.option("--all", "everything", is_flag=True)
@click.option("--owner")
@click.option("--state", type=click.Choice([one.value for one in CaseState]))
@click.option("--json", "as_json", is_flag=True)
@click.pass_context
def list_cases(
    ctx: click.Context, everything: bool, owner: str | None, state: str | None, as_json: bool
) -> None:
    """List the cases that are open, or all."""
    settings, texts = open_settings(ctx)
    from threatstamp.desk.views.cases import read_cases
    from threatstamp.render.cases import case_body, case_rows

    with opened_store(settings) as store:
        found = read_cases(store)
    wanted = {CaseState(state)} if state else set(CaseState) if everything else set(CaseState) - CLOSED
    cases = [one for one in found if one.case.state in wanted and owner in (None, one.case.owner or "nobody")]
    if as_json:
        click.echo(json_text({"cases": [case_body(one) for one in cases]}, indent=2))
        return
    if not cases:
        click.echo(texts("cases.none_open" if found else "cases.none"))
        return
    columns = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    for line in case_rows(cases, texts, columns=columns):
        click.echo(line)


@command.command("show", cls=Command)
@click.argument("case", type=int)
@click.option("--json", "as_json", is_flag=True)
@click.pass_context
def show_case(ctx: click.Context, case: int, as_json: bool) -> None:
    """Show a case with its history; exit 1 for one that is not known."""
    settings, texts = open_products(ctx)
    from threatstamp.desk.views.cases import read_case
    from threatstamp.render.cases import case_body, case_lines

    with opened_store(settings) as store:
        found = read_case(store, case, _scales(settings))
    if found is None:
        click.echo(texts("cases.denied_unknown", case=case), err=True)
        sys.exit(1)
    if as_json:
        click.echo(json_text(case_body(found), indent=2))
        return

    def say(at: int) -> str:
        return say_time(datetime_of(Micros(at)), settings.timezone, texts.language)

    for line in case_lines(found, texts, say=say):
        click.echo(line)


@command.command("moves", cls=Command)
@click.pass_context
def show_moves(ctx: click.Context) -> None:
    """Print what may be done in which state."""
    from threatstamp.render.cases import move_rows

    for line in move_rows(first_texts(ctx)):
        click.echo(line)


@command.command("take", cls=Command)
@acting
def take(ctx: click.Context, case: int, by: str) -> None:
    """Somebody looks after a case from now on."""
    _act(ctx, case, Wish(act=CaseAct.TAKE), by=by)


@command.command("hand-over", cls=Command)
@acting
@click.argument("to")
@click.option("--reason", default="")
def hand_over(ctx: click.Context, case: int, by: str, to: str, reason: str) -> None:
    """Somebody else looks after a case from now on."""
    _act(ctx, case, Wish(act=CaseAct.HAND_OVER, reason=well_formed(reason)), by=by, to=to)


@command.command("assess", cls=Command)
@acting
@click.option("--effort", type=EFFORT)
@click.option("--reason", default="")
def assess(ctx: click.Context, case: int, by: str, effort: str | None, reason: str) -> None:
    """The case was looked at, and a decision is asked for."""
    wish = Wish(act=CaseAct.ASSESS, reason=well_formed(reason), details=Details(effort=effort))
    _act(ctx, case, wish, by=by)


@command.command("priority", cls=Command)
@acting
@click.argument("priority", type=PRIORITY)
@click.option("--reason", required=True)
def set_priority(ctx: click.Context, case: int, by: str, priority: str, reason: str) -> None:
    """Somebody says how urgent it is."""
    details = Details(priority=Priority(priority))
    _act(ctx, case, Wish(act=CaseAct.PRIORITY, reason=well_formed(reason), details=details), by=by)


@command.command("due", cls=Command)
@acting
@click.argument("day", type=DAY)
@click.option("--reason", default="")
def set_due(ctx: click.Context, case: int, by: str, day: datetime, reason: str) -> None:
    """Somebody says by when it is to be done."""
    wish = Wish(act=CaseAct.DUE, reason=well_formed(reason), details=Details(until=day.date()))
    _act(ctx, case, wish, by=by)


@command.command("decide", cls=Command)
@acting
@click.argument("choice", type=click.Choice([one.value for one in Choice]))
@click.option("--until", type=DAY)
@click.option("--effort", type=EFFORT)
@click.option("--risk", type=PRIORITY)
@click.option("--reason", default="")
def decide(
    ctx: click.Context,
    case: int,
    by: str,
    choice: str,
    until: datetime | None,
    effort: str | None,
    risk: str | None,
    reason: str,
) -> None:
    """A decider decides."""
    details = Details(
        until=until.date() if until else None, effort=effort, risk=Priority(risk) if risk else None
    )
    wish = Wish(act=CaseAct.DECIDE, choice=Choice(choice), reason=well_formed(reason), details=details)
    _act(ctx, case, wish, by=by)


@command.command("approve", cls=Command)
@acting
@click.option("--reason", default="")
def approve(ctx: click.Context, case: int, by: str, reason: str) -> None:
    """A second decider agrees with a decision that waits for one."""
    _act(ctx, case, Wish(act=CaseAct.APPROVE, reason=well_formed(reason)), by=by)


@command.command("respond", cls=Command)
@acting
@click.option("--text", required=True)
@click.option("--audience", default="")
def respond(ctx: click.Context, case: int, by: str, text: str, audience: str) -> None:
    """Somebody was told, or something was done."""
    details = Details(audience=one_line(well_formed(audience))[:LONGEST_AUDIENCE])
    _act(ctx, case, Wish(act=CaseAct.RESPOND, reason=well_formed(text), details=details), by=by)


@command.command("done", cls=Command)
@acting
@click.option("--effort", type=EFFORT)
@click.option("--reason", default="")
def done(ctx: click.Context, case: int, by: str, effort: str | None, reason: str) -> None:
    """The response is finished."""
    wish = Wish(act=CaseAct.DONE, reason=well_formed(reason), details=Details(effort=effort))
    _act(ctx, case, wish, by=by)


@command.command("reopen", cls=Command)
@acting
@click.option("--reason", required=True)
def reopen(ctx: click.Context, case: int, by: str, reason: str) -> None:
    """A closed case is open again."""
    _act(ctx, case, Wish(act=CaseAct.REOPEN, reason=well_formed(reason)), by=by)


@command.command("brief", cls=Command)
@acting
def brief(ctx: click.Context, case: int, by: str) -> None:
    """The case is handed over to the developers of its track."""
    _act(ctx, case, Wish(act=CaseAct.BRIEF), by=by)


@command.command("acknowledge", cls=Command)
@acting
def acknowledge(ctx: click.Context, case: int, by: str) -> None:
    """One of the developers has seen it."""
    _act(ctx, case, Wish(act=CaseAct.ACKNOWLEDGE), by=by)


@command.command("ticket", cls=Command)
@acting
@click.argument("link", required=False, default="")
def ticket(ctx: click.Context, case: int, by: str, link: str) -> None:
    """There is a ticket for it elsewhere, or one is to be made."""
    _act(ctx, case, Wish(act=CaseAct.TICKET, reason=well_formed(link.strip())), by=by)


@command.command("risk", cls=Command)
@acting
@click.option("--risk", type=PRIORITY)
@click.option("--until", type=DAY)
@click.option("--owner", default="")
@click.option("--reason", default="")
def add_risk(
    ctx: click.Context,
    case: int,
    by: str,
    risk: str | None,
    until: datetime | None,
    owner: str,
    reason: str,
) -> None:
    """What it leaves goes into the register of accepted risks."""
    details = Details(risk=Priority(risk) if risk else None, until=until.date() if until else None)
    wish = Wish(act=CaseAct.RISK, reason=well_formed(reason), details=details)
    _act(ctx, case, wish, by=by, to=owner)


@command.command("check", cls=Command)
@acting
@click.argument("item", type=int)
@click.option("--reason", default="")
def check(ctx: click.Context, case: int, by: str, item: int, reason: str) -> None:
    """A step of the checklist is done."""
    _act(ctx, case, Wish(act=CaseAct.CHECK, reason=well_formed(reason), details=Details(item=item)), by=by)


@command.command("uncheck", cls=Command)
@acting
@click.argument("item", type=int)
@click.option("--reason", default="")
def uncheck(ctx: click.Context, case: int, by: str, item: int, reason: str) -> None:
    """A step of the checklist is not done, after all."""
    _act(ctx, case, Wish(act=CaseAct.UNCHECK, reason=well_formed(reason), details=Details(item=item)), by=by)


@command.command("note", cls=Command)
@acting
@click.argument("text")
def note(ctx: click.Context, case: int, by: str, text: str) -> None:
    """A note stays with the case."""
    _act(ctx, case, Wish(act=CaseAct.NOTE, reason=well_formed(text)), by=by)


def _scales(settings: Settings) -> Scales:
    return Scales(
        rules=settings.cases.rules,
        table=settings.policy.policy.table,
        products=settings.products,
        calendar=Calendar(zone=settings.timezone),
    )


def _act(ctx: click.Context, case: int, wish: Wish, *, by: str, to: str = "") -> None:
    """Acts, and says what came of it; exit 1 if it does not count."""
    settings, texts = open_settings(ctx)
    secrets = open_secrets(settings)
    start_logging(settings.timezone, quiet=True)
    from threatstamp.app.once import UnknownPersonError, act_once

    wish = replace(wish, reason=wish.reason[:LONGEST_REASON])
    try:
        with opened_store(settings) as store:
            acted = act_once(
                settings,
                bot_token(secrets),
                store=store,
                number=case,
                wish=wish,
                by=person_name(by) or by,
                to=person_name(to) or to,
            )
    except UnknownPersonError as error:
        raise PolicyError((texts("cases.no_person", person=shown(str(error))),)) from None
    state = texts(f"cases.state_{acted.case.state.value}") if acted.case else ""
    words = {"case": case, "state": state, "wish": texts(f"cases.wish_{wish.name}")}
    if acted.denial is not None:
        person = acted.last.by if acted.last else texts("slack.somebody")
        click.echo(texts(f"cases.denied_{acted.denial.value}", **words, person=person), err=True)
        sys.exit(1)
    if acted.is_pending:
        click.echo(texts("weighing.now_waiting", **words))
        return
    click.echo(texts("cases.did" if acted.moved else "cases.did_already", **words))
