"""What a card says of its case, with a button for whatever can be done now; and why an act did not count."""

from __future__ import annotations

from collections.abc import Iterator

from threatstamp.core.cases.case import CLOSED, Case, CaseAct, CaseCard, CaseState, Wish
from threatstamp.core.cases.moves import is_plain, wishes_of
from threatstamp.desk.cases.denying import Denied
from threatstamp.slack.blocks.voice import Block, Rendered, Voice, section

ACTION = "case_"
"""How the id of a button's action begins; a wish's name follows. Its value is the case's number."""


def card_blocks(card: CaseCard, voice: Voice) -> Iterator[Block]:
    """Yields the line of the case, and its buttons while it is open."""
    yield section(_line(card, voice), verbatim=True)
    buttons = [_button(wish, card, voice) for wish in wishes_of(card.case) if _is_offered(wish, card.case)]
    if buttons:
        yield {"type": "actions", "elements": buttons}


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


def _line(card: CaseCard, voice: Voice) -> str:
    case, texts = card.case, voice.texts
    parts = [texts(f"cases.state_{case.state.value}")]
    if case.owner is not None:
        parts.append(texts("cases.card_owner", person=voice.person(case.owner)))
    elif case.state not in CLOSED:
        parts.append(texts("cases.card_nobody"))
    if card.decided is not None:
        choice = texts(f"cases.wish_{card.decided.wish.name}")
        parts.append(texts("cases.card_decided", choice=choice, person=voice.person(card.decided.by)))
    return texts("cases.card", case=case.number, line=voice.joint.join(parts))


def _is_offered(wish: Wish, case: Case) -> bool:
    # a decision is asked of the deciders once somebody has looked at the case; a command decides earlier
    is_early = wish.act is CaseAct.DECIDE and case.state is CaseState.NEW
    return is_plain(wish) and not is_early


def _button(wish: Wish, card: CaseCard, voice: Voice) -> Block:
    button: Block = {
        "type": "button",
        "text": {"type": "plain_text", "text": voice.texts(f"cases.wish_{wish.name}")},
        "action_id": f"{ACTION}{wish.name}",
        "value": str(card.case.number),
    }
    return button
