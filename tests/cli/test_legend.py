"""`legend` puts up what the stamps do, `run` keeps it, and `check` names what it could have beside."""

from __future__ import annotations

import json

from tests.support.commands import TownWithCommands as Town
from tests.support.forks import HANG
from tests.support.town import NEWS, ROUTES
from threatstamp.sandbox.people import FULL_SCOPES, Canvas


def canvas(town: Town) -> Canvas:
    found = town.workspace.channels[NEWS].canvas
    assert found is not None
    return found


def without(town: Town, *scopes: str) -> None:
    town.workspace.app.scopes = tuple(one for one in town.workspace.app.scopes if one not in scopes)


def test_the_legend_is_put_up_once_and_follows_the_file_while_the_desk_runs(town: Town) -> None:
    path = town.settle()
    for edits in (0, 1):
        done = town.command("legend")
        assert (done.returncode, done.stdout) == (0, "#security-news：キャンバスに掲示しました\n"), (
            done.stderr
        )
        assert canvas(town).edits == edits
    assert "`@鈴木`" in canvas(town).markdown
    town.start()
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("重大な脅威情報です。", "緊急の情報です。"), encoding="utf-8")
    town.workspace.wait_for(lambda: "緊急の情報です。" in canvas(town).markdown, HANG)
    assert canvas(town).edits == 2
    assert not town.workspace.messages(NEWS)


def test_without_the_scopes_it_is_a_message_and_what_is_missing_is_said_as_optional(town: Town) -> None:
    town.settle()
    without(town, "canvases:write", "pins:write")
    done = town.command("legend")
    assert done.returncode == 0
    assert "投稿しました" in done.stdout
    assert "manifest --legend" in done.stderr
    assert len(town.workspace.messages(NEWS)) == 1
    checks = json.loads(town.command("check", "--json").stdout)
    assert checks["ok"]
    optional = {one["name"] for one in checks["checks"] if one["part"] == "scope" and one["fix"]}
    assert optional == {"canvases:write", "pins:write"}
    [message] = town.workspace.messages(NEWS)
    town.workspace.delete(NEWS, str(message["ts"]))
    town.workspace.app.scopes = FULL_SCOPES
    assert "キャンバスに掲示しました" in town.command("legend").stdout
    assert not town.workspace.messages(NEWS)


def test_it_needs_a_source_and_a_channel_that_lets_it_in(town: Town) -> None:
    path = town.settle()
    town.workspace.channels[NEWS].members.clear()
    town.workspace.paid = False
    done = town.command("legend")
    assert done.returncode == 1
    assert "掲示できません" in done.stdout
    path.write_text('language = "en"\n', encoding="utf-8")
    done = town.command("legend")
    assert done.returncode == 2
    assert "[[sources]]" in done.stderr


def test_the_manifest_has_its_scopes_only_if_they_are_asked_for(town: Town) -> None:
    town.settle(ROUTES)
    least, more = (
        set(json.loads(town.command("manifest", *option).stdout)["oauth_config"]["scopes"]["bot"])
        for option in ((), ("--legend",))
    )
    assert more - least == {"canvases:write", "canvases:read", "pins:write"}
