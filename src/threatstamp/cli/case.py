"""`case`: what stories ask of the team, who looks after it, and what was decided."""

from __future__ import annotations

import shutil
import sys

import click

from threatstamp.cli.ending import ended_by_signal
from threatstamp.cli.help import Command, Group
from threatstamp.cli.logs import start_logging
from threatstamp.cli.opening import bot_token, open_secrets, open_settings, opened_store
from threatstamp.cli.speech import json_text, shown
from threatstamp.config.names import person_name
from threatstamp.core.cases.case import CLOSED, CaseAct, Choice, Wish
from threatstamp.core.errors import PolicyError
from threatstamp.core.text import well_formed
from threatstamp.core.time import Micros, datetime_of
from threatstamp.texts.times import say_time


@click.group("case", cls=Group)
def command() -> None:
    """Cases: list, look at, act on."""


@command.command("list", cls=Command)
@click.option("--all", "everything", is_flag=True)
@click.option("--json", "as_json", is_flag=True)
@click.pass_context
def list_cases(ctx: click.Context, everything: bool, as_json: bool) -> None:
    """List the cases that are open, or all."""
    settings, texts = open_settings(ctx)
    from threatstamp.desk.views.cases import read_cases
    from threatstamp.render.cases import case_body, case_rows

    with opened_store(settings) as store:
        found = read_cases(store)
    cases = [one for one in found if everything or one.case.state not in CLOSED]
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
    settings, texts = open_settings(ctx)
    from threatstamp.desk.views.cases import read_case
    from threatstamp.render.cases import case_body, case_lines

    with opened_store(settings) as store:
        found = read_case(store, case)
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
    from threatstamp.cli.speech import first_texts
    from threatstamp.render.cases import move_rows

    for line in move_rows(first_texts(ctx)):
        click.echo(line)


@command.command("take", cls=Command)
@click.argument("case", type=int)
@click.option("--by", required=True)
@click.pass_context
@ended_by_signal()
def take(ctx: click.Context, case: int, by: str) -> None:
    """Somebody looks after a case from now on."""
    _act(ctx, case, Wish(act=CaseAct.TAKE), by=by)


@command.command("assess", cls=Command)
@click.argument("case", type=int)
@click.option("--by", required=True)
@click.pass_context
@ended_by_signal()
def assess(ctx: click.Context, case: int, by: str) -> None:
    """The case was looked at, and a decision is asked for."""
    _act(ctx, case, Wish(act=CaseAct.ASSESS), by=by)


@command.command("decide", cls=Command)
@click.argument("case", type=int)
@click.argument("choice", type=click.Choice([one.value for one in Choice]))
@click.option("--by", required=True)
@click.option("--reason", default="")
@click.pass_context
@ended_by_signal()
def decide(ctx: click.Context, case: int, choice: str, by: str, reason: str) -> None:
    """A decider decides."""
    wish = Wish(act=CaseAct.DECIDE, choice=Choice(choice), reason=well_formed(reason))
    _act(ctx, case, wish, by=by)


@command.command("done", cls=Command)
@click.argument("case", type=int)
@click.option("--by", required=True)
@click.option("--reason", default="")
@click.pass_context
@ended_by_signal()
def done(ctx: click.Context, case: int, by: str, reason: str) -> None:
    """The response is finished."""
    _act(ctx, case, Wish(act=CaseAct.DONE, reason=well_formed(reason)), by=by)


@command.command("reopen", cls=Command)
@click.argument("case", type=int)
@click.option("--by", required=True)
@click.option("--reason", required=True)
@click.pass_context
@ended_by_signal()
def reopen(ctx: click.Context, case: int, by: str, reason: str) -> None:
    """A closed case is open again."""
    _act(ctx, case, Wish(act=CaseAct.REOPEN, reason=well_formed(reason)), by=by)


def _act(ctx: click.Context, case: int, wish: Wish, *, by: str) -> None:
    """Acts, and says what came of it; exit 1 if it does not count."""
    settings, texts = open_settings(ctx)
    secrets = open_secrets(settings)
    start_logging(settings.timezone, quiet=True)
    from threatstamp.app.once import UnknownPersonError, act_once

    name = person_name(by) or by
    try:
        with opened_store(settings) as store:
            acted = act_once(settings, bot_token(secrets), store=store, number=case, wish=wish, by=name)
    except UnknownPersonError:
        raise PolicyError((texts("cases.no_person", person=shown(by)),)) from None
    state = texts(f"cases.state_{acted.case.state.value}") if acted.case else ""
    words = {"case": case, "state": state, "wish": texts(f"cases.wish_{wish.name}")}
    if acted.denial is not None:
        person = acted.last.by if acted.last else texts("slack.somebody")
        click.echo(texts(f"cases.denied_{acted.denial.value}", **words, person=person), err=True)
        sys.exit(1)
    click.echo(texts("cases.did" if acted.moved else "cases.did_already", **words))
