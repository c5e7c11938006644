"""`/threatstamp risk …`: the register of accepted risks, where cases are talked about."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import NoReturn

from threatstamp.config.names import person_name
from threatstamp.core.cases.details import LONGEST_REASON
from threatstamp.core.cases.risk import LONGEST_TITLE, Risk, RiskLevel, risk_key
from threatstamp.core.ids import ChannelId, UserId, is_user_id
from threatstamp.core.news.marking import Tlp
from threatstamp.core.text import one_line, quoted, unescape
from threatstamp.desk.cases.register import RiskWords, add_risk, review_risk
from threatstamp.desk.ports.marking import place_marking
from threatstamp.desk.ports.roles import is_admin_in, may_act, may_look
from threatstamp.desk.ports.tools import Tools
from threatstamp.slack.client import SlackWorkspace
from threatstamp.texts.fit import fit
from threatstamp.texts.times import say_day

MOST_LISTED = 15
LONGEST_SHOWN = 80
_OPTION = re.compile(r"(?:^|\s)--(owner|before|after|until|case)[= ](\S+)")
_CLOSE = re.compile(r"(?:^|\s)--close(?=\s|$)")


class _WrongRiskError(Exception):
    """Something in a command is not right; the argument is the sentence about it."""


class RiskCommands:
    """Answers the command, to whoever wrote it alone."""

    def __init__(self, tools: Tools, workspace: SlackWorkspace) -> None:
        self._tools = tools
        self._workspace = workspace

    def answer(self, rest: str, user: UserId, channel: ChannelId) -> str:
        """Returns the answer. Raises StoreError, SlackError: then nothing is recorded."""
        texts, policy = self._workspace.voice.texts, self._tools.policy
        if channel not in policy.cards and not is_admin_in(self._tools, user, channel):
            where = texts("slack.joint").join(f"<#{one}>" for one in sorted(policy.cards))
            return texts("casework.command_elsewhere", channels=where)
        name, _, said = rest.strip().partition(" ")
        if name in ("", "list", "show") and not may_look(self._tools, user):
            return texts("casework.may_not_look")
        try:
            match name:
                case "" | "list":
                    return "\n".join(self._list(channel))
                case "show":
                    return "\n".join(self._show(said, channel))
                case "add" | "review":
                    if channel in policy.shared or not self._may(user):
                        return texts("risks.slack_no_right")
                    return self._add(said, user) if name == "add" else self._review(said, user)
                case _:
                    return texts("risks.slack_help")
        except _WrongRiskError as error:
            return str(error)

    def _may(self, user: UserId) -> bool:
        return not self._workspace.is_external(user) and may_act(self._tools, user)

    def _list(self, channel: ChannelId) -> Iterator[str]:
        texts = self._workspace.voice.texts
        found = [one for one in self._register() if not one.is_closed]
        if not found:
            yield texts("risks.none")
        ordered = sorted(found, key=lambda one: not one.is_overdue(self._today()))
        for one in ordered[:MOST_LISTED]:
            yield self._line(one, self._sealed(one, channel))
        if len(found) > MOST_LISTED:
            yield texts("casework.command_more", count=len(found) - MOST_LISTED)

    def _show(self, said: str, channel: ChannelId) -> Iterator[str]:
        voice, key = self._workspace.voice, risk_key(said)
        found = next((one for one in self._register() if one.key == key), None)
        if found is None:
            self._unknown(key)
        sealed = self._sealed(found, channel)
        yield self._line(found, sealed)
        for step in found.history if sealed is None else ():
            what = voice.texts(f"risks.step_{step.what}")
            parts = (voice.clock(step.at), what, _person(step.who), quoted(step.reason))
            yield "  ".join(part for part in parts if part)

    def _add(self, said: str, user: UserId) -> str:
        texts = self._workspace.voice.texts
        options, rest = _options(said)
        title = one_line(unescape(rest)).strip()[:LONGEST_TITLE]
        if not title:
            return texts("risks.slack_help")
        key = add_risk(
            self._tools.store,
            title,
            self._words(options, user),
            before=self._level(options, "before"),
            case=self._case(options),
            today=self._today(),
            now=self._tools.clock.now(),
        )
        if key is None:
            return texts("cases.denied_unknown", case=options["case"])
        return texts("risks.added", key=key)

    def _review(self, said: str, user: UserId) -> str:
        texts = self._workspace.voice.texts
        is_closed = _CLOSE.search(said) is not None
        options, rest = _options(_CLOSE.sub(" ", said))
        first, _, reason = rest.partition(" ")
        key = risk_key(first)
        done = review_risk(
            self._tools.store,
            key,
            self._words(options, user, reason=unescape(reason.strip())[:LONGEST_REASON]),
            is_closed=is_closed,
            today=self._today(),
            now=self._tools.clock.now(),
        )
        if not done:
            self._unknown(key)
        return texts("risks.closed" if is_closed else "risks.reviewed_now", key=key)

    def _words(self, options: dict[str, str], user: UserId, *, reason: str = "") -> RiskWords:
        return RiskWords(
            by=user,
            owner=self._owner(options["owner"]) if "owner" in options else None,
            after=self._level(options, "after"),
            accepted_until=self._day(options),
            reason=reason,
        )

    def _owner(self, said: str) -> UserId:
        """Returns whom a mention, an e-mail address or an @handle means."""
        name = person_name(unescape(said)) or person_name(said)
        found = self._workspace.directory.who(name) if name is not None else None
        if found is None or not is_user_id(found):
            raise _WrongRiskError(self._workspace.voice.texts("cases.no_person", person=quoted(said)))
        return UserId(found)

    def _level(self, options: dict[str, str], name: str) -> RiskLevel | None:
        said = options.get(name)
        if said is None:
            return None
        if said not in list(RiskLevel):
            self._wrong(said)
        return RiskLevel(said)

    def _day(self, options: dict[str, str]) -> date | None:
        said = options.get("until")
        try:
            return date.fromisoformat(said) if said is not None else None
        except ValueError:
            self._wrong(said or "")

    def _case(self, options: dict[str, str]) -> int | None:
        said = options.get("case", "").removeprefix("#")
        if said and not (said.isdecimal() and len(said) <= 18):
            self._wrong(said)
        return int(said) if said else None

    def _wrong(self, said: str) -> NoReturn:
        texts = self._workspace.voice.texts
        what = texts("casework.command_wrong", what=quoted(fit(said, LONGEST_SHOWN)))
        raise _WrongRiskError(f"{what}\n{texts('risks.slack_help')}")

    def _unknown(self, key: str) -> NoReturn:
        texts = self._workspace.voice.texts
        raise _WrongRiskError(texts("risks.slack_unknown", key=quoted(fit(key, LONGEST_SHOWN))))

    def _sealed(self, one: Risk, channel: ChannelId) -> Tlp | None:
        """Returns the TLP label of a case's risk that may not be read in a channel; None if it may."""
        policy = self._tools.policy
        with self._tools.store.reading() as read:
            case = read.cases.get(one.case) if one.is_of_case and one.case is not None else None
            marking = place_marking(read, case.place, policy.labels) if case is not None else None
        may_read = case is None or policy.may_read(marking, channel, (case.place.channel,))
        return None if may_read else marking

    def _line(self, one: Risk, sealed: Tlp | None) -> str:
        voice = self._workspace.voice
        texts = voice.texts
        until = say_day(one.accepted_until, texts.language) if one.accepted_until else texts("risks.no_date")
        if one.is_overdue(self._today()):
            until = texts("risks.overdue", until=until)
        level = one.after or one.before
        title = quoted(fit(one_line(one.title), LONGEST_SHOWN)) or texts("cases.untitled")
        if sealed is not None:
            title = texts("casework.command_sealed", label=sealed.label)
        return texts(
            "risks.slack_line",
            key=quoted(one.key),
            title=title,
            level=texts(f"risks.level_{level.value}" if level else "risks.level_unknown"),
            owner=_person(one.owner) if one.owner else texts("cases.nobody"),
            until=until,
        )

    def _register(self) -> tuple[Risk, ...]:
        with self._tools.store.reading(whole=True) as read:
            return read.risks.every(self._tools.policy.calendar.zone)

    def _today(self) -> date:
        return self._tools.policy.calendar.day_of(self._tools.clock.now())


def _options(said: str) -> tuple[dict[str, str], str]:
    return dict(_OPTION.findall(said)), _OPTION.sub(" ", said).strip()


def _person(who: str) -> str:
    """Returns a mention, or the name as it was written in a record of an earlier version."""
    return f"<@{who}>" if is_user_id(who) else quoted(who)
