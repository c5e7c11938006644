"""Signs of life are read whichever version of the program wrote them."""

from __future__ import annotations

import json

from tests.support.times import S, at
from threatstamp.core import signs
from threatstamp.core.time import Micros
from threatstamp.desk.views.running import ALIVE, GONE, Running, read_running

JUST_NOW = at(9)
OURS = Running(
    holder="host:1:a",
    version="1.0",
    started_at=at(1),
    connected=True,
    connections=2,
    error="",
    last_event_at=at(3),
)


def running(*written: str, written_at: Micros = JUST_NOW) -> tuple[Running, ...]:
    """Returns the live processes at second 10, of which each has written one of these."""
    found = {f"{signs.RUN}{number}": (text, written_at) for number, text in enumerate(written)}
    return read_running(found, now=at(10))


def test_a_sign_of_life_is_read_as_it_was_written() -> None:
    assert running(OURS.write()) == (OURS,)


def test_a_process_that_ended_or_has_been_silent_for_a_minute_is_not_running() -> None:
    assert running(GONE) == ()
    assert running(OURS.write(), written_at=Micros(10 * S - ALIVE)) == ()


def test_what_a_newer_version_says_beyond_ours_is_ignored() -> None:
    newer = {**json.loads(OURS.write()), "workers": 3, "mood": {"good": True}}
    assert running(json.dumps(newer)) == (OURS,)


def test_what_an_older_version_does_not_say_counts_as_unknown() -> None:
    older = {"holder": "host:1:a", "started_at": at(1), "connected": True}
    assert running(json.dumps(older)) == (Running(holder="host:1:a", started_at=at(1), connected=True),)


def test_a_sign_that_does_not_say_who_wrote_it_or_since_when_is_left_out_and_the_others_are_read() -> None:
    body = json.loads(OURS.write())
    nameless = {name: value for name, value in body.items() if name != "holder"}
    timeless = {name: value for name, value in body.items() if name != "started_at"}
    for odd in (json.dumps(nameless), json.dumps(timeless), "", "no JSON", "[]", "5"):
        assert running(odd, OURS.write()) == (OURS,)
