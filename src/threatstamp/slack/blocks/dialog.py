"""The forms of a case: for what needs a reason, a date, an effort or a person; and its history.

Source: https://docs.slack.dev/surfaces/modals
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from enum import StrEnum

from threatstamp.core.cases.case import CLOSED, Case, CaseAct, Choice, Move
from threatstamp.core.cases.details import LONGEST_AUDIENCE, LONGEST_REASON
from threatstamp.core.cases.moves import LONGEST_LINK, wishes_of
from threatstamp.core.cases.weighing import CaseCard
from threatstamp.core.ids import ChannelId
from threatstamp.core.priority.urgency import SCALE, Priority
from threatstamp.core.text import one_line, quoted
from threatstamp.desk.views.cases import CaseView
from threatstamp.slack.blocks.checklist import checklist_form
from threatstamp.slack.blocks.voice import LONGEST_LINE, Block, Voice, section
from threatstamp.texts.casework import detail_words, say_effort
from threatstamp.texts.fit import fit
from threatstamp.texts.weighing import advice_words, spent_words, weighed_words

CALLBACK = "case_"
"""How the callback_id of a form begins; the dialog's name follows."""

LONGEST_HEADLINE = 200
LONGEST_SAID = 300
"""Characters of a reason in the history."""

MOST_MOVES = 60
"""The newest so many are shown; a view takes 100 blocks."""


class Dialog(StrEnum):
    """A form. Each has words `dialog_…` in the catalogue `casework`."""

    DECIDE = "decide"
    IMPACT = "impact"
    """Are we affected at all?"""
    HAND_OVER = "hand_over"
    RANK = "rank"
    """Priority and due date."""
    RESPOND = "respond"
    DONE = "done"
    """What did it take?"""
    REOPEN = "reopen"
    NOTE = "note"
    HISTORY = "history"
    """Its button leads to the form of a risk: Slack's menu has no room for another entry."""
    RISK = "risk"
    CHECKLIST = "checklist"


def dialogs_of(case: Case) -> tuple[Dialog, ...]:
    """Returns the forms that make sense now; Slack's menu takes five."""
    acts = {wish.act for wish in wishes_of(case)}
    found = (
        (Dialog.DECIDE, CaseAct.DECIDE in acts),
        (Dialog.RESPOND, CaseAct.RESPOND in acts),
        (Dialog.REOPEN, CaseAct.REOPEN in acts),
        (Dialog.HAND_OVER, CaseAct.HAND_OVER in acts),
        (Dialog.RANK, CaseAct.DUE in acts),
        (Dialog.NOTE, True),
        (Dialog.HISTORY, True),
    )
    return tuple(dialog for dialog, is_there in found if is_there)


def dialog_view(
    dialog: Dialog, view: CaseView, voice: Voice, *, channel: ChannelId, may_look: bool = True
) -> Block:
    """Returns the form as views.open takes it. channel: the card's, where a denial is told.

    may_look: False for somebody whom the settings show no history.
    """
    texts, case = voice.texts, view.case
    title = quoted(fit(one_line(view.title), LONGEST_HEADLINE)) or texts("cases.untitled")
    known: dict[str, object] = {"case": case.number, "channel": channel, "seen": case.version}
    if dialog is Dialog.CHECKLIST:
        known["ticked"] = list(case.ticked)
    if dialog is Dialog.DONE:
        known["left"] = len(case.left)
    if dialog is Dialog.DECIDE:
        known["basis"] = write_basis(view.card)
    made: Block = {
        "type": "modal",
        "callback_id": f"{CALLBACK}{dialog.value}",
        "private_metadata": json.dumps(known),
        "title": _plain(texts(f"casework.dialog_{dialog.value}")),
        "close": _plain(texts("casework.close" if dialog is Dialog.HISTORY else "casework.cancel")),
        "blocks": [
            section(f"*#{case.number}*　{title}", verbatim=True),
            *_body(dialog, view, voice, may_look=may_look),
        ],
    }
    if dialog is not Dialog.HISTORY or may_look:
        made["submit"] = _plain(texts("casework.to_risk" if dialog is Dialog.HISTORY else "casework.submit"))
    return made


def write_basis(card: CaseCard) -> dict[str, str]:
    """Returns what a recommendation rests on, as a form carries it while somebody fills it in."""
    found = {"priority": card.priority, "criticality": card.criticality, "effort": card.estimate}
    return {name: str(value) for name, value in found.items() if value}


def _body(dialog: Dialog, view: CaseView, voice: Voice, *, may_look: bool) -> Iterator[Block]:
    match dialog:
        case Dialog.DECIDE:
            yield from _decision(view, voice)
        case Dialog.IMPACT:
            yield _input("impact", _radio(_impacts(view.case, voice)), voice)
            yield _input("effort", {"type": "plain_text_input", "max_length": 10}, voice, hint=True)
            yield _input("reason", _area(), voice, is_needed=True)
        case Dialog.HAND_OVER:
            yield _input("to", {"type": "users_select"}, voice, is_needed=True)
            yield _input("reason", _area(), voice)
        case Dialog.RANK:
            yield _input("priority", _priorities(voice), voice)
            yield _input("due", _day(view.card), voice)
            yield _input("reason", _area(), voice, hint="hint_rank")
            yield _input("ticket", {"type": "plain_text_input", "max_length": LONGEST_LINK}, voice)
        case Dialog.RESPOND:
            audience: Block = {"type": "plain_text_input", "max_length": LONGEST_AUDIENCE}
            yield _input("audience", audience, voice, hint=True)
            yield _input("text", _area(), voice, is_needed=True)
        case Dialog.DONE:
            effort: Block = {"type": "plain_text_input", "max_length": 10}
            yield _input("effort", effort, voice, hint="hint_done")
            is_left = bool(view.case.left)
            yield _input("reason", _area(), voice, is_needed=is_left, hint="hint_left" if is_left else False)
        case Dialog.REOPEN | Dialog.NOTE:
            name = "reason" if dialog is Dialog.REOPEN else "text"
            yield _input(name, _area(), voice, is_needed=True)
        case Dialog.CHECKLIST:
            yield from checklist_form(view, voice)
        case Dialog.RISK:
            yield _input("risk", _priorities(voice), voice, label="risk_left")
            yield _input("until", {"type": "datepicker"}, voice, label="risk_until")
            yield _input("to", {"type": "users_select"}, voice, label="risk_owner", hint="hint_risk_owner")
            yield _input("reason", _area(), voice, is_needed=True)
        case Dialog.HISTORY if not may_look:
            yield section(voice.texts("casework.may_not_look"))
        case Dialog.HISTORY:
            yield from _history(view, voice)


