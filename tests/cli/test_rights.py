"""What the desk writes is for its owner alone, and `check` says which of its files others can change."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.commands import TownWithCommands as Town
from tests.support.forks import HANG


@pytest.fixture(autouse=True)
def usual_umask() -> Iterator[None]:
    before = os.umask(0o022)
    yield
    os.umask(before)


def rights(folder: Path) -> dict[str, str]:
    return {one.name: oct(one.stat().st_mode & 0o777) for one in folder.iterdir() if one.suffix != ".toml"}


def test_the_database_its_log_and_exports_are_for_their_owner_alone(town: Town) -> None:
    town.settle()
    desk = town.begin("run")
    town.workspace.wait_for(lambda: town.workspace.sockets.count, HANG)
    (town.folder / "out.csv").touch(mode=0o644)
    for form in ("csv", "json"):
        done = town.command("ledger", "export", "--format", form, "--output", f"out.{form}")
        assert done.returncode == 0, done.stderr
    found = rights(town.folder)
    assert {"desk.db", "out.csv", "out.json"} <= found.keys()
    assert set(found.values()) == {"0o600"}, found
    desk.terminate()
    assert desk.wait() == 0


def wrong(town: Town, **environ: Any) -> dict[str, str]:
    checks = json.loads(town.command("check", "--json", **environ).stdout)["checks"]
    return {Path(one["name"]).name: one["fix"] for one in checks if not one["ok"]}


def test_check_says_which_files_others_can_change(town: Town) -> None:
    path = town.settle(routes="", top='routes_file = "routes.csv"')
    sheet, token = town.folder / "routes.csv", town.folder / "token"
    sheet.write_text("reaction,to\nwrench,#server-team\n", encoding="utf-8")
    token.write_text(town.environ["SLACK_BOT_TOKEN"], encoding="utf-8")
    assert town.command("sweep").returncode == 0
    environ: dict[str, Any] = {"SLACK_BOT_TOKEN": "", "SLACK_BOT_TOKEN_FILE": str(token)}
    assert wrong(town, **environ) == {}
    for file in (path, sheet, token, town.folder / "desk.db"):
        file.chmod(0o666)
        found = wrong(town, **environ)
        assert found == {file.name: f"chmod go-w {file}"}
        file.chmod(0o600)
    town.folder.chmod(0o777)
    assert set(wrong(town, **environ)) == {path.name, sheet.name, token.name, "desk.db"}
    town.folder.chmod(0o1777)
    assert wrong(town, **environ) == {}


def test_check_warns_of_a_database_that_others_can_read(town: Town) -> None:
    town.settle()
    assert town.command("sweep").returncode == 0
    (town.folder / "desk.db").chmod(0o644)
    done = town.command("check")
    assert done.returncode == 0, done.stdout
    assert "chmod go-rwx" in done.stdout
