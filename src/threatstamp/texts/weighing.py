"""What weighs where a case is decided, in words."""

from __future__ import annotations

from collections.abc import Iterator

from threatstamp.core.cases.weighing import Advice, CaseCard, Spent
from threatstamp.core.priority.urgency import Priority
from threatstamp.texts.casework import say_effort
from threatstamp.texts.catalogue import Texts
from threatstamp.texts.times import say_day


def weighed_words(card: CaseCard, texts: Texts) -> Iterator[str]:
    """Yields what the machine found: the priority by the table, and a due date that follows from it."""
    assessed = card.assessed
    if assessed is not None and assessed.priority is not Priority.NOT_ASSESSED:
        said = texts(f"priority.priority_{assessed.priority.value}")
        yield texts("weighing.assessed", priority=said, cve=assessed.cve)
    if card.proposed is not None and card.case.due_on is None:
        yield texts("weighing.proposed", day=say_day(card.proposed, texts.language))


def advice_words(card: CaseCard, texts: Texts) -> str:
    """Returns the recommendation with its why in one sentence, or what is missing for one."""
    advice = card.advice
    if advice is None:
        return texts("weighing.no_priority" if card.priority is None else "weighing.no_effort")
    return texts(
        "weighing.advice",
        choice=texts(f"cases.wish_decide_{advice.choice.value}"),
        risk=texts(f"priority.priority_{advice.risk.value}"),
        why=_why(advice, texts),
        effort=say_effort(advice.effort, texts),
    )


def _why(advice: Advice, texts: Texts) -> str:
    priority = (advice.priority or Priority.NOT_ASSESSED).value
    criticality = advice.criticality.value if advice.criticality else "unknown"
    return texts(
        "weighing.why",
        priority=texts(f"priority.priority_{priority}"),
        criticality=texts(f"weighing.criticality_{criticality}"),
    )


def spent_words(spent: Spent, texts: Texts) -> str:
    """Returns how far the estimates of other cases were true."""
    return texts(
        "weighing.spent", count=spent.cases, estimated=f"{spent.estimated:g}", took=f"{spent.took:g}"
    )
