"""A delivery is interrupted: whatever the clock and Slack's limits did meanwhile, one message is there in the end."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.commands import TownWithCommands as Town
from tests.support.commands import open_town_with_commands
from tests.support.desks import wait
from tests.support.forks import HANG, Forks
from tests.support.town import ALERT, NEWS, SATO, YAMADA
from threatstamp.app import clock
from threatstamp.core.time import SECOND, Micros

pytestmark = pytest.mark.thorough("postgres")


@pytest.fixture
def town(store_url: str, tmp_path: Path, programs: Forks) -> Iterator[Town]:
    """A town on each kind of database."""
    with open_town_with_commands(tmp_path, programs, store_url) as made:
        yield made


def test_a_search_ends_although_slack_grants_fifteen_messages_a_call(town: Town) -> None:
    town.start()
    town.workspace.faults.add(
        "chat.postMessage", "late", channel=ALERT
    )  # accepted, but no answer comes in time
    post = town.post("記事1", "https://n.example/1")
    town.workspace.react(YAMADA, NEWS, post, "rotating_light")
    town.workspace.wait_for(lambda: town.workspace.messages(ALERT))
    for number in range(70):
        town.workspace.post(ALERT, f"話 {number}", user=SATO)
    town.workspace.limits.small_period = 0.2
    town.workspace.limits.small_pages = True
    town.wait_until_quiet()
    ours = [one for one in town.workspace.messages(ALERT) if "記事1" in json.dumps(one, ensure_ascii=False)]
    assert len(ours) == 1


@pytest.mark.parametrize(
    "ahead", [200, *(pytest.param(one, marks=pytest.mark.thorough) for one in (-200, 1_800))]
)
def test_a_host_whose_clock_was_wrong_and_is_set_right_doubles_nothing_and_holds_nothing_up(
    town: Town, monkeypatch: pytest.MonkeyPatch, ahead: int
) -> None:
    right = clock.host_time
    monkeypatch.setattr(clock, "host_time", lambda: Micros(right() + ahead * SECOND))
    run = town.start()
    town.workspace.faults.add("chat.postMessage", "hold", channel=ALERT)  # accepted, and never answered
    post = town.post("記事1", "https://n.example/1")
    town.workspace.react(YAMADA, NEWS, post, "rotating_light")
    town.workspace.wait_for(lambda: town.workspace.messages(ALERT))
    assert run._clock.host_ahead == pytest.approx(ahead, abs=2)
    town.stop()
    monkeypatch.setattr(clock, "host_time", right)
    town.start()
    town.wait_until_quiet()
    town.workspace.react(YAMADA, NEWS, town.post("記事2", "https://n.example/2"), "rotating_light")
    town.wait_for_message(ALERT, "記事2", count=2)
    ours = [one for one in town.workspace.messages(ALERT) if "記事1" in json.dumps(one, ensure_ascii=False)]
    assert len(ours) == 1


def test_a_recount_makes_the_connection_anew_and_nothing_else(town: Town) -> None:
    run = town.start()
    state = run.vitals.socket
    assert state is not None
    run._line.recount()
    assert wait(lambda: run.vitals.socket is not None and run.vitals.socket.counted > state.counted, HANG)
    assert wait(lambda: town.workspace.sockets.count == 1, HANG)
    town.workspace.react(YAMADA, NEWS, town.post(), "rotating_light")
    town.wait_for_message(ALERT, "製品X")
