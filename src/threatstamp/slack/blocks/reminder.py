"""What is said in the thread of a card: a decision is waited for, an accepted risk ends soon, a case is
open again, or its ticket is closed.
"""

from __future__ import annotations

from threatstamp.core.ids import is_user_id
from threatstamp.core.text import quoted
from threatstamp.desk.cases.clock import CaseReminder
from threatstamp.desk.cases.requesting import DecisionRequest
from threatstamp.desk.cases.ticketing import TicketClosed
from threatstamp.slack.blocks.case import OPENS
from threatstamp.slack.blocks.dialog import Dialog
from threatstamp.slack.blocks.ticket import ticket_link
from threatstamp.slack.blocks.voice import Block, Rendered, Voice, section
from threatstamp.texts.casework import cause_words
from threatstamp.texts.times import say_day
from threatstamp.texts.weighing import advice_words, weighed_words

MOST_CALLED = 10


def case_reminder_blocks(saying: CaseReminder, voice: Voice) -> Rendered:
    """Returns the message; it calls owner and decider."""
    texts = voice.texts
    people = " ".join(f"<@{user}>" for user in saying.people if is_user_id(user))
    if saying.until is not None:
        day = say_day(saying.until, texts.language)
        said = texts("weighing.remind", people=people, case=saying.case, day=day)
    else:
        cause = cause_words(saying.cause, texts)
        said = texts("weighing.reopened", people=people, case=saying.case, cause=cause)
    said = said.strip()
    return Rendered(text=said, blocks=[section(said, verbatim=True)])


def decision_request_blocks(saying: DecisionRequest, voice: Voice) -> Rendered:
    """Returns the message: who decides is called, then what the decision weighs."""
    texts, card = voice.texts, saying.card
    people = " ".join(saying.people[:MOST_CALLED])
    if card.pending is None:
        said = texts("weighing.request", people=people, case=card.case.number)
    else:
        choice, person = texts(f"cases.wish_{card.pending.wish.name}"), voice.person(card.pending.by)
        said = texts(
            "weighing.request_approval", people=people, case=card.case.number, choice=choice, person=person
        )
    weighed = [*map(quoted, weighed_words(card, texts)), quoted(advice_words(card, texts))]
    return Rendered(text=said, blocks=[section(f"{said}\n{voice.joint.join(weighed)}", verbatim=True)])


def ticket_closed_blocks(saying: TicketClosed, voice: Voice) -> Rendered:
    """Returns the message, with a button that opens the form in which a case is done, if it can be."""
    texts = voice.texts
    person = voice.mention(saying.owner) if saying.owner else ""
    ticket = (ticket_link(saying.link, voice) if saying.link else "") or texts("brief.ticket")
    key = "brief.closed_end" if saying.can_end else "brief.closed_open"
    said = texts(key, person=person, case=saying.case, ticket=ticket).strip()
    blocks: list[Block] = [section(said, verbatim=True)]
    if saying.can_end:
        button = {
            "type": "button",
            "text": {"type": "plain_text", "text": texts("cases.wish_done")},
            "action_id": f"{OPENS}{Dialog.DONE}",
            "value": str(saying.case),
        }
        blocks.append({"type": "actions", "elements": [button]})
    return Rendered(text=said, blocks=blocks)
