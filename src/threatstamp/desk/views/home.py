"""What the app's home shows somebody: only what they may see.

Everybody sees the cases that they own, and numbers. Who is named in the settings as a decider or an analyst
sees what is overdue, whoever owns it; a decider also what waits for a decision. People of other organisations
see nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time, timedelta

from threatstamp.core.cases.case import Case, CaseState
from threatstamp.core.ids import FeedName, UserId
from threatstamp.core.policy import Policy
from threatstamp.core.text import one_line
from threatstamp.core.time import Micros
from threatstamp.desk.ports.records import Figure
from threatstamp.desk.ports.roles import is_admin, is_named
from threatstamp.desk.ports.store import Read
from threatstamp.desk.ports.tools import Tools
from threatstamp.desk.views.feeds import read_feeds
from threatstamp.desk.views.reviewing import ReviewPage, read_reviews

MOST_SHOWN = 10
"""Cases under each heading."""

WEEK_FIGURES = (Figure.COLLECTED, Figure.STAMPED, Figure.OPENED, Figure.DECIDED, Figure.HANDLED)


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeCases:
    """Cases under a heading. count: of all; shown: each with its title, "" if that is not on record."""

    count: int = 0
    shown: tuple[tuple[Case, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class HomePage:
    """The home of one person. waiting: for a decision; None if they decide nothing. week: from Monday on.

    reviews: what nobody has stamped; None for somebody who may not say that it is not ours.
    """

    waiting: HomeCases | None = None
    overdue: HomeCases = HomeCases()
    mine: HomeCases = HomeCases()
    week: Mapping[Figure, int] = field(default_factory=dict)
    feeds: int = 0
    broken: tuple[FeedName, ...] = ()
    reviews: ReviewPage | None = None
    is_outside: bool = False


def read_home(tools: Tools, user: UserId) -> HomePage:
    """Returns somebody's home. Raises StoreError; SlackError while it cannot be found out who they are."""
    policy, now = tools.policy, tools.clock.now()
    if tools.workspace.is_external(user):
        return HomePage(is_outside=True)
    decides = is_named(tools, policy.deciders, user) or is_admin(tools, user)
    sees_all = decides or is_named(tools, policy.analysts, user)
    day = policy.calendar.day_of(now)
    with tools.store.reading(whole=True) as read:
        known = read.persons.aliases()(user)
        listed = _Listed(read, policy)
        states = read_feeds(read, [bound.feed for bound in policy.feeds], now=now)
        return HomePage(
            waiting=listed.cases(state=CaseState.WAITING) if decides else None,
            overdue=listed.cases(before=day, owner=None if sees_all else known),
            mine=listed.cases(owner=known),
            week=_week(read, policy, now),
            feeds=len(states),
            broken=tuple(one.name for one in states if not one.ok),
            reviews=read_reviews(read, now=now) if sees_all or policy.analysts.is_anybody else None,
        )


class _Listed:
    def __init__(self, read: Read, policy: Policy) -> None:
        self._read = read
        self._policy = policy

    def cases(
        self, *, owner: UserId | None = None, state: CaseState | None = None, before: date | None = None
    ) -> HomeCases:
        count, found = self._read.cases.listed(
            self._policy.team, owner=owner, state=state, before=before, limit=MOST_SHOWN
        )
        return HomeCases(count=count, shown=tuple((case, self._title(case)) for case in found))

    def _title(self, case: Case) -> str:
        post = self._read.posts.get(case.place)
        snapshot = post.snapshot if post else None
        return one_line(snapshot.title or snapshot.text) if snapshot else ""


def _week(read: Read, policy: Policy, now: Micros) -> Mapping[Figure, int]:
    day = policy.calendar.day_of(now)
    monday = day - timedelta(days=day.weekday())
    since = policy.calendar.moment(monday, time())
    return {
        figure: sum(one.count for one in read.records.counted(figure) if one.at >= since)
        for figure in WEEK_FIGURES
    }
