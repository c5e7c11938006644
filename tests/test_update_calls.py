"""Staff are called for an update from a case's card, and answer by button and by emoji."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Any, cast
from zoneinfo import ZoneInfo

import pytest

from tests.support.commands import open_town_with_commands
from tests.support.forks import Forks
from tests.support.town import ALERT, NEWS, SATO, YAMADA, Town
from threatstamp.app.run import Run
from threatstamp.core.calendar import Calendar
from threatstamp.core.cases.call import UpdateCall, reminder_day
from threatstamp.core.time import DAY, SECOND, Micros
from threatstamp.desk.record.compare import compare_records

pytestmark = pytest.mark.thorough("postgres")

ALL = "C0ALL"
PEOPLE = [f"U0P{number:02}" for number in range(30)]
ROUTES = """
[[routes]]
name = "apps"
reaction = "computer"
to = ["#sec-alert"]
text = "全員に関係しそうです。"
case = "app-update"

[cases]
announce_to = ["#all-staff"]
"""


@pytest.fixture
def staffed(tmp_path: Path, programs: Forks, store_url: str) -> Iterator[Town]:
    """A town with thirty people in a channel, and a bot, a guest, and somebody on leave."""
    with open_town_with_commands(tmp_path, programs, store_url) as town:
        for user in PEOPLE:
            town.workspace.add_user(user, user.lower(), user)
        town.workspace.add_user("U0ROBOT", "robot", "robot", bot=True)
        town.workspace.add_user("U0GUEST", "guest", "guest")
        town.workspace.users["U0GUEST"].restricted = True
        town.workspace.add_user("U0AWAY", "away", "away")
        town.workspace.users["U0AWAY"].status_emoji = ":palm_tree:"
        for user in PEOPLE[28:]:
            town.workspace.users[user].zone = "America/New_York"
        members = (*PEOPLE, "U0ROBOT", "U0GUEST", "U0AWAY")
        town.workspace.add_channel(ALL, "all-staff", members=members)
        town.settle(ROUTES)
        yield town


def call_in(town: Town, *words: str) -> dict[str, Any]:
    [found] = town.wait_for_message(ALL, *words)
    return found


def in_thread(town: Town, channel: str, ts: str, words: str, *, count: int) -> list[dict[str, Any]]:
    found = town.workspace.messages(channel, thread_ts=ts)
    return found if len(found) == count and all(words in str(one["text"]) for one in found) else []


def open_form(town: Town, ts: str) -> None:
    town.workspace.click(SATO, ALERT, ts, "call_write")
    town.workspace.wait_for(partial(town.workspace.view, SATO))


def remind(run: Run, monkeypatch: pytest.MonkeyPatch, moment: datetime) -> list[str]:
    """Tends calls as at a moment far from now; returns who has a direct message about it afterwards."""
    at = Micros(round(moment.timestamp() * SECOND))

    def as_then(call: UpdateCall, calendar: Calendar, *, now: Micros) -> date | None:
        text = replace(call.text, by_date=date(2031, 3, 5))
        return reminder_day(replace(call, text=text, sent_at=Micros(0)), calendar, now=at)

    monkeypatch.setattr("threatstamp.desk.cases.calls_by_clock.reminder_day", as_then)
    run.desk.remind()
    with run.store.reading() as read:
        found = read.calls.people(1)
        reminded = {one[0].user for one in read.calls.waiting(1) if one[2] is not None}
    assert len(found) == 30
    return sorted(reminded)


def direct(town: Town, user: str) -> list[dict[str, Any]]:
    place = f"D{user[1:]}"
    return town.workspace.messages(place) if place in town.workspace.channels else []


def test_thirty_people_are_called_and_twenty_five_answer(
    staffed: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two of them want help, three of the rest are reminded, and after 90 days nobody knows who it was."""
    run = staffed.start()
    workspace = staffed.workspace
    workspace.react(YAMADA, NEWS, staffed.post("ブラウザに深刻な脆弱性"), "computer")
    [card] = staffed.wait_for_message(ALERT, "#1", "更新を依頼")
    ts = str(card["ts"])
    open_form(staffed, ts)
    written = {"what": "Aozora ブラウザ", "version": "155", "how": "「ヘルプ」から更新して再起動", "to": ALL}
    workspace.submit(SATO, {**written, "by_date": "2020-01-01"})
    errors = workspace.wait_for(lambda: (workspace.view(SATO) or {}).get("errors"))
    assert set(cast(dict[str, str], errors)) == {"by_date"}
    workspace.submit(SATO, {**written, "by_date": "2099-10-09"})
    workspace.wait_for(lambda: "call_send" in json.dumps(workspace.view(SATO)))
    workspace.submit(SATO, {})
    workspace.wait_for(lambda: workspace.view(SATO) is None)
    call = str(call_in(staffed, "Aozora ブラウザ の更新をお願いします", "155", "未回答 30名")["ts"])
    for user in PEOPLE[:20]:
        workspace.click(user, ALL, call, "call_answer_done")
    for user in PEOPLE[20:23]:
        workspace.react(user, ALL, call, "heavy_minus_sign")
    for user in PEOPLE[23:25]:
        workspace.click(user, ALL, call, "call_answer_help")
    call_in(staffed, "完了 20名", "使用していない 3名", "サポート希望 2名", "未回答 5名")
    [told] = workspace.wait_for(lambda: workspace.ephemerals(ALL, PEOPLE[0]))
    assert "記録しました" in str(told["text"])
    helped = workspace.wait_for(lambda: in_thread(staffed, ALERT, ts, "サポートを希望", count=2))
    assert all(f"<@{SATO}>" in str(one["text"]) for one in helped)
    staffed.wait_for_message(ALERT, "更新依頼：", "未回答 5名")
    assert len(staffed.ledger("answered")) == 25
    shown = staffed.command("case", "call", "1", "--names", "--by", SATO)
    assert PEOPLE[24] in shown.stdout, shown.stderr
    assert staffed.command("case", "call", "1", "--names", "--by", YAMADA).returncode == 1
    tokyo = ZoneInfo("Asia/Tokyo")
    assert remind(run, monkeypatch, datetime(2031, 3, 4, 9, 30, tzinfo=tokyo)) == []  # before ten
    for _ in range(2):  # the second time in the same morning; in New York it is the evening
        open_still = remind(run, monkeypatch, datetime(2031, 3, 4, 11, tzinfo=tokyo))
        assert open_still == PEOPLE[25:28]
    for user in open_still:
        [note] = workspace.wait_for(partial(direct, staffed, user))
        assert "call_answer_help" in json.dumps(note["blocks"])
    assert [user for user in PEOPLE if direct(staffed, user)] == open_still
    monkeypatch.undo()
    done = staffed.command("case", "call", "1", "--close", "--by", SATO)
    assert done.returncode == 0, done.stderr
    closed = call_in(staffed, "終了しました", "未回答 5名")
    assert "call_answer" not in json.dumps(closed["blocks"])
    staffed.wait_until_quiet()
    workspace.react(PEOPLE[29], ALL, call, "white_check_mark")
    [late] = workspace.wait_for(lambda: workspace.ephemerals(ALL, PEOPLE[29]))
    assert "終了" in str(late["text"])
    assert len(workspace.messages(ALL)) == 1
    assert len(in_thread(staffed, ALL, call, "ご協力ありがとうございました", count=1)) == 1
    assert compare_records(staffed.store).first is None
    monkeypatch.setattr("threatstamp.desk.cases.calls_by_clock.ANSWERS_KEPT", -DAY)
    run.desk.tidy()
    nobody = staffed.command("case", "call", "1", "--names", "--by", SATO)
    assert "20" in nobody.stdout, nobody.stderr
    assert [user for user in PEOPLE if user in nobody.stdout] == []
    assert [one.body for one in staffed.ledger("answered")] == [None] * 25
    checked = staffed.command("ledger", "verify", "--records")
    assert checked.returncode == 0, checked.stderr


