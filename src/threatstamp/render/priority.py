"""A ruling as `priority explain` prints it: lines for people, a table for programs."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from threatstamp.core.facts.assessment import KEV
from threatstamp.core.priority.fact import ANSWER, PERSON, SETTINGS, STORY, Fact
from threatstamp.core.priority.ruling import PriorityPolicy, Ruling, if_answered
from threatstamp.core.priority.table import Question, TableOutcome, Unknown
from threatstamp.core.priority.urgency import Priority
from threatstamp.core.time import Micros, utc_text
from threatstamp.desk.views.priority import Explained
from threatstamp.render.matching import finding_body, finding_words
from threatstamp.render.unseen import clean
from threatstamp.texts.catalogue import Texts

Say = Callable[[Micros], str]
"""A moment as people say it."""

_NUMBERS = ("cvss", "epss")
_BESIDE = ("cvss", "epss", "ransomware", "exploited_by", "product", "tag", "where", "criticality")
"""Facts that are shown also where the table does not ask for them: rules may."""


def priority_words(priority: Priority, texts: Texts) -> str:
    return texts(f"priority.priority_{priority.value}")


def answer_words(name: str, value: str, texts: Texts) -> str:
    """Returns an answer in words, the value itself where there are none: it is a person's own word."""
    key = value.replace(" ", "_")
    for found in (f"priority.answer_{name}_{key}", f"priority.answer_{key}"):
        if texts.has(found):
            return texts(found)
    return clean(value)


def explained_body(one: Explained, texts: Texts) -> dict[str, object]:
    """Returns a ruling as JSON; null for not known."""
    ruling = one.ruling
    return {
        "priority": ruling.priority.value,
        "within": _within_body(ruling.outcome, texts),
        "forensics": bool(ruling.outcome and ruling.outcome.forensics),
        "table": {"name": ruling.table, "version": ruling.edition, "row": ruling.row},
        "facts": [_fact_body(fact) for fact in ruling.facts],
        "rules": [
            {"reason": rule.reason, "effect": f"{rule.before.value} -> {rule.after.value}"}
            for rule in ruling.rules
        ],
        "open": list(ruling.open),
        **({"finding": finding_body(one.finding)} if one.finding else {}),
    }


def explained_lines(one: Explained, policy: PriorityPolicy, texts: Texts, *, say: Say) -> Iterator[str]:
    """Yields the same for people, the priority first, then why. say: makes words of a time."""
    ruling = one.ruling
    title = one.found.title if one.found else None
    yield f"{one.cve}  {clean(title or '')}".rstrip()
    yield _headline(ruling, texts)
    if one.found is not None and one.found.is_rejected:
        yield texts("priority.rejected")
        return
    yield ""
    yield _table_line(ruling, policy, texts)
    for question in policy.table.questions:
        yield from _question_lines(one, question, policy, texts, say=say)
    asked = {question.name for question in policy.table.questions}
    for fact in ruling.facts:
        if fact.value is not None and fact.name in _BESIDE and fact.name not in asked and fact.value != KEV:
            yield texts("priority.fact", **_fact_values(fact, fact.value, texts, say=say))
    if one.finding is not None:
        yield texts("matching.scanned", words=finding_words(one.finding, texts))
    yield from _rule_lines(ruling, policy, texts)
    if ruling.outcome is not None and ruling.outcome.checklist:
        yield ""
        yield texts("priority.checklist")
        for step in ruling.outcome.checklist:
            yield texts("priority.step", text=clean(step.text.told(texts.language)))


def _headline(ruling: Ruling, texts: Texts) -> str:
    has_days = ruling.outcome is not None and ruling.outcome.days is not None
    return texts("priority.headline_days" if has_days else "priority.headline", line=_line(ruling, texts))


