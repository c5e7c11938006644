"""auth.*, apps.*, team.*, emoji.*, bots.*: the app and its team."""

from __future__ import annotations

from typing import TYPE_CHECKING

from threatstamp.sandbox.arguments import Answer, Arguments, method
from threatstamp.sandbox.refusal import RefusedError

if TYPE_CHECKING:
    from threatstamp.sandbox.workspace import SandboxWorkspace


@method("auth.test")
def auth_test(workspace: SandboxWorkspace, given: Arguments) -> Answer:
    app = workspace.app
    grid = {"enterprise_id": workspace.enterprise} if workspace.enterprise else {}
    return {
        **grid,
        "url": "https://sandbox.slack.com/",
        "team": workspace.name,
        "user": app.name,
        "team_id": workspace.team,
        "user_id": app.user_id,
        "bot_id": app.bot_id,
        "is_enterprise_install": False,
    }


@method("api.test", optional=("error", "foo"))
def api_test(workspace: SandboxWorkspace, given: Arguments) -> Answer:
    if given.has("error"):
        raise RefusedError(given.text("error"))
    return {"args": {name: value for name, value in given.values.items() if name != "token"}}


@method("apps.connections.open", app_token=True)
def connections_open(workspace: SandboxWorkspace, given: Arguments) -> Answer:
    ticket = workspace.sockets.new_ticket()
    if ticket is None:
        raise RefusedError("internal_error")
    return {"url": f"ws://127.0.0.1:{workspace.sockets.port}/link/?ticket={ticket}&app_id={workspace.app.id}"}


@method("team.info", optional=("team", "domain"), scopes=("team:read",))
def team_info(workspace: SandboxWorkspace, given: Arguments) -> Answer:
    return {"team": {"id": workspace.team, "name": workspace.name, "domain": "sandbox", "email_domain": ""}}


@method("emoji.list", optional=("include_categories",), scopes=("emoji:read",))
def emoji_list(workspace: SandboxWorkspace, given: Arguments) -> Answer:
    return {"emoji": dict(workspace.emoji), "cache_ts": "1700000000.000000"}


@method("bots.info", optional=("bot", "team_id"), scopes=("users:read",))
def bots_info(workspace: SandboxWorkspace, given: Arguments) -> Answer:
    app = workspace.app
    if given.text("bot") != app.bot_id:
        raise RefusedError("bot_not_found")
    return {
        "bot": {
            "id": app.bot_id,
            "deleted": False,
            "name": app.name,
            "updated": 1_700_000_000,
            "app_id": app.id,
            "user_id": app.user_id,
            "icons": {"image_36": "", "image_48": "", "image_72": ""},
        }
    }
