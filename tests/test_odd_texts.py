"""Texts that no database can hold arrive from Slack, and stamps on them and beside them are forwarded."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.commands import TownWithCommands, open_town_with_commands
from tests.support.forks import Forks
from tests.support.town import ALERT, NEWS, TANAKA, YAMADA

pytestmark = pytest.mark.thorough("postgres")

HALF = "\ud83d"
"""Half of an emoji, as texts that were cut in the middle have it."""


@pytest.mark.parametrize(
    "text", [f"切れた絵文字{HALF}", "あいだに\x00NUL", f"<https://n.example/1|{HALF}題>"]
)
def test_a_stamp_on_half_an_emoji_is_forwarded_and_so_are_those_beside_it(
    store_url: str, tmp_path: Path, programs: Forks, text: str
) -> None:
    with open_town_with_commands(tmp_path, programs, store_url) as town:
        _play(town, text)


def _play(town: TownWithCommands, text: str) -> None:
    workspace = town.workspace
    town.start()
    live = workspace.post(NEWS, text, user=TANAKA)
    workspace.react(YAMADA, NEWS, live, "rotating_light")
    town.wait_for_message(ALERT)
    workspace.edit(NEWS, live, f"{text} また{HALF}")
    town.wait_until_quiet()
    town.stop()
    # in a time in which no event arrives: what a sweep finds on the same page
    odd, plain = workspace.post(NEWS, text, user=TANAKA), workspace.post(NEWS, "ふつうの投稿", user=TANAKA)
    for post in (odd, plain):
        workspace.react(YAMADA, NEWS, post, "rotating_light")
    town.start(looked=False)
    town.wait_for_message(ALERT, "ふつうの投稿", count=3)
    town.wait_until_quiet()
    assert len(town.ledger("stamp")) == 3
    assert len(town.ledger("post_edited")) == 1
    with town.store.reading() as read:
        assert read.inbox.counts() == (0, 0)
        assert read.troubles.unfixed() == ()
    done = town.command("ledger", "export", "--format", "json")
    assert done.returncode == 0, done.stderr
    assert HALF not in done.stdout
    assert "\x00" not in done.stdout
