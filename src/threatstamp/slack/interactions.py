"""Reads what people do with forms and commands in Slack. No calls, no state.

Source: https://docs.slack.dev/reference/interaction-payloads
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from threatstamp.core.assets.product import Criticality
from threatstamp.core.cases.case import CaseAct, Choice, Wish
from threatstamp.core.cases.details import LONGEST_AUDIENCE, Details, read_effort
from threatstamp.core.cases.moves import is_ticket_link
from threatstamp.core.cases.weighing import Basis, CaseRules, is_below, recommend
from threatstamp.core.ids import ChannelId, UserId, is_user_id
from threatstamp.core.priority.urgency import SCALE, Priority
from threatstamp.core.text import one_line
from threatstamp.slack.blocks.case import MENU, OPENS
from threatstamp.slack.blocks.checklist import BOXES
from threatstamp.slack.blocks.dialog import CALLBACK, Dialog
from threatstamp.slack.reading import Loose as Body
from threatstamp.slack.reading import number_in, table_in, tables_in, text_in

BUTTONS = "block_actions"
SUBMISSION = "view_submission"
SHORTCUT = "message_action"
"""Somebody chose an entry of ours in a message's menu."""

COMMAND = "/threatstamp"

Wrong = Mapping[str, str]
"""By the name of an input, what is wrong with it: a name of the catalogue `casework`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """Somebody wants a form. trigger: lets it be opened, for three seconds."""

    dialog: Dialog
    case: int
    user: UserId
    channel: ChannelId
    trigger: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Submitted:
    """Somebody submitted a form. seen: the moves that the case had made when it was opened.

    wishes: what they want, in order; a form may ask for two things.
    """

    case: int
    wishes: tuple[Wish, ...]
    user: UserId
    channel: ChannelId
    key: str
    seen: int


def read_opening(body: Body) -> Opening | None:
    """Returns which form a click asks for; None if it asks for none of ours."""
    if body.get("type") != BUTTONS:
        return None
    for action in tables_in(body, "actions"):
        name = text_in(action, "action_id")
        if name == MENU:
            dialog, _, number = text_in(table_in(action, "selected_option"), "value").partition("|")
        elif name.startswith(OPENS):
            dialog, number = name.removeprefix(OPENS), text_in(action, "value")
        else:
            continue
        user = text_in(table_in(body, "user"), "id")
        channel = text_in(table_in(body, "container"), "channel_id")
        if dialog in tuple(Dialog) and number.isdecimal() and user and channel:
            return Opening(
                dialog=Dialog(dialog),
                case=int(number),
                user=UserId(user),
                channel=ChannelId(channel),
                trigger=text_in(body, "trigger_id"),
            )
    return None


def read_submission(body: Body, *, today: date, rules: CaseRules | None = None) -> Submitted | Wrong | None:
    """Returns what a form asks for, or what is wrong with it; None if it is none of ours.

    rules: by which a decision below the recommendation needs a reason.
    """
    view = table_in(body, "view")
    dialog = text_in(view, "callback_id").removeprefix(CALLBACK)
    if body.get("type") != SUBMISSION or dialog not in tuple(Dialog):
        return None
    known = _metadata(text_in(view, "private_metadata"))
    user, key = text_in(table_in(body, "user"), "id"), text_in(view, "id")
    case, seen, channel = number_in(known, "case"), number_in(known, "seen"), text_in(known, "channel")
    if case is None or seen is None or not channel or not user or not key:
        return None
    wishes = _FORMS[Dialog(dialog)](_Given(table_in(table_in(view, "state"), "values"), today, known=known))
    if isinstance(wishes, Mapping):
        return wishes
    if rules is not None and _lacks_reason(wishes, table_in(known, "basis"), rules):
        return {"reason": "wrong_below"}
    return Submitted(
        case=case,
        wishes=wishes,
        user=UserId(user),
        channel=ChannelId(channel),
        key=f"form|{key}",
        seen=seen,
    )


def is_of(body: Body, dialog: Dialog) -> bool:
    """True for the submission of that form."""
    return text_in(table_in(body, "view"), "callback_id") == f"{CALLBACK}{dialog.value}"


def _lacks_reason(wishes: Sequence[Wish], basis: Body, rules: CaseRules) -> bool:
    """True if a decision is less than what is recommended, and nobody says why.

    basis: what the recommendation rested on as the form was opened; the desk looks again.
    """
    priority, criticality = text_in(basis, "priority"), text_in(basis, "criticality")
    ground = Basis(
        priority=Priority(priority) if priority in SCALE else None,
        criticality=Criticality(criticality) if criticality in tuple(Criticality) else None,
        effort=text_in(basis, "effort") or None,
    )
    return any(not one.reason and is_below(one.choice, recommend(ground, rules, wish=one)) for one in wishes)


def _metadata(text: str) -> Body:
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


class _Given:
    """The values of a form, and what is wrong with them."""

    def __init__(self, values: Body, today: date, *, known: Body) -> None:
        """known: what the form carried from when it was opened."""
        self._values = values
        self._today = today
        self.known = known
        self.wrong: dict[str, str] = {}

    def text(self, name: str, *, needed: bool = False) -> str:
        words = text_in(self._of(name), "value").strip()
        if needed and not words:
            self.wrong[name] = f"wrong_{name}"
        return words

    def chosen(self, name: str) -> str:
        return text_in(table_in(self._of(name), "selected_option"), "value")

    def ticked(self) -> frozenset[int]:
        """The numbers of the boxes that are ticked, in all groups."""
        groups = (self._of(name) for name in self._values if name.startswith(BOXES))
        found = (text_in(one, "value") for group in groups for one in tables_in(group, "selected_options"))
        return frozenset(int(one) for one in found if one.isdecimal() and len(one) < 4)

    def user(self, name: str, *, needed: bool = True) -> UserId | None:
        found = text_in(self._of(name), "selected_user")
        if not found and not needed:
            return None
        if not is_user_id(found):
            self.wrong[name] = f"wrong_{name}"
            return None
        return UserId(found)

    def day(self, name: str, *, needed: bool = False) -> date | None:
        said = text_in(self._of(name), "selected_date")
        try:
            found = date.fromisoformat(said) if said else None
        except ValueError:
            found = None
        if found is None and needed:
            self.wrong[name] = "wrong_until"
        elif found is not None and found < self._today:
            self.wrong[name] = "wrong_past"
        return found

    def effort(self) -> str | None:
        said = self.text("effort")
        effort = read_effort(said) if said else None
        if said and effort is None:
            self.wrong["effort"] = "wrong_effort"
        return effort

    def priority(self, name: str) -> Priority | None:
        said = self.chosen(name)
        return Priority(said) if said in SCALE else None

    def done(self, *wishes: Wish) -> tuple[Wish, ...] | Wrong:
        return self.wrong or wishes

    def _of(self, name: str) -> Body:
        return table_in(table_in(self._values, name), name)


Read = tuple[Wish, ...] | Wrong


def _decide(given: _Given) -> Read:
    said = given.chosen("choice")
    choice = Choice(said) if said in tuple(Choice) else None
    if choice is None:
        given.wrong["choice"] = "wrong_choice"
    reason = given.text("reason", needed=choice in (Choice.ACCEPT, Choice.NOT_AFFECTED))
    until = given.day("until", needed=choice in (Choice.PLAN, Choice.ACCEPT))
    details = Details(until=until, effort=given.effort(), risk=given.priority("risk"))
    return given.done(Wish(act=CaseAct.DECIDE, choice=choice, reason=reason, details=details))


def _impact(given: _Given) -> Read:
    reason, effort = given.text("reason", needed=True), given.effort()
    match given.chosen("impact"):
        case "yes":
            return given.done(Wish(act=CaseAct.ASSESS, reason=reason, details=Details(effort=effort)))
        case "no":
            return given.done(Wish(act=CaseAct.DECIDE, choice=Choice.NOT_AFFECTED, reason=reason))
        case _:
            given.wrong["impact"] = "wrong_choice"
            return given.wrong


def _hand_over(given: _Given) -> Read:
    to, reason = given.user("to"), given.text("reason")
    return given.done(Wish(act=CaseAct.HAND_OVER, reason=reason, details=Details(to=to)))


def _rank(given: _Given) -> Read:
    priority, due = given.priority("priority"), given.day("due")
    reason = given.text("reason", needed=priority is not None)
    wishes = []
    if priority is not None:
        wishes.append(Wish(act=CaseAct.PRIORITY, reason=reason, details=Details(priority=priority)))
    if due is not None:
        said = "" if wishes else reason
        wishes.append(Wish(act=CaseAct.DUE, reason=said, details=Details(until=due)))
    ticket = given.text("ticket")
    if ticket and not is_ticket_link(ticket):
        given.wrong["ticket"] = "wrong_ticket"
    elif ticket:
        wishes.append(Wish(act=CaseAct.TICKET, reason=ticket))
    if not wishes and not given.wrong:
        given.wrong["priority"] = "wrong_nothing"
    return given.done(*wishes)


def _respond(given: _Given) -> Read:
    audience = one_line(given.text("audience"))[:LONGEST_AUDIENCE]
    text = given.text("text", needed=True)
    return given.done(Wish(act=CaseAct.RESPOND, reason=text, details=Details(audience=audience)))


def _checklist(given: _Given) -> Read:
    """Returns what was ticked and unticked since the form was opened: boxes that others ticked stay."""
    said = given.known.get("ticked")
    before = frozenset(one for one in said if isinstance(one, int)) if isinstance(said, list) else frozenset()
    after = given.ticked()
    changed = [(CaseAct.CHECK, one) for one in sorted(after - before)]
    changed += [(CaseAct.UNCHECK, one) for one in sorted(before - after)]
    return given.done(*(Wish(act=act, details=Details(item=one)) for act, one in changed))


def _done(given: _Given) -> Read:
    is_left = bool(number_in(given.known, "left"))
    reason, effort = given.text("reason"), given.effort()
    if is_left and not reason:
        given.wrong["reason"] = "wrong_left"
    return given.done(Wish(act=CaseAct.DONE, reason=reason, details=Details(effort=effort)))


def _risk(given: _Given) -> Read:
    details = Details(
        risk=given.priority("risk"), until=given.day("until"), to=given.user("to", needed=False)
    )
    return given.done(Wish(act=CaseAct.RISK, reason=given.text("reason", needed=True), details=details))


_FORMS: Mapping[Dialog, Callable[[_Given], Read]] = {
    Dialog.DECIDE: _decide,
    Dialog.IMPACT: _impact,
    Dialog.HAND_OVER: _hand_over,
    Dialog.RANK: _rank,
    Dialog.RESPOND: _respond,
    Dialog.DONE: _done,
    Dialog.CHECKLIST: _checklist,
    Dialog.REOPEN: lambda given: given.done(
        Wish(act=CaseAct.REOPEN, reason=given.text("reason", needed=True))
    ),
    Dialog.NOTE: lambda given: given.done(Wish(act=CaseAct.NOTE, reason=given.text("text", needed=True))),
    Dialog.RISK: _risk,
    Dialog.HISTORY: lambda given: given.done(),
}


def write_submitted(submitted: Submitted) -> dict[str, object]:
    """Returns a submission as the inbox keeps it; the words stand beside whose they are."""
    return {
        "type": SUBMISSION,
        "case": submitted.case,
        "channel": submitted.channel,
        "key": submitted.key,
        "seen": submitted.seen,
        "user": submitted.user,
        "wishes": [_write_wish(wish, submitted.user) for wish in submitted.wishes],
    }


def read_submitted(body: Body) -> Submitted:
    """Returns a submission that was kept. Raises ValueError, KeyError if malformed."""
    return Submitted(
        case=number_in(body, "case") or 0,
        wishes=tuple(map(_read_wish, tables_in(body, "wishes"))),
        user=UserId(text_in(body, "user")),
        channel=ChannelId(text_in(body, "channel")),
        key=text_in(body, "key"),
        seen=number_in(body, "seen") or 0,
    )


def _write_wish(wish: Wish, user: UserId) -> dict[str, object]:
    details = wish.details
    return {
        "user": user,
        "text": wish.reason,
        "audience": details.audience,
        "act": wish.act.value,
        "choice": wish.choice.value if wish.choice else "",
        "to": details.to or "",
        "until": details.until.isoformat() if details.until else "",
        "effort": details.effort or "",
        "risk": details.risk.value if details.risk else "",
        "priority": details.priority.value if details.priority else "",
        "item": details.item or 0,
    }


def _read_wish(body: Body) -> Wish:
    choice, to, until = text_in(body, "choice"), text_in(body, "to"), text_in(body, "until")
    risk, priority = text_in(body, "risk"), text_in(body, "priority")
    details = Details(
        to=UserId(to) if to else None,
        until=date.fromisoformat(until) if until else None,
        effort=text_in(body, "effort") or None,
        risk=Priority(risk) if risk else None,
        priority=Priority(priority) if priority else None,
        audience=text_in(body, "audience"),
        item=number_in(body, "item") or None,
    )
    return Wish(
        act=CaseAct(text_in(body, "act")),
        choice=Choice(choice) if choice else None,
        reason=text_in(body, "text"),
        details=details,
    )
