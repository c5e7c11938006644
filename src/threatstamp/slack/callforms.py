"""Update calls as people write and answer them in Slack: the form, the buttons, the emoji, the command."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, timedelta

from threatstamp.core.cases.call import (
    LONGEST_HOW,
    LONGEST_VERSION,
    LONGEST_WHAT,
    Answer,
    CallText,
    count,
)
from threatstamp.core.cases.case import Way
from threatstamp.core.errors import SlackError, StoreError
from threatstamp.core.ids import ChannelId, UserId
from threatstamp.core.text import one_line
from threatstamp.desk.cases.calling import Answered, Calling, NewCall, Refused
from threatstamp.desk.cases.calls_out import planned_for
from threatstamp.desk.ports.tools import Couriers, Tools
from threatstamp.desk.views.cases import read_case
from threatstamp.slack.blocks.call import ANSWERS, tally_line
from threatstamp.slack.blocks.callform import IN_HOURS, OPEN, SEND, WRITE, preview_view, writing_view
from threatstamp.slack.client import SlackWorkspace
from threatstamp.slack.interactions import BUTTONS, SUBMISSION
from threatstamp.slack.reading import Loose, number_in, table_in, tables_in, text_in

log = logging.getLogger(__name__)

USUAL_DAYS = 7
_COMMAND = re.compile(r"\s*case\s+call\s+#?(\d{1,15})\s*")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Opening:
    case: int
    user: UserId
    channel: ChannelId
    trigger: str


class CallForms:
    """Opens and reads the form of a call, and answers the command."""

    def __init__(
        self, tools: Tools, *, calling: Calling, workspace: SlackWorkspace, couriers: Couriers
    ) -> None:
        self._tools = tools
        self._couriers = couriers
        self._calling = calling
        self._workspace = workspace
        self._openers = ThreadPoolExecutor(2, thread_name_prefix="callforms")

    def open(self, body: Loose) -> bool:
        """Opens the form that a button asks for; False if it asks for none of ours."""
        opening = _read_opening(body)
        if opening is not None:
            self._openers.submit(self._open, opening)
        return opening is not None

    def command(self, body: Loose) -> Mapping[str, object] | None:
        """Answers `case call N`, to whoever wrote it alone; None if it is another command."""
        found = _COMMAND.fullmatch(text_in(body, "text"))
        channel = ChannelId(text_in(body, "channel_id"))
        if found is None or channel not in self._tools.policy.cards:
            return None
        said = self._state(int(found[1]), UserId(text_in(body, "user_id")))
        if said is None:
            opening = _Opening(
                case=int(found[1]),
                user=UserId(text_in(body, "user_id")),
                channel=channel,
                trigger=text_in(body, "trigger_id"),
            )
            self._openers.submit(self._open, opening)
            said = self._workspace.voice.texts("calls.form_opens", case=opening.case)
        return {"response_type": "ephemeral", "text": said}

    def read(self, body: Loose) -> NewCall | Mapping[str, object] | None:
        """Returns the call that is to be sent, or what is answered to a form; None if it is not ours."""
        view = table_in(body, "view")
        if body.get("type") != SUBMISSION or text_in(view, "callback_id") not in (WRITE, SEND):
            return None
        known = _metadata(text_in(view, "private_metadata"))
        if text_in(view, "callback_id") == SEND:
            kept = {**known, "user": text_in(table_in(body, "user"), "id"), "key": text_in(view, "id")}
            return read_new_call(kept)
        return self._preview(known, table_in(table_in(view, "state"), "values"))

    def close(self) -> None:
        self._openers.shutdown(wait=False, cancel_futures=True)

    def _preview(self, known: Loose, values: Loose) -> Mapping[str, object]:
        voice = self._workspace.voice
        text, wrong = _read_text(values, today=voice.today(self._tools.clock.now()))
        to = text_in(table_in(_of(values, "to"), "selected_option"), "value")
        if to not in self._tools.policy.announce_to:
            wrong["to"] = "wrong_to"
        if text is None or wrong:
            said = {name: voice.texts(f"calls.{problem}") for name, problem in wrong.items()}
            return {"response_action": "errors", "errors": said}
        view = preview_view(
            number_in(known, "case") or 0,
            text,
            channel=ChannelId(to),
            told_in=ChannelId(text_in(known, "channel")),
            in_hours=text_in(table_in(_of(values, "when"), "selected_option"), "value") == IN_HOURS,
            voice=voice,
            marking=self._calling.marking(number_in(known, "case") or 0),
        )
        return {"response_action": "push", "view": view}

    def _state(self, case: int, user: UserId) -> str | None:
        """Returns what becomes of a case's open call, with names for its owner; None if there is none."""
        voice = self._workspace.voice
        with self._tools.store.reading() as read:
            call = read.calls.of(case)
            people = read.calls.people(call.number) if call else ()
            at = planned_for(read, call) if call else None
        if call is None or call.closed_at is not None:
            return None
        if at is not None:
            return voice.texts("calls.planned", case=case, at=voice.clock(at))
        lines = [tally_line(count(people), voice)]
        if call.owner == user:
            for answer in (*Answer, None):
                names = [f"<@{one.user}>" for one in people if one.answer is answer]
                key = f"calls.answer_{answer.value}" if answer else "calls.answer_none"
                if names:
                    lines.append(f"{voice.texts(key)}: {voice.joint.join(names)}")
        return "\n".join(lines)

    def _open(self, opening: _Opening) -> None:
        try:
            view = self._view(opening)
            if view is not None:
                self._workspace.open_form(opening.trigger, view)
        except (SlackError, StoreError) as error:
            log.warning("the form of a call could not be opened: %s", error)
        except Exception:
            log.exception("the form of a call could not be made")

    def _view(self, opening: _Opening) -> Mapping[str, object] | None:
        voice = self._workspace.voice
        found = read_case(self._tools.store, opening.case)
        channels = self._calling.audiences(found.case) if found is not None else ()
        if found is None or not channels:
            is_marked = bool(self._tools.policy.announce_to)
            self._calling.tell(
                Refused.UNKNOWN if found is None else Refused.MARKED if is_marked else Refused.CHANNEL,
                opening.case,
                by=opening.user,
                channel=opening.channel,
                key=f"unopened|{opening.trigger}",
            )
            self._couriers.wake()
            return None
        known = self._calling.suggested(found.case)
        how = voice.texts("calls.how_usual")
        link = voice.texts("calls.how_link", link=known.link) if known.link else ""
        called = {one.found: one.called for one in self._tools.policy.names}
        today = voice.today(self._tools.clock.now())
        return writing_view(
            opening.case,
            what=one_line(known.what)[:LONGEST_WHAT],
            version=one_line(known.version)[:LONGEST_VERSION],
            how=f"{how}\n{link}" if link and len(link) < LONGEST_HOW // 2 else how,
            by_date=found.case.due_on or today + timedelta(days=USUAL_DAYS),
            audiences=[(one, f"#{called.get(one, one)}") for one in channels],
            told_in=opening.channel,
            voice=voice,
        )


