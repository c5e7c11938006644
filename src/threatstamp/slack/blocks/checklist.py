"""The checklist of a case: a line on its card, the form in which its steps are ticked, a clock that ran out.

Source: https://docs.slack.dev/reference/block-kit/block-elements/checkboxes-element
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from threatstamp.core.cases.case import CLOSED, Case, Move
from threatstamp.core.cases.track import last_ticks
from threatstamp.core.text import escape, quoted
from threatstamp.desk.cases.steps import StepReminder
from threatstamp.desk.views.cases import CaseView
from threatstamp.slack.blocks.voice import LONGEST_LINE, Block, Rendered, Voice, section
from threatstamp.texts.fit import fit

AT_ONCE = 10
"""Check boxes in one group, as Slack takes them."""

LONGEST_OPTION = 75
LONGEST_STEP = 60
"""Characters of a step on a card."""

MOST_LEADS = 10
BOXES = "items"
"""How the block of a group of boxes begins; its number follows."""


def checklist_block(case: Case, voice: Voice, *, action: str) -> Block | None:
    """Returns the card's line: how many steps are done, and the next clock; None without a checklist.

    action: of the button that opens the form.
    """
    if not case.checklist:
        return None
    texts, item = voice.texts, case.next_step
    clock = None if item is None else case.clock_of(item)
    said = texts("checklist.card", done=len(case.ticked), count=len(case.checklist))
    if item is not None and clock is not None and case.state not in CLOSED:
        text = quoted(fit(_text(case, item, voice), LONGEST_STEP))
        said = texts("checklist.card_next", line=said, text=text, when=voice.clock(clock))
    made = section(said, verbatim=True)
    if case.state in CLOSED:
        return made
    button: Block = {
        "type": "button",
        "text": {"type": "plain_text", "text": texts("casework.dialog_checklist")},
        "action_id": action,
        "value": str(case.number),
    }
    return {**made, "accessory": button}


def checklist_form(view: CaseView, voice: Voice) -> Iterator[Block]:
    """Yields the steps in full, with who did them and until when the others are to be done; then boxes."""
    case, ticks = view.case, last_ticks(view.case, view.moves)
    part: list[str] = []
    for item in range(1, len(case.checklist) + 1):
        line = _line(case, item, ticks, voice)
        if part and len("\n".join([*part, line])) > LONGEST_LINE:
            yield section("\n".join(part), verbatim=True)
            part = []
        part.append(line)
    yield section("\n".join(part), verbatim=True)
    for first in range(1, len(case.checklist) + 1, AT_ONCE):
        items = range(first, min(first + AT_ONCE, len(case.checklist) + 1))
        options = {item: _option(case, item, voice) for item in items}
        ticked = [option for item, option in options.items() if item in case.ticked]
        name = f"{BOXES}_{first}"
        element: Block = {"type": "checkboxes", "action_id": name, "options": [*options.values()]}
        yield {
            "type": "input",
            "block_id": name,
            "label": {"type": "plain_text", "text": voice.texts("checklist.label")},
            "element": {**element, "initial_options": ticked} if ticked else element,
            "optional": True,
        }


def step_reminder_blocks(saying: StepReminder, voice: Voice) -> Rendered:
    """Returns the line below the card."""
    case = saying.case
    owner = () if case.owner is None else (voice.person(case.owner),)
    said = voice.texts(
        "checklist.late",
        people=" ".join((*owner, *saying.lead[:MOST_LEADS])),
        case=case.number,
        item=saying.item,
        text=quoted(_text(case, saying.item, voice)),
    )
    return voice.plain(said)


def _text(case: Case, item: int, voice: Voice) -> str:
    return case.checklist[item - 1].text.told(voice.texts.language)


def _option(case: Case, item: int, voice: Voice) -> Block:
    # plain text, in which Slack makes nothing of these signs; but no place should depend on that
    text = _text(case, item, voice).replace("<", "‹").replace(">", "›")
    said = fit(f"{item}. {text}", LONGEST_OPTION)
    return {"text": {"type": "plain_text", "text": said}, "value": str(item)}


def _line(case: Case, item: int, ticks: Mapping[int, Move], voice: Voice) -> str:
    text, move, clock = escape(_text(case, item, voice)), ticks.get(item), case.clock_of(item)
    said = voice.texts("checklist.line", item=item, text=text)
    if move is not None:
        person = voice.person(move.by)
        return voice.texts("checklist.line_done", line=said, person=person, when=voice.clock(move.at))
    if clock is not None:
        return voice.texts("checklist.line_until", line=said, when=voice.clock(clock))
    return said
