"""Whether the internet reaches a product: the question with two buttons, what counts, private refusals."""

from __future__ import annotations

from threatstamp.core.priority.exposure import ExposureState, KnownExposure
from threatstamp.core.priority.fact import NO, YES
from threatstamp.core.text import one_line, quoted
from threatstamp.desk.priority.exposing_out import ExposureQuestion, ExposureRefusal
from threatstamp.slack.blocks.voice import Block, Rendered, Voice, section
from threatstamp.texts.fit import fit

ANSWERS_EXPOSURE = "exposure_"
"""How the id of a button's action begins; yes or no follows. Its value is the product's name."""

LONGEST_NAME = 200
LONGEST_VALUE = 2_000
"""Characters of a button's value: https://docs.slack.dev/reference/block-kit/block-elements/button-element"""


def exposure_blocks(saying: ExposureQuestion, voice: Voice) -> Rendered:
    """Returns the question, with buttons while nobody has answered."""
    text = state_words(saying.product, saying.asked, voice)
    blocks = [section(text, verbatim=True)]
    if saying.asked.state is ExposureState.OPEN:
        blocks.append(_buttons(saying.product, voice))
    return Rendered(text=text, blocks=blocks)


def exposure_refusal_blocks(saying: ExposureRefusal, voice: Voice) -> Rendered:
    """Returns what whoever answered is told."""
    return voice.plain(refusal_words(saying.product, saying.why, saying.other, voice))


def state_words(product: str, asked: KnownExposure, voice: Voice) -> str:
    """Returns how things are with a product."""
    texts = voice.texts
    values = {"product": _name(product)}
    if asked.exposed is not None:
        values["answer"] = texts(f"exposure.answer_{YES if asked.exposed else NO}")
    if asked.answer is not None:
        values |= {"person": voice.mention(asked.answer.by), "time": voice.clock(asked.answer.at)}
    return texts(f"exposure.state_{asked.state.value}", **values)


def refusal_words(product: str, why: str, other: str | None, voice: Voice) -> str:
    """Returns why an answer does not count. other: who answered before."""
    person = voice.mention(other) if other else voice.texts("slack.somebody")
    return voice.texts(f"exposure.refused_{why}", product=_name(product), person=person)


def _name(product: str) -> str:
    return quoted(fit(one_line(product), LONGEST_NAME))


def _buttons(product: str, voice: Voice) -> Block:
    elements: list[Block] = [
        {
            "type": "button",
            "text": {"type": "plain_text", "text": voice.texts(f"exposure.answer_{answer}")},
            "action_id": f"{ANSWERS_EXPOSURE}{answer}",
            "value": product[:LONGEST_VALUE],
        }
        for answer in (YES, NO)
    ]
    return {"type": "actions", "elements": elements}
