"""`docs/operations.md` answers the questions of the night with commands: here they are run as printed."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.docs.pages import PROJECT, rows_of
from tests.support.commands import TownWithCommands as Town
from tests.support.desks import wait
from tests.support.forks import HANG, Forked
from tests.support.town import ALERT, NEWS, SERVERS, TANAKA, YAMADA

DOCS, DEPLOY = PROJECT / "docs", PROJECT / "deploy"
PAGES = (DOCS / "operations.md", DOCS / "operations.ja.md")
QUESTIONS = [str(number) for number in range(1, 13)]
NOT_RUN = ("journalctl", "scp", "/opt/threatstamp/bin/pip")
PLAIN = ("cp", "df", "ls", "mkdir", "mv", "sed")


def blocks(page: Path, kind: str, heading: str = "") -> list[list[str]]:
    """Returns the lines of a page's code blocks of a kind, without comments; those below a heading, or all."""
    text = page.read_text(encoding="utf-8")
    if heading:
        text = text.partition(f"\n## {heading}")[2].partition("\n## ")[0]
    found = re.findall(rf"^```{kind}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    return [[re.sub(r" +# .*", "", line) for line in block.splitlines()] for block in found]


def commands(number: str) -> list[list[str]]:
    return blocks(PAGES[0], "sh", f"{number}. ")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_twelve_questions_are_asked_and_each_is_answered_by_commands(page: Path) -> None:
    asked = re.findall(r"^## (\d+)\. .+\n\n", page.read_text(encoding="utf-8"), re.MULTILINE)
    assert asked == QUESTIONS
    assert all(blocks(page, "sh", f"{number}. ") for number in asked)


def test_both_pages_have_the_same_commands_and_tables() -> None:
    assert blocks(PAGES[0], "sh") == blocks(PAGES[1], "sh")
    for english, japanese in (("in the record", "記録にあるもの"), ("safe", "安全")):
        assert len(rows_of(PAGES[0], english)) == len(rows_of(PAGES[1], japanese))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
@pytest.mark.parametrize("name", ["threatstamp.service", "environment", "threatstamp", "threatstamp.cron"])
def test_what_is_deployed_is_printed_on_the_page(name: str, page: Path) -> None:
    assert f"\n{(DEPLOY / name).read_text(encoding='utf-8')}```" in page.read_text(encoding="utf-8")


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not there")
def test_systemd_accepts_the_unit(tmp_path: Path) -> None:
    unit = tmp_path / "threatstamp.service"
    text = (DEPLOY / unit.name).read_text(encoding="utf-8")
    unit.write_text(text.replace("/opt/threatstamp/bin/threatstamp", "/bin/true"), encoding="utf-8")
    done = subprocess.run(["systemd-analyze", "verify", unit], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


@dataclass
class Machine:
    """A machine on which the desk is a service, played in a town."""

    town: Town
    service: Forked | None = None
    out: str = ""
    arrive: Callable[[], object] = lambda: None
    """Happens when files are copied to another machine."""

    def __post_init__(self) -> None:
        for name in ("lib", "backups", "etc"):
            (self.town.folder / name).mkdir()
        self.town.database = f"sqlite:///{self.town.folder}/lib/threatstamp.db"
        shutil.move(self.town.settle(), self.town.folder / "etc")

    def answer(self, number: str, block: int = 0) -> list[int]:
        """Runs the commands that answer a question; returns their exit codes, without those that are not run."""
        codes = [self.do(line) for line in commands(number)[block]]
        return [code for code in codes if code is not None]

    def do(self, line: str) -> int | None:
        """Runs a line of the page; returns its exit code, None for what is not run here."""
        for theirs, ours in (("/var/lib/threatstamp", "lib"), ("/var/backups/threatstamp", "backups")):
            line = line.replace(theirs, str(self.town.folder / ours))
        line = line.replace("/etc/threatstamp", str(self.town.folder / "etc"))
        program, *args = shlex.split(line)
        if program == "threatstamp":
            done = self.town.command("--config", "etc/threatstamp.toml", *args)
            self.out = done.stdout + done.stderr
            return done.returncode
        if program == "systemctl":
            return self.systemctl(args)
        if program in PLAIN:
            return subprocess.run(
                ["sh", "-c", line], cwd=self.town.folder, stdout=subprocess.DEVNULL
            ).returncode
        assert program in NOT_RUN, line
        if program == "scp":
            self.arrive()
        return None

    def systemctl(self, args: list[str]) -> int:
        assert args[-1] == "threatstamp"
        action = args[0]
        if action in ("stop", "restart", "disable"):
            assert self.service is not None
            self.service.terminate()
            assert self.service.wait() == 0
            self.service = None
            self.town.workspace.wait_for(lambda: self.town.workspace.sockets.count == 0)
        if action in ("start", "restart", "enable"):
            self.service = self.town.begin("--config", "etc/threatstamp.toml", "run")
            connected = wait(lambda: self.town.workspace.sockets.count and self.service.poll() is None, HANG)
            assert connected, self.service.err()
            assert wait(lambda: self.do("threatstamp status") == 0, HANG), self.out
        return 0

    def stamp(self, number: int, emoji: str = "rotating_light", user: str = YAMADA) -> str:
        """Somebody stamps a new post; returns its ts."""
        ts = self.town.post(link=f"https://news.example/{number}")
        self.town.workspace.react(user, NEWS, ts, emoji)
        return ts


@pytest.fixture
def machine(town: Town) -> Machine:
    return Machine(town)


def well(codes: list[int]) -> bool:
    return bool(codes) and not any(codes)


@pytest.mark.thorough
def test_the_night_is_answered_by_the_commands_of_the_page(machine: Machine) -> None:
    """Questions 1 to 6: what waits, is missing, or came back."""
    town, faults = machine.town, machine.town.workspace.faults
    machine.stamp(0)  # before the desk first looks
    machine.do("systemctl start threatstamp")
    assert well(machine.answer("1"))

    for name, channel in (("wrench", SERVERS), ("rotating_light", ALERT)):
        faults.add("chat.postMessage", "error", channel=channel, times=1, error="is_archived")
        machine.stamp(1, name)
    assert wait(lambda: machine.do("threatstamp status") == 1 and machine.out.count("retry") == 2, HANG)
    status, check, first, every = machine.answer("2")
    assert (status, check, first, every) == (1, 0, 0, 0)
    town.wait_for_message(SERVERS)
    town.wait_for_message(ALERT)
    assert wait(lambda: machine.do("threatstamp status") == 0, HANG)

    assert well(machine.answer("3"))
    town.wait_for_message(ALERT, "news.example/0", count=2)
    assert well(machine.answer("4"))

    before = town.workspace.app.bot_token
    town.workspace.app.bot_token = "xoxb-0123456789-NEW"
    token = town.folder / "etc" / "bot"
    token.write_text(before, encoding="utf-8")
    (town.folder / "bot.new").write_text(town.workspace.app.bot_token, encoding="utf-8")
    assert well(machine.answer("5"))
    assert token.read_text(encoding="utf-8") == town.workspace.app.bot_token
    assert well(machine.answer("6"))
    assert len(town.workspace.messages(ALERT)) == 2


@pytest.mark.thorough
def test_a_desk_is_restored_upgraded_taken_back_moved_and_shown(machine: Machine) -> None:
    """Questions 7 to 9, 11 and 12: nothing is lost, nothing is sent twice."""
    town = machine.town
    machine.do("systemctl start threatstamp")
    machine.stamp(1)
    town.wait_for_message(ALERT)
    assert machine.do("threatstamp backup /var/backups/threatstamp/threatstamp-2026-11-25.db") == 0
    machine.stamp(2, user=TANAKA)
    town.wait_for_message(ALERT, count=2)
    assert well(machine.answer("7"))
    assert well(machine.answer("8"))
    machine.stamp(3)
    town.wait_for_message(ALERT, count=3)
    assert well(machine.answer("8", 1))

    machine.arrive = lambda: shutil.move(town.folder / "lib", town.folder / "of the old machine")
    assert well(machine.answer("9"))
    (town.folder / "lib").mkdir()
    assert well(machine.answer("9", 1))
    machine.stamp(4)
    town.wait_for_message(ALERT, count=4)
    assert len(town.workspace.messages(ALERT)) == 4

    redact, verify = commands("11")[0]
    assert TANAKA in redact
    assert machine.do(redact) == 2  # it asks, and nobody is there to answer
    assert machine.do(f"{redact} --yes") == 0
    assert machine.do(verify) == 0
    assert well(machine.answer("12"))
    assert TANAKA not in (town.folder / "backups" / "record.json").read_text(encoding="utf-8")


@pytest.mark.postgres
@pytest.mark.thorough
def test_a_desk_moves_to_postgresql_and_forwards_nothing_again(machine: Machine, bare_pg_url: str) -> None:
    town = machine.town
    machine.do("systemctl start threatstamp")
    machine.stamp(1)
    town.wait_for_message(ALERT)
    for line in commands("10")[0]:
        assert (
            machine.do(line.replace("postgresql://threatstamp@db.example/threatstamp", bare_pg_url)) == 0
        ), line
    machine.stamp(2)
    town.wait_for_message(ALERT, count=2)
    assert len(town.workspace.messages(ALERT)) == 2
    assert bare_pg_url in (town.folder / "etc" / "threatstamp.toml").read_text(encoding="utf-8")


def test_the_lines_of_cron_do_what_their_comments_say(machine: Machine) -> None:
    """A % ends a command in cron unless it has a backslash: https://manpages.debian.org/crontab.5"""
    machine.town.command("--config", "etc/threatstamp.toml", "sweep")
    (machine.town.folder / "threatstamp").write_text(
        '#!/bin/sh\necho "$@" >> called\n[ "$1" = status ] && exit 1 || exit 0\n', encoding="utf-8"
    )
    (machine.town.folder / "threatstamp").chmod(0o755)
    lines = (DEPLOY / "threatstamp.cron").read_text(encoding="utf-8").splitlines()
    jobs = [line.removeprefix("#") for line in lines if re.match(r"#?[\d*]", line)]
    for job in jobs:
        *when, user, command = job.split(maxsplit=6)
        assert len(when) == 5
        assert user == "root"
        assert not re.search(r"(?<!\\)%", command)
        words = command.replace("\\%", "%").replace("/var/backups/threatstamp", "backups")
        path = f"{machine.town.folder}:/usr/bin:/bin"
        subprocess.run(["sh", "-c", words], cwd=machine.town.folder, env={"PATH": path}, check=False)
    called = (machine.town.folder / "called").read_text(encoding="utf-8").splitlines()
    assert re.fullmatch(r"backup backups/threatstamp-\d{4}-\d\d-\d\d\.db", called[0])
    rest = ["status", "status", "ledger verify --records", "poll --respect-backoff", "sweep"]
    assert called[1:] == rest
    for words in called:
        assert machine.do(f"threatstamp {words}") == (1 if words == "status" else 0), machine.out
