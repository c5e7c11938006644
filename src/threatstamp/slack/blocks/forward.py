"""A forward: who should do what, then what the post says, then who stamped it."""

from __future__ import annotations

import re

from threatstamp.core.stamps.forward import Holding
from threatstamp.core.text import escape, noted, quoted
from threatstamp.core.time import Micros, micros_of
from threatstamp.desk.stamps.forwarding import ForwardSaying
from threatstamp.slack.blocks.case import card_blocks
from threatstamp.slack.blocks.concern import known_words
from threatstamp.slack.blocks.escalation import acknowledge_words
from threatstamp.slack.blocks.quote import quote_block
from threatstamp.slack.blocks.voice import LONGEST_LINE, MOST_CALLED, Rendered, Voice, context, section
from threatstamp.slack.blocks.why import why_button
from threatstamp.texts.fit import fit
from threatstamp.texts.headline import headline_of

LONGEST_NOTED = 150
"""Characters of a title in a notification."""

MOST_STAMPERS = 20
"""With their times some 1,700 characters; a text object takes 3,000."""

_TOKEN = re.compile(
    r"<(?:@[UW][A-Z0-9]+|#C[A-Z0-9]+|!subteam\^S[A-Z0-9]+|!here|https?://[^<>|\s]+)(?:\|[^<>]*)?>"
)


def forward_blocks(saying: ForwardSaying, voice: Voice) -> Rendered:
    """Returns the message of a forward."""
    first = _first_line(saying)
    said = [first]
    # a phone shows nothing but this text: without the title, five alerts of a route would read alike
    title = noted(fit(headline_of(saying.snapshot), LONGEST_NOTED)) if saying.snapshot else ""
    if title:
        said.append(title if saying.holders.now else struck(title))
    permalink = saying.snapshot.permalink if saying.snapshot else None
    if permalink:
        said.append(f"<{escape(permalink)}|{voice.texts('slack.see_post')}>")
    headline, posted_at = headline_of(saying.snapshot) if saying.snapshot else "", micros_of(saying.place.ts)
    facts = known_words(saying.facts, saying.priority, headline, voice)
    label = saying.marking.label if saying.marking else ""
    quote = quote_block(saying.snapshot, posted_at=posted_at, voice=voice, facts=facts, label=label)
    case = card_blocks(saying.card, voice, title=headline) if saying.card else ()
    blocks = [section(first), quote, *case, context(_people(saying, voice))]
    if saying.asked_about is not None:
        blocks.append(why_button(saying.asked_about, voice))
    if saying.order.ack_within and saying.holders.now:
        blocks.append(context(acknowledge_words(saying.order, voice)))
    return Rendered(text="\n".join(said), blocks=blocks)


def _first_line(saying: ForwardSaying) -> str:
    order = saying.order
    calls = () if saying.quiet else order.mention[:MOST_CALLED]
    said = operator_text(order.text) or f":{order.reaction}: {quoted(order.route_name)}"
    line = " ".join((*calls, said))
    if len(line) > LONGEST_LINE:
        line = " ".join((*calls, fit(said, max(1, LONGEST_LINE - len(" ".join(calls))))))
    return line if saying.holders.now else struck(line)


def _people(saying: ForwardSaying, voice: Voice) -> str:
    holders, emoji = saying.holders, f":{saying.order.reaction}:"
    if holders.now:
        named = [_person(one, voice) for one in holders.now[:MOST_STAMPERS]]
        rest = len(holders.now) - len(named)
        more = [voice.texts("slack.more_people", count=rest)] if rest else []
        return f"{emoji} " + voice.joint.join([*named, *more])
    last = holders.last
    if last is None:
        return emoji
    time = voice.clock(last.until or Micros(0))
    said = voice.texts("slack.withdrawn", person=voice.person(last.user), time=time)
    return f"{emoji} {said}"


def _person(one: Holding, voice: Voice) -> str:
    person, time = voice.person(one.user), voice.clock(one.since)
    return voice.texts("slack.person_at", person=person, time=time)


def operator_text(text: str) -> str:
    """Returns a route's text: its own mentions, links and formatting count, anything else is escaped."""
    parts: list[str] = []
    end = 0
    for token in _TOKEN.finditer(text):
        parts += [escape(text[end : token.start()]), token[0]]
        end = token.end()
    return "".join([*parts, escape(text[end:])])


def struck(text: str) -> str:
    """Strikes each line through; a tilde inside would end it early."""
    return "\n".join(f"~{line.replace('~', '〜')}~" if line.strip() else line for line in text.split("\n"))
