"""What the next are told about a forward that nobody acknowledged; and what a forward says of that before."""

from __future__ import annotations

from datetime import timedelta

from threatstamp.core.stamps.forward import Order
from threatstamp.core.text import escape, noted, quoted
from threatstamp.desk.stamps.escalating import EscalationSaying
from threatstamp.slack.blocks.voice import LONGEST_LINE, MOST_CALLED, Rendered, Voice, section
from threatstamp.texts.fit import fit
from threatstamp.texts.headline import headline_of
from threatstamp.texts.times import say_duration

LONGEST_TITLE = 150


def escalation_blocks(saying: EscalationSaying, voice: Voice) -> Rendered:
    """Returns the message: who is asked to look, at what, and where it stands."""
    texts, order = voice.texts, saying.order
    said = texts("routes.unacknowledged", within=_time(order, voice), route=quoted(order.route_name))
    lines = [" ".join((*saying.calls[:MOST_CALLED], said))]
    if saying.link:
        title = noted(fit(headline_of(saying.snapshot), LONGEST_TITLE)) if saying.snapshot else ""
        lines += [title] if title else []
        lines.append(f"<{escape(saying.link)}|{texts('routes.see_forward')}>")
    text = "\n".join(lines)
    return Rendered(text=text, blocks=[section(fit(text, LONGEST_LINE), verbatim=True)])


def acknowledge_words(order: Order, voice: Voice) -> str:
    """Returns how people say that they have seen a forward, and until when."""
    return voice.texts("routes.acknowledge", within=_time(order, voice))


def _time(order: Order, voice: Voice) -> str:
    return say_duration(timedelta(seconds=order.ack_within), voice.texts.language)
