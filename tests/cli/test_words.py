"""What commands say, and where they say nothing: the log, the browser, the sandbox's way in."""

from __future__ import annotations

import logging
import os
import sys
from datetime import UTC

import pytest

from tests.support.commands import TownWithCommands as Town
from tests.support.town import ALERT, NEWS, YAMADA
from threatstamp.cli.demo import has_display
from threatstamp.cli.logs import start_logging


def test_what_a_library_says_of_our_client_is_not_logged(capsys: pytest.CaptureFixture[str]) -> None:
    before = logging.getLogger().handlers[:], logging.getLogger().level
    try:
        start_logging(UTC)
        log = logging.getLogger("slack_bolt.App")
        log.warning("As you gave `client` as well, `token` will be unused.")
        log.warning("something else")
    finally:
        logging.getLogger().handlers[:], logging.root.level = before[0], before[1]
    said = capsys.readouterr().err
    assert "something else" in said
    assert "will be unused" not in said


@pytest.mark.parametrize(
    ("name", "expected"), [("DISPLAY", True), ("WAYLAND_DISPLAY", True), ("NONE", False)]
)
def test_a_browser_is_opened_only_where_it_can_be_seen(
    monkeypatch: pytest.MonkeyPatch, name: str, expected: bool
) -> None:
    for one in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(one, raising=False)
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv(name, ":0")
    assert has_display() is expected


@pytest.mark.parametrize(
    ("options", "mode", "secret"),
    [
        ((), None, "SLACK_APP_TOKEN"),
        (("--request-url", "http://127.0.0.1:9/slack/events"), 'mode = "http"', "SLACK_SIGNING_SECRET"),
    ],
)
def test_the_commands_that_the_sandbox_prints_make_a_desk_in_it(
    town: Town, options: tuple[str, ...], mode: str | None, secret: str
) -> None:
    ours, theirs = os.pipe()
    process = town.begin("sandbox", "--port", "0", "--language", "en", *options, stdout=theirs)
    os.close(theirs)
    lines: list[str] = []
    with os.fdopen(ours, encoding="utf-8") as said:
        while not lines or "Ctrl+C" not in lines[-1]:
            lines.append(said.readline().rstrip())
            assert process.poll() is None
    [export] = [line for line in lines if line.startswith("export ")]
    tokens = dict(word.split("=") for word in export.split()[1:])
    assert tokens.keys() == {"SLACK_BOT_TOKEN", secret}
    init, check, run = (line.split()[1:] for line in lines if line.startswith("threatstamp "))
    began = town.begin(*init, environ=tokens)
    assert (began.wait(), began.err()) == (0, "")
    assert "https://api.slack.com" not in began.out()  # the sandbox has its app already
    path = town.folder / "threatstamp.toml"
    if mode is not None:
        assert mode in lines
        path.write_text(path.read_text("utf-8").replace("[slack]", f"[slack]\n{mode}"), "utf-8")
    checked = town.begin(*check, environ=tokens)
    assert checked.wait() == 0, checked.out()
    assert run == ["run"]
    [line] = [line for line in lines if line.startswith("api_url = ")]
    assert line in path.read_text(encoding="utf-8").splitlines()
    process.terminate()
    assert process.wait() == 0


def test_the_sandbox_posts_events_to_this_machine_only(town: Town) -> None:
    refused = town.command("sandbox", "--request-url", "https://desk.town.example/slack/events")
    assert (refused.returncode, "127.0.0.1:3000/slack/events" in refused.stderr) == (2, True)


def test_a_sweep_says_how_many_stamps_it_released(town: Town) -> None:
    town.settle()
    town.workspace.react(YAMADA, NEWS, town.post(), "rotating_light")
    assert town.command("sweep").returncode == 0
    assert not town.workspace.messages(ALERT)
    done = town.command("sweep", "--forward-existing")
    assert (done.returncode, done.stderr) == (0, "")
    assert "スタンプ1件を転送の対象に" in done.stdout
    assert len(town.workspace.messages(ALERT)) == 1


def test_check_says_what_a_destination_is_and_how_to_find_a_feed_again(town: Town) -> None:
    town.settle(
        sources='[[feeds]]\nname = "x"\nurl = "http://nowhere.invalid/rss"\nchannel = "#security-news"'
    )
    said = town.command("check").stdout
    assert "投稿の二重送信を防げます" in said
    assert "HTTPS_PROXY、アドレス（http://nowhere.invalid/rss）" in said
