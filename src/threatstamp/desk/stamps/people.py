"""What is asked about people before a stamp is judged: who is in a group, who is of another organisation."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from threatstamp.core.errors import SlackError
from threatstamp.core.ids import GroupId, UserId
from threatstamp.core.stamps.route import BoundRoute
from threatstamp.desk.ports.slack import Workspace

N = TypeVar("N", GroupId, UserId)
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Membership:
    """What was known of groups and organisations when a stamp was judged; None: cannot be told now.

    external: asked only where a channel is shared; elsewhere nobody is of another organisation.
    """

    members: Mapping[GroupId, frozenset[UserId] | None]
    shared: bool
    external: Mapping[UserId, bool | None]
    unread: Mapping[str, str]
    """Groups and people that could not be read, with Slack's code."""

    def is_external(self, user: UserId) -> bool | None:
        return self.external.get(user) if self.shared else False


def ask_membership(
    workspace: Workspace, routes: Iterable[BoundRoute], *, users: Sequence[UserId], shared: bool
) -> Membership:
    """Asks who is in the groups that routes allow and, in a shared channel, who is of elsewhere."""
    unread: dict[str, str] = {}
    groups = {group for route in routes for group in route.allow_groups}
    members = {group: _ask(workspace.members, group, unread) for group in sorted(groups)}
    asked = users if shared else ()
    external = {user: _ask(workspace.is_external, user, unread) for user in asked}
    return Membership(members=members, shared=shared, external=external, unread=unread)


def _ask(question: Callable[[N], T], name: N, unread: dict[str, str]) -> T | None:
    try:
        return question(name)
    except SlackError as error:
        unread[str(name)] = error.code
        return None
