"""`init` with a token: what is in use in the workspace becomes routes, and nothing that fails stops it."""

from __future__ import annotations

import contextlib
import os
import pty
import re
import subprocess
import sys
import threading

import pytest

from tests.cli.test_help import LOCALES
from tests.render.test_settings import uncommented, write_named
from tests.support.commands import TownWithCommands as Town
from tests.support.forks import HANG
from tests.support.town import ALERT, ITO, NEWS, SATO, SUZUKI, TANAKA, YAMADA
from threatstamp.config.settings import Settings, read_settings
from threatstamp.core.stamps.route import Route
from threatstamp.texts.catalogue import Language, Texts

FILE = "threatstamp.toml"


def stamped(town: Town, **counts: int) -> None:
    """Puts each emoji on so many posts of the news channel."""
    for name, count in counts.items():
        for number in range(count):
            town.workspace.react(YAMADA, NEWS, town.post(f"{name} {number}"), name)


def init(town: Town, *args: str, language: Language = Language.EN, **environ: str) -> tuple[Settings, str]:
    """Runs `init` without a terminal; returns what the file says, and what was said."""
    locale = LOCALES[language]
    there = {"LANG": locale, "LC_ALL": locale, **environ}
    forked = town.begin("init", "--api-url", town.sandbox.api_url, *args, environ=there)
    assert forked.wait() == 0, forked.err()
    return read_settings(town.folder / FILE, {}), forked.out()


def routes(settings: Settings) -> list[tuple[str, tuple[str, ...]]]:
    return [(route.reaction, route.to) for route in settings.routes]


@pytest.mark.parametrize("language", Language)
def test_without_a_terminal_the_emoji_in_use_are_routes_behind_a_sign(town: Town, language: Language) -> None:
    stamped(town, eyes=3, rotating_light=1)
    settings, said = init(town, language=language)
    texts = Texts(language)
    uses = texts("cli.init_and").join(
        texts("cli.init_use", sign=sign, count=count) for sign, count in (("👀", 3), ("🚨", 1))
    )
    assert texts("cli.init_uses", channel="#security-news", posts=4, uses=uses) in said
    assert routes(settings) == [("rotating_light", ("#sec-alert",))]
    assert settings.slack.api_url == town.sandbox.api_url
    path = town.folder / FILE
    text = path.read_text(encoding="utf-8")
    assert texts("settings.file_use", sign="👀", count=3, channel="#security-news") in text
    write_named(town.folder)
    path.write_text(re.sub(r"^##.*\n", "", uncommented(text), flags=re.MULTILINE), encoding="utf-8")
    with_all = read_settings(path, {})
    assert routes(with_all) == [("rotating_light", ("#sec-alert",)), ("eyes", ("#sec-alert",))]


def test_skin_tones_and_aliases_are_one_emoji_and_each_post_counts_once(town: Town) -> None:
    post = town.post()
    for user, name in ((YAMADA, "+1"), (TANAKA, "thumbsup"), (SATO, "+1::skin-tone-3"), (ITO, "eyes")):
        town.workspace.react(user, NEWS, post, name)
    town.workspace.react(SUZUKI, NEWS, town.post("another"), "+1::skin-tone-6")
    _, said = init(town)
    assert "👍 2 times, 👀 once" in said


def test_the_apps_own_reactions_are_no_habit(town: Town) -> None:
    me = town.workspace.app.user_id
    town.workspace.react(me, NEWS, town.post(), "outbox_tray")
    _, said = init(town)
    assert Texts(Language.EN)("cli.init_no_use") in said


def test_the_channel_that_the_app_is_in_is_the_source_where_the_example_is_not(town: Town) -> None:
    for name, channel in (("security-news", NEWS), ("server-team", "C0SERVER"), ("sec-ops", "C0OPS")):
        town.workspace.channels[channel].name = name if channel == "C0SERVER" else f"our-{name}"
    stamped(town, eyes=2)
    settings, _ = init(town)
    assert settings.sources == ("#our-security-news",)


