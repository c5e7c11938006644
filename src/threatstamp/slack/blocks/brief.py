"""What developers are told of a case: products with versions, facts, due date, and who has seen it."""

from __future__ import annotations

from collections.abc import Iterator

from threatstamp.core.assets.match import Match
from threatstamp.core.assets.versions import Standing
from threatstamp.core.cases.case import CLOSED, CaseAct
from threatstamp.core.facts.vulnerability import by_urgency
from threatstamp.core.ids import is_group_id, is_user_id
from threatstamp.core.text import one_line, quoted
from threatstamp.desk.cases.briefing import BriefSaying
from threatstamp.slack.blocks.ticket import ticket_words
from threatstamp.slack.blocks.voice import LONGEST_LINE, Block, Rendered, Voice, copyable, linked, section
from threatstamp.texts.facts import fact_line
from threatstamp.texts.fit import fit
from threatstamp.texts.headline import headline_of
from threatstamp.texts.times import say_day

LONGEST_TITLE = 150
LONGEST_NAME = 80
MOST_FACTS = 5
ACKNOWLEDGE = "case_acknowledge"


def brief_blocks(saying: BriefSaying, voice: Voice) -> Rendered:
    """Returns the message, with a button until somebody acknowledges it or the case is closed."""
    case, texts = saying.card.case, voice.texts
    head = [*_people(saying, voice), texts("brief.head", case=case.number, title=_title(saying, voice))]
    text = " ".join(head)
    lines = [text, *_lines(saying, voice)]
    blocks = [section(fit("\n".join(lines), LONGEST_LINE), verbatim=True)]
    if saying.card.acknowledged is None and case.state not in CLOSED:
        blocks.append({"type": "actions", "elements": [_button(case.number, voice)]})
    return Rendered(text=text, blocks=blocks)


def _lines(saying: BriefSaying, voice: Voice) -> Iterator[str]:
    card, texts = saying.card, voice.texts
    said = [texts(f"cases.state_{card.case.state.value}")]
    if card.priority is not None:
        said.append(
            texts("casework.said_priority", priority=texts(f"priority.priority_{card.priority.value}"))
        )
    if card.case.due_on is not None:
        said.append(texts("casework.card_due", day=say_day(card.case.due_on, texts.language)))
    if card.case.owner is not None:
        said.append(texts("cases.card_owner", person=voice.person(card.case.owner)))
    if saying.marking is not None:
        said.append(saying.marking.label)
    yield voice.joint.join(said)
    yield from (_product(one, voice) for one in saying.matches)
    facts = [line for one in by_urgency(saying.known)[:MOST_FACTS] if (line := fact_line(one, texts))]
    yield from map(quoted, facts)
    if card.acknowledged is not None:
        done = card.acknowledged
        yield texts("brief.acknowledged", person=voice.person(done.by), when=voice.clock(done.at))
    ticket = ticket_words(card, voice)
    permalink = (saying.snapshot.permalink if saying.snapshot else None) or ""
    yield from filter(None, (ticket, linked(permalink, texts("brief.post"))))


def _product(match: Match, voice: Voice) -> str:
    """Returns a product with the version in use and the one that is fixed, as far as they are known."""
    texts, placing = voice.texts, match.deciding.placing
    name = quoted(fit(one_line(match.product.name), LONGEST_NAME))
    parts = [texts(f"matching.standing_{match.standing.value}")]
    if match.version:
        parts.append(texts("brief.version", version=copyable(fit(match.version, LONGEST_NAME))))
    if match.standing is Standing.AFFECTED and placing.sign == "<":
        parts.append(texts("brief.fixed", version=copyable(fit(placing.right, LONGEST_NAME))))
    if match.scan:
        parts.append(texts(f"matching.scan_{match.scan.value}"))
    return texts("brief.product", name=name, said=voice.joint.join(parts))


def _people(saying: BriefSaying, voice: Voice) -> Iterator[str]:
    """Yields mentions of those who look after the products, as far as the settings have their ids."""
    owners = dict.fromkeys(one.product.owner for one in saying.matches if one.touches)
    yield from (mention for owner in owners if (mention := _mention(owner)))


def _mention(owner: str) -> str:
    if is_user_id(owner):
        return f"<@{owner}>"
    return f"<!subteam^{owner}>" if is_group_id(owner) else ""


def _title(saying: BriefSaying, voice: Voice) -> str:
    headline = headline_of(saying.snapshot) if saying.snapshot else ""
    return quoted(fit(one_line(headline), LONGEST_TITLE)) or voice.texts("cases.untitled")


def _button(case: int, voice: Voice) -> Block:
    assert ACKNOWLEDGE.endswith(CaseAct.ACKNOWLEDGE)
    said = {"type": "plain_text", "text": voice.texts("cases.wish_acknowledge")}
    return {"type": "button", "text": said, "action_id": ACKNOWLEDGE, "value": str(case), "style": "primary"}
