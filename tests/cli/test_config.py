"""`config`: a commented file that can be used at once, and what is in force."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.test_help import threatstamp
from threatstamp.config.settings import read_settings
from threatstamp.core.errors import PolicyError
from threatstamp.texts.catalogue import Language

TOKEN = "xoxb-PLANTED-0123456789"


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("language", Language)
def test_the_example_is_a_file_that_can_be_used_as_it_is(language: Language, elsewhere: Path) -> None:
    done = threatstamp("config", "example", language=language)
    assert done.exit_code == 0
    (elsewhere / "threatstamp.toml").write_text(done.stdout, encoding="utf-8")
    assert read_settings(elsewhere / "threatstamp.toml", {}).language == language
    assert threatstamp("config", "show", language=language).exit_code == 0


def test_what_is_in_force_is_said_with_its_place_and_without_secrets(elsewhere: Path) -> None:
    (elsewhere / "threatstamp.toml").write_text(threatstamp("config", "example").stdout, encoding="utf-8")
    (elsewhere / "token").write_text(TOKEN, encoding="utf-8")
    environ = {
        "SLACK_BOT_TOKEN_FILE": "token",
        "SLACK_APP_TOKEN": TOKEN.replace("xoxb-", "xapp-"),
        "HTTPS_PROXY": "http://desk:PLANTED@proxy.example:8080",
    }
    done = threatstamp("config", "show", language=Language.EN, **environ)
    assert "threatstamp.toml:" in done.stdout
    assert "# SLACK_BOT_TOKEN: set, from SLACK_BOT_TOKEN_FILE" in done.stdout
    assert "# SLACK_APP_TOKEN: set\n" in done.stdout
    assert "proxy.example" in done.stdout
    as_json = threatstamp("config", "show", "--json", language=Language.EN, **environ)
    found = json.loads(as_json.stdout)
    assert {"path": "language", "value": "en", "from": "file", "where": found["settings"][0]["where"]} == (
        found["settings"][0]
    )
    assert {one["name"] for one in found["environment"] if one["set"]} >= {"SLACK_BOT_TOKEN", "HTTPS_PROXY"}
    assert "PLANTED" not in done.stdout + as_json.stdout


def test_a_wrong_file_is_said_like_everywhere_and_and_the_example_needs_none(elsewhere: Path) -> None:
    assert isinstance(threatstamp("config", "show").exception, PolicyError)  # `main` makes 2 of it
    (elsewhere / "threatstamp.toml").write_text('languge = "en"\n', encoding="utf-8")
    assert isinstance(threatstamp("config", "show").exception, PolicyError)
    assert threatstamp("config", "example").exit_code == 0
