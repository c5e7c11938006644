"""What is said of a case's ticket: a link, or that it is being made."""

from __future__ import annotations

from threatstamp.core.cases.ticket import ticket_name
from threatstamp.core.cases.weighing import CaseCard
from threatstamp.core.text import quoted
from threatstamp.slack.blocks.voice import Voice, linked


def ticket_words(card: CaseCard, voice: Voice) -> str:
    """Returns the ticket as a link, or that one is being made; "" without one."""
    if card.ticket:
        return ticket_link(card.ticket, voice)
    return voice.texts("brief.making", tracker=quoted(card.making)) if card.making else ""


def ticket_link(link: str, voice: Voice) -> str:
    """Returns a ticket as a link that says its number, if the address has one; "" if nothing can link it."""
    name = ticket_name(link)
    said = voice.texts("brief.ticket_named", name=name) if name else voice.texts("brief.ticket")
    return linked(link, said)
