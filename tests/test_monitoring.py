"""A running desk as a monitoring service sees it: pages over HTTP, and the heartbeat."""

from __future__ import annotations

import json
import re
import socket
from http.client import HTTPConnection
from pathlib import Path

import pytest

from tests.support.commands import TownWithCommands as Town
from tests.support.commands import open_town_with_commands
from tests.support.desks import wait
from tests.support.feedserver import FeedServer, Page, feed_server
from tests.support.forks import HANG, Forks
from tests.support.town import ALERT, NEWS, OPS, QUICK, YAMADA
from tests.test_outages import closed_to_writers
from threatstamp.app.run import Run, open_run
from threatstamp.config.settings import read_settings
from threatstamp.texts.catalogue import Language, Texts

LISTEN = 'pace = "0s"\nlisten = "127.0.0.1:0"\nmetrics = true'


def ask(run: Run, path: str) -> tuple[int, str]:
    assert run.monitoring.port is not None
    connection = HTTPConnection("127.0.0.1", run.monitoring.port, timeout=HANG)
    connection.request("GET", path)
    answer = connection.getresponse()
    found = answer.status, answer.read().decode()
    connection.close()
    return found


def parts(run: Run, path: str = "/healthz") -> list[str]:
    """Returns what is wrong, by the page; and that its status says the same."""
    status, text = ask(run, path)
    found = [str(one["part"]) for one in json.loads(text)["reasons"]]
    assert (status == 200) == (not found)
    return found


def start(town: Town, top: str = "") -> Run:
    town.settle(slack=LISTEN, top=top)
    return town.start()


def start_with_heart(town: Town, server: FeedServer) -> Run:
    """Starts a desk; returns once its heart has beaten."""
    run = start(town, top=f'heartbeat = "{server.put("/ping", Page(body=b""))}"')
    assert wait(run.monitoring.beat, HANG)
    assert server.asked("/ping")
    return run


def value(page: str, name: str) -> float:
    found = re.search(rf"^threatstamp_{name} (\S+)$", page, re.MULTILINE)
    assert found, name
    return float(found[1])


def test_nothing_listens_unless_the_file_says_so(town: Town) -> None:
    assert town.start().monitoring.port is None


def test_a_desk_that_works_is_well_and_its_numbers_follow_what_happens(town: Town) -> None:
    run = start(town)
    assert parts(run) == []
    assert wait(lambda: parts(run, "/readyz") == [], HANG)
    town.workspace.react(YAMADA, NEWS, town.post(), "rotating_light")
    town.wait_for_message(ALERT, YAMADA)
    town.wait_until_quiet()
    status, page = ask(run, "/metrics")
    assert status == 200
    for name in ("healthy", "connected"):
        assert value(page, name) == 1
    assert value(page, "messages_waiting") == value(page, "messages_undeliverable") == 0
    assert value(page, "ledger_entries_total") == len(town.ledger())
    assert 'threatstamp_last_sweep_time_seconds{channel="C0NEWS"}' in page
    secrets = town.environ.values()
    assert not any(secret in page for secret in secrets)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_dead_loop_is_unhealthy_and_the_heart_stops(town: Town) -> None:
    with feed_server() as server:
        run = start_with_heart(town, server)
        run._polls._act = dies
        run._polls.request()
        assert wait(lambda: parts(run) == ["thread"], HANG)
        assert not run.monitoring.beat()
        assert value(ask(run, "/metrics")[1], "healthy") == 0


def dies() -> None:
    raise SystemExit


def test_a_database_that_is_gone_is_unhealthy_and_said_and_the_heart_stops(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("threatstamp.app.outage.PATIENCE", 0.0)
    with feed_server() as server:
        run = start_with_heart(town, server)
        file = town.folder / "desk.db"
        aside = file.rename(town.folder / "aside.db")
        assert parts(run) == parts(run, "/readyz") == ["file"]
        assert not run.monitoring.beat()
        run._writing.request()
        town.wait_for_message(OPS, "書き込めません", "置き換えられました")
        aside.rename(file)
        assert wait(lambda: parts(run) == [], HANG)


def test_a_database_that_cannot_be_written_is_unhealthy_until_it_can(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = start(town)
    with closed_to_writers(monkeypatch):
        run._writing.request()
        assert wait(lambda: parts(run) == ["database"], HANG)
    assert wait(lambda: parts(run) == [], HANG)


@pytest.mark.thorough
def test_a_line_that_is_down_is_not_ready_at_once_and_unhealthy_after_a_while(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    with feed_server() as server:
        run = start_with_heart(town, server)
        town.workspace.faults.add("apps.connections.open", "status", times=100_000)
        town.workspace.sockets.cut()
        assert wait(lambda: parts(run, "/readyz") == ["connection"], HANG)
        assert parts(run) == []
        assert not run.monitoring.beat()
        monkeypatch.setattr("threatstamp.app.health.CONNECTED_WITHIN", 0.0)
        assert wait(lambda: parts(run) == ["connection"], HANG)
        town.workspace.faults.clear()
        assert wait(lambda: parts(run, "/readyz") == [], HANG)
        assert wait(run.monitoring.beat, HANG)


def test_a_port_that_is_taken_is_a_sentence_and_nothing_is_begun(town: Town) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        place = f"127.0.0.1:{taken.getsockname()[1]}"
        town.settle(slack=f'listen = "{place}"')
        done = town.command("run")
    assert done.returncode == 2
    assert Texts(Language.JA)("config.listen_taken", place=place) in done.stderr
    assert town.workspace.sockets.count == 0


class Still:
    """An engine that never starts anything."""

    def __init__(self, *_: object, **__: object) -> None:
        pass

    def start(self) -> None:
        pass

    def close(self, timeout: float) -> None:
        pass


@pytest.mark.postgres
def test_schedules_that_cease_are_noticed_on_a_server_too(
    pg_url: str, tmp_path: Path, programs: Forks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("threatstamp.app.run.Engine", Still)
    with open_town_with_commands(tmp_path, programs, pg_url) as town:
        settings = read_settings(town.settle(slack=LISTEN))
        run = open_run(settings=settings, secrets=town.secrets, timing=QUICK)
        assert run is not None
        town.runs.append(run)
        run.start()
        assert parts(run) == []
        monkeypatch.setattr("threatstamp.app.health.SCHEDULED_WITHIN", 0.0)
        assert wait(lambda: parts(run) == ["schedule"], HANG)
