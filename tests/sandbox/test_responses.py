"""What an app writes to a response_url, and what people press in the app's home and in what they alone see."""

from __future__ import annotations

from typing import Any

import pytest
from slack_sdk.webhook import WebhookClient

from tests.sandbox.test_dialogs import App, app, plain, sandbox
from tests.support.town import ALERT, SATO, YAMADA
from threatstamp.sandbox import Sandbox
from threatstamp.sandbox.refusal import RefusedError

__all__ = ["app", "sandbox"]

BUTTON = {"type": "button", "action_id": "home_button", "text": plain("Press"), "value": "9"}
ROW = {"type": "actions", "elements": [BUTTON]}


def respond(url: str, **body: Any) -> tuple[int, str]:
    answer = WebhookClient(url).send_dict(body)
    return answer.status_code, answer.body


def test_an_address_takes_five_answers_and_no_more(sandbox: Sandbox, app: App) -> None:
    workspace = sandbox.workspace
    url = str(app.pressed(workspace)["response_url"])
    assert respond(url, text="") == (400, '{"ok":false,"error":"no_text"}')
    assert respond(url, text="for one") == (200, "ok")
    [private] = workspace.ephemerals(ALERT, SATO)
    assert (private["text"], workspace.ephemerals(ALERT, YAMADA)) == ("for one", [])
    assert respond(url, text="for all", response_type="in_channel") == (200, "ok")
    assert workspace.messages(ALERT)[-1]["text"] == "for all"
    respond(url, text="in its thread", response_type="in_channel", thread_ts=app.ts)
    assert [one["text"] for one in workspace.messages(ALERT, thread_ts=app.ts)] == ["in its thread"]
    respond(url, text="another card", replace_original=True)
    assert workspace.message(ALERT, app.ts)["text"] == "another card"
    assert respond(url, delete_original=True) == (200, "ok")
    assert app.ts not in workspace.timestamps(ALERT)
    status, said = respond(url, text="once more")
    assert (status, "used_url" in said) == (404, True)
    workspace.response_lives = 0.0
    workspace.command(SATO, ALERT, "/own x")
    [command] = workspace.wait_for(lambda: [one for one in app.got if one.type == "slash_commands"])
    status, said = respond(str(command.payload["response_url"]), text="late")
    assert (status, "expired_url" in said) == (404, True)


def test_what_one_person_sees_is_pressed_by_them_alone_then_replaced_and_taken_away(
    sandbox: Sandbox, app: App
) -> None:
    workspace = sandbox.workspace
    asked = app.web.chat_postEphemeral(channel=ALERT, user=SATO, text="Sure?", blocks=[ROW])
    ts = str(asked["message_ts"])
    with pytest.raises(RefusedError, match="message_not_found"):
        workspace.click(YAMADA, ALERT, ts, "home_button")
    workspace.click(SATO, ALERT, ts, "home_button")
    [got] = workspace.wait_for(lambda: app.got)
    assert got.payload["container"]["is_ephemeral"]
    assert "message" not in got.payload
    url = str(got.payload["response_url"])
    respond(url, text="Sure.", replace_original=True)
    [left] = workspace.ephemerals(ALERT, SATO)
    assert (left["text"], "blocks" in left) == ("Sure.", False)
    respond(url, delete_original=True)
    assert workspace.ephemerals(ALERT, SATO) == []


def test_a_button_in_the_home_is_pressed_by_whoever_sees_it(sandbox: Sandbox, app: App) -> None:
    workspace = sandbox.workspace
    app.web.views_publish(user_id=SATO, view={"type": "home", "blocks": [ROW]})
    with pytest.raises(RefusedError, match="action_not_found"):
        workspace.click_home(YAMADA, "home_button")
    workspace.click_home(SATO, "home_button")
    [got] = workspace.wait_for(lambda: app.got)
    assert got.payload["view"]["type"] == "home"
    assert (got.payload["actions"][0]["value"], "channel" in got.payload) == ("9", False)
