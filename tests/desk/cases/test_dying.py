"""Wherever the process dies between two effects: no reminder twice, no answer lost, nothing announced twice."""

from __future__ import annotations

import pytest

from tests.desk.stamps.test_dying import FORWARDS
from tests.support.dying import Life, Stage, Story, die_everywhere
from tests.support.dying_exposure import EXPOSURE
from tests.support.dying_news import BEGIN, DAILY, HOUSE, STORIES
from tests.support.dying_stories import CALL, CASE, CLOCK, PLANNED, policy
from tests.support.dying_tickets import TICKETS
from tests.support.dying_tracks import RAISED, TRACKS
from tests.support.matrix import EVERY
from threatstamp.app.kinds import departings
from threatstamp.core.stamps.route import Track

HERE = {
    "case": CASE,
    "tracks": TRACKS,
    "tickets": TICKETS,
    "raised": RAISED,
    "clock": CLOCK,
    "call": CALL,
    "planned": PLANNED,
    "stories": STORIES,
    "daily": DAILY,
    "house": HOUSE,
    "exposure": EXPOSURE,
}


@pytest.mark.timeout(900)
@pytest.mark.parametrize("name", HERE)
def test_wherever_the_process_dies_everything_is_said_and_recorded_once(name: str) -> None:
    passed = die_everywhere(HERE[name], every=EVERY | 1)
    assert {"post:after", "claim:after", "commit:before", "commit:after"} <= passed


def test_no_way_of_sending_is_left_out() -> None:
    """A new kind of departure belongs into one of the stories, or into a new one."""
    stage = Stage(Life(ends_at=0), policy(Track.PRODUCT), begin=BEGIN)
    told: tuple[Story, ...] = (FORWARDS, *HERE.values())
    assert set(departings(stage.tools)) == set().union(*(one.kinds for one in told))
    stage.store.close()
