"""Why a story has its priority: the table and its row, facts with sources, rules, products with reasons."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence

from threatstamp.core.assets.finding import FindingState
from threatstamp.core.assets.match import Ground
from threatstamp.core.assets.versions import Standing
from threatstamp.core.news.marking import CONFIDENTIAL
from threatstamp.core.priority.fact import ANSWER, SETTINGS, STORY
from threatstamp.core.priority.replay import StoryPriority
from threatstamp.core.priority.touching import Touch
from threatstamp.core.text import one_line, quoted
from threatstamp.core.time import Micros
from threatstamp.desk.priority.explaining import PriorityWhy
from threatstamp.slack.blocks.voice import Block, Rendered, Voice
from threatstamp.texts.catalogue import Texts
from threatstamp.texts.fit import fit

WHY = "why_priority"
"""The id of the button's action; its value is the story's id."""

MOST_FACTS = 20
MOST_PRODUCTS = 5
LONGEST = 200

Body = Mapping[str, object]
_LEFT_OUT = frozenset({"vendor", "human_impact", "exposure", "state"})
"""What other facts say already, or nobody asks about."""

_NUMBERS = ("cvss", "epss")


def why_button(story: str, voice: Voice) -> Block:
    """Returns the button that asks for it."""
    button: Block = {
        "type": "button",
        "text": {"type": "plain_text", "text": voice.texts("concern.why_button")},
        "action_id": WHY,
        "value": story,
    }
    return {"type": "actions", "elements": [button]}


def why_blocks(saying: PriorityWhy, voice: Voice) -> Rendered:
    """Returns the answer to whoever asked."""
    if saying.said is None:
        return voice.plain(voice.texts("concern.why_nothing"))
    lines = list(_lines(saying.said, voice))
    if saying.marking in CONFIDENTIAL:
        lines.append(voice.texts("concern.why_marking", label=saying.marking.label, tlp=saying.marking.value))
    return voice.plain("\n".join(lines))


def _lines(said: StoryPriority, voice: Voice) -> Iterator[str]:
    texts, ruling = voice.texts, _read(said.ruling)
    yield texts(
        "concern.why_head",
        priority=texts(f"concern.priority_{said.priority.value}"),
        cve=said.cve or texts("concern.why_no_cve"),
        time=voice.clock(said.assessed_at),
    )
    if ruling:
        key = "concern.why_table_silent" if ruling.get("row") is None else "concern.why_table"
        yield texts(key, table=_words(ruling.get("table")), number=str(ruling.get("row")))
        for fact in _list(ruling.get("facts"))[:MOST_FACTS]:
            if fact.get("value") is not None and fact.get("name") not in _LEFT_OUT:
                yield texts("concern.why_item", words=_fact(fact, voice))
        for name in _open(ruling):
            yield texts("concern.why_open", name=_name(name, texts))
        for rule in _list(ruling.get("rules")):
            before, after = (texts(f"concern.said_{rule[one]}") for one in ("before", "after"))
            reason = _words(rule.get("reason"))
            yield texts("concern.why_rule", reason=reason, before=before, after=after)
    touches = said.touches or ()
    for touch in touches[:MOST_PRODUCTS]:
        yield texts("concern.why_item", words=_product(touch, texts))
    if len(touches) > MOST_PRODUCTS:
        yield texts("slack.facts_more", count=len(touches) - MOST_PRODUCTS)


def _fact(fact: Body, voice: Voice) -> str:
    texts, name, value = voice.texts, str(fact.get("name")), str(fact.get("value"))
    source, read_at = str(fact.get("source")), fact.get("read_at")
    if source == ANSWER and isinstance(read_at, int):
        said = texts("priority.source_answered", time=voice.clock(Micros(read_at)))
    elif source in (SETTINGS, ANSWER, STORY):
        said = texts(f"priority.source_{source}")
    elif isinstance(read_at, int):
        said = texts("priority.source_read", source=_words(source), time=voice.clock(Micros(read_at)))
    else:
        said = _words(source)
    return texts("concern.why_fact", name=_name(name, texts), value=_value(name, value, texts), source=said)


def _name(name: str, texts: Texts) -> str:
    key = f"priority.name_{name}"
    return texts(key) if texts.has(key) else _words(name)


def _value(name: str, value: str, texts: Texts) -> str:
    if name in _NUMBERS:
        return value
    key = value.replace(" ", "_")
    for found in (f"reading.{name}_{key}", f"priority.answer_{name}_{key}", f"priority.answer_{key}"):
        if texts.has(found):
            return texts(found)
    return _words(value)


def _product(touch: Touch, texts: Texts) -> str:
    name = _words(touch.product)
    product = texts("matching.product", name=name, version=_words(touch.version)) if touch.version else name
    if touch.standing == Standing.NOT_AFFECTED and touch.comparison:
        standing = texts("matching.standing_not_affected_by", comparison=_words(touch.comparison))
    else:
        standing = texts(f"matching.standing_{touch.standing}")
    line = texts("matching.line", product=product, standing=standing)
    said = texts("concern.why_product", line=line, where=_where(touch, texts))
    if not touch.scan or (touch.ground, touch.scan) == (Ground.SCANNER, FindingState.OPEN):
        return said
    return texts("concern.why_scan", line=said, scan=texts(f"matching.scan_{touch.scan}"))


def _where(touch: Touch, texts: Texts) -> str:
    named = _words(touch.named)
    if touch.ground == Ground.TEXT:
        return texts("matching.where_text", named=named)
    key = f"matching.source_{touch.source}"
    source = texts(key) if texts.has(key) else _words(touch.source)
    return texts(f"matching.where_{touch.ground}", source=source, id=touch.vulnerability, named=named)


def _words(value: object) -> str:
    """Returns somebody else's words: nothing in them mentions, links or formats."""
    return quoted(fit(one_line(str(value)), LONGEST))


def _read(text: str) -> Body:
    found = json.loads(text) if text else {}
    return found if isinstance(found, dict) else {}


def _list(value: object) -> Sequence[Body]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _open(ruling: Body) -> list[str]:
    names = ruling.get("open")
    return [str(one) for one in names] if isinstance(names, list) else []
