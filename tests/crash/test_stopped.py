"""A process that is stopped past its lease and goes on later must not do its work a second time."""

from __future__ import annotations

import json
import signal
from pathlib import Path

import pytest

from tests.support.desks import Desks, wait
from tests.support.matrix import is_settled
from tests.support.town import ALERT, NEWS, TANAKA, YAMADA, open_town
from threatstamp.desk.record.verify import verify_ledger
from threatstamp.store import open_store


@pytest.mark.postgres
def test_a_message_that_left_after_its_lease_is_taken_back_if_another_one_stands(
    pg_url: str, desks: Desks, tmp_path: Path
) -> None:
    with open_town(tmp_path, pg_url) as town:
        town.settle()
        sleeper = desks.start(town, crash="calls.post:before:1", CRASH_BY="STOP")
        assert sleeper.wait_ready(), sleeper.log.read_text()
        town.workspace.react(YAMADA, NEWS, town.post(), "rotating_light")
        assert wait(sleeper.is_stopped, 60), "the point was not passed"
        other = desks.start(town)
        assert other.wait_ready(), other.log.read_text()
        town.wait_for_message(ALERT)
        sleeper.send(signal.SIGCONT)
        posted = ("chat.postMessage", "ok")
        assert wait(
            lambda: [(one.method, one.answer) for one in town.workspace.calls()].count(posted) == 2, 10
        )
        assert wait(lambda: len(town.workspace.messages(ALERT)) == 1, 60)
        store = open_store(pg_url)
        assert wait(lambda: is_settled(store), 60)
        assert verify_ledger(store).ok
        with store.reading() as read:
            kinds = [one.kind for one in read.ledger.entries()]
        assert (kinds.count("delivered"), kinds.count("double")) == (1, 1)
        store.close()


@pytest.mark.postgres
@pytest.mark.parametrize(
    "point",
    [
        "workspace.post:after:1",
        *(
            pytest.param(point, marks=pytest.mark.thorough)
            for point in (
                "workspace.post:before:1",
                "store.claim:after:1",
                "workspace.edit:before:1",
                "store.commit:after:2",
            )
        ),
    ],
)
def test_stopped_past_its_lease_taken_over_and_continued_one_message_stands(
    point: str, pg_url: str, desks: Desks, tmp_path: Path
) -> None:
    with open_town(tmp_path, pg_url) as town:
        town.settle()
        sleeper = desks.start(town, crash=point, CRASH_BY="STOP")
        assert sleeper.wait_ready(), sleeper.log.read_text()
        post = town.post()
        town.workspace.react(YAMADA, NEWS, post, "rotating_light")
        if "edit" in point:
            town.wait_for_message(ALERT)
            town.workspace.react(TANAKA, NEWS, post, "rotating_light")
        assert wait(sleeper.is_stopped, 60), "the point was not passed"
        other = desks.start(town)
        assert other.wait_ready(), other.log.read_text()
        if "edit" not in point:
            town.wait_for_message(ALERT)
            town.workspace.react(TANAKA, NEWS, post, "rotating_light")
        town.wait_for_message(ALERT, YAMADA, TANAKA)
        sleeper.send(signal.SIGCONT)
        store = open_store(pg_url)
        third = town.post("次の記事", "https://news.example/3")
        town.workspace.react(
            YAMADA, NEWS, third, "rotating_light"
        )  # whoever takes it, both are at work again
        town.wait_for_message(ALERT, "次の記事", count=2)
        assert wait(lambda: is_settled(store), 60)
        assert sleeper.is_alive()
        messages = town.workspace.messages(ALERT)
        shown = [(one["ts"], one["metadata"], str(one["text"])[:60]) for one in messages]
        calls = [
            (call.at, call.method, call.answer)
            for call in town.workspace.calls()
            if call.method in ("chat.postMessage", "conversations.history")
        ]
        assert len(messages) == 2, f"{shown}\n{calls}\n{sleeper.log.read_text()}\n{other.log.read_text()}"
        first = json.dumps(messages[0])
        assert YAMADA in first
        assert TANAKA in first
        assert verify_ledger(store).ok
        with store.reading() as read:
            assert len(list(read.ledger.entries(kind="delivered"))) == 2
        store.close()
