"""What `check` says of each mistake in a file, and of each of Slack's answers."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.commands import TownWithCommands as Town
from tests.support.town import ALERT, STAFF, TANAKA
from threatstamp.app.check.database import check_tables
from threatstamp.app.check.finding import Findings
from threatstamp.core.errors import SlackError
from threatstamp.store.inspection import inspect_database
from threatstamp.store.versions import SchemaState
from threatstamp.texts.catalogue import Language, Texts, room_messages

OF_SLACK = "check_slack_"
MISTAKEN = """
[[sources]]
channel = "#security-mews"

[[routes]]
reaction = "rotating_lihgt"
to = ["#staff"]
mention = ["U0NOBODY", "U0TANAKA"]

[[routes]]
reaction = "no_such_emoji_anywhere"
to = ["#partners"]
"""


@pytest.mark.parametrize("language", Language)
def test_each_answer_of_slack_that_has_words_is_said_with_what_to_do(language: Language) -> None:
    found = Findings("channel", Texts(language))
    texts = {name: text for name, text in room_messages(language, "cli").items() if name.startswith(OF_SLACK)}
    codes = {name.removeprefix(OF_SLACK) for name in texts if not name.endswith("_fix")}
    for code in codes - {"error", "http"}:
        check = found.refused("#sec-alert", SlackError(code, method="conversations.info"))
        assert not check.ok
        if code != "missing_scope":
            assert check.message == texts[f"{OF_SLACK}{code}"]
        assert check.fix
        assert "{" not in check.message + check.fix
    assert "http_503" in found.refused("#sec-alert", SlackError("http_503")).message
    unknown = found.refused("#sec-alert", SlackError("fatal_error", method="conversations.info"))
    assert "fatal_error" in unknown.message
    assert unknown.fix.endswith("/conversations.info")


@pytest.mark.parametrize("language", Language)
def test_every_mistake_of_a_file_is_named_in_one_go_with_what_to_do(town: Town, language: Language) -> None:
    town.database = "sqlite:///nowhere/desk.db"
    path = town.settle(MISTAKEN)
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace('language = "ja"', f'language = "{language}"'), encoding="utf-8")
    town.workspace.archive(STAFF)
    town.workspace.add_channel("C0PARTNER", "partners", ext_shared=True)
    town.workspace.users[TANAKA].deleted = True
    done = town.command("check", "--json")
    assert done.returncode == 1
    texts, said = Texts(language), {}
    for one in json.loads(done.stdout)["checks"]:
        if not one["ok"]:
            assert one["fix"], one
            said[one["name"]] = one["message"]
    folder = town.folder / "nowhere"
    assert set(said.values()) == {
        texts("cli.check_database_folder", folder=folder),
        *(texts(f"cli.check_{key}") for key in ("channel_lost", "channel_archived", "channel_shared")),
        *(texts(f"cli.check_{key}") for key in ("emoji_lost", "person_lost", "person_gone")),
        texts("cli.check_emoji_near", near="rotating_light"),
    }


def test_a_channel_that_was_renamed_since_the_desk_found_it_is_said_and_is_no_failure(town: Town) -> None:
    town.settle()
    assert town.command("sweep").returncode == 0
    town.workspace.rename(ALERT, "incidents")
    done = town.command("check", "--json")
    assert done.returncode == 0, done.stdout
    [found] = [one for one in json.loads(done.stdout)["checks"] if one["name"] == "#sec-alert"]
    assert found["message"] == Texts(Language.JA)("cli.check_channel_renamed", id=ALERT, called="#incidents")


@pytest.mark.parametrize("language", Language)
def test_tables_of_an_older_version_are_no_failure_and_those_of_a_newer_one_are(
    tmp_path: Path, language: Language
) -> None:
    found = Findings("database", Texts(language))
    inspection = replace(inspect_database(f"sqlite:///{tmp_path}/desk.db"), found="0001")
    older = check_tables("desk.db", replace(inspection, schema=SchemaState.OLDER), found)
    assert older.ok
    assert "0001" in older.message
    assert inspection.needed in older.message
    newer = check_tables("desk.db", replace(inspection, schema=SchemaState.NEWER), found)
    assert not newer.ok
    assert newer.fix
