"""`/threatstamp search` and `/threatstamp incident`: what is on record, in about ten lines."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial

from threatstamp.config.sought import sought_for
from threatstamp.core.cases.weighing import CaseCard
from threatstamp.core.errors import SlackError
from threatstamp.core.ids import ChannelId, UserId
from threatstamp.core.news.marking import CONFIDENTIAL, label_beside
from threatstamp.core.news.wording import asked_phrases
from threatstamp.core.text import escape, is_web_link, quoted, unescape
from threatstamp.core.time import Micros
from threatstamp.desk.ports.roles import is_admin_in, may_look
from threatstamp.desk.ports.tools import Tools
from threatstamp.desk.views.incident import Incident, incident
from threatstamp.desk.views.search import FoundPost, search
from threatstamp.slack.blocks.case import LONGEST_TITLE, state_words
from threatstamp.slack.client import SlackWorkspace
from threatstamp.texts.fit import fit

PAGE = 8
"""Lines with what was found."""

LONGEST_QUESTION = 200
PATIENCE = 1.0
"""Seconds for asking Slack where posts are: it waits three seconds for the answer to a command."""

_PAGE = re.compile(r"(?:^|\s)--page[= ](\d{1,4})(?=\s|$)")
_LINK = re.compile(r"<(https?://[^|>]+)(?:\|([^>]*))?>")


class Searching:
    """Answers what somebody looks for, to them alone."""

    def __init__(self, tools: Tools, workspace: SlackWorkspace) -> None:
        self._tools = tools
        self._workspace = workspace

    def answer(self, name: str, rest: str, user: UserId, channel: ChannelId) -> str:
        """Returns the answer. name: search or incident; channel: in which it is asked.

        Raises StoreError; SlackError while it cannot be found out who they are.
        """
        texts = self._workspace.voice.texts
        policy = self._tools.policy
        is_inner = channel in policy.cards or is_admin_in(self._tools, user, channel)
        if not is_inner and (name == "incident" or channel not in policy.sources):
            where = sorted(policy.cards if name == "incident" else {*policy.cards, *policy.sources})
            return texts(
                "search.slack_elsewhere", channels=texts("slack.joint").join(f"<#{one}>" for one in where)
            )
        if name == "incident" and not may_look(self._tools, user):
            return texts("casework.may_not_look")
        found = _PAGE.search(rest)
        page = max(1, int(found[1])) if found else 1
        asked = _plain(_PAGE.sub(" ", rest)).strip()[:LONGEST_QUESTION]
        if not asked_phrases(asked):
            return texts("search.slack_help")
        lines = self._search(asked, page, channel) if name == "search" else self._incident(asked, channel)
        return "\n".join((*lines, *self._of_marked()))

    def _of_marked(self) -> Iterator[str]:
        """Yields where confidential posts are found: the same in every answer, so that it tells nothing."""
        policy = self._tools.policy
        said = (*policy.labels.by_feed.values(), *(one.route.tlp for one in policy.routes))
        if any(one in CONFIDENTIAL for one in said):
            yield self._workspace.voice.texts("search.slack_marked")

    def _search(self, asked: str, page: int, channel: ChannelId) -> Iterator[str]:
        texts = self._workspace.voice.texts
        answer = search(
            self._tools.store,
            asked_phrases(asked),
            since=Micros(0),
            page=page,
            size=PAGE,
            labels=self._tools.policy.labels,
            may_read=partial(self._is_cleared, channel=channel),
        )
        if not answer.found:
            yield texts(
                "search.slack_none" if not answer.total else "search.no_page",
                what=quoted(asked),
                count=answer.said_total,
            )
            return
        yield texts("search.slack_count", what=quoted(asked), count=answer.said_total)
        yield from self._lines(answer.found, channel)
        if answer.has_more:
            yield texts("search.slack_more", what=escape(asked), page=page + 1)

    def _incident(self, asked: str, channel: ChannelId) -> Iterator[str]:
        voice = self._workspace.voice
        texts = voice.texts
        policy = self._tools.policy
        found = incident(
            self._tools.store,
            sought_for(asked, policy.products, policy.threats),
            voice.zone,
            labels=policy.labels,
            may_read=partial(self._is_cleared, channel=channel),
        )
        if not found.stories and not found.risks:
            yield texts("search.slack_none", what=quoted(asked))
            return
        yield texts(
            "search.slack_incident",
            what=quoted(asked),
            stories=len(found.stories) + found.left_out,
            cases=len(found.cases),
            risks=len(found.risks),
        )
        yield from self._matters(found)
        yield texts("search.slack_incident_more", what=escape(asked))

    def _matters(self, found: Incident) -> Iterator[str]:
        """Yields the newest cases and risks, then stories in what is left of the lines."""
        voice = self._workspace.voice
        lines = []
        for case in sorted(found.cases, key=lambda one: -one.case.number)[: PAGE // 2]:
            title = quoted(fit(case.title, LONGEST_TITLE)) or voice.texts("cases.untitled")
            line = state_words(CaseCard(case=case.case), voice)
            lines.append(voice.texts("casework.command_line", case=case.case.number, title=title, line=line))
        for risk in found.risks[: PAGE // 4]:
            lines.append(
                voice.texts("search.slack_risk", risk=risk.key, title=quoted(fit(risk.title, LONGEST_TITLE)))
            )
        yield from lines
        yield from self._lines(found.stories[: PAGE - len(lines)], None)

    def _lines(self, found: tuple[FoundPost, ...], channel: ChannelId | None) -> Iterator[str]:
        """Yields a line each. channel: where it is asked; None if everything may be read there."""
        voice, clock = self._workspace.voice, self._tools.clock
        until = clock.steady() + PATIENCE
        for one in found:
            link = one.permalink or self._permalink(one, until) or one.link
            title = quoted(fit(one.title, LONGEST_TITLE)) or voice.texts("search.untitled")
            if not self._may_read(one, channel):
                title, link = voice.texts("search.slack_post", channel=f"<#{one.places[0].channel}>"), ""
            elif is_web_link(link):
                title = f"<{link}|{title}>"
            title = " ".join(filter(None, (label_beside(one.title, one.marking), title)))
            source = quoted(fit(one.source, LONGEST_TITLE))
            yield voice.texts(
                "search.slack_line", at=voice.clock(one.at), title=title, source=source
            ).rstrip()

    def _is_cleared(self, one: FoundPost, *, channel: ChannelId) -> bool:
        """True if its label lets it be read in a channel."""
        displayed = (place.channel for place in one.places)
        return self._tools.policy.may_read(one.marking, channel, displayed)

    def _may_read(self, one: FoundPost, channel: ChannelId | None) -> bool:
        """News was published; what people wrote is read where they wrote it, and where cards are."""
        if one.story is not None or channel is None or channel in self._tools.policy.cards:
            return True
        return any(place.channel == channel for place in one.places)

    def _permalink(self, one: FoundPost, until: float) -> str:
        if not one.places or self._tools.clock.steady() > until:
            return ""
        try:
            return self._workspace.permalink(one.places[0])
        except SlackError:
            return ""


def _plain(text: str) -> str:
    """Returns what somebody wrote: Slack makes links of addresses."""
    return unescape(_LINK.sub(lambda found: found[2] or found[1], text))
