"""canvases.*, conversations.canvases.*: the canvas of a channel.

https://docs.slack.dev/reference/methods/conversations.canvases.create, and the same for the others
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from threatstamp.sandbox.arguments import Answer, Arguments, method
from threatstamp.sandbox.methods.access import channel_of
from threatstamp.sandbox.people import Canvas
from threatstamp.sandbox.refusal import RefusedError

if TYPE_CHECKING:
    from threatstamp.sandbox.workspace import SandboxWorkspace

LONGEST = 1_048_576
"""Characters of Markdown in a canvas."""


@method(
    "conversations.canvases.create",
    required=("channel_id",),
    optional=("title", "document_content"),
    scopes=("canvases:write",),
)
def create(workspace: SandboxWorkspace, given: Arguments) -> Answer:
    if not workspace.paid:
        raise RefusedError("team_tier_cannot_create_channel_canvases")
    channel = channel_of(workspace, given.text("channel_id"))
    if channel.archived:
        raise RefusedError("restricted_action")
    markdown = _markdown(given.json("document_content")) if given.has("document_content") else ""
    with workspace.changed:
        if channel.canvas is not None:
            raise RefusedError("channel_canvas_already_exists")
        channel.canvas = Canvas(id=f"F0{channel.id}", title=given.text("title"), markdown=markdown)
    workspace.show_canvas(channel.id)
    return {"canvas_id": channel.canvas.id}


@method("canvases.edit", required=("canvas_id", "changes"), scopes=("canvases:write",))
def edit(workspace: SandboxWorkspace, given: Arguments) -> Answer:
    """Of the operations, replacing a whole canvas is all that is known here."""
    canvas = _canvas_of(workspace, given.text("canvas_id"))
    changes = given.json("changes")
    if not isinstance(changes, list) or len(changes) != 1 or not isinstance(changes[0], dict):
        raise RefusedError("invalid_arguments")
    [change] = changes
    if change.get("operation") != "replace" or "section_id" in change:
        raise RefusedError("canvas_editing_failed", detail="not known to this sandbox")
    canvas.markdown = _markdown(change.get("document_content"))
    canvas.edits += 1
    workspace.show_canvas(canvas.id.removeprefix("F0"))
    return {}


@method("canvases.sections.lookup", required=("canvas_id", "criteria"), scopes=("canvases:read",))
def lookup(workspace: SandboxWorkspace, given: Arguments) -> Answer:
    """A section is a paragraph, a heading or a list."""
    canvas = _canvas_of(workspace, given.text("canvas_id"))
    criteria = given.json("criteria")
    if not isinstance(criteria, dict) or not isinstance(criteria.get("contains_text"), str):
        raise RefusedError("invalid_arguments")
    parts = enumerate(canvas.markdown.split("\n\n"))
    found = [{"id": f"temp:C:{number}"} for number, part in parts if criteria["contains_text"] in part]
    return {"sections": found}


def _canvas_of(workspace: SandboxWorkspace, id: str) -> Canvas:
    for channel in workspace.channels.values():
        if channel.canvas is not None and channel.canvas.id == id:
            channel_of(workspace, channel.id)
            return channel.canvas
    raise RefusedError("canvas_not_found")


def _markdown(content: object) -> str:
    if not isinstance(content, dict) or content.get("type") != "markdown":
        raise RefusedError("invalid_arguments")
    markdown = content.get("markdown")
    if not isinstance(markdown, str) or len(markdown) > LONGEST:
        raise RefusedError("invalid_arguments")
    return markdown
