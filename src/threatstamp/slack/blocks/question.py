"""The question whether a forward shall go out, with its button; and what became of the answer."""

from __future__ import annotations

from threatstamp.core.text import quoted
from threatstamp.desk.stamps.asking import Stage, StampQuestion
from threatstamp.slack.blocks.voice import Block, Rendered, Voice, channel_mention

CONFIRM = "confirm_forward"
"""The id of the button's action; its value is the departure of the forward."""


def question_blocks(saying: StampQuestion, voice: Voice) -> Rendered:
    """Returns what the person sees."""
    rendered = voice.plain(
        voice.texts(
            f"routes.question_{saying.stage.value}",
            emoji=f":{saying.reaction}:",
            route=quoted(saying.route_name),
            to=voice.joint.join(map(channel_mention, saying.to)),
        )
    )
    if saying.stage is not Stage.ASKED:
        return rendered
    button: Block = {
        "type": "button",
        "style": "danger",
        "text": {"type": "plain_text", "text": voice.texts("routes.question_button")},
        "action_id": CONFIRM,
        "value": str(saying.forward),
    }
    actions: Block = {"type": "actions", "elements": [button]}
    return Rendered(text=rendered.text, blocks=[*rendered.blocks, actions])
