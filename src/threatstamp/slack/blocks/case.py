"""What a card says of its case, with what can be done now; and why an act did not count.

At most four buttons; the rest is in a menu, of which Slack takes five entries.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from threatstamp.core.cases.case import CLOSED, CaseAct, CaseState, Choice
from threatstamp.core.cases.moves import wishes_of
from threatstamp.core.cases.track import BUILT_IN
from threatstamp.core.cases.weighing import CaseCard
from threatstamp.core.ids import UserId
from threatstamp.core.text import one_line, quoted
from threatstamp.desk.cases.denying import Denied
from threatstamp.desk.stamps.raising import RaisedSaying
from threatstamp.slack.blocks.call import tally_line
from threatstamp.slack.blocks.callform import OPEN
from threatstamp.slack.blocks.checklist import checklist_block
from threatstamp.slack.blocks.dialog import Dialog, dialogs_of
from threatstamp.slack.blocks.ticket import ticket_words
from threatstamp.slack.blocks.voice import LONGEST_LINE, Block, Rendered, Voice, section
from threatstamp.texts.casework import detail_words, track_words
from threatstamp.texts.fit import fit
from threatstamp.texts.times import say_day
from threatstamp.texts.weighing import advice_words, weighed_words

ACTION = "case_"
"""How the id of a button's action begins; a wish's name follows. Its value is the case's number."""

OPENS = f"{ACTION}open_"
"""How it begins for a button that opens a form; the dialog's name follows."""

MENU = f"{ACTION}menu"
"""The id of the menu; the value of an entry is "dialog|number"."""

LONGEST_TITLE = 40
MOST_VOICES = 5
"""People who are named; the rest is a number."""


def card_blocks(card: CaseCard, voice: Voice, *, title: str = "") -> Iterator[Block]:
    """Yields the lines of the case, and what can be done. title: of the post."""
    yield section(fit("\n".join(_lines(card, voice, title)), LONGEST_LINE), verbatim=True)
    checklist = checklist_block(card.case, voice, action=f"{OPENS}{Dialog.CHECKLIST}")
    if checklist is not None:
        yield checklist
    menu = {
        "type": "overflow",
        "action_id": MENU,
        "options": [_entry(dialog, card, voice) for dialog in dialogs_of(card.case)],
    }
    yield {"type": "actions", "elements": [*_buttons(card, voice), menu]}


def denied_blocks(saying: Denied, voice: Voice) -> Rendered:
    """Returns what the person is told."""
    texts = voice.texts
    said = texts(
        f"cases.denied_{saying.why.value}",
        case=saying.case,
        state=texts(f"cases.state_{saying.state.value}"),
        wish=texts(f"cases.wish_{saying.wish.name}"),
        person=voice.person(saying.other) if saying.other else texts("slack.somebody"),
    )
    return voice.plain(said)


def state_words(card: CaseCard, voice: Voice) -> str:
    """Returns state, owner and due date."""
    case, texts = card.case, voice.texts
    parts = [texts(f"cases.state_{case.state.value}")]
    if case.owner is not None:
        parts.append(texts("cases.card_owner", person=voice.person(case.owner)))
    elif case.state not in CLOSED:
        parts.append(texts("cases.card_nobody"))
    if case.due_on is not None and case.state not in CLOSED:
        parts.append(texts("casework.card_due", day=say_day(case.due_on, texts.language)))
    return voice.joint.join(parts)


def _lines(card: CaseCard, voice: Voice, title: str) -> Iterator[str]:
    case, texts = card.case, voice.texts
    named = quoted(fit(one_line(title), LONGEST_TITLE)) if title else ""
    state = state_words(card, voice)
    if named:
        yield texts("casework.card", case=case.number, title=named, line=state)
    else:
        yield texts("cases.card", case=case.number, line=state)
    said = []
    if case.track not in BUILT_IN or (card.plan is not None and card.plan.label.en) or card.more:
        tracks = [track_words(case.track, card.plan, texts)]
        tracks += (track_words(one.name, one, texts) for one in card.more)
        said.append(quoted(texts("slack.joint").join(tracks)))
    if case.priority is not None:
        said.append(texts("casework.said_priority", priority=texts(f"priority.priority_{case.priority}")))
    said += map(quoted, weighed_words(card, texts))
    if card.pending is not None:
        choice = texts(f"cases.wish_{card.pending.wish.name}")
        said.append(texts("weighing.pending", choice=choice, person=voice.person(card.pending.by)))
    if card.decided is not None:
        choice = texts(f"cases.wish_{card.decided.wish.name}")
        said.append(texts("cases.card_decided", choice=choice, person=voice.person(card.decided.by)))
        details = card.decided.wish.details
        said += detail_words(details, texts, person=voice.mention, words=quoted)
    if said:
        yield voice.joint.join(said)
    if CaseAct.DECIDE in {wish.act for wish in wishes_of(case)} and card.priority is not None:
        yield quoted(advice_words(card, texts))
    if card.twins:
        yield texts("casework.twins", cases=texts("slack.joint").join(f"#{one}" for one in card.twins))
    if len(card.voices) > 1:
        yield texts("casework.voices", count=len(card.voices), people=_people(card.voices, voice))
    yield from _handed(card, voice)
    if card.calls_at is not None:
        yield texts("calls.card_planned", at=voice.clock(card.calls_at))
    elif card.tally is not None:
        yield texts("calls.card", counts=tally_line(card.tally, voice))


