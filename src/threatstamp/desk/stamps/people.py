"""What has to be known about people to judge a stamp: groups' members, and who is from elsewhere.

It is fetched before the transaction, because no transaction may wait for the network.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from threatstamp.core.errors import SlackError
from threatstamp.core.ids import FORGOTTEN_USER, GroupId, UserId
from threatstamp.core.stamps.route import BoundRoute
from threatstamp.desk.ports.slack import Workspace

N = TypeVar("N", GroupId, UserId)
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Membership:
    """What is known about groups and people when a stamp is judged. None: it cannot be read now.

    external: whether people belong to another organisation. Fetched only for a shared channel, because
    nobody else can be in one that is not shared.
    """

    members: Mapping[GroupId, frozenset[UserId] | None]
    shared: bool
    external: Mapping[UserId, bool | None]
    unread: Mapping[str, str]
    """Groups and people that could not be read, with Slack's error code."""

    def is_external(self, user: UserId) -> bool | None:
        return self.external.get(user) if self.shared else False

    def under(self, aliases: Callable[[UserId], UserId]) -> Membership:
        """Returns the same for people who were forgotten, too, whom the record knows by their aliases."""
        return replace(
            self, external={**self.external, **{aliases(one): it for one, it in self.external.items()}}
        )


def ask_membership(
    workspace: Workspace, routes: Iterable[BoundRoute], *, users: Sequence[UserId], shared: bool
) -> Membership:
    """Fetches the members of the groups that routes allow and, in a shared channel, who is from elsewhere."""
    unread: dict[str, str] = {}
    groups = {group for route in routes for group in route.allow_groups}
    members = {group: _ask(workspace.members, group, unread) for group in sorted(groups)}
    external = {user: _ask_external(workspace, user, unread) for user in (users if shared else ())}
    return Membership(members=members, shared=shared, external=external, unread=unread)


def _ask_external(workspace: Workspace, user: UserId, unread: dict[str, str]) -> bool | None:
    # nobody knows any more who a forgotten person is, so their stamp would wait for ever
    return True if user.startswith(FORGOTTEN_USER) else _ask(workspace.is_external, user, unread)


def _ask(question: Callable[[N], T], name: N, unread: dict[str, str]) -> T | None:
    try:
        return question(name)
    except SlackError as error:
        unread[str(name)] = error.code
        return None