def read_answer(body: Loose, *, key: str) -> Answered | None:
    """Returns the answer that a click gives; None if it is on another button. Raises ValueError."""
    action = next(iter(tables_in(body, "actions")), {})
    name = text_in(action, "action_id")
    if not name.startswith(ANSWERS):
        return None
    number, user = text_in(action, "value"), text_in(table_in(body, "user"), "id")
    channel = text_in(table_in(body, "container"), "channel_id")
    if not number.isdecimal() or len(number) > 15 or not user or not channel:
        raise ValueError("an answer without a person, a channel or a call")
    return Answered(
        call=int(number),
        answer=Answer(name.removeprefix(ANSWERS)),
        user=UserId(user),
        channel=ChannelId(channel),
        way=Way.BUTTON,
        key=key,
    )


def write_new_call(new: NewCall) -> dict[str, object]:
    """Returns a call that is to be sent as the inbox keeps it."""
    return {
        "type": SUBMISSION,
        "call": True,
        "case": new.case,
        "channel": new.told_in,
        "to": new.channel,
        "what": new.text.what,
        "version": new.text.version,
        "how": new.text.how,
        "by_date": new.text.by_date.isoformat(),
        "in_hours": new.in_hours,
        "user": new.by,
        "key": new.key,
    }


def read_new_call(body: Loose) -> NewCall:
    """Returns it as it was kept. Raises ValueError if malformed."""
    key = text_in(body, "key")
    text = CallText(
        what=text_in(body, "what"),
        version=text_in(body, "version"),
        how=text_in(body, "how"),
        by_date=date.fromisoformat(text_in(body, "by_date")),
    )
    return NewCall(
        case=number_in(body, "case") or 0,
        text=text,
        channel=ChannelId(text_in(body, "to")),
        by=UserId(text_in(body, "user")),
        way=Way.DIALOG,
        key=key if key.startswith("call|") else f"call|{key}",
        told_in=ChannelId(text_in(body, "channel")),
        in_hours=body.get("in_hours") is True,
    )


def _read_opening(body: Loose) -> _Opening | None:
    if body.get("type") != BUTTONS:
        return None
    for action in tables_in(body, "actions"):
        number = text_in(action, "value")
        if text_in(action, "action_id") == OPEN and number.isdecimal() and len(number) <= 15:
            return _Opening(
                case=int(number),
                user=UserId(text_in(table_in(body, "user"), "id")),
                channel=ChannelId(text_in(table_in(body, "container"), "channel_id")),
                trigger=text_in(body, "trigger_id"),
            )
    return None


def _read_text(values: Loose, *, today: date) -> tuple[CallText | None, dict[str, str]]:
    wrong: dict[str, str] = {}
    what = one_line(text_in(_of(values, "what"), "value").strip())[:LONGEST_WHAT]
    how = text_in(_of(values, "how"), "value").strip()[:LONGEST_HOW]
    version = one_line(text_in(_of(values, "version"), "value").strip())[:LONGEST_VERSION]
    for name, said in (("what", what), ("how", how)):
        if not said:
            wrong[name] = f"wrong_{name}"
    try:
        day = date.fromisoformat(text_in(_of(values, "by_date"), "selected_date"))
    except ValueError:
        day = date.min
    if day < today:
        wrong["by_date"] = "wrong_by_date"
    return (None if wrong else CallText(what=what, version=version, how=how, by_date=day)), wrong


def _of(values: Loose, name: str) -> Loose:
    return table_in(table_in(values, name), name)


def _metadata(text: str) -> Loose:
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
