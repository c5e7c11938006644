"""`check`: what works, what does not, and how to fix it."""

from __future__ import annotations

import os
import re
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from threatstamp.cli.ending import ended_by_signal
from threatstamp.cli.help import Command
from threatstamp.cli.speech import json_text, speak, spoken, texts
from threatstamp.config.secrets import Secrets, read_secrets
from threatstamp.config.settings import Settings, read_settings
from threatstamp.core.errors import PolicyError
from threatstamp.core.secrets import hide

if TYPE_CHECKING:
    from threatstamp.app.check.finding import Check

ENVIRONMENT = "environment"
"""The name of a check that is about the environment as a whole."""

_PLACE = re.compile(r"[^\s:：]+(?::\d+){0,2}")
_SENTENCE_END = re.compile(r"。(?=.)|\. (?=[A-Z])")


@click.command("check", cls=Command)
@click.option("--json", "as_json", is_flag=True)
@click.pass_context
@ended_by_signal()
def command(ctx: click.Context, as_json: bool) -> None:
    """Check file, database, tokens, scopes, channels, emoji and people."""
    path = ctx.find_object(Path)
    assert path is not None
    try:
        settings = read_settings(path, say_in=spoken)
    except PolicyError as error:
        _end([_wrong("file", path.name, problem) for problem in error.problems], as_json=as_json, code=2)
    speak(settings.language)
    checks = list(_found(settings))
    _end(checks, as_json=as_json, code=0 if all(check.ok for check in checks) else 1)


def _found(settings: Settings) -> list[Check]:
    from threatstamp.app.check.checks import run_checks

    try:
        secrets = read_secrets(os.environ, texts().language)
    except PolicyError as error:
        secrets = Secrets(bot_token=None, app_token=None, signing_secret=None)
        wrong = [_wrong("token", ENVIRONMENT, problem) for problem in error.problems]
        return wrong + [one for one in run_checks(settings, secrets, texts()) if one.part != "token"]
    return list(run_checks(settings, secrets, texts()))


def _wrong(part: str, name: str, problem: str) -> Check:
    from threatstamp.app.check.finding import Check

    place, colon, words = problem.partition(": ")
    if colon and _PLACE.fullmatch(place):
        name, problem = place, words
    message, fix = _with_fix(problem)
    return Check(part=part, name=name, ok=False, message=message, fix=fix)


def _with_fix(problem: str) -> tuple[str, str]:
    """Returns what is wrong, and what to do where a sentence of its own says it."""
    for end in _SENTENCE_END.finditer(problem):
        before = problem[: end.end()].strip()
        if not _is_inside_quotation(before):
            return before, problem[end.end() :].strip()
    return problem, ""


def _is_inside_quotation(before: str) -> bool:
    """True where a quotation or parenthesis is still open: what a person wrote is not cut into parts."""
    pairs = (("（", "）"), ("「", "」"), ("(", ")"))
    return before.count('"') % 2 == 1 or any(before.count(one) != before.count(two) for one, two in pairs)


def _end(checks: list[Check], *, as_json: bool, code: int) -> None:
    if as_json:
        body = {"ok": code == 0, "checks": [asdict(check) for check in checks]}
        click.echo(hide(json_text(body, indent=2)))
    else:
        for check in checks:
            _show(check)
        wrong = sum(not check.ok for check in checks)
        say = texts()
        click.echo(say("cli.check_well") if not wrong else say("cli.check_wrong", count=wrong))
    sys.exit(code)


def _show(check: Check) -> None:
    say = texts()
    mark = (
        click.style(say("cli.mark_ok"), fg="green")
        if check.ok
        else click.style(say("cli.mark_bad"), fg="red")
    )
    part = say(f"cli.part_{check.part}")
    name = say("cli.name_environment") if check.name == ENVIRONMENT else check.name
    click.echo(hide(say("cli.check_line", mark=mark, part=part, name=name, message=check.message)))
    if check.fix:
        click.echo(hide(f"     → {check.fix}"))
