"""The database cannot be written for a while: nothing is lost, people know, and it goes on by itself."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

import pytest

from tests.support.desks import wait
from tests.support.forks import HANG
from tests.support.town import ALERT, NEWS, OPS, TANAKA, YAMADA, Town
from threatstamp.app import outage
from threatstamp.core.errors import StoreError
from threatstamp.desk.views.status import read_status
from threatstamp.store import SqlStore


@contextmanager
def closed_to_writers(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The disk is full: nothing can be written, in this process."""

    def refuse(_: SqlStore) -> NoReturn:
        raise StoreError("database or disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(SqlStore, "_write", refuse)
        yield


def alerts(town: Town) -> str:
    return json.dumps(town.workspace.messages(OPS), ensure_ascii=False)


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outage, "PATIENCE", 0.0)


def test_a_stamp_that_was_refused_at_the_door_is_found_by_a_sweep_that_follows_by_itself(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    town.workspace.sockets.most_attempts = 1  # Slack does not send it again
    town.start()
    post = town.post()
    with closed_to_writers(monkeypatch):
        town.workspace.react(YAMADA, NEWS, post, "rotating_light")
        assert wait(lambda: "書き込めません" in alerts(town), HANG)
    town.wait_for_message(ALERT, YAMADA)
    town.wait_until_quiet()
    assert len(town.workspace.messages(ALERT)) == 1
    assert wait(lambda: "解消しました" in alerts(town), HANG)


def test_status_says_that_the_database_cannot_be_written(town: Town) -> None:
    run = town.start()
    with run.store.reading() as read:
        assert not read_status(read, (), now=run._clock.now(), unwritable="the disk is full").ok


def test_an_event_that_was_kept_but_not_processed_goes_on_when_the_database_can_be_written(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = town.start()
    post = town.post()
    town.workspace.react(YAMADA, NEWS, post, "rotating_light")
    town.wait_for_message(ALERT, YAMADA)
    kept = run.store.keep("EvLate", event(town, post), team="T0TOWN", now=run._clock.now(), lease=3_000.0)
    assert kept is not None
    with closed_to_writers(monkeypatch):
        run.desk.intake.process(kept)
    assert wait(lambda: any(TANAKA in str(one.body) for one in town.ledger("stamp")), HANG)


def event(town: Town, post: str) -> str:
    item = {"type": "message", "channel": NEWS, "ts": post}
    at = town.workspace.new_ts()
    made = {"type": "reaction_added", "user": TANAKA, "reaction": "rotating_light"}
    stamp = {**made, "item": item, "event_ts": at}
    return json.dumps({"event": stamp, "event_id": "EvLate", "team_id": "T0TOWN"})
