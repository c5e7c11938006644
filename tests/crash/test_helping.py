"""A worker that takes no events ends what another one had begun when it died."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.desks import Desks, wait
from tests.support.matrix import is_settled
from tests.support.town import ALERT, NEWS, YAMADA, Town, open_town
from threatstamp.app.run import TICK
from threatstamp.core.time import SECOND
from threatstamp.desk.ports.time import Timing
from threatstamp.desk.record.verify import verify_ledger
from threatstamp.desk.views.running import ALIVE
from threatstamp.store import open_store


def over_the_socket(town: Town) -> None:
    town.settle()
    town.workspace.sockets.most_attempts = 1


def over_http(town: Town) -> None:
    town.settle_over_http()
    town.workspace.requests.retries = ()


@pytest.mark.postgres
@pytest.mark.parametrize(
    ("settle", "point"),
    [
        (over_http, "store.keep:after:1"),
        pytest.param(over_the_socket, "store.keep:after:1", marks=pytest.mark.thorough),
        pytest.param(over_http, "workspace.post:before:1", marks=pytest.mark.thorough),
        pytest.param(over_the_socket, "workspace.post:after:1", marks=pytest.mark.thorough),
    ],
)
def test_what_a_dead_worker_had_kept_or_claimed_is_done_once_by_one_without_events(
    settle: Callable[[Town], None], point: str, pg_url: str, desks: Desks, tmp_path: Path
) -> None:
    with open_town(tmp_path, pg_url) as town:
        settle(town)
        dying = desks.start(town, crash=point)
        assert dying.wait_ready(), dying.log.read_text()
        town.workspace.react(YAMADA, NEWS, town.post(), "rotating_light")  # Slack sends it once
        assert wait(lambda: not dying.is_alive(), 60), "the point was not passed"
        helper = desks.start(town, EVENTS="none")  # before that it might deliver in the other's place
        assert helper.wait_ready(), helper.log.read_text()
        assert wait(lambda: town.workspace.messages(ALERT), 60), helper.log.read_text()
        store = open_store(pg_url)
        assert wait(lambda: is_settled(store), 60)
        assert len(town.workspace.messages(ALERT)) == 1
        assert verify_ledger(store).ok
        with store.reading() as read:
            assert len(list(read.ledger.entries(kind="delivered"))) == 1
        store.close()


def test_every_claim_of_a_dead_worker_ends_in_time_for_another_one_within_a_minute() -> None:
    timing = Timing()
    assert timing.lease + timing.scan + timing.settling + timing.timeout < 60
    assert timing.event_lease + TICK + timing.timeout < 60
    assert timing.feed_lease < 60
    assert ALIVE / SECOND <= 60
