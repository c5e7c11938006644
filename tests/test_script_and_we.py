"""The rows of the table "the script / we": each asserts on what is in the workspace."""

from __future__ import annotations

import json
import time

from tests.support.town import ALERT, NEWS, SERVERS, TANAKA, YAMADA, Town


def test_a_later_more_severe_stamp_on_the_same_post_still_reaches_the_ciso(town: Town) -> None:
    town.start()
    post = town.post()
    town.workspace.react(YAMADA, NEWS, post, "wrench")
    town.wait_for_message(SERVERS)
    town.workspace.react(YAMADA, NEWS, post, "rotating_light")
    [message] = town.wait_for_message(ALERT)
    assert "<@U0SUZUKI> <!here> 重大な脅威情報です。" in str(message["text"])
    assert len(town.workspace.messages(SERVERS)) == 1


def test_a_stamp_on_a_post_older_than_three_days_is_not_lost(town: Town) -> None:
    post = town.post(at=time.time() - 30 * 86_400)
    town.start()
    town.workspace.react(YAMADA, NEWS, post, "rotating_light")
    town.wait_for_message(ALERT, YAMADA)


def test_what_was_missed_while_the_desk_was_down_is_forwarded_when_it_is_back(town: Town) -> None:
    post = town.post()
    town.start()
    town.stop()
    town.workspace.react(YAMADA, NEWS, post, "rotating_light")
    town.start(looked=False)
    town.wait_for_message(ALERT, YAMADA)


def test_history_already_carries_the_reactions_so_one_call_reads_a_page(town: Town) -> None:
    posts = [town.post(f"記事{number}", f"https://news.example/{number}") for number in range(60)]
    town.start()
    town.stop()
    for post in posts[:20]:
        town.workspace.react(YAMADA, NEWS, post, "wrench")
    before = len(town.workspace.calls("conversations.history"))
    lookups = len(town.workspace.calls("reactions.get"))
    run = town.start()
    run.ended.set()  # no second sweep by the connection
    assert len(town.workspace.calls("conversations.history")) - before <= 2
    assert len(town.workspace.calls("conversations.replies")) == 0
    town.wait_for_message(SERVERS, count=20)
    # the permalink of each stamped post is asked for, never that of the others
    assert len(town.workspace.calls("reactions.get")) - lookups <= 20


def test_a_stamp_is_forwarded_at_once_and_not_by_a_timer(town: Town) -> None:
    town.start()  # without schedules
    post = town.post()
    town.workspace.faults.add("conversations.history", "hang", times=99)  # no sweep could bring it
    town.workspace.react(YAMADA, NEWS, post, "rotating_light")
    town.wait_for_message(ALERT)


def test_unreacting_leaves_a_trace_and_the_forward_says_so(town: Town) -> None:
    town.start()
    post = town.post()
    town.workspace.react(YAMADA, NEWS, post, "rotating_light")
    town.wait_for_message(ALERT)
    town.workspace.unreact(YAMADA, NEWS, post, "rotating_light")
    [message] = town.wait_for_message(ALERT, "スタンプを外しました")
    assert str(message["text"]).startswith("~")
    assert [entry.kind for entry in town.ledger("withdrawal")] == ["withdrawal"]


def test_a_route_can_say_who_may_alarm_the_ciso(town: Town) -> None:
    town.settle(
        """
[[routes]]
name = "ciso"
reaction = "rotating_light"
to = ["#sec-alert"]
allow = ["S0TEAM"]
"""
    )
    town.start()
    post = town.post()
    town.workspace.react(TANAKA, NEWS, post, "rotating_light")
    [told] = town.workspace.wait_for(lambda: town.workspace.ephemerals(NEWS, TANAKA))
    assert ":rotating_light:" in str(told["text"])
    assert town.workspace.messages(ALERT) == []
    town.workspace.react(YAMADA, NEWS, post, "rotating_light")
    [message] = town.wait_for_message(ALERT)
    assert YAMADA in json.dumps(message)
    assert TANAKA not in json.dumps(message)
    [refusal] = town.ledger("refusal")
    assert json.loads(str(refusal.body))["user"] == TANAKA
