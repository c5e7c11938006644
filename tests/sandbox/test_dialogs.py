"""Dialogs of the sandbox: what Slack refuses is refused, and what people do reaches the app once."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.socket_mode import SocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse

from tests.support.desks import wait
from tests.support.forks import HANG
from tests.support.town import ALERT, SATO, YAMADA, people
from threatstamp.sandbox import Sandbox, SandboxWorkspace, serve
from threatstamp.sandbox.refusal import RefusedError


def plain(text: str) -> dict[str, str]:
    return {"type": "plain_text", "text": text}


def field(element: dict[str, object], *, optional: bool = False) -> dict[str, object]:
    return {
        "type": "input",
        "block_id": "words",
        "label": plain("Words"),
        "element": {"action_id": "words", **element},
        "optional": optional,
    }


TEXT = {"type": "plain_text_input", "max_length": 5}
MODAL: dict[str, Any] = {
    "type": "modal",
    "callback_id": "own",
    "title": plain("Title"),
    "submit": plain("Save"),
    "blocks": [field(TEXT)],
}
BUTTON = {"type": "button", "action_id": "own_button", "text": plain("Press"), "value": "7"}
MENU = {
    "type": "overflow",
    "action_id": "own_menu",
    "options": [{"text": plain("One"), "value": "one"}, {"text": plain("Two"), "value": "two"}],
}
BOXES: dict[str, object] = {
    "type": "checkboxes",
    "options": [{"text": plain(one), "value": one} for one in ("one", "two", "three")],
    "initial_options": [{"text": plain("two"), "value": "two"}],
}


class App:
    """An app on Socket Mode that keeps what it gets, and answers as it is told to."""

    def __init__(self, sandbox: Sandbox) -> None:
        app = sandbox.workspace.app
        self.web = WebClient(token=app.bot_token, base_url=sandbox.api_url, retry_handlers=[])
        own = WebClient(token=app.app_token, base_url=sandbox.api_url, retry_handlers=[])
        self.socket = SocketModeClient(app_token=app.app_token, web_client=own)
        self.got: list[SocketModeRequest] = []
        self.answer: dict[str, object] | None = None
        self.is_deaf = False
        self._workspace = sandbox.workspace
        self.socket.socket_mode_request_listeners.append(self._hear)  # type: ignore[arg-type]
        self.socket.connect()
        sandbox.workspace.wait_for(lambda: sandbox.workspace.sockets.count)
        self.ts = str(
            self.web.chat_postMessage(
                channel=ALERT, text="card", blocks=[{"type": "actions", "elements": [BUTTON, MENU]}]
            )["ts"]
        )

    def _hear(self, socket: SocketModeClient, request: SocketModeRequest) -> None:
        answer = None if self.is_deaf else SocketModeResponse(request.envelope_id, self.answer)
        if request.type != "events_api":  # kept before the answer: a test goes on once it sees what that did
            self.got.append(request)
            self._workspace.touch()
        if answer:
            socket.send_socket_mode_response(answer)

    def pressed(self, workspace: SandboxWorkspace, action: str = "own_button", value: str = "") -> Any:
        before = len(self.got)
        workspace.click(SATO, ALERT, self.ts, action, value)
        return workspace.wait_for(lambda: self.got[before:])[0].payload


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    workspace = SandboxWorkspace("T0SHAPES", name="Shapes")
    people(workspace)
    workspace.limits.off()
    with serve(workspace) as made:
        yield made


@pytest.fixture
def app(sandbox: Sandbox) -> Iterator[App]:
    made = App(sandbox)
    yield made
    threading.Thread(target=made.socket.close, daemon=True).start()  # it waits for threads that wait for us


def test_a_trigger_opens_one_dialog_within_its_time_and_a_submission_is_answered(
    sandbox: Sandbox, app: App
) -> None:
    workspace = sandbox.workspace
    payload = app.pressed(workspace)
    assert (payload["actions"][0]["value"], payload["user"]["id"]) == ("7", SATO)
    view = app.web.views_open(trigger_id=payload["trigger_id"], view=MODAL)["view"]
    assert workspace.view(SATO) == view
    with pytest.raises(SlackApiError, match="exchanged_trigger_id"):
        app.web.views_open(trigger_id=payload["trigger_id"], view=MODAL)
    with pytest.raises(SlackApiError, match="invalid_trigger_id"):
        app.web.views_open(trigger_id="1.2.x", view=MODAL)
    workspace.trigger_lives = 0.0
    with pytest.raises(SlackApiError, match="expired_trigger_id"):
        app.web.views_open(trigger_id=app.pressed(workspace)["trigger_id"], view=MODAL)
    workspace.trigger_lives = 3.0
    for words, problem in (("", "input_required"), ("too long", "input_too_long")):
        with pytest.raises(RefusedError, match=problem):
            workspace.submit(SATO, {"words": words})
    app.answer = {"response_action": "errors", "errors": {"words": "No."}}
    workspace.submit(SATO, {"words": "first"})
    workspace.wait_for(lambda: (workspace.view(SATO) or {}).get("errors"))
    app.answer = None
    workspace.submit(SATO, {"words": "again"})
    workspace.wait_for(lambda: workspace.view(SATO) is None)
    given = [one.payload["view"]["state"]["values"]["words"] for one in app.got[-2:]]
    assert [one["words"]["value"] for one in given] == ["first", "again"]
    assert workspace.view(YAMADA) is None


@pytest.mark.parametrize(
    ("given", "submitted"),
    [({}, ["two"]), ({"words": []}, []), ({"words": ["three", "one"]}, ["one", "three"])],
)
def test_boxes_are_submitted_as_they_are_ticked_and_as_they_were_if_nobody_touches_them(
    sandbox: Sandbox, app: App, given: dict[str, object], submitted: list[str]
) -> None:
    workspace = sandbox.workspace
    view = {**MODAL, "blocks": [field(BOXES, optional=True)]}
    app.web.views_open(trigger_id=app.pressed(workspace)["trigger_id"], view=view)
    with pytest.raises(RefusedError, match="invalid_option"):
        workspace.submit(SATO, {"words": ["four"]})
    workspace.submit(SATO, given)
    workspace.wait_for(lambda: workspace.view(SATO) is None)
    ticked = app.got[-1].payload["view"]["state"]["values"]["words"]["words"]["selected_options"]
    assert [one["value"] for one in ticked] == submitted


def test_a_menu_a_command_and_a_shortcut_arrive_and_an_app_that_is_silent_is_noticed(
    sandbox: Sandbox, app: App
) -> None:
    workspace = sandbox.workspace
    assert app.pressed(workspace, "own_menu", "two")["actions"][0]["selected_option"]["value"] == "two"
    with pytest.raises(RefusedError, match="action_not_found"):
        workspace.click(SATO, ALERT, app.ts, "own_menu", "three")
    workspace.shortcut(SATO, ALERT, app.ts, "own_shortcut")
    found = workspace.wait_for(lambda: [one for one in app.got if one.payload.get("callback_id")])
    assert found[0].payload["message"]["text"] == "card"
    app.answer = {"response_type": "ephemeral", "text": "Done."}
    workspace.command(SATO, ALERT, "/own do it")
    [told] = workspace.wait_for(lambda: workspace.ephemerals(ALERT, SATO))
    assert told["text"] == "Done."
    command = next(one for one in app.got if one.type == "slash_commands").payload
    assert (command["command"], command["text"], command["user_id"]) == ("/own", "do it", SATO)
    news: list[dict[str, object]] = []
    stop = workspace.listen(news.append)
    app.is_deaf, workspace.trigger_lives = True, 0.1
    app.pressed(workspace)
    assert wait(lambda: [one for one in news if one["type"] == "unanswered"], HANG)
    stop()


@pytest.mark.parametrize(
    "change",
    [
        {"type": "window"},
        {"colour": "red"},
        {"title": plain("x" * 25)},
        {"title": {"type": "mrkdwn", "text": "Title"}},
        {"submit": None},
        {"private_metadata": "x" * 3_001},
        {"callback_id": "x" * 256},
        {"blocks": [field(TEXT)] * 2},
        {"blocks": [field(TEXT)] + [{"type": "divider"}] * 100},
        {"blocks": [field({"type": "button", "text": plain("x")})]},
        {"blocks": [field({**TEXT, "rows": 3})]},
        {"blocks": [field({**TEXT, "max_length": 3_001})]},
        {"blocks": [field({**TEXT, "initial_value": "123456"})]},
        {"blocks": [field({**TEXT, "placeholder": plain("x" * 151)})]},
        {"blocks": [field({"type": "datepicker", "initial_date": "tomorrow"})]},
        {"blocks": [field({"type": "static_select", "options": []})]},
        {"blocks": [field({"type": "radio_buttons", "options": [{"text": plain("x"), "value": "1"}] * 2})]},
        {"blocks": [field({**BOXES, "options": [{"text": plain("x"), "value": "x"}]})]},
        {"blocks": [{**field(TEXT), "label": plain("x" * 2_001)}]},
        {"blocks": [{**field(TEXT), "labels": "x"}]},
        {"blocks": [{"type": "actions", "elements": [{**MENU, "options": [MENU["options"][0]] * 6}]}]},
        {"blocks": [{"type": "actions", "elements": [BUTTON] * 26}]},
    ],
    ids=range(22),
)
def test_a_view_that_slack_would_refuse_is_refused(change: dict[str, object], sandbox: Sandbox) -> None:
    view = {name: value for name, value in {**MODAL, **change}.items() if value is not None}
    web = WebClient(token=sandbox.workspace.app.bot_token, base_url=sandbox.api_url, retry_handlers=[])
    trigger = sandbox.workspace.new_trigger(SATO)
    with pytest.raises(SlackApiError, match="invalid_arguments"):
        web.views_open(trigger_id=trigger, view=view)
    web.views_open(trigger_id=trigger, view=MODAL)  # what is refused uses no trigger up


def test_a_dialog_is_changed_stacked_and_closed_and_a_home_is_published(sandbox: Sandbox, app: App) -> None:
    workspace = sandbox.workspace
    view = app.web.views_open(trigger_id=app.pressed(workspace)["trigger_id"], view=MODAL)["view"]
    changed = {**MODAL, "title": plain("Other")}
    with pytest.raises(SlackApiError, match="hash_conflict"):
        app.web.views_update(view_id=view["id"], hash="old", view=changed)
    app.web.views_update(view_id=view["id"], hash=view["hash"], view=changed)
    app.web.views_push(
        trigger_id=app.pressed(workspace)["trigger_id"], view={**MODAL, "notify_on_close": True}
    )
    workspace.close_view(SATO)
    workspace.wait_for(lambda: [one for one in app.got if one.payload["type"] == "view_closed"])
    left = workspace.view(SATO)
    assert left is not None
    assert left["title"] == plain("Other")
    home = {"type": "home", "blocks": [{"type": "divider"}]}
    app.web.views_publish(user_id=YAMADA, view=home)
    assert (workspace.home(YAMADA) or {})["type"] == "home"
    assert workspace.home(SATO) is None
