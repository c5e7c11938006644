"""users.*, usergroups.*: who is there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from threatstamp.sandbox.arguments import Answer, Arguments, method
from threatstamp.sandbox.methods.pages import page_of
from threatstamp.sandbox.people import User, UserGroup
from threatstamp.sandbox.refusal import RefusedError

if TYPE_CHECKING:
    from threatstamp.sandbox.messages import Message
    from threatstamp.sandbox.workspace import SandboxWorkspace


@method("users.info", required=("user",), optional=("include_locale",), scopes=("users:read",))
def info(workspace: SandboxWorkspace, given: Arguments) -> Answer:
    user = workspace.users.get(given.text("user"))
    if user is None:
        raise RefusedError("user_not_found")
    return {"user": user_body(workspace, user)}


@method("users.list", optional=("limit", "cursor", "include_locale", "team_id"), scopes=("users:read",))
def list_all(workspace: SandboxWorkspace, given: Arguments) -> Answer:
    page, after = page_of(workspace, list(workspace.users), given, default=1000)
    bodies = [user_body(workspace, workspace.users[one]) for one in page]
    members = [{name: value for name, value in one.items() if name != "is_stranger"} for one in bodies]
    return {"members": members, "cache_ts": 1_700_000_000, "response_metadata": {"next_cursor": after}}


@method("users.lookupByEmail", required=("email",), scopes=("users:read.email",))
def by_email(workspace: SandboxWorkspace, given: Arguments) -> Answer:
    wanted = given.text("email").lower()
    for user in workspace.users.values():
        if user.email and user.email.lower() == wanted:
            return {"user": user_body(workspace, user)}
    raise RefusedError("users_not_found")


@method(
    "usergroups.list",
    optional=("include_count", "include_disabled", "include_users", "team_id"),
    scopes=("usergroups:read",),
)
def groups(workspace: SandboxWorkspace, given: Arguments) -> Answer:
    _paid(workspace)
    return {"usergroups": [_group_body(workspace, one) for one in workspace.groups.values()]}


@method(
    "usergroups.users.list",
    required=("usergroup",),
    optional=("include_disabled", "team_id"),
    scopes=("usergroups:read",),
)
def group_users(workspace: SandboxWorkspace, given: Arguments) -> Answer:
    _paid(workspace)
    group = workspace.groups.get(given.text("usergroup"))
    if group is None:
        raise RefusedError("no_such_subteam")
    return {"users": list(group.members)}


def user_body(workspace: SandboxWorkspace, user: User) -> Message:
    profile: Message = {
        "real_name": user.display_name,
        "real_name_normalized": user.display_name,
        "display_name": user.display_name,
        "display_name_normalized": user.display_name,
        "title": user.title,
        "status_emoji": user.status_emoji,
        "status_expiration": 0,
        "team": user.team,
    }
    if user.email and "users:read.email" in workspace.app.scopes:
        profile["email"] = user.email
    grid: Message = {}
    if user.grid:
        enterprise, *teams = user.grid
        grid = {"enterprise_user": {"id": user.id, "enterprise_id": enterprise, "teams": teams}}
    return {
        **grid,
        "id": user.id,
        "team_id": user.team,
        "name": user.name,
        "real_name": user.display_name,
        "deleted": user.deleted,
        "is_bot": user.bot,
        "is_app_user": False,
        "is_restricted": user.restricted,
        "is_ultra_restricted": False,
        "is_stranger": _is_stranger(workspace, user),
        "updated": 1_700_000_000,
        "tz": user.zone,
        "tz_offset": 32_400,
        "profile": profile,
    }


def _is_stranger(workspace: SandboxWorkspace, user: User) -> bool:
    homes = {user.team, *user.grid}
    return not homes & {workspace.team, workspace.enterprise}


def _group_body(workspace: SandboxWorkspace, group: UserGroup) -> Message:
    return {
        "id": group.id,
        "team_id": workspace.team,
        "is_usergroup": True,
        "name": group.name,
        "handle": group.handle,
        "description": "",
        "is_external": False,
        "date_create": 1_700_000_000,
        "date_update": 1_700_000_000,
        "date_delete": 0,
        "user_count": len(group.members),
    }


def _paid(workspace: SandboxWorkspace) -> None:
    if not workspace.paid:
        raise RefusedError("plan_upgrade_required")