def _line(ruling: Ruling, texts: Texts) -> str:
    """Returns a priority with the time that it allows."""
    words, outcome = priority_words(ruling.priority, texts), ruling.outcome
    until = clean(outcome.text.told(texts.language)) if outcome else ""
    if not until and outcome is not None and outcome.days is not None:
        until = texts("priority.days", count=outcome.days)
    return texts("priority.line", priority=words, until=until) if until else words


def _table_line(ruling: Ruling, policy: PriorityPolicy, texts: Texts) -> str:
    values = {"table": clean(ruling.table), "about": clean(policy.table.about), "version": ruling.edition}
    if ruling.row is None:
        return texts("priority.table_silent", **values)
    return texts("priority.table_row", **values, number=ruling.row)


def _question_lines(
    one: Explained, question: Question, policy: PriorityPolicy, texts: Texts, *, say: Say
) -> Iterator[str]:
    fact = next(found for found in one.ruling.facts if found.name == question.name)
    if question.name not in one.ruling.open and fact.value is not None:
        yield texts("priority.fact", **_fact_values(fact, fact.value, texts, say=say))
        return
    name = (
        texts(f"priority.name_{question.name}")
        if texts.has(f"priority.name_{question.name}")
        else question.name
    )
    at = [found.name for found in policy.table.questions].index(question.name)
    if one.ruling.answers:
        answer = answer_words(question.name, one.ruling.answers[at], texts)
        key = "open_asked" if question.unknown is Unknown.ASK else "open_assumed"
        yield texts(f"priority.{key}", name=name, value=answer)
    else:
        yield texts("priority.open", name=name)
    answered = if_answered(policy, one.facts, question.name)
    if len({(found.priority, found.outcome) for _, found in answered}) > 1:
        for value, found in answered:
            words = answer_words(question.name, value, texts)
            yield texts("priority.if_answered", value=words, line=_line(found, texts))
    elif one.ruling.answers:
        yield texts("priority.if_either")
    if question.name == "kev":
        yield texts("priority.kev_unread")


def _fact_values(fact: Fact, value: str, texts: Texts, *, say: Say) -> dict[str, str]:
    key = f"priority.name_{fact.name}"
    return {
        "name": texts(key) if texts.has(key) else clean(fact.name),
        "value": value if fact.name in _NUMBERS else answer_words(fact.name, value, texts),
        "source": _source(fact, texts, say=say),
    }


def _source(fact: Fact, texts: Texts, *, say: Say) -> str:
    if fact.source == ANSWER and fact.read_at is not None:
        return texts("priority.source_answered", time=say(fact.read_at))
    if fact.source in (SETTINGS, ANSWER, STORY, PERSON):
        return texts(f"priority.source_{fact.source}")
    source = clean(fact.source)
    return (
        source
        if fact.read_at is None
        else texts("priority.source_read", source=source, time=say(fact.read_at))
    )


def _rule_lines(ruling: Ruling, policy: PriorityPolicy, texts: Texts) -> Iterator[str]:
    if not policy.rules:
        return
    yield ""
    yield texts("priority.rules" if ruling.rules else "priority.rules_none", count=len(policy.rules))
    for rule in ruling.rules:
        before, after = priority_words(rule.before, texts), priority_words(rule.after, texts)
        key = "rule_idle" if rule.before is rule.after else "rule_applied"
        yield texts(f"priority.{key}", reason=clean(rule.reason), before=before, after=after)


def _within_body(outcome: TableOutcome | None, texts: Texts) -> dict[str, object] | None:
    if outcome is None:
        return None
    text = outcome.text.told(texts.language)
    if outcome.days is None and not text:
        return None
    said = text or texts("priority.days", count=outcome.days)
    return {"days": outcome.days, "calendar": True, "text": said}


def _fact_body(fact: Fact) -> dict[str, object]:
    value: object = fact.value
    if fact.name in _NUMBERS and fact.value is not None:
        value = float(fact.value)
    read_at = None if fact.read_at is None else utc_text(fact.read_at)
    return {"name": fact.name, "value": value, "source": fact.source or None, "read_at": read_at}
