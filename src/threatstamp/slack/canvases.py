"""A channel's canvas: there is at most one, and ours is known by a mark in it.

https://docs.slack.dev/reference/methods/conversations.canvases.create
"""

from __future__ import annotations

from threatstamp.core.errors import SlackError
from threatstamp.core.ids import ChannelId
from threatstamp.core.outbox.departure import MESSAGE_GONE
from threatstamp.slack.calls import Calls
from threatstamp.slack.reading import table_in, tables_in, text_in

TAKEN = "channel_canvas_already_exists"
_GONE = ("canvas_not_found", "canvas_deleted")


def put_canvas(
    calls: Calls, channel: ChannelId, markdown: str, *, title: str, mark: str, must_exist: bool
) -> None:
    """Makes the channel's canvas say this, as `Workspace.put_canvas` promises. mark: text in `markdown`."""
    try:
        canvas = _canvas_of(calls, channel)
        is_ours = bool(canvas) and _is_ours(calls, canvas, mark)
    except SlackError as error:
        if error.permanent:  # what an earlier call has done stays unknown
            raise SlackError(
                error.code, permanent=True, ambiguous=True, method=error.method, needed=error.needed
            ) from error
        raise
    if is_ours:
        _replace(calls, canvas, markdown)
    elif must_exist:
        raise SlackError(MESSAGE_GONE, permanent=True, method="canvases.edit")
    elif canvas:
        raise SlackError(TAKEN, permanent=True, method="conversations.canvases.create")
    else:
        _create(calls, channel, markdown, title=title)


def _canvas_of(calls: Calls, channel: ChannelId) -> str:
    """Returns the id of the channel's canvas, "" if it has none."""
    answer = calls.get("conversations.info", channel=channel)
    canvas = table_in(table_in(table_in(answer, "channel"), "properties"), "canvas")
    return text_in(canvas, "file_id")


def _is_ours(calls: Calls, canvas: str, mark: str) -> bool:
    try:
        answer = calls.post("canvases.sections.lookup", canvas_id=canvas, criteria={"contains_text": mark})
    except SlackError as error:
        if error.code in _GONE:
            return False
        raise
    return bool(tables_in(answer, "sections"))


def _replace(calls: Calls, canvas: str, markdown: str) -> None:
    """Without a section, the whole canvas is replaced (https://docs.slack.dev/reference/methods/canvases.edit)."""
    change = {"operation": "replace", "document_content": {"type": "markdown", "markdown": markdown}}
    try:
        calls.post("canvases.edit", canvas_id=canvas, changes=[change])
    except SlackError as error:
        if error.code in _GONE:  # since it was found
            raise SlackError(MESSAGE_GONE, permanent=True, method=error.method) from error
        raise


def _create(calls: Calls, channel: ChannelId, markdown: str, *, title: str) -> None:
    """Creates it, unless it could not be found again: to look for the mark needs a scope of its own."""
    if calls.scopes is not None and "canvases:read" not in calls.scopes:
        method = "conversations.canvases.create"
        raise SlackError("missing_scope", permanent=True, method=method, needed="canvases:read")
    content = {"type": "markdown", "markdown": markdown}
    try:
        calls.post("conversations.canvases.create", channel_id=channel, title=title, document_content=content)
    except SlackError as error:
        if error.code == TAKEN:  # since it was not there: by another holder of our claim, or by somebody
            raise SlackError(error.code, ambiguous=True, method=error.method) from error
        raise
