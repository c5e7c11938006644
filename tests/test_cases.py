"""A stamp opens a case; people take it, decide and finish it by button, by emoji and by command line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any, cast

import pytest

from tests.support.commands import open_town_with_commands
from tests.support.desks import wait
from tests.support.forks import HANG, Forks
from tests.support.town import ALERT, ITO, NEWS, SATO, SUZUKI, TANAKA, YAMADA, Town
from threatstamp.desk.record.compare import compare_records

pytestmark = pytest.mark.thorough("postgres")

ROUTES = """
[[routes]]
name = "product"
reaction = "wrench"
to = ["#sec-alert"]
text = "製品に関係しそうです。"
case = "product"

[cases]
deciders = ["U0SUZUKI"]
"""


@pytest.fixture
def cased(tmp_path: Path, programs: Forks, store_url: str) -> Iterator[Town]:
    """A town on SQLite that hears of clicks by its socket, and one on PostgreSQL to which they are posted."""
    with open_town_with_commands(tmp_path, programs, store_url) as town:
        if store_url.startswith("sqlite"):
            town.settle(ROUTES)
        else:
            town.settle_over_http(ROUTES)
        yield town


def card(town: Town, *words: str) -> dict[str, Any]:
    return town.wait_for_card(ALERT, *words)


def shown(town: Town) -> dict[str, Any]:
    done = town.command("case", "show", "1", "--json")
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_a_case_is_taken_by_button_decided_by_emoji_and_finished_by_command(cased: Town) -> None:
    cased.start()
    workspace = cased.workspace
    workspace.react(YAMADA, NEWS, cased.post("製品Xに深刻な脆弱性"), "wrench")
    ts = str(card(cased, "#1", "未着手", "担当する")["ts"])
    workspace.click(SATO, ALERT, ts, "case_take")
    card(cased, "確認中", SATO, "判断を依頼")
    workspace.react(TANAKA, ALERT, ts, "zap")
    workspace.wait_for(lambda: workspace.ephemerals(ALERT, TANAKA))
    workspace.react(SUZUKI, ALERT, ts, "zap")
    card(cased, "対応中", SUZUKI, "即時対応", "対応完了")
    done = cased.command("case", "done", "1", "--by", SATO, "--reason", "更新済み")
    assert done.returncode == 0, done.stderr
    assert "case_done" not in json.dumps(card(cased, "対応完了／担当", SATO)["blocks"])
    cased.wait_until_quiet()
    found = shown(cased)
    assert (found["case"], found["state"], found["owner"]) == (1, "done", SATO)
    assert found["decision"]["choice"] == "now"
    assert [(one["what"], one["who"]) for one in found["history"]] == [
        ("open", YAMADA),
        ("take", SATO),
        ("decide", SUZUKI),
        ("done", SATO),
    ]
    assert len(workspace.messages(ALERT)) == 1
    assert len(cased.ledger("case")) == 1
    assert compare_records(cased.store).first is None


def test_a_form_is_corrected_and_kept_and_one_that_comes_too_late_is_told(cased: Town) -> None:
    cased.start()
    workspace = cased.workspace
    workspace.react(YAMADA, NEWS, cased.post("製品Xに深刻な脆弱性"), "wrench")
    ts = str(card(cased, "#1", "未着手")["ts"])
    for user in (SUZUKI, TANAKA, SATO):
        workspace.click(user, ALERT, ts, "case_menu", "hand_over|1" if user is SATO else "decide|1")
        workspace.wait_for(partial(workspace.view, user))
    decision = {"choice": "accept", "until": "2099-12-24", "effort": "many"}
    workspace.submit(SUZUKI, decision)
    errors = workspace.wait_for(lambda: (workspace.view(SUZUKI) or {}).get("errors"))
    assert set(cast(dict[str, str], errors)) == {"reason", "effort"}
    workspace.submit(SUZUKI, {**decision, "effort": "6", "risk": "low", "reason": "影響は小さい"})
    workspace.wait_for(lambda: workspace.view(SUZUKI) is None)
    card(cased, "リスク受容", SUZUKI, "工数：6人時", "12/24")
    workspace.submit(SATO, {"to": TANAKA})
    [told] = workspace.wait_for(lambda: workspace.ephemerals(ALERT, SATO))
    assert "状況が変わりました" in str(told["text"])
    workspace.submit(TANAKA, {"choice": "now"})
    [told] = workspace.wait_for(lambda: workspace.ephemerals(ALERT, TANAKA))
    assert SUZUKI in str(told["text"])
    found = shown(cased)
    assert found["decision"] == {
        "choice": "accept",
        "by": SUZUKI,
        "at": found["decision"]["at"],
        "reason": "影響は小さい",
        "risk": "low",
        "effort": "6h",
        "until": "2099-12-24",
    }
    assert [one["what"] for one in found["history"]] == ["open", "decide"]
    assert len(cased.ledger("case_denied")) == 2
    assert compare_records(cased.store).first is None


def test_the_slash_command_does_what_the_card_does_and_says_what_came_of_it(cased: Town) -> None:
    cased.start()
    workspace = cased.workspace
    workspace.react(YAMADA, NEWS, cased.post("製品Xに深刻な脆弱性"), "wrench")
    card(cased, "#1", "未着手")

    def say(text: str, *, user: str = SATO, channel: str = ALERT) -> str:
        before = len(workspace.ephemerals(channel, user))
        workspace.command(user, channel, f"/threatstamp {text}")
        found = workspace.wait_for(lambda: workspace.ephemerals(channel, user)[before:])
        return str(found[0]["text"])

    assert "製品Xに深刻な脆弱性" in say("case list")
    assert "ありません" in say("case list mine")
    assert "確認中" in say("case take 1")
    assert "製品X" in say("case list mine")
    assert "担当者が決まっています" in say("case take 1", user=TANAKA)
    assert "担当者を変更" in say(f"case hand-over 1 <@{TANAKA}|tanaka> 休暇のため")
    assert "「即時対応」ができるのは" in say("case decide 1 now")
    assert "対応中" in say("case decide 1 plan 次の保守で --until 2099-12-24 --effort M", user=SUZUKI)
    assert "12/24" in say("case show 1")
    assert "使い方" in say("case frobnicate 1")
    assert "カードがあるチャンネル" in say("case list", channel=NEWS)
    card(cased, "対応中", TANAKA, "期限：12/24")
    found = shown(cased)
    assert (found["owner"], found["due_on"], found["decision"]["effort"]) == (TANAKA, "2099-12-24", "M")
    assert len(cased.ledger("case_denied")) == 2


@pytest.mark.thorough
def test_each_role_may_look_act_or_ask_anywhere_as_the_settings_say(tmp_path: Path, programs: Forks) -> None:
    roles = f'analysts = ["{SATO}"]\nviewers = ["{TANAKA}"]\nadmins = ["{ITO}"]\n'
    with open_town_with_commands(tmp_path, programs) as town:
        town.settle(ROUTES + roles)
        town.start()
        workspace = town.workspace
        workspace.react(YAMADA, NEWS, town.post("製品Xに深刻な脆弱性"), "wrench")
        ts = str(card(town, "#1", "未着手")["ts"])

        def say(user: str, text: str, channel: str = ALERT) -> str:
            before = len(workspace.ephemerals(channel, user))
            workspace.command(user, channel, f"/threatstamp {text}")
            return str(workspace.wait_for(lambda: workspace.ephemerals(channel, user)[before:])[0]["text"])

        for look in ("case list", "case show 1", "risk list", "incident 製品X"):
            assert "設定で指定された方だけ" in say(YAMADA, look), look
            assert "設定で指定された方だけ" not in say(TANAKA, look), look
            assert "<#C0ALERT>" in say(SATO, look, NEWS), look
            assert "<#C0ALERT>" not in say(ITO, look, NEWS), look
        assert "対応中の案件はありません" in say(YAMADA, "case list mine")
        assert "設定で指定された方" in say(TANAKA, "case take 1")
        for user, is_there in ((YAMADA, False), (TANAKA, True)):
            workspace.click(user, ALERT, ts, "case_menu", "history|1")
            view = workspace.wait_for(partial(workspace.view, user))
            assert ("設定で指定された方だけ" not in json.dumps(view, ensure_ascii=False)) is is_there
        assert "確認中" in say(ITO, "case take 1", NEWS)
        assert "対応中" in say(ITO, "case decide 1 now", NEWS)
        assert len(town.ledger("case_denied")) == 1


def test_what_a_case_leaves_is_put_into_the_register_from_its_history(cased: Town) -> None:
    cased.start()
    workspace = cased.workspace
    workspace.react(YAMADA, NEWS, cased.post("製品Xに深刻な脆弱性"), "wrench")
    ts = str(card(cased, "#1", "未着手")["ts"])
    workspace.click(SATO, ALERT, ts, "case_menu", "history|1")
    workspace.wait_for(partial(workspace.view, SATO))
    workspace.submit(SATO, {})
    workspace.wait_for(lambda: "リスクの台帳に追加" in json.dumps(workspace.view(SATO), ensure_ascii=False))
    workspace.submit(SATO, {"risk": "low", "reason": "旧機種が残る", "until": "2020-01-01"})
    errors = workspace.wait_for(lambda: (workspace.view(SATO) or {}).get("errors"))
    assert set(cast(dict[str, str], errors)) == {"until"}
    workspace.submit(SATO, {"risk": "low", "reason": "旧機種が残る", "to": ITO})
    workspace.wait_for(lambda: workspace.view(SATO) is None)
    assert wait(lambda: cased.ledger("risk"), HANG)
    run = ("case", "risk", "1", "--by", TANAKA, "--reason", "もう1件", "--until", "2099-12-24")
    assert cased.command(*run).returncode == 0
    listed = json.loads(cased.command("risk", "list", "--json").stdout)["risks"]
    assert [(one["risk"], one["case"], one["owner"]) for one in listed] == [("R1", 1, ITO), ("R2", 1, None)]
    assert [one["what"] for one in shown(cased)["history"]] == ["open", "risk", "risk"]
    assert compare_records(cased.store).first is None


def test_a_form_that_slack_does_not_open_is_told_with_the_other_way(cased: Town) -> None:
    cased.start()
    workspace = cased.workspace
    workspace.react(YAMADA, NEWS, cased.post("製品Xに深刻な脆弱性"), "wrench")
    ts = str(card(cased, "#1", "未着手")["ts"])
    workspace.trigger_lives = 0.0
    workspace.click(SATO, ALERT, ts, "case_menu", "note|1")
    [told] = workspace.wait_for(lambda: workspace.ephemerals(ALERT, SATO))
    assert "開けませんでした" in str(told["text"])
    assert workspace.view(SATO) is None


def test_an_emoji_on_a_card_counts_although_slack_never_said_that_the_card_is_there(cased: Town) -> None:
    cased.workspace.faults.add("chat.postMessage", "hold", channel=ALERT, times=1)
    cased.start()
    workspace = cased.workspace
    workspace.react(YAMADA, NEWS, cased.post("製品Xに深刻な脆弱性"), "wrench")
    [message] = workspace.wait_for(lambda: workspace.messages(ALERT))
    reply = workspace.post(ALERT, "対象は3台でした", user=TANAKA, thread_ts=str(message["ts"]))
    workspace.react(SATO, ALERT, str(message["ts"]), "raising_hand")
    workspace.react(SATO, ALERT, reply, "memo")
    card(cased, "確認中", SATO)
    assert wait(lambda: len(cased.ledger("case_moved")) == 2, HANG)
    cased.wait_until_quiet()
    assert sorted(one["what"] for one in shown(cased)["history"]) == ["note", "open", "take"]
    assert len(workspace.messages(ALERT)) == 1


def test_an_emoji_keeps_a_message_of_the_thread_as_a_note_once(cased: Town) -> None:
    cased.start()
    workspace = cased.workspace
    workspace.react(YAMADA, NEWS, cased.post("製品Xに深刻な脆弱性"), "wrench")
    ts = str(card(cased, "#1", "未着手")["ts"])
    reply = workspace.post(ALERT, "対象は3台でした", user=TANAKA, thread_ts=ts)
    beside = workspace.post(ALERT, "お昼です", user=TANAKA)
    for user, message in ((SATO, beside), (SATO, reply), (SUZUKI, reply)):
        workspace.react(user, ALERT, message, "memo")
    assert wait(lambda: cased.ledger("case_moved"), HANG)
    cased.wait_until_quiet()
    found = shown(cased)["history"]
    assert [(one["what"], one["who"]) for one in found] == [("open", YAMADA), ("note", found[1]["who"])]
    assert found[1]["detail"] == f"{TANAKA}  対象は3台でした"
    assert "お昼" not in json.dumps([entry.body for entry in cased.ledger()], ensure_ascii=False)
    assert compare_records(cased.store).first is None
