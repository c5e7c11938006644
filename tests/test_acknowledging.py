"""A forward that nobody looks at is told to the next; an emoji on it is enough, also while the desk is down."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from tests.support.desks import wait
from tests.support.town import ALERT, NEWS, SATO, SERVERS, STAFF, SUZUKI, YAMADA, Town
from threatstamp.core.ledger.entry import LedgerEntry

ROUTES = """
[[routes]]
name = "ciso"
reaction = "rotating_light"
to = ["#sec-alert"]
text = "至急ご確認ください。"
ack_within = "3s"
then = ["U0SUZUKI", "#staff"]

[[routes]]
name = "servers"
reaction = "wrench"
to = ["#server-team"]
ack_within = "10s"
then = ["#staff"]
"""


def body_of(entry: LedgerEntry) -> dict[str, str]:
    found: dict[str, str] = json.loads(entry.body or "{}")
    return found


def test_a_forward_is_told_to_the_next_unless_somebody_saw_it_even_while_the_desk_was_down(
    town: Town,
) -> None:
    town.settle(ROUTES)
    run = town.start()
    workspace = town.workspace
    workspace.react(YAMADA, NEWS, town.post("記事1"), "rotating_light")
    [told] = town.wait_for_message(STAFF, "記事1", "確認した人がいません")
    assert "3秒" in str(told["text"])
    [first] = workspace.messages(ALERT)
    [call] = workspace.wait_for(lambda: workspace.messages(ALERT, thread_ts=str(first["ts"])))
    assert SUZUKI in str(call)
    assert "確認したことを知らせて" in str(first["blocks"])

    workspace.react(YAMADA, NEWS, town.post("記事2"), "wrench")
    [second] = town.wait_for_message(SERVERS, "記事2")
    run.close()
    workspace.react(SATO, SERVERS, str(second["ts"]), "eyes")
    town.start()
    assert wait(lambda: town.ledger("acknowledged"), 60)
    [seen] = map(body_of, town.ledger("acknowledged"))
    assert (seen["by"], seen["way"]) == (SATO, "reaction")
    assert len(workspace.messages(STAFF)) == 1
    assert {one["to"] for one in map(body_of, town.ledger("escalated"))} == {ALERT, STAFF}
    assert len(town.ledger("escalated")) == 2


GRAVE = """
[[routes]]
name = "grave"
reaction = "rotating_light"
to = ["#sec-alert"]
mention = ["U0SUZUKI"]
confirm_by = "button"
"""


def test_a_grave_stamp_asks_its_maker_alone_and_goes_out_once_they_press_the_button(town: Town) -> None:
    town.settle(GRAVE)
    run = town.start()
    workspace = town.workspace
    workspace.react(YAMADA, NEWS, town.post("記事1"), "rotating_light")
    [question] = workspace.wait_for(lambda: workspace.ephemerals(NEWS, YAMADA))
    button = find_button(question)
    assert workspace.messages(ALERT) == []
    for _ in range(2):
        run.desk.intake.take(click_of(YAMADA, button, channel=NEWS, ts=str(question["ts"])))
    [message] = town.wait_for_message(ALERT, "記事1", SUZUKI)
    workspace.wait_for(lambda: len(workspace.ephemerals(NEWS, YAMADA)) == 2)
    assert workspace.messages(ALERT) == [message]
    assert [one["by"] for one in map(body_of, town.ledger("confirmed"))] == [YAMADA]


def find_button(message: Mapping[str, Any]) -> dict[str, Any]:
    [actions] = [block for block in message["blocks"] if block["type"] == "actions"]
    [button] = actions["elements"]
    assert isinstance(button, dict)
    return button


def click_of(user: str, button: dict[str, Any], *, channel: str, ts: str) -> dict[str, object]:
    """The click on a button of a message that only one person sees, as Slack tells it."""
    return {
        "type": "block_actions",
        "trigger_id": "1.2.3",
        "user": {"id": user},
        "container": {"type": "message", "message_ts": ts, "channel_id": channel, "is_ephemeral": True},
        "actions": [{**button, "action_ts": "1764000000.000100"}],
    }
