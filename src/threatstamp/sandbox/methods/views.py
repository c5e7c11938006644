"""views.*: dialogs and the app's home (https://docs.slack.dev/reference/methods/views.open)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from threatstamp.sandbox.arguments import Answer, Arguments, method
from threatstamp.sandbox.refusal import RefusedError

if TYPE_CHECKING:
    from threatstamp.sandbox.workspace import SandboxWorkspace


@method("views.open", required=("view", "trigger_id"))
def open_view(workspace: SandboxWorkspace, given: Arguments) -> Answer:
    return {"view": workspace.open_view(given.text("trigger_id"), given.json("view"))}


@method("views.push", required=("view", "trigger_id"))
def push(workspace: SandboxWorkspace, given: Arguments) -> Answer:
    return {"view": workspace.open_view(given.text("trigger_id"), given.json("view"), push=True)}


@method("views.update", required=("view", "view_id"), optional=("hash",))
def update(workspace: SandboxWorkspace, given: Arguments) -> Answer:
    view = workspace.update_view(given.text("view_id"), given.json("view"), given.text("hash"))
    return {"view": view}


@method("views.publish", required=("view", "user_id"), optional=("hash",))
def publish(workspace: SandboxWorkspace, given: Arguments) -> Answer:
    user = given.text("user_id")
    if user not in workspace.users:
        raise RefusedError("user_not_found")
    return {"view": workspace.publish_view(user, given.json("view"))}
