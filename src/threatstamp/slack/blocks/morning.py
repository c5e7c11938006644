"""The morning line, and what reminds an owner in the thread of a card."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from threatstamp.core.cases.agenda import Concern
from threatstamp.core.cases.risk import DueRisks, Risk
from threatstamp.core.text import escape, one_line, quoted
from threatstamp.desk.cases.morning import MorningSaying, NamedCase
from threatstamp.desk.cases.reminding import Reminder
from threatstamp.slack.blocks.voice import LONGEST_LINE, Rendered, Voice, can_link, section
from threatstamp.texts.fit import fit
from threatstamp.texts.times import say_day

LONGEST_TITLE = 60
LONGEST_LINK = 400
MOST_DECIDERS = 10
MOST_LEADS = 10
MOST_RISKS = 5


def morning_blocks(saying: MorningSaying, voice: Voice) -> Rendered:
    """Returns the message: how much there is of what, then the cases, the most urgent first."""
    lines = [_head(saying, voice)] if saying.counts else []
    lines += [named_line(one, voice) for one in saying.named]
    rest = sum(saying.counts.values()) - len(saying.named)
    if rest:
        lines.append(voice.texts("agenda.more", count=rest))
    if saying.risks:
        lines.append(risks_line(saying.risks, voice))
    return Rendered(text=lines[0], blocks=[section(fit("\n".join(lines), LONGEST_LINE), verbatim=True)])


def reminder_blocks(saying: Reminder, voice: Voice) -> Rendered:
    """Returns the message: who is called, and by when it is due."""
    case, texts = saying.case, voice.texts
    assert case.due_on is not None  # nobody is reminded of a case without a due date
    day = say_day(case.due_on, texts.language)
    owner = () if case.owner is None else (voice.person(case.owner),)
    if case.due_on <= saying.day:
        key = "today" if case.due_on == saying.day else "overdue"
    else:
        key = "near" if saying.left else "last"
    said = texts(
        f"agenda.remind_{key}",
        person=" ".join((*owner, *saying.lead[:MOST_LEADS])),
        case=case.number,
        day=day,
        count=abs(saying.left),
    )
    return voice.plain(said)


def named_line(one: NamedCase, voice: Voice) -> str:
    """Returns a case in one line: why it is there, its number, title, owner and due date."""
    case, texts = one.case, voice.texts
    number = f"#{case.number}"
    if one.link and len(one.link) <= LONGEST_LINK and can_link(one.link):
        number = f"<{escape(one.link)}|{number}>"
    parts = [] if case.owner is None else [texts("cases.card_owner", person=voice.person(case.owner))]
    if case.due_on is not None:
        parts.append(texts("casework.card_due", day=say_day(case.due_on, texts.language)))
    title = quoted(fit(one_line(one.title), LONGEST_TITLE)) or texts("cases.untitled")
    if one.sealed is not None:
        title = texts("casework.command_sealed", label=one.sealed.label)
    return texts(
        "agenda.line_with" if parts else "agenda.line",
        concern=texts(f"agenda.concern_{one.concern.value}"),
        number=number,
        title=title,
        line=voice.joint.join(parts),
    )


def risks_line(risks: DueRisks, voice: Voice) -> str:
    """Returns in one line which accepted risks are overdue, and which end soon."""
    groups = (("risks_overdue", risks.overdue), ("risks_ending", risks.ending))
    said = (voice.texts(f"agenda.{key}", risks=_keys(found, voice)) for key, found in groups if found)
    return voice.texts("agenda.risks", counts=voice.joint.join(said))


def _keys(risks: Sequence[Risk], voice: Voice) -> str:
    keys = voice.texts("slack.joint").join(escape(one.key) for one in risks[:MOST_RISKS])
    rest = len(risks) - MOST_RISKS
    return voice.texts("agenda.risks_more", risks=keys, count=rest) if rest > 0 else keys


def _head(saying: MorningSaying, voice: Voice) -> str:
    return voice.texts("agenda.head", counts=voice.joint.join(_counts(saying, voice)))


def _counts(saying: MorningSaying, voice: Voice) -> Iterator[str]:
    for concern in Concern:
        count = saying.counts.get(concern, 0)
        if not count:
            continue
        said = voice.texts(f"agenda.count_{concern.value}", count=count)
        if concern is Concern.WAITING and saying.deciders:
            called = " ".join(saying.deciders[:MOST_DECIDERS])
            said = voice.texts("agenda.called", said=said, people=called)
        yield said
