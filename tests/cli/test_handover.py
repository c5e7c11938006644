"""`handover`: one page for the next person, without Slack and without secrets."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.test_help import threatstamp
from tests.support.commands import TownWithCommands as Town
from tests.support.town import ALERT, NEWS, OPS, YAMADA
from threatstamp.texts.catalogue import Language, Texts

BOT, APP = "xoxb-PLANTED-0123456789", "xapp-1-PLANTED-9876543210"
FILE = """language = "{language}"
database = "{database}"
heartbeat = "https://watchdog.example/PLANTED-path"
[[feeds]]
name = "a|b"
url = "https://news.example/feed?key=PLANTED"
channel = "#news"
[[feeds]]
name = "hidden"
url_env = "FEED_ADDRESS"
channel = "#news"
[[trackers]]
name = "dev"
kind = "github"
project = "dev/app"
secret_env = "GITHUB_TOKEN"
[[routes]]
reaction = "siren"
to = ["#alert"]
mention = ["@ciso"]
text = "One | two\\nthree"
each = true
"""
SECTIONS = ("where", "app", "channels", "routes", "feeds", "secrets", "restore", "open")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FEED_ADDRESS", "https://secret.example/PLANTED")
    monkeypatch.setenv("GITHUB_TOKEN", "PLANTED")
    return tmp_path


def settle(folder: Path, language: Language, database: str = "sqlite:///desk.db") -> None:
    words = FILE.format(language=language, database=database)
    (folder / "threatstamp.toml").write_text(words, encoding="utf-8")


def sections(page: str, language: Language) -> dict[str, str]:
    """Returns the page's sections by the names of their headings in the catalogue."""
    texts = Texts(language)
    parts = [f"{part.rstrip()}\n" for part in page.split("\n## ")[1:]]
    assert [part.partition("\n")[0] for part in parts] == [texts(f"handover.{name}") for name in SECTIONS]
    return dict(zip(SECTIONS, parts, strict=True))


@pytest.mark.parametrize("language", Language)
def test_a_desk_that_never_ran_has_a_page_that_says_so(folder: Path, language: Language) -> None:
    settle(folder, language)
    done = threatstamp("handover", language=language, SLACK_BOT_TOKEN=BOT, SLACK_APP_TOKEN_FILE="app.token")
    assert (done.exit_code, done.stderr) == (0, "")
    page, texts = sections(done.stdout, language), Texts(language)
    assert texts("handover.never_ran") in page["where"]
    assert texts("handover.app_not_known") in page["app"]
    assert f"| #alert | {texts('handover.not_found')} |" in page["channels"]
    assert "desk.db" in page["open"]
    assert not (folder / "desk.db").exists()
    assert "One \\| two three" in page["routes"]
    assert "| a\\|b | https://news.example/feed?key=*** |" in page["feeds"]


@pytest.mark.parametrize("language", Language)
def test_secrets_are_there_by_name_and_not_by_value(folder: Path, language: Language) -> None:
    settle(folder, language)
    environ = {"SLACK_BOT_TOKEN": BOT, "SLACK_APP_TOKEN_FILE": "/etc/desk/app"}
    done = threatstamp("handover", language=language, **environ)
    found = sections(done.stdout, language)["secrets"]
    texts = Texts(language)
    for name, where in (
        ("SLACK_BOT_TOKEN", texts("handover.secret_set")),
        ("SLACK_APP_TOKEN", texts("handover.secret_file", path="/etc/desk/app")),
        ("FEED_ADDRESS", texts("handover.secret_set")),
        ("GITHUB_TOKEN", texts("handover.secret_set")),
        (texts("handover.secret_feed", name="a\\|b"), texts("handover.secret_in_file")),
        ("`heartbeat`", texts("handover.secret_in_file")),
    ):
        assert f"| {name} | {where} |\n" in found
    assert "SLACK_SIGNING_SECRET" not in found
    assert "PLANTED" not in done.stdout
    unset = threatstamp("handover", language=language)
    assert f"| SLACK_BOT_TOKEN | {texts('handover.secret_unset', name='SLACK_BOT_TOKEN')} |" in unset.stdout


@pytest.mark.parametrize("language", Language)
def test_a_server_is_backed_up_by_its_own_tools_and_its_password_is_not_said(
    folder: Path, language: Language, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGPASSFILE", "/etc/desk/pgpass")
    for address, name in (
        ("postgresql://desk:PLANTED@127.0.0.1:1/desk", "`database`"),
        ("postgresql://desk@127.0.0.1:1/desk", "PGPASSFILE"),
    ):
        settle(folder, language, address)
        done = threatstamp("handover", language=language)
        page = sections(done.stdout, language)
        assert done.exit_code == 1  # nobody listens there: the page is printed, and a part of it is missing
        assert "pg_dump" in page["restore"]
        assert "pg_restore" in page["restore"]
        assert f"| {name} |" in page["secrets"]
        assert "PLANTED" not in done.stdout + done.stderr


@pytest.mark.parametrize("language", Language)
def test_a_damaged_database_costs_its_part_of_the_page_only(folder: Path, language: Language) -> None:
    settle(folder, language)
    (folder / "desk.db").write_bytes(b"no database, " * 1000)
    done = threatstamp("handover", language=language)
    assert done.exit_code == 1
    page = sections(done.stdout, language)
    assert "#alert" in page["channels"]
    assert len(page["open"].splitlines()) > 1


def test_a_page_of_a_desk_at_work_names_what_was_found_and_what_is_open(town: Town) -> None:
    town.start()
    town.workspace.faults.add("chat.postMessage", "error", channel=ALERT, times=1, error="not_in_channel")
    town.workspace.react(YAMADA, NEWS, town.post(), "rotating_light")
    town.wait_for_message(OPS, "not_in_channel")
    town.wait_until_quiet()
    done = town.command("handover", SLACK_BOT_TOKEN="", SLACK_APP_TOKEN="")
    assert (done.returncode, done.stderr) == (0, "")
    page, texts = sections(done.stdout, Language.JA), Texts(Language.JA)
    app = town.workspace.app
    assert texts("handover.workspace", name="Town", id="T0TOWN") in page["app"]
    assert texts("handover.bot", handle=app.name, id=app.user_id) in page["app"]
    assert f"| #security-news | {NEWS} | {texts('handover.as_source')} |" in page["channels"]
    assert f"| #sec-alert | {ALERT} |" in page["channels"]
    assert "| :rotating_light: | ciso |" in page["routes"]
    assert texts("handover.only_record") in page["routes"]
    assert "threatstamp retry" in page["open"]
    assert town.workspace.app.bot_token not in done.stdout


def test_a_desk_that_has_ended_is_found_by_where_it_was_running_last(town: Town) -> None:
    desk = town.begin("--config", str(town.settle()), "run")
    town.workspace.wait_for(lambda: town.workspace.sockets.count, 60)
    desk.terminate()
    assert desk.wait() == 0
    for name in ("sec-alert", "sec-ops"):
        assert f"#{name}" in town.command("handover").stdout
    page = sections(town.command("handover").stdout, Language.JA)
    assert Texts(Language.JA)("status.not_running") in page["open"]
    assert "最後に動いていたのは" in page["where"]


def test_a_desk_that_is_only_run_by_cron_is_known_too(town: Town) -> None:
    town.settle()
    assert town.command("sweep").returncode == 0
    page = sections(town.command("handover").stdout, Language.JA)
    assert Texts(Language.JA)("handover.workspace", name="Town", id="T0TOWN") in page["app"]
    assert Texts(Language.JA)("handover.never_ran") in page["where"]