def _decision(view: CaseView, voice: Voice) -> Iterator[Block]:
    case, texts = view.case, voice.texts
    yield _weighed(view, voice)
    yield section(quoted(advice_words(view.card, texts)), verbatim=True)
    offered = [one.choice for one in wishes_of(case) if one.choice is not None]
    choices = [(one.value, voice.texts(f"casework.choice_{one.value}")) for one in offered or Choice]
    yield _input("choice", _radio(choices), voice, is_needed=True)
    yield _input("until", {"type": "datepicker"}, voice, hint=True)
    yield _input("effort", {"type": "plain_text_input", "max_length": 10}, voice, hint=True)
    yield _input("risk", _priorities(voice), voice)
    yield _input("reason", _area(), voice, hint="hint_decision")


def _weighed(view: CaseView, voice: Voice) -> Block:
    """Returns what is weighed, in two columns: the risk beside the effort."""
    texts, card = voice.texts, view.card
    priority = (card.priority or Priority.NOT_ASSESSED).value
    risk = [texts("casework.said_priority", priority=texts(f"priority.priority_{priority}"))]
    risk += map(quoted, weighed_words(card, texts))
    if card.criticality is not None:
        risk.append(texts(f"weighing.criticality_{card.criticality.value}"))
    effort = [say_effort(card.estimate, texts) if card.estimate else texts("weighing.not_estimated")]
    if view.spent is not None:
        effort.append(spent_words(view.spent, texts))
    columns = (("weighing.risk", risk), ("weighing.effort", effort))
    fields = [{"type": "mrkdwn", "text": "\n".join((texts(key), *said))} for key, said in columns]
    return {"type": "section", "fields": fields}


def _impacts(case: Case, voice: Voice) -> list[tuple[str, str]]:
    acts = {wish.act for wish in wishes_of(case)}
    found = [("no", voice.texts("casework.impact_no"))]
    if CaseAct.ASSESS in acts:
        found.insert(0, ("yes", voice.texts("casework.impact_yes")))
    return found


def _history(view: CaseView, voice: Voice) -> Iterator[Block]:
    case = view.case
    opened = voice.texts(
        "casework.history_opened", when=voice.clock(case.opened_at), person=voice.person(case.opened_by)
    )
    left_out = len(view.moves) - MOST_MOVES
    lines = [opened, *([voice.texts("casework.history_more", count=left_out)] if left_out > 0 else [])]
    lines += [move_line(move, voice) for move in view.moves[-MOST_MOVES:]]
    part: list[str] = []
    for line in lines:
        if part and len("\n".join([*part, line])) > LONGEST_LINE:
            yield section("\n".join(part), verbatim=True)
            part = []
        part.append(line)
    yield section("\n".join(part), verbatim=True)


def move_line(move: Move, voice: Voice) -> str:
    """Returns a move as a person would tell it."""
    said = list(detail_words(move.wish.details, voice.texts, person=voice.mention, words=quoted))
    if move.wish.reason.strip():
        said.append(quoted(fit(one_line(move.wish.reason), LONGEST_SAID)))
    line = voice.texts(
        "casework.history_line",
        when=voice.clock(move.at),
        person=voice.person(move.by),
        what=voice.texts(f"cases.wish_{move.wish.name}"),
    )
    return voice.texts("casework.history_said", line=line, said=voice.joint.join(said)) if said else line


def _input(
    name: str,
    element: Block,
    voice: Voice,
    *,
    is_needed: bool = False,
    hint: bool | str = False,
    label: str = "",
) -> Block:
    made: Block = {
        "type": "input",
        "block_id": name,
        "label": _plain(voice.texts(f"casework.input_{label or name}")),
        "element": {**element, "action_id": name},
        "optional": not is_needed and element["type"] != "radio_buttons",
    }
    if hint:
        made["hint"] = _plain(voice.texts(f"casework.{hint if isinstance(hint, str) else f'hint_{name}'}"))
    return made


def _radio(choices: Sequence[tuple[str, str]]) -> Block:
    options = [{"text": _plain(said), "value": value} for value, said in choices]
    one = {"initial_option": options[0]} if len(options) == 1 else {}
    return {"type": "radio_buttons", "options": options, **one}


def _priorities(voice: Voice) -> Block:
    options = [
        {"text": _plain(voice.texts(f"priority.priority_{one.value}")), "value": one.value}
        for one in reversed(SCALE)
    ]
    return {"type": "static_select", "options": options}


def _day(card: CaseCard) -> Block:
    day = card.case.due_on or card.proposed
    initial = {"initial_date": day.isoformat()} if day and card.case.state not in CLOSED else {}
    return {"type": "datepicker", **initial}


def _area() -> Block:
    return {"type": "plain_text_input", "multiline": True, "max_length": LONGEST_REASON}


def _plain(text: str) -> Block:
    return {"type": "plain_text", "text": text}
