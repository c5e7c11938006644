"""`case call`: staff are asked to update something, and say whether they have."""

from __future__ import annotations

import secrets
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, NoReturn

import click

from threatstamp.cli.ending import ended_by_signal
from threatstamp.cli.help import Command
from threatstamp.cli.logs import start_logging
from threatstamp.cli.opening import bot_token, open_secrets, open_settings, opened_store
from threatstamp.cli.speech import json_text, shown
from threatstamp.config.names import person_name
from threatstamp.config.settings import Settings
from threatstamp.core.cases.call import (
    LONGEST_HOW,
    LONGEST_VERSION,
    LONGEST_WHAT,
    Answer,
    Asked,
    CallText,
    Tally,
    UpdateCall,
    count,
    tally_body,
)
from threatstamp.core.cases.case import Way
from threatstamp.core.errors import PolicyError
from threatstamp.core.ids import ChannelId, UserId
from threatstamp.core.text import one_line, well_formed
from threatstamp.texts.catalogue import Texts
from threatstamp.texts.times import say_day

if TYPE_CHECKING:
    from threatstamp.app.desk import Desk
    from threatstamp.app.once import Sent
    from threatstamp.desk.cases.calling import Refused

    Act = Callable[[Desk, UserId], Sent]

DAY = click.DateTime(("%Y-%m-%d",))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wanted:
    """What was said on the command line."""

    case: int
    by: str
    text: CallText
    to: str


@click.command("call", cls=Command)
@click.argument("case", type=int)
@click.option("--by")
@click.option("--what")
@click.option("--version", default="")
@click.option("--how")
@click.option("--by-date", type=DAY)
@click.option("--to")
@click.option("--preview", is_flag=True)
@click.option("--names", is_flag=True)
@click.option("--close", is_flag=True)
@click.option("--json", "as_json", is_flag=True)
@click.pass_context
@ended_by_signal()
def call(
    ctx: click.Context,
    case: int,
    by: str | None,
    what: str | None,
    version: str,
    how: str | None,
    by_date: datetime | None,
    to: str | None,
    preview: bool,
    names: bool,
    close: bool,
    as_json: bool,
) -> None:
    """Call staff for an update, see what they answer, or end the call."""
    settings, texts = open_settings(ctx)
    if what is None and not close:
        _show(settings, texts, case, by=by, names=names, as_json=as_json)
        return
    if close:
        _need(texts, {"--by": by})
        _end(settings, texts, case, by=by or "")
        return
    to = to or next(iter(settings.cases.announce_to), None)
    _need(texts, {"--by": by, "--by-date": by_date, "--to": to})
    assert by is not None
    assert by_date is not None
    assert to is not None
    assert what is not None
    text = CallText(
        what=one_line(well_formed(what))[:LONGEST_WHAT],
        version=one_line(well_formed(version))[:LONGEST_VERSION],
        how=well_formed(how or texts("calls.how_usual"))[:LONGEST_HOW],
        by_date=by_date.date(),
    )
    if preview:
        _preview(texts, text, to)
        return
    _send(settings, texts, _Wanted(case=case, by=by, text=text, to=to))


def _need(texts: Texts, given: dict[str, object]) -> None:
    missing = [name for name, value in given.items() if not value]
    if missing:
        raise click.UsageError(texts("calls.needs", names=", ".join(missing)))


def _preview(texts: Texts, text: CallText, to: str) -> None:
    click.echo(texts("calls.preview", channel=to))
    click.echo()
    click.echo(texts("calls.headline", what=text.what, day=say_day(text.by_date, texts.language)))
    click.echo(text.how)
    if text.version:
        click.echo(texts("calls.version", version=text.version))


def _send(settings: Settings, texts: Texts, wanted: _Wanted) -> None:
    from threatstamp.desk.cases.calling import NewCall, Refused

    def act(desk: Desk, by: UserId) -> Sent:
        channel = desk.workspace.directory.channel(wanted.to)
        new = NewCall(
            case=wanted.case,
            text=wanted.text,
            channel=channel or ChannelId(wanted.to),
            by=by,
            way=Way.COMMAND,
            key=f"command|{secrets.token_hex(8)}",
        )
        return desk.calling.send(new)

    sent = _once(settings, texts, act, by=wanted.by)
    if isinstance(sent, Refused):
        _refuse(texts, sent, wanted.case)
    click.echo(texts("calls.sent", case=wanted.case))


def _end(settings: Settings, texts: Texts, case: int, *, by: str) -> None:
    from threatstamp.desk.cases.calling import Refused

    ended = _once(settings, texts, lambda desk, who: desk.calling.close(case, by=who), by=by)
    if isinstance(ended, Refused):
        _refuse(texts, ended, case)
    elif ended.tally is not None:
        click.echo(texts("calls.ended", case=case, counts=_counts(ended.tally, texts)))


def _once(settings: Settings, texts: Texts, act: Act, *, by: str) -> Sent:
    from threatstamp.app.once import UnknownPersonError, call_once

    token = bot_token(open_secrets(settings))
    start_logging(settings.timezone, quiet=True)
    try:
        with opened_store(settings) as store:
            return call_once(settings, token, store=store, act=act, by=person_name(by) or by)
    except UnknownPersonError as error:
        raise PolicyError((texts("cases.no_person", person=shown(str(error))),)) from None


def _show(settings: Settings, texts: Texts, case: int, *, by: str | None, names: bool, as_json: bool) -> None:
    from threatstamp.desk.cases.calling import Refused

    with opened_store(settings) as store, store.reading() as read:
        found = read.calls.of(case)
        people = read.calls.people(found.number) if found else ()
    if found is None:
        _refuse(texts, Refused.NONE, case)
    if names and found.owner != (by or ""):
        _refuse(texts, Refused.OWNER, case)
    tally = found.tally or count(people)
    if as_json:
        click.echo(json_text(_body(found, tally, people if names else ()), indent=2))
        return
    _preview_head(texts, found)
    click.echo(_counts(tally, texts))
    if names:
        for answer in (*Answer, None):
            users = [one.user for one in people if one.answer is answer]
            if users:
                said = texts(f"calls.answer_{answer.value}" if answer else "calls.answer_none")
                click.echo(f"{said}: {', '.join(users)}")


def _preview_head(texts: Texts, found: UpdateCall) -> None:
    day = say_day(found.text.by_date, texts.language)
    click.echo(texts("calls.headline", what=found.text.what, day=day))
    if found.closed_at is not None:
        click.echo(texts("calls.closed"))


def _body(found: UpdateCall, tally: Tally, people: tuple[Asked, ...]) -> dict[str, object]:
    return {
        "case": found.case,
        "what": found.text.what,
        "version": found.text.version,
        "how": found.text.how,
        "by_date": found.text.by_date.isoformat(),
        "channel": found.channel,
        "owner": found.owner,
        "sent_at": found.sent_at,
        "closed_at": found.closed_at,
        **tally_body(tally),
        "people": [{"user": one.user, "answer": one.answer} for one in people],
    }


def _counts(tally: Tally, texts: Texts) -> str:
    return texts("calls.tally", done=tally.done, not_using=tally.not_using, help=tally.help, open=tally.open)


def _refuse(texts: Texts, refused: Refused, case: int) -> NoReturn:
    click.echo(texts(f"calls.refused_{refused.value}", case=case), err=True)
    sys.exit(1)