def _people(users: Sequence[UserId], voice: Voice) -> str:
    said = voice.joint.join(map(voice.person, users[:MOST_VOICES]))
    rest = len(users) - MOST_VOICES
    return voice.texts("casework.voices_more", people=said, count=rest) if rest > 0 else said


def raised_blocks(saying: RaisedSaying, voice: Voice) -> Rendered:
    """Returns the line in the card's thread."""
    return voice.plain(
        voice.texts(
            "casework.raised",
            person=voice.person(saying.user),
            case=saying.case,
            reaction=saying.reaction,
            priority=voice.texts(f"priority.priority_{saying.priority.value}"),
        )
    )


def _handed(card: CaseCard, voice: Voice) -> Iterator[str]:
    """Yields what came of the hand-over to developers, and the ticket elsewhere."""
    texts = voice.texts
    if card.acknowledged is not None:
        yield texts("brief.card_acknowledged", person=voice.person(card.acknowledged.by))
    elif card.briefed is not None:
        yield texts("brief.card_briefed")
    ticket = ticket_words(card, voice)
    if ticket:
        yield ticket


def _buttons(card: CaseCard, voice: Voice) -> Iterator[Block]:
    case, texts = card.case, voice.texts
    offered = {wish.name for wish in wishes_of(case)}
    may_be_clear = f"{CaseAct.DECIDE}_{Choice.NOT_AFFECTED}" in offered
    if CaseAct.TAKE in offered:
        yield _button(f"{ACTION}{CaseAct.TAKE}", texts("cases.wish_take"), card, style="primary")
    if may_be_clear:
        yield _button(f"{OPENS}{Dialog.IMPACT}", texts("casework.dialog_impact"), card)
    if CaseAct.ASSESS in offered:
        yield _button(f"{ACTION}{CaseAct.ASSESS}", texts("cases.wish_assess"), card)
    if case.state is CaseState.WAITING:
        is_first = case.pending is None
        style = "primary" if is_first else ""
        yield _button(f"{OPENS}{Dialog.DECIDE}", texts("casework.dialog_decide"), card, style=style)
    if CaseAct.APPROVE in offered:  # of this very decision: see `_click` in `slack/events.py`
        yield _button(
            f"{ACTION}{CaseAct.APPROVE}",
            texts("cases.wish_approve"),
            card,
            style="primary",
            seen=case.version,
        )
    if CaseAct.BRIEF in offered and card.channel is not None and card.briefed is None:
        yield _button(f"{ACTION}{CaseAct.BRIEF}", texts("cases.wish_brief"), card)
    if _can_have_ticket(card) and CaseAct.TICKET in offered:
        yield _button(f"{ACTION}{CaseAct.TICKET}", texts("brief.make"), card)
    if card.is_update and case.state not in CLOSED and not card.is_calling:
        yield _button(OPEN, texts("calls.button"), card)
    if CaseAct.DONE in offered:
        yield _button(f"{OPENS}{Dialog.DONE}", texts("cases.wish_done"), card)


def _can_have_ticket(card: CaseCard) -> bool:
    """True if a ticket can be made and none is; where there are developers to tell, that makes one, too."""
    is_told = card.channel is not None and card.briefed is None
    return card.tracker is not None and not is_told and not card.ticket and card.making is None


def _button(action: str, said: str, card: CaseCard, *, style: str = "", seen: int | None = None) -> Block:
    button: Block = {
        "type": "button",
        "text": {"type": "plain_text", "text": said},
        "action_id": action,
        "value": f"{card.case.number}" if seen is None else f"{card.case.number}|{seen}",
    }
    return {**button, "style": style} if style else button


def _entry(dialog: Dialog, card: CaseCard, voice: Voice) -> Block:
    said = voice.texts(f"casework.dialog_{dialog.value}")
    return {
        "text": {"type": "plain_text", "text": said},
        "value": f"{dialog.value}|{card.case.number}",
    }
