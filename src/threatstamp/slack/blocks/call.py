"""An update call to staff, with its buttons; what one person is told of it; a request for help; thanks."""

from __future__ import annotations

import re
from collections.abc import Iterator

from threatstamp.core.cases.call import Answer, CallText, Tally, UpdateCall
from threatstamp.core.news.marking import Tlp
from threatstamp.core.text import escape, one_line, quoted
from threatstamp.desk.cases.calls_out import CallReminder, CallSaying, CallTold, HelpSaying, ThanksSaying
from threatstamp.slack.blocks.voice import LONGEST_LINE, Block, Rendered, Voice, channel_mention, section
from threatstamp.texts.fit import fit
from threatstamp.texts.times import say_day

ANSWERS = "call_answer_"
"""How the id of a button's action begins; the answer follows. Its value is the call's number."""


_LINK = re.compile(r"(https://[\w.~/?#@!$&'()*+,;:=%-]+[\w/])", re.ASCII)


def call_blocks(saying: CallSaying, voice: Voice) -> Rendered:
    """Returns the call, with buttons while it is open."""
    call = saying.call
    blocks = [*text_blocks(call.text, voice, saying.marking), section(tally_line(saying.tally, voice))]
    if call.closed_at is None:
        blocks.append(_buttons(call, voice))
    else:
        blocks.append(section(voice.texts("calls.closed")))
    return Rendered(text=_headline(call.text, voice), blocks=blocks)


def text_blocks(text: CallText, voice: Voice, marking: Tlp | None = None) -> Iterator[Block]:
    """Yields what staff read, without the counts. marking: the TLP label of what it is about."""
    lines = [f"*{_headline(text, voice)}*", _with_links(text.how)]
    if text.version:
        lines.append(voice.texts("calls.version", version=quoted(one_line(text.version))))
    if marking is not None:
        lines.append(marking.label)
    yield section(fit("\n".join(lines), LONGEST_LINE), verbatim=True)


def call_reminder_blocks(saying: CallReminder, voice: Voice) -> Rendered:
    """Returns the reminder, which can be answered where it is read."""
    call = saying.call
    line = voice.texts(
        "calls.reminder",
        what=quoted(one_line(call.text.what)),
        day=say_day(call.text.by_date, voice.texts.language),
        channel=channel_mention(call.channel),
    )
    blocks = [
        section(line, verbatim=True),
        *text_blocks(call.text, voice, saying.marking),
        _buttons(call, voice),
    ]
    return Rendered(text=line, blocks=blocks)


def told_blocks(saying: CallTold, voice: Voice) -> Rendered:
    """Returns what the person is told."""
    return voice.plain(voice.texts(f"calls.{saying.name}", case=saying.case))


def help_blocks(saying: HelpSaying, voice: Voice) -> Rendered:
    """Returns the request, which calls whoever sent the call."""
    return voice.plain(
        voice.texts(
            "calls.wants_help",
            person=voice.person(saying.user),
            what=quoted(one_line(saying.call.text.what)),
            owner=voice.person(saying.call.owner),
        )
    )


def thanks_blocks(saying: ThanksSaying, voice: Voice) -> Rendered:
    """Returns the last line."""
    return voice.plain(voice.texts("calls.thanks", counts=tally_line(saying.tally, voice)))


def tally_line(tally: Tally, voice: Voice) -> str:
    """Returns how many said what."""
    return voice.texts(
        "calls.tally", done=tally.done, not_using=tally.not_using, help=tally.help, open=tally.open
    )


def _with_links(how: str) -> str:
    """Returns a person's own words, in which whole addresses are links to themselves and nothing else is."""
    parts = _LINK.split(how)
    return "".join(f"<{escape(one)}>" if at % 2 else quoted(one) for at, one in enumerate(parts))


def _headline(text: CallText, voice: Voice) -> str:
    day = say_day(text.by_date, voice.texts.language)
    return voice.texts("calls.headline", what=quoted(one_line(text.what)), day=day)


def _buttons(call: UpdateCall, voice: Voice) -> Block:
    elements: list[Block] = [
        {
            "type": "button",
            "text": {"type": "plain_text", "text": voice.texts(f"calls.answer_{answer.value}")},
            "action_id": f"{ANSWERS}{answer.value}",
            "value": str(call.number),
        }
        for answer in Answer
    ]
    return {"type": "actions", "elements": elements}
