"""The tokens of the environment leave the desk on no way, whatever goes wrong and whoever repeats them."""

from __future__ import annotations

from pathlib import Path

from tests.support.commands import TownWithCommands as Town
from tests.support.desks import wait
from tests.support.forks import HANG
from tests.support.town import ALERT, NEWS, OPS, SERVERS, YAMADA

BOT, APP = "xoxb-PLANTED-0123456789", "xapp-1-PLANTED-9876543210"
COMMANDS = (
    ("check",),
    ("check", "--json"),
    ("status",),
    ("status", "--json"),
    ("poll",),
    ("sweep",),
    ("ledger", "list"),
    ("ledger", "export", "--format", "csv"),
    ("ledger", "export", "--format", "json"),
)


def plant(town: Town) -> None:
    """Gives the workspace tokens that are easily found again; `town.environ` has them from then on."""
    town.workspace.app.bot_token, town.workspace.app.app_token = BOT, APP


def said_by_commands(town: Town) -> str:
    """Runs every command that displays or exports something, as talkative as it can be."""
    done = [town.command(*command, THREATSTAMP_LOG="DEBUG") for command in COMMANDS]
    return "".join(one.stdout + one.stderr for one in done)


def files_below(folder: Path) -> bytes:
    """Returns all that the desk wrote into files: the database with its log, copies, exports."""
    return b"".join(file.read_bytes() for file in folder.rglob("*") if file.is_file())


def test_a_server_that_repeats_our_token_in_its_errors_makes_nobody_say_it(town: Town) -> None:
    plant(town)
    town.settle()
    desk = town.begin("run", environ={"THREATSTAMP_LOG": "DEBUG"})
    town.workspace.wait_for(lambda: town.workspace.sockets.count, HANG)
    faults = town.workspace.faults
    faults.add("chat.postMessage", "error", channel=SERVERS, times=1, error=BOT)
    faults.add("chat.postMessage", "error", channel=ALERT, times=1, error="not_in_channel")
    faults.add("conversations.history", "error", times=2, error=APP)
    for emoji in ("rotating_light", "wrench"):
        town.workspace.react(YAMADA, NEWS, town.post(), emoji)
    town.wait_for_message(OPS, "not_in_channel")
    town.wait_for_message(SERVERS)
    said = said_by_commands(town)
    desk.terminate()
    assert desk.wait() == 0
    alerts = str(town.workspace.everything(OPS))
    for where in (said, desk.out() + desk.err(), alerts, files_below(town.folder).decode(errors="replace")):
        assert where
        assert "PLANTED" not in where


def test_tokens_that_slack_refuses_are_not_said(town: Town) -> None:
    town.settle()
    assert town.command("sweep").returncode == 0
    wrong = {"SLACK_BOT_TOKEN": BOT, "SLACK_APP_TOKEN": APP, "THREATSTAMP_LOG": "DEBUG"}
    said = ""
    for command in COMMANDS:
        done = town.begin(*command, environ=wrong)
        done.wait()
        said += done.out() + done.err()
    desk = town.begin("run", environ={**wrong, "SLACK_BOT_TOKEN": town.workspace.app.bot_token})
    assert wait(lambda: "SLACK_APP_TOKEN" in desk.err(), HANG)
    desk.terminate()
    assert desk.wait() == 0
    assert "SLACK_BOT_TOKEN" in said
    assert "PLANTED" not in said + desk.out() + desk.err()


def test_a_token_in_the_wrong_place_is_named_and_not_said(town: Town) -> None:
    path = town.settle(top=f'heartbeat = "{BOT}"\n["{APP}"]\n["{APP}"]')
    done = town.command("check")
    assert done.returncode == 2
    assert "PLANTED" not in done.stdout + done.stderr
    path.write_text(f'alerts = "{BOT}"\n"{APP}" = 1\nlanguage = "{APP}"\n', encoding="utf-8")
    done = town.command("check", SLACK_BOT_TOKEN=APP, SLACK_APP_TOKEN=BOT)
    assert "threatstamp.toml:1" in done.stdout
    assert "PLANTED" not in done.stdout + done.stderr
    town.settle()
    done = town.command("check", SLACK_BOT_TOKEN=APP, SLACK_APP_TOKEN=f"{BOT} x")
    assert "環境変数" in done.stdout
    assert "PLANTED" not in done.stdout + done.stderr


def test_a_token_on_the_command_line_is_not_repeated(town: Town) -> None:
    town.settle()
    for words in (
        (BOT,),
        ("retry", BOT),
        ("ledger", "list", "--kind", APP),
        ("read", BOT),
        ("--config", BOT, "check"),
    ):
        done = town.command(*words)
        assert done.returncode == 2
        assert "PLANTED" not in done.stdout + done.stderr, words