def test_a_call_on_the_command_line_is_previewed_and_sent_once(staffed: Town) -> None:
    staffed.start()
    workspace = staffed.workspace
    workspace.react(YAMADA, NEWS, staffed.post("ブラウザに深刻な脆弱性"), "computer")
    staffed.wait_for_message(ALERT, "#1")
    words: tuple[str, ...] = ("case", "call", "1", "--by", SATO, "--what", "Aozora", "--version", "155")
    words = (*words, "--by-date", "2099-10-09")
    previewed = staffed.command(*words, "--preview")
    assert "Aozora の更新をお願いします" in previewed.stdout, previewed.stderr
    assert workspace.messages(ALL) == []
    sent = staffed.command(*words)
    assert sent.returncode == 0, sent.stderr
    call_in(staffed, "Aozora", "未回答 30名")
    again = staffed.command(*words)
    assert again.returncode == 1
    assert "受付中" in again.stderr
    assert staffed.command("case", "call", "1", "--what", "x").returncode == 2
    listed = staffed.folder / "versions.csv"
    listed.write_text(
        f"ユーザー名,端末名,アプリ,バージョン\n{PEOPLE[0]},PC1,Aozora,155.1\n{PEOPLE[1]},PC2,Aozora,154\n"
        "somebody,PC3,Aozora,155\n",
        encoding="cp932",
    )
    marked = staffed.command("case", "call", "1", "--by", SATO, "--versions", str(listed))
    assert marked.returncode == 0, marked.stderr
    assert all(word in marked.stdout for word in ("155 以降の人：1名", "1行（4）")), marked.stdout
    call_in(staffed, "完了 1名", "未回答 29名")
    assert staffed.command("case", "call", "1", "--by", SATO, "--close").returncode == 0
    call_in(staffed, "終了しました")
    planned = staffed.command(*words, "--at", "2099-10-01T09:30")
    assert "10/1" in planned.stdout, planned.stderr
    assert "送信予定" in json.dumps(staffed.wait_for_card(ALERT, "送信予定"), ensure_ascii=False)
    assert staffed.command(*words, "--at", "2020-10-01T09:30").returncode == 2
    cancelled = staffed.command("case", "call", "1", "--by", SATO, "--close")
    assert "取り消しました" in cancelled.stdout, cancelled.stderr
    assert len(workspace.messages(ALL)) == 1  # the planned one never went out
