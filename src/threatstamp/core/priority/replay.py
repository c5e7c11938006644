"""Rulings as the record has them, and the same ruling again from the record."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from threatstamp.core.facts.cve import CveId
from threatstamp.core.priority.fact import Fact
from threatstamp.core.priority.house import Condition, EffectKind, HouseRule, Operator
from threatstamp.core.priority.noticing import Sighting
from threatstamp.core.priority.ruling import PriorityPolicy, Ruling, ruling_of
from threatstamp.core.priority.table import (
    ChecklistStep,
    DecisionTable,
    Question,
    TableOutcome,
    TableRow,
    Unknown,
    Wording,
)
from threatstamp.core.priority.touching import Touch
from threatstamp.core.priority.urgency import Priority
from threatstamp.core.time import Micros

Body = Mapping[str, object]


def ruling_body(cve: CveId, ruling: Ruling) -> dict[str, object]:
    """Returns a ruling as JSON without fractions: scores are texts, times whole microseconds."""
    outcome = ruling.outcome
    return {
        "cve": cve,
        "priority": ruling.priority.value,
        "outcome": outcome.name if outcome else None,
        "days": outcome.days if outcome else None,
        "forensics": bool(outcome and outcome.forensics),
        "table": ruling.table,
        "version": ruling.edition,
        "policy": ruling.policy,
        "row": ruling.row,
        "facts": [asdict(one) for one in ruling.facts],
        "rules": [
            {"reason": one.reason, "before": one.before.value, "after": one.after.value}
            for one in ruling.rules
        ],
        "open": list(ruling.open),
    }


_TOLD_KINDS = frozenset({"malware", "phishing", "incident", "guidance", "update"})


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryPriority:
    """What was ruled last about a story. cve: of its CVEs the most urgent one, "" if it names none.

    gist: see `gist_of`. touches: None if products were not looked for yet. seen: what was known then. shown:
    a digest of what a post shows of it. ruling: as JSON, see `ruling_body`. asks: products of which somebody
    should say whether the internet reaches them.
    """

    cve: CveId
    priority: Priority
    outcome: str | None
    gist: str
    assessed_at: Micros
    touches: tuple[Touch, ...] | None = None
    seen: Sighting | None = None
    shown: str = ""
    ruling: str = ""
    asks: tuple[str, ...] = ()

    @property
    def told_kind(self) -> str:
        """The kind of the story if a message says it, else ""."""
        if not self.ruling:
            return ""
        facts = map(_fact, _list(_dict(json.loads(self.ruling)).get("facts")))
        return told_kind({one.name: one.value for one in facts})


def told_kind(facts: Mapping[str, object]) -> str:
    """Returns the kind of a story if a message says it: of a flaw the rest of the line tells it. Else ""."""
    kind = facts.get("kind")
    return kind if isinstance(kind, str) and kind in _TOLD_KINDS else ""


def gist_of(cve: CveId, ruling: Ruling, touches: Sequence[Touch] = ()) -> str:
    """Returns a digest that changes if the priority, or what it follows from, changes.

    Not with each number that a source publishes anew: nobody needs to be told of those.
    """
    body = ruling_body(cve, ruling)
    said = {name: body[name] for name in ("cve", "priority", "outcome", "row", "rules", "open")}
    if touches:
        said["products"] = [
            [one.product, one.standing, one.comparison, *filter(None, [one.scan])] for one in touches
        ]
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def replayed(body: Body, policies: Mapping[str, PriorityPolicy]) -> Ruling:
    """Returns the ruling that follows from the facts that a body names.

    policies: by digest, those that were ever in force. Raises ValueError for a body that is none, or whose
    table and rules are not among them.
    """
    try:
        policy = policies[str(body["policy"])]
        facts = [_fact(one) for one in _list(body["facts"])]
    except (KeyError, TypeError) as error:
        raise ValueError(f"no body of a ruling, or of an unknown policy: {error}") from error
    return ruling_of(policy, facts)


def policy_content(policy: PriorityPolicy) -> dict[str, object]:
    """Returns table and rules as JSON, of which the policy's digest is made."""
    return asdict(policy)


def policy_of(content: Body) -> PriorityPolicy:
    """Returns what `policy_content` wrote, also as JSON has it. Raises ValueError for anything else."""
    try:
        return PriorityPolicy(
            table=_table(_dict(content["table"])),
            rules=tuple(_rule(_dict(one)) for one in _list(content["rules"])),
        )
    except (KeyError, TypeError) as error:
        raise ValueError(f"no table with rules: {error}") from error


def _fact(value: object) -> Fact:
    said = _dict(value)
    read_at = said["read_at"]
    return Fact(
        name=str(said["name"]),
        value=None if said["value"] is None else str(said["value"]),
        source=str(said["source"]),
        read_at=None if read_at is None else Micros(int(str(read_at))),
    )


def _table(said: Body) -> DecisionTable:
    return DecisionTable(
        name=str(said["name"]),
        version=str(said["version"]),
        about=str(said["about"]),
        questions=tuple(_question(_dict(one)) for one in _list(said["questions"])),
        outcomes=tuple(_outcome(_dict(one)) for one in _list(said["outcomes"])),
        rows=tuple(
            TableRow(answers=_texts(_dict(one)["answers"]), outcome=str(_dict(one)["outcome"]))
            for one in _list(said["rows"])
        ),
    )


def _question(said: Body) -> Question:
    unknown = Unknown(str(said["unknown"]))
    return Question(name=str(said["name"]), values=_texts(said["values"]), unknown=unknown)


def _outcome(said: Body) -> TableOutcome:
    steps = [_dict(one) for one in _list(said["checklist"])]
    return TableOutcome(
        name=str(said["name"]),
        priority=Priority(str(said["priority"])),
        text=_wording(said["text"]),
        days=None if said["days"] is None else int(str(said["days"])),
        forensics=said["forensics"] is True,
        checklist=tuple(
            ChecklistStep(hours=int(str(one["hours"])), text=_wording(one["text"])) for one in steps
        ),
    )


def _rule(said: Body) -> HouseRule:
    conditions = [_dict(one) for one in _list(said["when"])]
    return HouseRule(
        when=tuple(
            Condition(
                fact=str(one["fact"]),
                operator=Operator(str(one["operator"])),
                values=_texts(one["values"]),
            )
            for one in conditions
        ),
        effect=EffectKind(str(said["effect"])),
        reason=str(said["reason"]),
        to=Priority(str(said["to"])),
        steps=int(str(said["steps"])),
    )


def _wording(value: object) -> Wording:
    said = _dict(value)
    return Wording(ja=str(said["ja"]), en=str(said["en"]))


def _texts(value: object) -> tuple[str, ...]:
    return tuple(str(one) for one in _list(value))


def _dict(value: object) -> Body:
    if not isinstance(value, dict):
        raise TypeError("no table")
    return value


def _list(value: object) -> list[object]:
    if not isinstance(value, list | tuple):
        raise TypeError("no list")
    return list(value)
