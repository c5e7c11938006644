"""`case call`: staff are asked to update something, and say whether they have."""

from __future__ import annotations

import secrets
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

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
from threatstamp.core.time import SECOND, Micros, datetime_of
from threatstamp.texts.catalogue import Texts
from threatstamp.texts.times import say_day, say_time

if TYPE_CHECKING:
    from threatstamp.app.desk import Desk
    from threatstamp.desk.cases.calling import Refused

T = TypeVar("T")

DAY = click.DateTime(("%Y-%m-%d",))
MOMENT = click.DateTime(("%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wanted:
    """What was said on the command line."""

    case: int
    by: str
    text: CallText
    to: str
    at: Micros | None
    in_hours: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Given:
    """The options, as they are written."""

    by: str | None
    what: str | None
    version: str
    how: str | None
    by_date: datetime | None
    to: str | None
    at: datetime | None
    in_hours: bool
    versions: Path | None
    preview: bool
    names: bool
    close: bool
    as_json: bool


@click.command("call", cls=Command)
@click.argument("case", type=int)
@click.option("--by")
@click.option("--what")
@click.option("--version", default="")
@click.option("--how")
@click.option("--by-date", type=DAY)
@click.option("--to")
@click.option("--at", type=MOMENT)
@click.option("--in-hours", is_flag=True)
@click.option("--versions", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--preview", is_flag=True)
@click.option("--names", is_flag=True)
@click.option("--close", is_flag=True)
@click.option("--json", "as_json", is_flag=True)
@click.pass_context
@ended_by_signal()
def call(ctx: click.Context, /, case: int, **options: Any) -> None:
    """Call staff for an update, see what they answer, or end the call."""
    settings, texts = open_settings(ctx)
    given = _Given(**options)
    if given.close or given.versions is not None:
        _need(texts, {"--by": given.by})
        if given.versions is not None:
            _mark(settings, texts, case, given)
        else:
            _end(settings, texts, case, by=given.by or "")
    elif given.what is None:
        _show(settings, texts, case, given)
    else:
        wanted = _wanted(settings, texts, case, given)
        if given.preview:
            _preview(texts, wanted.text, wanted.to)
        else:
            _send(settings, texts, wanted)


def _wanted(settings: Settings, texts: Texts, case: int, given: _Given) -> _Wanted:
    to = given.to or next(iter(settings.cases.announce_to), None)
    _need(texts, {"--by": given.by, "--by-date": given.by_date, "--to": to})
    assert given.by is not None
    assert given.by_date is not None
    assert given.what is not None
    assert to is not None
    at = None
    if given.at is not None:
        at = Micros(round(given.at.replace(tzinfo=settings.timezone).timestamp()) * SECOND)
        if at < time.time_ns() // 1_000:
            raise click.UsageError(texts("calls.past", at=f"{given.at:%Y-%m-%d %H:%M}"))
    text = CallText(
        what=one_line(well_formed(given.what))[:LONGEST_WHAT],
        version=one_line(well_formed(given.version))[:LONGEST_VERSION],
        how=well_formed(given.how or texts("calls.how_usual"))[:LONGEST_HOW],
        by_date=given.by_date.date(),
    )
    return _Wanted(case=case, by=given.by, text=text, to=to, at=at, in_hours=given.in_hours)


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
    from threatstamp.desk.cases.calls_out import planned_for

    def act(desk: Desk, by: UserId) -> UpdateCall | Refused:
        channel = desk.workspace.directory.channel(wanted.to)
        new = NewCall(
            case=wanted.case,
            text=wanted.text,
            channel=channel or ChannelId(wanted.to),
            by=by,
            way=Way.COMMAND,
            key=f"command|{secrets.token_hex(8)}",
            at=wanted.at,
            in_hours=wanted.in_hours,
        )
        return desk.calling.send(new)

    sent = _once(settings, texts, act, by=wanted.by)
    if isinstance(sent, Refused):
        _refuse(texts, sent, wanted.case)
    with opened_store(settings) as store, store.reading() as read:
        at = planned_for(read, sent)
    if at is None:
        click.echo(texts("calls.sent", case=wanted.case))
    else:
        click.echo(_say_planned(settings, texts, wanted.case, at))


def _say_planned(settings: Settings, texts: Texts, case: int, at: Micros) -> str:
    said = say_time(datetime_of(at), settings.timezone, texts.language)
    return texts("calls.planned", case=case, at=said)


def _mark(settings: Settings, texts: Texts, case: int, given: _Given) -> None:
    from threatstamp.cli.versions import mark_current
    from threatstamp.desk.cases.calling import Refused

    assert given.versions is not None
    act = partial(mark_current, given.versions, case, texts)
    marked = _once(settings, texts, act, by=given.by or "")
    if isinstance(marked, Refused):
        _refuse(texts, marked, case)
    if given.as_json:
        click.echo(json_text(marked.body(), indent=2))
        return
    for line in marked.lines(texts):
        click.echo(line)


def _end(settings: Settings, texts: Texts, case: int, *, by: str) -> None:
    from threatstamp.desk.cases.calling import Refused

    ended = _once(settings, texts, lambda desk, who: desk.calling.close(case, by=who), by=by)
    if isinstance(ended, Refused):
        _refuse(texts, ended, case)
    elif ended.sent_at > (ended.closed_at or 0):
        click.echo(texts("calls.cancelled", case=case))
    elif ended.tally is not None:
        click.echo(texts("calls.ended", case=case, counts=_counts(ended.tally, texts)))


def _once(settings: Settings, texts: Texts, act: Callable[[Desk, UserId], T], *, by: str) -> T:
    from threatstamp.app.once import UnknownPersonError, call_once

    token = bot_token(open_secrets(settings))
    start_logging(settings.timezone, quiet=True)
    try:
        with opened_store(settings) as store:
            return call_once(settings, token, store=store, act=act, by=person_name(by) or by)
    except UnknownPersonError as error:
        raise PolicyError((texts("cases.no_person", person=shown(str(error))),)) from None


def _show(settings: Settings, texts: Texts, case: int, given: _Given) -> None:
    from threatstamp.desk.cases.calling import Refused
    from threatstamp.desk.cases.calls_out import planned_for

    names = given.names
    with opened_store(settings) as store, store.reading() as read:
        found = read.calls.of(case)
        people = read.calls.people(found.number) if found else ()
        at = planned_for(read, found) if found else None
    if found is None:
        _refuse(texts, Refused.NONE, case)
    if names and found.owner != (given.by or ""):
        _refuse(texts, Refused.OWNER, case)
    tally = found.tally or count(people)
    if given.as_json:
        click.echo(json_text(_body(found, tally, people if names else ()), indent=2))
        return
    _preview_head(texts, found)
    if at is not None:
        click.echo(_say_planned(settings, texts, case, at))
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
