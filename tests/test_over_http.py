"""Desks that Slack tells its events over HTTP, and desks that take none and help."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.support.commands import TownWithCommands as Town
from tests.support.desks import wait
from tests.support.forks import HANG
from tests.support.town import ALERT, NEWS, OPS, YAMADA
from tests.test_outages import closed_to_writers
from threatstamp.app.run import Run

OVER_HTTP = 'pace = "0s"\nmode = "http"\nlisten = "127.0.0.1:0"'


def start(town: Town) -> Run:
    town.settle(slack=OVER_HTTP)
    return town.start()


def sent_twice(town: Town) -> list[int]:
    """Returns the answers to events that were posted twice."""
    answers = town.workspace.requests.answers
    times = Counter(event for event, _ in answers)
    return [status for event, status in answers if times[event] == 2]


def test_a_stamp_is_forwarded_once_although_its_request_was_lost_late_or_not_answered(town: Town) -> None:
    run = start(town)
    assert town.workspace.sockets.count == 0
    town.workspace.requests.retries = (0.0, 0.1, 0.1)
    for number, fault in enumerate(("unreached", "unanswered", "slow"), 1):
        post = town.post(f"記事{number}", f"https://news.example/{number}")
        town.workspace.faults.requests(fault, event="reaction_added")
        town.workspace.react(YAMADA, NEWS, post, "rotating_light")
        town.wait_for_message(ALERT, f"記事{number}", count=number)
    assert town.workspace.wait_for(lambda: len(sent_twice(town)) == 4)
    town.wait_until_quiet()
    assert {status for _, status in town.workspace.requests.answers} == {200}
    assert len(town.ledger("stamp")) == len(town.ledger("delivered")) == 3
    assert len(town.workspace.messages(ALERT)) == 3
    assert run.health.unready() == ()


def test_an_event_that_cannot_be_kept_is_not_acknowledged_and_comes_again(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    start(town)
    requests = town.workspace.requests
    requests.retries = (0.0, 0.1, 600.0)
    post = town.post()
    with closed_to_writers(monkeypatch):
        town.workspace.react(YAMADA, NEWS, post, "rotating_light")
        town.workspace.wait_for(lambda: [status for _, status in requests.answers].count(503) == 3, HANG)
    town.wait_for_message(ALERT, YAMADA)  # the end of the outage is followed by a sweep
    town.wait_until_quiet()
    assert len(town.ledger("stamp")) == len(town.ledger("delivered")) == 1


def test_nothing_but_a_signed_request_is_believed(town: Town) -> None:
    run = start(town)
    requests, port = town.workspace.requests, run.monitoring.port
    before = town.ledger()
    town.workspace.app.signing_secret = "another"
    town.workspace.react(YAMADA, NEWS, town.post(), "rotating_light")
    town.workspace.wait_for(lambda: [status for _, status in requests.answers].count(401) >= 2, HANG)
    assert requests.post(f"http://127.0.0.1:{port}/slack/interactions", b"payload={}")[0] == 401
    town.wait_until_quiet()
    assert town.ledger() == before
    assert town.workspace.messages(ALERT) == []


def test_check_and_status_speak_of_http_and_run_needs_its_secret_and_no_app_token(town: Town) -> None:
    town.settle(slack=OVER_HTTP)
    refused = town.command("run", SLACK_APP_TOKEN="", SLACK_SIGNING_SECRET="")
    assert (refused.returncode, "SLACK_SIGNING_SECRET" in refused.stderr) == (2, True)
    assert "SLACK_APP_TOKEN" not in refused.stderr
    assert "App Credentials" in town.command("check", SLACK_SIGNING_SECRET="").stdout
    checked = town.command("check", SLACK_APP_TOKEN="")
    assert (checked.returncode, "SLACK_SIGNING_SECRET" in checked.stdout) == (0, True), checked.stdout
    town.start()
    assert wait(lambda: "HTTPでイベントを待ち受け中" in town.command("status").stdout, HANG)
    assert wait(lambda: town.command("status").returncode == 0, HANG)
    secrets = set(town.environ.values())
    page = town.command("handover").stdout
    assert "SLACK_SIGNING_SECRET" in page
    assert not any(secret in page for secret in secrets)


@pytest.mark.postgres
@pytest.mark.parametrize("slack", ['pace = "0s"', OVER_HTTP])
def test_a_worker_without_events_delivers_what_another_took_and_could_not(
    slack: str, town: Town, pg_url: str
) -> None:
    town.database = pg_url
    town.settle(slack=slack)
    taking = town.start()
    taking.desk.couriers.close(HANG)  # it records, and delivers nothing any more
    helper = town.start(events=False)
    town.workspace.react(YAMADA, NEWS, town.post(), "rotating_light")
    town.wait_for_message(ALERT, YAMADA)
    town.wait_until_quiet()
    assert len(town.ledger("delivered")) == 1
    assert helper.health.unready() == ()
    assert wait(lambda: town.command("status").returncode == 0, HANG)  # it writes down that it is connected
    assert town.workspace.messages(OPS) == []
    taking.close()
    town.runs.remove(taking)
    alone = town.command("status")
    assert (alone.returncode, "手伝い中" in alone.stdout) == (1, True)
