"""A forward that nobody looks at is told to the next; an emoji on it is enough, also while the desk is down."""

from __future__ import annotations

import json

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
    call = workspace.wait_for(lambda: [one for one in workspace.messages(ALERT) if SUZUKI in str(one)])
    [first] = [one for one in workspace.messages(ALERT) if one.get("thread_ts") in (None, one["ts"])]
    assert call[0]["thread_ts"] == first["ts"]
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
    assert [one["to"] for one in map(body_of, town.ledger("escalated"))] == [ALERT, STAFF]
