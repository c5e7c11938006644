"""The line beneath a title that says how urgent a story is and what of ours it concerns.

At most two compact lines in sum; the rest is for `vulns show` and `priority explain`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from threatstamp.core.assets.versions import Standing
from threatstamp.core.facts.cve import cves_in
from threatstamp.core.facts.vulnerability import Vulnerability, by_urgency
from threatstamp.core.priority.noticing import Notice, NoticeKind
from threatstamp.core.priority.replay import StoryPriority
from threatstamp.core.priority.touching import MOST, Touch
from threatstamp.core.text import noted, one_line
from threatstamp.desk.priority.noticing import StoryNotice
from threatstamp.slack.blocks.facts import fact_words
from threatstamp.slack.blocks.voice import Block, Rendered, Voice, words
from threatstamp.texts.catalogue import Texts
from threatstamp.texts.facts import fact_line
from threatstamp.texts.fit import fit
from threatstamp.texts.numbers import say_share

MOST_PRODUCTS = 2
LONGEST_PRODUCT = 60
LONGEST_COMPARISON = 60

_SURE = (Standing.AFFECTED, Standing.OURS_UNKNOWN)
"""A source lists the product, and nothing says that our version is another one."""


def known_words(
    found: Sequence[Vulnerability], priority: StoryPriority | None, title: str, voice: Voice
) -> list[Block]:
    """Returns rich text to follow a title: the priority with its reasons, then what else is known."""
    if priority is None:
        return fact_words(found, voice)
    best = next((one for one in found if one.cve == priority.cve), None)
    lines = [_line(priority, best, title, voice.texts)]
    others = [one for one in by_urgency(found) if one is not best and fact_line(one, voice.texts)]
    if others:
        said = [fact_line(others[0], voice.texts)]
        if len(others) > 1:
            said.append(voice.texts("slack.facts_more", count=len(others) - 1))
        lines.append(voice.joint.join(said))
    return [words("".join(f"\n{line}" for line in lines))]


def notice_blocks(saying: StoryNotice, voice: Voice) -> Rendered:
    """Returns the line that tells what has changed."""
    texts = voice.texts
    said = [_notice(one, texts) for one in saying.notices]
    if saying.more:
        said.append(texts("slack.facts_more", count=saying.more))
    text = "\n".join(said)
    section: Block = {"type": "rich_text_section", "elements": [words(text)]}
    return Rendered(text=noted(text), blocks=[{"type": "rich_text", "elements": [section]}])


def _line(priority: StoryPriority, best: Vulnerability | None, title: str, texts: Texts) -> str:
    head = texts(f"concern.priority_{priority.priority.value}")
    parts = list(_parts(priority, best, title, texts))
    return texts("concern.line", priority=head, parts=texts("concern.joint").join(parts)) if parts else head


def _parts(priority: StoryPriority, best: Vulnerability | None, title: str, texts: Texts) -> Iterator[str]:
    if priority.told_kind:
        yield texts(f"reading.kind_{priority.told_kind}")
    if priority.cve and priority.cve not in cves_in(title):
        yield priority.cve
    if best is not None:
        yield from _facts(best, texts)
    touches = priority.touches or ()
    ours = [one for one in touches if one.is_ours]
    sure = [one for one in ours if one.standing in _SURE]
    if sure:
        yield texts("concern.products", products=_products(sure, texts))
    elif ours:
        yield texts("concern.products_perhaps", products=_products(ours, texts))
    elif touches:
        yield texts("concern.products_not", products=_products(touches, texts))


def _facts(best: Vulnerability, texts: Texts) -> Iterator[str]:
    if best.is_rejected:
        yield texts("slack.facts_rejected")
        return
    if best.best is not None:
        yield texts("concern.cvss", score=f"{best.best.score:.1f}")
    elif best.is_unscored:
        yield texts("concern.unscored")
    if best.kev is not None:
        yield texts("concern.kev_ransomware" if best.kev.ransomware else "concern.kev")
    elif best.epss is not None:
        yield texts("concern.epss", score=say_share(best.epss.score))


def _products(touches: Sequence[Touch], texts: Texts) -> str:
    said = [_product(one, texts) for one in touches[:MOST_PRODUCTS]]
    rest = len(touches) - len(said)
    more = texts("concern.products_more", count=rest) if rest else ""
    if len(touches) == MOST:
        more = texts("concern.products_many")
    return texts("concern.products_joint").join(said) + more


def _product(touch: Touch, texts: Texts) -> str:
    details = []
    if touch.where:
        details.append(texts(f"products.where_{touch.where}"))
    if not touch.is_ours and touch.comparison:
        details.append(fit(one_line(touch.comparison), LONGEST_COMPARISON))
    if touch.scan:
        details.append(texts(f"matching.scan_{touch.scan}"))
    if touch.late:
        details.append(texts("concern.late"))
    name = fit(one_line(touch.product), LONGEST_PRODUCT)
    said = texts("concern.details_joint").join(details)
    return texts("concern.product", product=name, details=said) if said else name


def _notice(one: Notice, texts: Texts) -> str:
    if one.kind is NoticeKind.RULED:
        before, after = (texts(f"concern.said_{said}") for said in (one.before, one.after))
        return texts("concern.notice_ruled", before=before, after=after)
    if one.kind is NoticeKind.MATCHED:
        return texts("concern.notice_matched", product=fit(one_line(one.after), LONGEST_PRODUCT))
    if one.kind is NoticeKind.ANSWERED:
        product, answer = fit(one_line(one.before), LONGEST_PRODUCT), texts(f"exposure.answer_{one.after}")
        return texts("concern.notice_answered", product=product, answer=answer)
    if one.kind is NoticeKind.SCORED:
        key = "notice_scored" if one.before else "notice_scored_first"
        return texts(f"concern.{key}", cve=one.cve, before=one.before, after=one.after)
    if one.kind is NoticeKind.LIKELIER:
        before, after = say_share(float(one.before)), say_share(float(one.after))
        return texts("concern.notice_likelier", cve=one.cve, before=before, after=after)
    return texts("concern.notice_listed", cve=one.cve)
