"""Once a day: texts whose time is over are emptied, and the ledger's head is said where nobody can change it."""

from __future__ import annotations

import json
import re
from contextlib import closing

import pytest

from tests.support.commands import TownWithCommands as Town
from tests.support.town import ALERT, NEWS, OPS, YAMADA
from threatstamp.core import signs
from threatstamp.core.time import Micros, later
from threatstamp.store import open_store

YEAR = 365 * 86_400.0


def test_a_year_later_the_text_is_gone_and_the_record_holds_against_the_head_that_slack_has(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    town.settle(sources='keep = "365d"')
    run = town.start()
    assert run.desk.tools.policy.keep == {NEWS: YEAR}
    town.workspace.react(YAMADA, NEWS, town.post(), "rotating_light")
    town.wait_for_message(ALERT, "製品X")
    town.wait_until_quiet()
    run.desk.tidy()
    assert "製品X" in str(town.ledger("post")[0].body)

    def a_year_later(now: Micros, seconds: float) -> Micros:
        return later(now, seconds + YEAR + 1)

    monkeypatch.setattr("threatstamp.desk.record.retain.later", a_year_later)
    run.desk.tidy()
    assert [one.body for one in town.ledger("post")] == [None]
    assert town.ledger("stamp")[0].body
    said = json.dumps(town.wait_for_message(OPS, "--expect"), ensure_ascii=False)
    head = re.findall(r"\b[0-9a-f]{64}\b", said)[0]
    town.stop()
    done = town.command("ledger", "verify", "--records", "--expect", head)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_desk_that_only_cron_runs_does_so_too_and_once_a_day(town: Town) -> None:
    town.settle()
    for _ in range(2):
        assert town.command("sweep").returncode == 0
    heads = [one for one in town.workspace.messages(OPS) if "--expect" in json.dumps(one)]
    assert len(heads) == 1
    with closing(open_store(town.database)) as store, store.reading() as read:
        assert read.vitals.get(signs.TIDIED) is not None
