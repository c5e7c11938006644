"""The app's home and the entry in a message's menu, in the sandbox."""

from __future__ import annotations

import json
from functools import partial
from typing import Any

import pytest

from tests.support.town import ALERT, NEWS, SATO, SUZUKI, TANAKA, YAMADA, Town
from tests.test_cases import card, cased

__all__ = ["cased"]


def home(town: Town, user: str, *words: str) -> str:
    """The home of somebody, opened anew until it says all these words."""

    for _ in range(300):
        town.workspace.open_home(user)
        shown: Any = town.workspace.wait_for(partial(town.workspace.home, user))
        said = json.dumps(shown, ensure_ascii=False)
        if all(word in said for word in words):
            return said
        town.runs[-1].ended.wait(0.3)  # Slack lets an app make a hundred homes a minute
    raise AssertionError(f"the home never says {words}: {said}")


@pytest.mark.thorough
def test_everybody_sees_at_home_what_is_theirs(cased: Town) -> None:
    cased.start()
    workspace = cased.workspace
    workspace.react(YAMADA, NEWS, cased.post("製品Xに深刻な脆弱性"), "wrench")
    ts = str(card(cased, "#1", "未着手")["ts"])
    workspace.click(SATO, ALERT, ts, "case_take")
    card(cased, "確認中")
    workspace.click(SATO, ALERT, ts, "case_assess")
    card(cased, "判断待ち")
    assert "判断を待っている" not in home(cased, SATO, "担当している案件（1件）", "製品X", "案件の作成 1件")
    home(cased, SUZUKI, "判断を待っている案件（1件）", "製品X", "担当している案件はありません")
    assert "製品X" not in home(cased, TANAKA, "担当している案件（0件）")


@pytest.mark.thorough
def test_the_entry_in_a_messages_menu_says_which_stamp_makes_it_a_case(cased: Town) -> None:
    cased.start()
    workspace = cased.workspace
    ts = cased.post("製品Xに深刻な脆弱性")
    workspace.shortcut(TANAKA, NEWS, ts, "threatstamp_case")
    shown = workspace.wait_for(partial(workspace.view, TANAKA))
    assert ":wrench:" in json.dumps(shown)
    workspace.react(YAMADA, NEWS, ts, "wrench")
    made = str(card(cased, "#1")["ts"])
    workspace.shortcut(SATO, ALERT, made, "threatstamp_case")
    shown = workspace.wait_for(partial(workspace.view, SATO))
    assert "設定されていません" in json.dumps(shown, ensure_ascii=False)
    assert len(cased.ledger("case")) == 1
