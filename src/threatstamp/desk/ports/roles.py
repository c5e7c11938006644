"""Who may do what with cases: viewers look, analysts act, deciders decide, admins do all of it everywhere.

Each role includes those before it. Where the settings name nobody for a role, everybody has it, but for
admins: then there are none. All of it raises SlackError while it cannot be found out who is in a group.
"""

from __future__ import annotations

from threatstamp.core.ids import ChannelId, UserId
from threatstamp.core.policy import People
from threatstamp.desk.ports.tools import Tools


def may_look(tools: Tools, user: UserId) -> bool:
    """True for those who may look cases and accepted risks up."""
    return _is_one_of(tools, user, tools.policy.viewers) or may_act(tools, user)


def may_act(tools: Tools, user: UserId) -> bool:
    """True for those who may act on cases."""
    policy = tools.policy
    if _is_one_of(tools, user, policy.analysts):
        return True
    return is_named(tools, policy.deciders, user) or is_admin(tools, user)


def may_decide(tools: Tools, user: UserId) -> bool:
    """True for those who may decide about cases."""
    return _is_one_of(tools, user, tools.policy.deciders) or is_admin(tools, user)


def is_admin(tools: Tools, user: UserId) -> bool:
    """True for those who may do all of it."""
    return is_named(tools, tools.policy.admins, user)


def is_admin_in(tools: Tools, user: UserId, channel: ChannelId) -> bool:
    """True for those whose commands about cases count in every channel of the house's own."""
    return channel not in tools.policy.shared and is_admin(tools, user)


def is_named(tools: Tools, people: People, user: UserId) -> bool:
    """True for a person who is named by themselves or by a group; not if everybody may."""
    if user in people.users:
        return True
    return any(user in tools.workspace.members(group) for group in sorted(people.groups))


def _is_one_of(tools: Tools, user: UserId, people: People) -> bool:
    return people.is_anybody or is_named(tools, people, user)
