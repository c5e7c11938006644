"""The slash command: the second way to do in Slack what a card's buttons do.

Source: https://docs.slack.dev/interactivity/implementing-slash-commands
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import TypeVar

from threatstamp.core.cases.case import CLOSED, CaseAct, Choice, Way, Wish
from threatstamp.core.cases.details import LONGEST_REASON, Details, read_effort
from threatstamp.core.cases.moves import BY_STAMP, wishes_of
from threatstamp.core.cases.weighing import CaseCard
from threatstamp.core.ids import ChannelId, UserId
from threatstamp.core.news.marking import Tlp
from threatstamp.core.priority.urgency import Priority
from threatstamp.core.text import one_line, quoted, unescape
from threatstamp.desk.cases.act import Acted, Acting, Attempt
from threatstamp.desk.ports.marking import place_marking
from threatstamp.desk.ports.roles import is_admin_in, may_look
from threatstamp.desk.ports.tools import Couriers, Tools
from threatstamp.desk.priority.exposing import Exposing
from threatstamp.desk.views.cases import CaseView, read_case, read_cases
from threatstamp.slack.blocks.case import LONGEST_TITLE, state_words
from threatstamp.slack.blocks.dialog import move_line
from threatstamp.slack.client import SlackWorkspace
from threatstamp.slack.exposures import exposed_words, hears
from threatstamp.slack.reading import Loose, text_in
from threatstamp.slack.reviewing import Reviewing
from threatstamp.slack.risks import RiskCommands
from threatstamp.slack.searching import Searching
from threatstamp.slack.why import why_words
from threatstamp.texts.fit import fit
from threatstamp.texts.weighing import advice_words

MOST_LISTED = 20
_SEEN = ["case", "acknowledge"]
"""What developers may say where they are told of a case."""

MOST_MOVES = 20
LONGEST_ANSWER = 12_000

_ADDRESS = re.compile(r"<(https?://[^|>]+)(?:\|[^>]*)?>")
"""How Slack writes an address where it escapes links."""

_PERSON = re.compile(r"<@([UW][A-Z0-9]+)(?:\|[^>]*)?>")
_OPTION = re.compile(r"(?:^|\s)--(until|effort|risk|audience)[= ](\S+)")


class WrongCommandError(Exception):
    """Something in a command is not understood; the argument is what."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """What somebody wrote after the command. number: None for the list; mine: only of their own cases."""

    number: int | None = None
    mine: bool = False
    wish: Wish | None = None


class Commands:
    """Answers the slash command, to whoever wrote it alone. What acts has acted before it is answered."""

    def __init__(
        self,
        tools: Tools,
        *,
        cases: Acting,
        exposing: Exposing,
        workspace: SlackWorkspace,
        couriers: Couriers,
    ) -> None:
        self._tools = tools
        self._exposing = exposing
        self._cases = cases
        self._workspace = workspace
        self._couriers = couriers
        self._searching = Searching(tools, workspace)
        self._reviewing = Reviewing(tools, workspace)
        self._risks = RiskCommands(tools, workspace)

    def answer(self, body: Loose) -> Mapping[str, object]:
        """Returns the answer. Raises StoreError, SlackError: then the command has not taken effect."""
        return {"response_type": "ephemeral", "text": fit(self._said(body), LONGEST_ANSWER)}

    def _said(self, body: Loose) -> str:
        texts = self._workspace.voice.texts
        channel = ChannelId(text_in(body, "channel_id"))
        name, _, rest = text_in(body, "text").strip().partition(" ")
        by = UserId(text_in(body, "user_id"))
        if name in ("search", "incident"):
            return self._searching.answer(name, rest, by, channel)
        if name == "review":
            return self._reviewing.answer(rest, by, channel)
        if name == "risk":
            return self._risks.answer(rest, by, channel)
        if name == "exposed" and hears(self._tools.policy, channel):
            said = exposed_words(self._exposing, rest, by=by, voice=self._workspace.voice)
            self._couriers.wake()
            return said
        if not self._may_ask(name, rest.strip(), channel) and not is_admin_in(self._tools, by, channel):
            where = texts("slack.joint").join(f"<#{one}>" for one in sorted(self._tools.policy.cards))
            return texts("casework.command_elsewhere", channels=where)
        if name == "why":
            return why_words(self._tools, self._workspace, rest.strip(), channel) or texts("concern.why_help")
        try:
            command = read_command(text_in(body, "text"))
        except WrongCommandError as error:
            what = texts("casework.command_wrong", what=quoted(fit(str(error), 60))) if str(error) else ""
            return "\n".join(filter(None, (what, texts("casework.command_help"))))
        if command.wish is not None and command.number is not None:
            return self._act(command.number, command.wish, by, channel)
        return "\n".join(self._look(command, by, channel))

    def _may_ask(self, name: str, rest: str, channel: ChannelId) -> bool:
        """True where what is asked for may be said: whoever is in a card's channel sees the card, and nobody
        else learns of it here. Why a CVE is urgent is no secret where the news is read.
        """
        policy = self._tools.policy
        if channel in policy.cards or (channel in policy.handed and [name, *rest.split()[:1]] == _SEEN):
            return True
        is_news = channel in policy.sources and channel not in policy.shared
        return is_news and name == "why" and rest.upper().startswith("CVE-")

    def _act(self, number: int, wish: Wish, by: UserId, channel: ChannelId) -> str:
        attempt = Attempt(
            case=number, wish=wish, by=by, way=Way.SLASH, key=f"slash|{secrets.token_hex(8)}", channel=channel
        )
        acted = self._cases.act(replace(attempt, is_answered=True))
        self._couriers.wake()
        return self._outcome(acted, attempt)

    def _outcome(self, acted: Acted, attempt: Attempt) -> str:
        voice = self._workspace.voice
        texts = voice.texts
        values = {
            "case": attempt.case,
            "state": texts(f"cases.state_{acted.case.state.value}") if acted.case else "",
            "wish": texts(f"cases.wish_{attempt.wish.name}"),
        }
        if acted.denial is not None:
            person = voice.person(acted.last.by) if acted.last else texts("slack.somebody")
            return texts(f"cases.denied_{acted.denial.value}", **values, person=person)
        if acted.is_pending:
            return texts("weighing.now_waiting", **values)
        return texts("cases.did" if acted.moved else "cases.did_already", **values)

    def _look(self, command: Command, by: UserId, channel: ChannelId) -> Iterator[str]:
        if not command.mine and not may_look(self._tools, by):
            yield self._workspace.voice.texts("casework.may_not_look")
        elif command.number is None:
            yield from self._list(by if command.mine else None, channel)
        else:
            yield from self._show(command.number, channel)

    def _list(self, owner: UserId | None, channel: ChannelId) -> Iterator[str]:
        texts = self._workspace.voice.texts
        found = [
            one
            for one in read_cases(self._tools.store)
            if one.case.state not in CLOSED and owner in (None, one.case.owner)
        ]
        if not found:
            yield texts("casework.command_none")
        for one in found[:MOST_LISTED]:
            yield self._line(one, self._sealed(one, channel))
        if len(found) > MOST_LISTED:
            yield texts("casework.command_more", count=len(found) - MOST_LISTED)

    def _show(self, number: int, channel: ChannelId) -> Iterator[str]:
        voice = self._workspace.voice
        found = read_case(self._tools.store, number, self._tools.policy.scales)
        if found is None:
            yield voice.texts("cases.denied_unknown", case=number)
            return
        sealed = self._sealed(found, channel)
        yield self._line(found, sealed)
        if sealed is not None:
            return
        if CaseAct.DECIDE in {wish.act for wish in wishes_of(found.case)}:
            yield quoted(advice_words(found.card, voice.texts))
        if found.permalink:
            yield found.permalink
        for move in found.moves[-MOST_MOVES:]:
            yield move_line(move, voice)

    def _sealed(self, one: CaseView, channel: ChannelId) -> Tlp | None:
        """Returns the TLP label of a case that may not be read in a channel; None if it may."""
        policy, place = self._tools.policy, one.case.place
        with self._tools.store.reading() as read:
            marking = place_marking(read, place, policy.labels)
        return None if policy.may_read(marking, channel, (place.channel,)) else marking

    def _line(self, one: CaseView, sealed: Tlp | None) -> str:
        voice = self._workspace.voice
        title = quoted(fit(one_line(one.title), LONGEST_TITLE)) or voice.texts("cases.untitled")
        if sealed is not None:
            title = voice.texts("casework.command_sealed", label=sealed.label)
        line = state_words(CaseCard(case=one.case), voice)
        return voice.texts("casework.command_line", case=one.case.number, title=title, line=line)


def read_command(text: str) -> Command:
    """Returns what the text after the command asks for. Raises WrongCommandError."""
    words = text.split()
    if words[:1] != ["case"] or len(words) < 2:
        raise WrongCommandError(" ".join(words[:2]))
    name = words[1]
    if name == "list":
        return Command(mine=words[2:] == ["mine"])
    if len(words) < 3 or not words[2].removeprefix("#").isdecimal():
        raise WrongCommandError(" ".join(words[2:3]) or name)
    number = int(words[2].removeprefix("#"))
    if name == "show":
        return Command(number=number)
    act = name.replace("-", "_")
    if act not in tuple(CaseAct) or CaseAct(act) in BY_STAMP:
        raise WrongCommandError(name)
    rest = text.split(None, 3)[3] if len(words) > 3 else ""
    return Command(number=number, wish=_wish(CaseAct(act), rest))


def _wish(act: CaseAct, rest: str) -> Wish:
    details, rest = _options(rest)
    choice = None
    first, _, after = rest.partition(" ")
    match act:
        case CaseAct.DECIDE:
            choice, rest = _one(Choice, first.replace("-", "_")), after
        case CaseAct.HAND_OVER:
            person = _PERSON.match(rest)
            if person is None:
                raise WrongCommandError(first)
            details, rest = replace(details, to=UserId(person[1])), rest[person.end() :]
        case CaseAct.PRIORITY:
            details, rest = replace(details, priority=_one(Priority, first)), after
        case CaseAct.DUE:
            details, rest = replace(details, until=_day(first)), after
        case CaseAct.TICKET:
            rest = _ADDRESS.sub(r"\1", rest.strip())
        case CaseAct.CHECK | CaseAct.UNCHECK:
            if not first.isdecimal() or len(first) > 3:
                raise WrongCommandError(first)
            details, rest = replace(details, item=int(first)), after
        case _:
            pass
    reason = unescape(rest.strip())[:LONGEST_REASON]
    return Wish(act=act, choice=choice, reason=reason, details=details)


def _options(rest: str) -> tuple[Details, str]:
    details = Details()
    for name, value in _OPTION.findall(rest):
        if name == "until":
            details = replace(details, until=_day(value))
        elif name == "effort":
            effort = read_effort(value)
            if effort is None:
                raise WrongCommandError(value)
            details = replace(details, effort=effort)
        elif name == "risk":
            details = replace(details, risk=_one(Priority, value))
        else:
            details = replace(details, audience=unescape(value))
    return details, _OPTION.sub("", rest).strip()


E = TypeVar("E", Choice, Priority)


def _one(kind: type[E], word: str) -> E:
    try:
        return kind(word)
    except ValueError:
        raise WrongCommandError(word) from None


def _day(word: str) -> date:
    try:
        return date.fromisoformat(word)
    except ValueError:
        raise WrongCommandError(word) from None
