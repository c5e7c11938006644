"""compose.postgres.yaml played by processes: a real PostgreSQL, and two workers with its commands and variables.

What an engine adds (the image, networks, limits) is played by `make image-test`.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from tools.clean_root import steps

from tests.docs.pages import PROJECT
from tests.support.commands import PROGRAM
from tests.support.commands import TownWithCommands as Town
from tests.support.desks import wait
from tests.support.forks import HANG, Forked
from tests.support.postgres import Server
from tests.support.town import ALERT, NEWS, YAMADA

yaml: Any = pytest.importorskip("yaml")

FILE = PROJECT / "compose.postgres.yaml"
PASSWORD = "0b5f27c1"
OF_THE_IMAGE = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8"}


@dataclass
class Worker:
    """One of the replicas; its port stands for that of the image, which each container has to itself."""

    town: Town
    environ: Mapping[str, str]
    port: int
    processes: list[Forked] = field(default_factory=list)

    def start(self) -> None:
        [words] = (json.loads(said) for step, said in steps(PROJECT) if step == "CMD")
        self.processes.append(self.begin(*(word.replace(":3000", f":{self.port}") for word in words)))

    def begin(self, *words: str) -> Forked:
        assert self.town.forks is not None
        return self.town.forks.start(PROGRAM, *words, cwd=self.town.folder, environ=self.environ)

    @property
    def log(self) -> str:
        return self.processes[-1].err()

    def is_healthy(self) -> bool:
        """Waits until the image's own health check says so; False if it ended."""
        return wait(lambda: self._is_healthy() or self.processes[-1].poll() is not None, HANG) and (
            self._is_healthy()
        )

    def _is_healthy(self) -> bool:
        [said] = (said for step, said in steps(PROJECT) if step == "HEALTHCHECK")
        code = json.loads(said.partition(" CMD ")[2])[-1].replace("3000", str(self.port))
        return subprocess.run([sys.executable, "-c", code], capture_output=True, check=False).returncode == 0

    def kill(self) -> None:
        os.kill(self.processes[-1].pid, signal.SIGKILL)
        assert self.processes[-1].wait() == -signal.SIGKILL

    def stop(self) -> None:
        """Ends it as an engine does; it has to close in order, before its own guard cuts it off."""
        self.processes[-1].terminate()
        assert self.processes[-1].wait() == 0, self.log
        assert self.log.rstrip().endswith(" ended"), self.log


@pytest.fixture
def turn(pg_server: Server) -> Iterator[None]:
    """One test at a time: all workers of a run have one server, and the file's role and database are there once."""
    with Path(pg_server.url.partition("?host=")[2], "turn.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@pytest.fixture
def database(pg_server: Server, turn: None) -> Iterator[str]:
    """The service `database` of the file, where whoever has no password is refused; yields its address."""
    import psycopg

    services = yaml.safe_load(FILE.read_text(encoding="utf-8"))["services"]
    there = services["database"]["environment"]
    user, name = there["POSTGRES_USER"], there["POSTGRES_DB"]
    with psycopg.connect(pg_server.url, autocommit=True) as connection:
        row = connection.execute("SHOW hba_file").fetchone()
        assert row is not None
        rules = Path(row[0])
        before = rules.read_text(encoding="utf-8")
        rules.write_text(f"local {name} {user} scram-sha-256\n{before}", encoding="utf-8")
        connection.execute("SELECT pg_reload_conf()")
        connection.execute(f"CREATE ROLE {user} LOGIN PASSWORD '{PASSWORD}'")
        connection.execute(f"CREATE DATABASE {name} OWNER {user}")
    line = re.search(r'database = "([^"]+)"', FILE.read_text(encoding="utf-8"))
    assert line
    yield line[1].replace("@database/", "@/") + "?" + pg_server.url.partition("?")[2]
    with psycopg.connect(pg_server.url, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
        connection.execute(f"DROP ROLE {user}")
        rules.write_text(before, encoding="utf-8")
        connection.execute("SELECT pg_reload_conf()")


@pytest.fixture
def workers(town: Town, database: str) -> list[Worker]:
    desk = yaml.safe_load(FILE.read_text(encoding="utf-8"))["services"]["desk"]
    secrets = town.folder / "secrets"
    secrets.mkdir(mode=0o700)
    for name, token in town.environ.items():
        (secrets / name.lower()).write_text(f"{token}\n", encoding="utf-8")
    environ = {
        name: value.replace("/run/secrets", str(secrets)).replace("${POSTGRES_PASSWORD}", PASSWORD)
        for name, value in desk["environment"].items()
    }
    environ = {**OF_THE_IMAGE, "HOME": str(town.folder), **environ}
    town.database = database
    town.settle()
    return [Worker(town, environ, _free_port()) for _ in range(desk["deploy"]["replicas"])]


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
    return port


def stamp(town: Town, number: int) -> None:
    post = town.post(f"記事{number}", f"https://news.example/{number}")
    town.workspace.react(YAMADA, NEWS, post, "rotating_light")


@pytest.mark.postgres
@pytest.mark.thorough
def test_two_workers_start_on_an_empty_database_and_one_takes_over_from_the_other(
    town: Town, workers: list[Worker]
) -> None:
    one, other = workers
    assert one.begin("check").wait() == 0
    for worker in workers:  # at the same moment, and both would make the tables
        worker.start()
    assert all(worker.is_healthy() for worker in workers), one.log + other.log
    assert wait(lambda: town.workspace.sockets.count == 2, HANG)
    stamp(town, 1)
    town.wait_for_message(ALERT, "記事1")

    other.stop()
    assert one.is_healthy()
    town.workspace.faults.add("chat.postMessage", "hang", channel=ALERT, times=2)
    stamp(town, 2)
    town.wait_for_fault(times=2)
    other.start()
    assert other.is_healthy(), other.log
    one.kill()  # in mid-delivery
    town.workspace.faults.clear()
    town.wait_for_message(ALERT, "記事2", count=2)

    one.start()  # restart: unless-stopped
    assert one.is_healthy(), one.log
    stamp(town, 3)
    town.wait_for_message(ALERT, "記事3", count=3)
    assert wait(lambda: one.begin("status").wait() == 0, HANG)
    for worker in workers:
        worker.stop()
    assert len(town.workspace.messages(ALERT)) == 3
    assert one.begin("ledger", "verify", "--records").wait() == 0


@pytest.mark.postgres
@pytest.mark.thorough
def test_without_the_password_nothing_is_to_be_had(workers: list[Worker]) -> None:
    worker = workers[0]
    worker.environ = {**worker.environ, "PGPASSWORD": "another"}
    ended = worker.begin("check")
    assert ended.wait() == 1
    assert PASSWORD not in ended.out() + ended.err()
