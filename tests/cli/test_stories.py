"""`stories`: from the command line."""

from __future__ import annotations

from tests.support.commands import TownWithCommands


def test_what_is_not_there_is_said_with_what_to_do(town: TownWithCommands) -> None:
    town.settle()
    town.start()
    for words in (
        ("show", "CVE-2099-1"),
        ("split", "x", "--entry", "1", "--by", "@ito"),
        ("join", "x", "y", "--by", "@ito"),
        ("kind", "x", "incident", "--by", "@ito"),
        ("kind", "x", "--undo", "--by", "@ito"),
    ):
        done = town.command("stories", *words)
        assert done.returncode == 1
        assert "stories" not in done.stdout
    for wrong in (("kind", "x"), ("kind", "x", "other", "--undo"), ("kind", "x", "others")):
        assert town.command("stories", *wrong, "--by", "@ito").returncode == 2
    assert town.command("stories", "join", "x", "y", "--by", "somebody").returncode == 2
