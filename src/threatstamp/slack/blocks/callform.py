"""The form of an update call: first it is written, then it is looked at as staff will see it, and sent.

Source: https://docs.slack.dev/surfaces/modals
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date
from itertools import islice

from threatstamp.core.cases.call import LONGEST_HOW, LONGEST_VERSION, LONGEST_WHAT, CallText
from threatstamp.core.ids import ChannelId
from threatstamp.core.news.marking import Tlp
from threatstamp.slack.blocks.call import text_blocks
from threatstamp.slack.blocks.voice import Block, Voice, channel_mention, section
from threatstamp.texts.fit import fit

OPEN = "call_write"
"""The id of the button that opens the form; its value is the case's number."""

IN_HOURS = "hours"
"""The choice that a call waits for working hours."""

MOST_OPTIONS = 100
LONGEST_OPTION = 75
"""What Slack takes of a list, and characters of an entry; a channel's name can have five more."""

WRITE, SEND = "call_write", "call_send"
"""The callback_ids of the two pages."""


def writing_view(
    case: int,
    *,
    what: str,
    version: str,
    how: str,
    by_date: date,
    audiences: Iterable[tuple[ChannelId, str]],
    told_in: ChannelId,
    voice: Voice,
) -> Block:
    """Returns the first page as views.open takes it. audiences: the channels it can go to, with their names.

    told_in: where a refusal is told.
    """
    times = [(voice.texts(f"calls.when_{one}"), one) for one in ("now", IN_HOURS)]
    return {
        "type": "modal",
        "callback_id": WRITE,
        "private_metadata": json.dumps({"case": case, "channel": told_in}),
        "title": _plain(voice.texts("calls.form")),
        "close": _plain(voice.texts("casework.cancel")),
        "submit": _plain(voice.texts("calls.form_preview")),
        "blocks": [
            _input("what", _line(LONGEST_WHAT, what), voice),
            _input("version", _line(LONGEST_VERSION, version), voice, is_needed=False, hint=True),
            _input("how", {**_line(LONGEST_HOW, how), "multiline": True}, voice),
            _input("by_date", {"type": "datepicker", "initial_date": by_date.isoformat()}, voice),
            _input("to", _choice(_named(audiences)), voice, hint=True),
            _input("when", _choice(times), voice, is_needed=False),
        ],
    }


def preview_view(
    case: int,
    text: CallText,
    *,
    channel: ChannelId,
    told_in: ChannelId,
    in_hours: bool,
    voice: Voice,
    marking: Tlp | None = None,
) -> Block:
    """Returns the second page: what staff will see, where and when. marking: see `text_blocks`."""
    known = {
        "case": case,
        "channel": told_in,
        "to": channel,
        "what": text.what,
        "version": text.version,
        "how": text.how,
        "by_date": text.by_date.isoformat(),
        "in_hours": in_hours,
    }
    name = "calls.form_where_hours" if in_hours else "calls.form_where"
    where = voice.texts(name, channel=channel_mention(channel))
    return {
        "type": "modal",
        "callback_id": SEND,
        "private_metadata": json.dumps(known, ensure_ascii=False),
        "title": _plain(voice.texts("calls.form")),
        "close": _plain(voice.texts("calls.form_back")),
        "submit": _plain(voice.texts("calls.form_send")),
        "blocks": [section(where), {"type": "divider"}, *text_blocks(text, voice, marking)],
    }


def _named(audiences: Iterable[tuple[ChannelId, str]]) -> list[tuple[str, ChannelId]]:
    return [(fit(name, LONGEST_OPTION), channel) for channel, name in islice(audiences, MOST_OPTIONS)]


def _line(longest: int, initial: str) -> Block:
    line: Block = {"type": "plain_text_input", "max_length": longest}
    return {**line, "initial_value": initial} if initial else line


def _choice(named: Iterable[tuple[str, str]]) -> Block:
    options = [{"text": _plain(name), "value": value} for name, value in named]
    return {"type": "static_select", "options": options, "initial_option": options[0]}


def _input(name: str, element: Block, voice: Voice, *, is_needed: bool = True, hint: bool = False) -> Block:
    made: Block = {
        "type": "input",
        "block_id": name,
        "label": _plain(voice.texts(f"calls.input_{name}")),
        "element": {**element, "action_id": name},
        "optional": not is_needed,
    }
    return {**made, "hint": _plain(voice.texts(f"calls.hint_{name}"))} if hint else made


def _plain(text: str) -> Block:
    return {"type": "plain_text", "text": text}