@pytest.mark.parametrize(
    ("method", "fault", "words"),
    [
        ("auth.test", {"kind": "error", "error": "invalid_auth"}, "invalid_auth"),
        ("conversations.history", {"kind": "error", "error": "missing_scope"}, "missing_scope"),
        ("conversations.history", {"kind": "error", "error": "not_in_channel"}, "not_in_channel"),
        ("conversations.history", {"kind": "rate_limit", "retry_after": 3000.0}, "ratelimited"),
        ("conversations.history", {"kind": "status", "status": 503}, "http_503"),
        ("users.conversations", {"kind": "reset"}, "connection"),
    ],
)
def test_a_call_that_fails_is_a_sentence_and_the_file_is_written_all_the_same(
    town: Town, method: str, fault: dict[str, object], words: str
) -> None:
    stamped(town, eyes=1)
    town.workspace.faults.add(method, times=50, **fault)  # type: ignore[arg-type]
    settings, said = init(town)
    assert words in said
    assert "example" in said
    assert routes(settings) == [("rotating_light", ("#sec-alert",))]


def test_without_the_scope_for_names_it_is_said_which_scope_is_missing(town: Town) -> None:
    stamped(town, eyes=1)
    town.workspace.app.scopes = ("chat:write", "channels:history")
    _, said = init(town)
    assert "(channels:read)" in said


def test_a_short_rate_limit_is_waited_for(town: Town) -> None:
    stamped(town, eyes=1)
    town.workspace.faults.add("conversations.history", "rate_limit", retry_after=0.1)
    _, said = init(town)
    assert "👀 once" in said


def test_a_token_that_cannot_be_one_is_a_sentence(town: Town) -> None:
    settings, said = init(town, SLACK_BOT_TOKEN="xoxp-" + "1" * 20)
    assert "SLACK_BOT_TOKEN" in said
    assert "1" * 20 not in said
    assert settings.sources == ("#security-news",)


def test_without_a_token_nobody_is_asked(town: Town) -> None:
    _, said = init(town, SLACK_BOT_TOKEN="", SLACK_APP_TOKEN="")
    assert town.workspace.calls() == []
    assert "90" not in said


def test_an_address_that_is_none_is_refused_before_anything_is_written(town: Town) -> None:
    done = town.command("init", "--api-url", "ftp://nowhere")
    assert (done.returncode, (town.folder / FILE).exists()) == (2, False)
    assert "--api-url" in done.stderr


def test_what_is_there_is_not_read_for_proposals(town: Town) -> None:
    town.settle()
    assert town.command("init").returncode == 0
    assert town.workspace.calls() == []


def test_on_a_terminal_each_emoji_in_use_is_a_question(town: Town) -> None:
    """With a real terminal: the empty answer leaves the emoji as a proposal in the file."""
    stamped(town, eyes=3, rotating_light=2, wrench=1)
    try:
        ours, theirs = pty.openpty()
    except OSError:
        pytest.skip("this machine has no pseudo-terminals: mount devpts on /dev/pts")
    environ = {**os.environ, **town.environ, "LANG": LOCALES[Language.JA], "LC_ALL": LOCALES[Language.JA]}
    command = [sys.executable, "-m", "threatstamp", "init", "--api-url", town.sandbox.api_url]
    process = subprocess.Popen(
        command, stdin=theirs, stdout=theirs, stderr=theirs, cwd=town.folder, env={**environ, "TERM": "dumb"}
    )
    os.close(theirs)
    got: list[bytes] = []

    def listen() -> None:
        with contextlib.suppress(OSError):
            while chunk := os.read(ours, 65536):
                got.append(chunk)

    listener = threading.Thread(target=listen)
    listener.start()
    # language, source, eyes: nobody, rotating_light, wrench, alerts
    os.write(ours, b"ja\n\n\nsec-alert\nserver-team\n\n")
    code = process.wait(HANG)
    listener.join()
    os.close(ours)
    terminal = b"".join(got).decode()
    assert code == 0, terminal
    assert "👀 3回、🚨 2回、🔧 1回" in terminal
    found: tuple[Route, ...] = read_settings(town.folder / FILE, {}).routes
    assert [(one.reaction, one.to) for one in found] == [
        ("rotating_light", ("#sec-alert",)),
        ("wrench", ("#server-team",)),
    ]
    assert '#reaction = "eyes"' in (town.folder / FILE).read_text(encoding="utf-8")
    assert ALERT not in terminal
