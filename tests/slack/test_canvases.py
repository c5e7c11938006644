"""A channel's canvas of ours is found again, and nobody else's is touched."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.town import NEWS, people
from threatstamp.core.errors import SlackError
from threatstamp.core.ids import ChannelId
from threatstamp.sandbox import SandboxWorkspace, serve
from threatstamp.sandbox.people import Canvas
from threatstamp.slack.calls import Calls
from threatstamp.slack.canvases import put_canvas


@pytest.fixture
def workspace() -> SandboxWorkspace:
    made = SandboxWorkspace("T0TOWN", name="Town")
    people(made)
    return made


@pytest.fixture
def calls(workspace: SandboxWorkspace) -> Iterator[Calls]:
    with serve(workspace) as sandbox:
        yield Calls(workspace.app.bot_token, api_url=sandbox.api_url, timeout=5)


def put(calls: Calls, words: str, *, must_exist: bool = False) -> None:
    text = f"{words}\n\n`key`"
    put_canvas(calls, ChannelId(NEWS), text, title="Stamps", mark="key", must_exist=must_exist)


def said(workspace: SandboxWorkspace) -> str:
    canvas = workspace.channels[NEWS].canvas
    return canvas.markdown.split("\n")[0] if canvas else ""


def refusal(calls: Calls, *, must_exist: bool = False) -> SlackError:
    with pytest.raises(SlackError) as refused:
        put(calls, "ours", must_exist=must_exist)
    return refused.value


def test_it_is_made_once_and_then_replaced_also_by_somebody_who_does_not_know_of_it(
    workspace: SandboxWorkspace, calls: Calls
) -> None:
    put(calls, "first")
    put(calls, "second")  # as after an answer that was lost
    put(calls, "third", must_exist=True)
    assert said(workspace) == "third"
    assert len(workspace.calls("conversations.canvases.create")) == 1


def test_nobody_elses_is_touched(workspace: SandboxWorkspace, calls: Calls) -> None:
    workspace.channels[NEWS].canvas = Canvas(id="F0THEIRS", title="", markdown="notes")
    assert refusal(calls).code == "channel_canvas_already_exists"
    assert refusal(calls).permanent
    assert refusal(calls, must_exist=True).code == "message_not_found"
    assert said(workspace) == "notes"


def test_one_that_was_deleted_is_gone_for_an_edit(calls: Calls) -> None:
    assert refusal(calls, must_exist=True).code == "message_not_found"


def test_one_that_appears_between_look_and_call_is_looked_at_again(
    workspace: SandboxWorkspace, calls: Calls
) -> None:
    workspace.faults.add("conversations.canvases.create", "error", error="channel_canvas_already_exists")
    error = refusal(calls)
    assert (error.permanent, error.ambiguous) == (False, True)


@pytest.mark.parametrize("missing", ["canvases:write", "canvases:read"])
def test_without_both_scopes_none_is_made_that_could_not_be_edited_later(
    missing: str, workspace: SandboxWorkspace, calls: Calls
) -> None:
    workspace.app.scopes = tuple(one for one in workspace.app.scopes if one != missing)
    error = refusal(calls)
    assert (error.code, error.permanent, error.needed) == ("missing_scope", True, missing)
    assert not error.ambiguous
    assert said(workspace) == ""


def test_what_cannot_be_looked_up_is_said_as_unclear(workspace: SandboxWorkspace, calls: Calls) -> None:
    put(calls, "ours")
    workspace.app.scopes = tuple(one for one in workspace.app.scopes if one != "canvases:read")
    error = refusal(calls)
    assert (error.code, error.permanent, error.ambiguous) == ("missing_scope", True, True)


def test_a_plan_without_canvases_refuses_for_good(workspace: SandboxWorkspace, calls: Calls) -> None:
    workspace.paid = False
    error = refusal(calls)
    assert (error.code, error.permanent) == ("team_tier_cannot_create_channel_canvases", True)
