"""What a ticket in the developers' tracker says, as plain text."""

from __future__ import annotations

from collections.abc import Iterator

from threatstamp.core.assets.match import Match
from threatstamp.core.assets.versions import Standing
from threatstamp.core.cases.ticket import Ticket
from threatstamp.core.facts.vulnerability import by_urgency
from threatstamp.core.text import one_line
from threatstamp.desk.cases.briefing import BriefSaying
from threatstamp.desk.ports.tickets import TicketDraft
from threatstamp.texts.catalogue import Texts
from threatstamp.texts.facts import fact_line
from threatstamp.texts.fit import fit
from threatstamp.texts.headline import headline_of
from threatstamp.texts.times import say_day

LONGEST_TITLE = 150
LONGEST_NAME = 80
MOST_FACTS = 5


def draft_of(ticket: Ticket, saying: BriefSaying, texts: Texts) -> TicketDraft:
    """Returns what a ticket says of a case: nobody's name, and of the post its headline and address."""
    snapshot, card = saying.snapshot, saying.card
    headline = headline_of(snapshot) if snapshot else ""
    title = fit(one_line(headline), LONGEST_TITLE) or texts("cases.untitled")
    return TicketDraft(
        key=ticket.key,
        case=ticket.case,
        title=texts("brief.ticket_title", case=ticket.case, title=title),
        lines=tuple(_lines(saying, texts)),
        post=(snapshot.permalink or "") if snapshot else "",
        post_words=texts("brief.post"),
        due_on=card.case.due_on,
        priority=card.priority,
    )


def _lines(saying: BriefSaying, texts: Texts) -> Iterator[str]:
    card = saying.card
    yield texts("brief.ticket_case", case=card.case.number)
    if card.priority is not None:
        yield texts("casework.said_priority", priority=texts(f"priority.priority_{card.priority.value}"))
    if card.case.due_on is not None:
        yield texts("casework.card_due", day=say_day(card.case.due_on, texts.language))
    yield from (_product(one, texts) for one in saying.matches)
    yield from (line for one in by_urgency(saying.known)[:MOST_FACTS] if (line := fact_line(one, texts)))


def _product(match: Match, texts: Texts) -> str:
    """Returns a product with the version in use and the one that is fixed, as far as they are known."""
    placing = match.deciding.placing
    parts = [texts(f"matching.standing_{match.standing.value}")]
    if match.version:
        parts.append(texts("brief.version", version=fit(match.version, LONGEST_NAME)))
    if match.standing is Standing.AFFECTED and placing.sign == "<":
        parts.append(texts("brief.fixed", version=fit(placing.right, LONGEST_NAME)))
    if match.scan:
        parts.append(texts(f"matching.scan_{match.scan.value}"))
    name = fit(one_line(match.product.name), LONGEST_NAME)
    return texts("brief.ticket_product", name=name, said=texts("slack.joint").join(parts))
