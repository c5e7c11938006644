"""What people do in the channel, and what comes of it, with the real desk in the sandbox."""

from __future__ import annotations

import json
import threading
import time
from contextlib import closing
from pathlib import Path

import pytest

from tests.support.desks import wait
from tests.support.forks import HANG
from tests.support.town import (
    ALERT,
    ITO,
    NEWS,
    OPS,
    PRIVATE,
    SATO,
    SERVERS,
    STAFF,
    SUZUKI,
    TANAKA,
    YAMADA,
    Town,
)
from threatstamp.sqlite import installed

ALARM = '\n[[routes]]\nname = "ciso"\nreaction = "rotating_light"\nto = ["#sec-alert"]\ntext = "至急"\n'


def route(**values: object) -> str:
    """One route; strings and lists as TOML has them."""
    given = {"name": "ciso", "reaction": "rotating_light", "to": ["#sec-alert"], "text": "至急"} | values
    lines = [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in given.items()]
    return "\n[[routes]]\n" + "\n".join(lines) + "\n"


def test_further_people_are_added_and_only_the_last_withdrawal_marks(town: Town) -> None:
    town.start()
    post = town.post()
    town.workspace.react(YAMADA, NEWS, post, "rotating_light")
    town.wait_for_message(ALERT, YAMADA)
    town.workspace.react(TANAKA, NEWS, post, "rotating_light")
    town.wait_for_message(ALERT, YAMADA, TANAKA)
    town.workspace.unreact(YAMADA, NEWS, post, "rotating_light")
    town.workspace.wait_for(lambda: YAMADA not in json.dumps(town.workspace.messages(ALERT)))
    assert not str(town.workspace.messages(ALERT)[0]["text"]).startswith("~")
    town.workspace.unreact(TANAKA, NEWS, post, "rotating_light")
    town.wait_for_message(ALERT, "スタンプを外しました")
    town.workspace.react(SATO, NEWS, post, "rotating_light")
    [message] = town.workspace.wait_for(
        lambda: [one for one in town.workspace.messages(ALERT) if SATO in json.dumps(one["blocks"])]
    )
    assert not str(message["text"]).startswith("~")
    town.wait_until_quiet()
    assert len(town.workspace.messages(ALERT)) == 1


def test_many_event_ids_skin_tones_and_aliases_are_one_stamp(town: Town) -> None:
    town.settle(route(reaction="thumbsup"))
    town.workspace.add_emoji("siren", "alias:+1")
    town.start()
    post = town.post()
    town.workspace.react(YAMADA, NEWS, post, "+1::skin-tone-3", event_ids=11)
    town.wait_for_message(ALERT, YAMADA)
    town.workspace.react(TANAKA, NEWS, post, "thumbsup")
    town.wait_for_message(ALERT, TANAKA)
    town.wait_until_quiet()
    assert len(town.workspace.messages(ALERT)) == 1
    assert len(town.ledger("stamp")) == 2


def test_removed_before_added_ends_as_if_it_had_come_in_order(town: Town) -> None:
    town.start()
    post = town.post()
    town.workspace.faults.events("reorder", times=2)
    town.workspace.react(YAMADA, NEWS, post, "rotating_light")
    town.workspace.unreact(YAMADA, NEWS, post, "rotating_light")
    [message] = town.wait_for_message(ALERT, "スタンプを外しました")
    assert str(message["text"]).startswith("~")
    [first] = [
        call for call in town.workspace.calls("chat.postMessage") if call.arguments["channel"] == ALERT
    ]
    assert SUZUKI not in str(first.arguments["text"])  # nobody is called for what was taken back


def test_stamps_that_were_there_before_are_recorded_and_not_forwarded_unless_asked_for(town: Town) -> None:
    post = town.post()
    town.workspace.react(YAMADA, NEWS, post, "rotating_light")
    town.start()
    town.wait_until_quiet()
    assert town.workspace.messages(ALERT) == []
    assert len(town.ledger("stamp")) == 1
    town.stop()
    done = town.command("sweep", "--forward-existing")
    assert done.returncode == 0, done.stderr
    assert len(town.workspace.messages(ALERT)) == 1
    assert town.command("sweep", "--forward-existing").returncode == 0
    assert len(town.workspace.messages(ALERT)) == 1


def test_a_route_that_is_new_fires_on_stamps_made_from_then_on(town: Town) -> None:
    town.settle(route(name="servers", reaction="wrench", to=["#server-team"]))
    town.start()
    old, new = town.post("古い", "https://n.example/1"), town.post("新しい", "https://n.example/2")
    town.workspace.react(YAMADA, NEWS, old, "rotating_light")
    town.wait_until_quiet()
    town.settle(route(name="servers", reaction="wrench", to=["#server-team"]) + ALARM)
    assert wait(lambda: len(town.ledger("contact")) == 2, HANG)
    town.workspace.react(YAMADA, NEWS, new, "rotating_light")
    [message] = town.wait_for_message(ALERT)
    assert "新しい" in json.dumps(message, ensure_ascii=False)


def test_a_wrong_file_changes_nothing_and_alerts_say_so_once_and_once_when_it_is_fixed(town: Town) -> None:
    path = town.settle()
    town.start()
    good = path.read_text(encoding="utf-8")
    path.write_text(good.replace("reaction", "reacton", 1), encoding="utf-8")
    town.wait_for_message(OPS, "設定ファイルの変更に誤りがあります", "reacton")
    post = town.post()
    town.workspace.react(YAMADA, NEWS, post, "rotating_light")
    town.wait_for_message(ALERT)
    path.write_text(good, encoding="utf-8")
    town.wait_for_message(OPS, "設定ファイルの変更を反映しました", count=2)


def test_each_forwards_for_every_person(town: Town) -> None:
    town.settle(route(each=True))
    town.start()
    post = town.post()
    for user in (YAMADA, TANAKA):
        town.workspace.react(user, NEWS, post, "rotating_light")
    town.wait_for_message(ALERT, YAMADA, TANAKA, count=2)
    town.workspace.unreact(YAMADA, NEWS, post, "rotating_light")
    town.wait_for_message(ALERT, "スタンプを外しました")
    struck = [one for one in town.workspace.messages(ALERT) if str(one["text"]).startswith("~")]
    assert len(struck) == 1
    assert YAMADA in json.dumps(struck)


def test_a_thread_route_answers_in_the_posts_own_thread(town: Town) -> None:
    town.settle(route(to=["#security-news"], thread=True))
    town.start()
    post = town.post()
    town.workspace.react(YAMADA, NEWS, post, "rotating_light")
    [message] = town.workspace.wait_for(lambda: town.workspace.messages(NEWS, thread_ts=post))
    assert "至急" in str(message["text"])


def test_a_stamp_on_a_reply_is_forwarded_with_the_replys_own_link(town: Town) -> None:
    town.start()
    post = town.post()
    reply = town.workspace.post(NEWS, "うちの機種も該当します", user=SATO, thread_ts=post)
    town.workspace.react(YAMADA, NEWS, reply, "rotating_light")
    [message] = town.wait_for_message(ALERT, "うちの機種も該当します", "佐藤")
    assert f"thread_ts={post}" in json.dumps(message)


def test_a_reply_stamped_while_the_desk_was_down_is_found(town: Town) -> None:
    post = town.post()
    reply = town.workspace.post(NEWS, "返信", user=SATO, thread_ts=post)
    town.start()
    town.stop()
    town.workspace.react(YAMADA, NEWS, reply, "rotating_light")
    town.start(looked=False)
    town.wait_for_message(ALERT, "返信")


def is_taken_back_in_time(town: Town, emoji: str) -> bool:
    """Stamps and takes it back; False if this machine was so busy that the forward went out before."""
    before = len(town.ledger("delivered"))
    post = town.post(emoji, f"https://n.example/{emoji}")
    town.workspace.react(YAMADA, NEWS, post, emoji)
    town.workspace.unreact(YAMADA, NEWS, post, emoji)
    assert wait(lambda: town.ledger("cancelled") or len(town.ledger("delivered")) > before, HANG)
    if town.ledger("cancelled"):
        return True
    assert town.ledger("delivered")[0].sequence < town.ledger("withdrawal")[0].sequence
    return False


def test_a_withdrawal_within_the_delay_cancels_silently(town: Town) -> None:
    town.settle(
        route(delay="1s") + route(name="patient", reaction="wrench", to=["#server-team"], delay="30s")
    )
    town.start()
    assert is_taken_back_in_time(town, "rotating_light") or is_taken_back_in_time(town, "wrench")
    town.wait_until_quiet()
    assert len(town.ledger("cancelled")) == 1
    assert len(town.ledger("delivered")) == len(town.ledger("stamp")) - 1
    town.workspace.react(YAMADA, NEWS, town.post("二", "https://n.example/2"), "rotating_light")
    town.wait_for_message(ALERT, "二")  # what is not taken back goes out when its delay is over


def test_a_route_without_destinations_only_records_and_confirms(town: Town) -> None:
    town.start()
    post = town.post()
    town.workspace.react(YAMADA, NEWS, post, "see_no_evil")
    town.workspace.wait_for(lambda: "outbox_tray" in json.dumps(town.workspace.messages(NEWS)))
    town.wait_until_quiet()
    assert len(town.ledger("stamp")) == 1
    assert town.workspace.calls("chat.postMessage") == []


@pytest.mark.parametrize("confirm", ["thread", "none"])
def test_confirmation_is_as_configured(town: Town, confirm: str) -> None:
    town.settle(slack=f'confirm = "{confirm}"\npace = "0s"')
    town.start()
    post = town.post()
    town.workspace.react(YAMADA, NEWS, post, "rotating_light")
    town.wait_for_message(ALERT)
    town.wait_until_quiet()
    lines = town.workspace.messages(NEWS, thread_ts=post)
    assert len(lines) == (1 if confirm == "thread" else 0)
    assert town.workspace.calls("reactions.add") == []


def test_an_unreadable_group_makes_the_stamp_wait_neither_refused_nor_forwarded(town: Town) -> None:
    town.settle(route(allow=["S0TEAM"]))
    town.workspace.faults.add("usergroups.users.list", "error", error="internal_error", times=3)
    town.start()
    post = town.post()
    town.workspace.react(YAMADA, NEWS, post, "rotating_light")
    town.wait_for_message(ALERT, YAMADA)  # once it can be read
    assert town.ledger("refusal") == []


def test_people_of_another_organisation_do_not_stamp_unless_the_route_allows_it(town: Town) -> None:
    town.settle(route() + route(name="open", to=["#server-team"], external=True))
    town.workspace.channels[NEWS].ext_shared = True
    town.workspace.add_user("U0GUEST", "guest", "社外", team="T0OTHER")
    town.workspace.channels[NEWS].members.add("U0GUEST")
    town.start()
    post = town.post()
    town.workspace.react("U0GUEST", NEWS, post, "rotating_light")
    town.wait_for_message(SERVERS, "U0GUEST")
    town.wait_until_quiet()
    assert town.workspace.messages(ALERT) == []
    assert json.loads(str(town.ledger("refusal")[0].body))["why"] == "external"


def test_an_edited_and_a_deleted_post_leave_the_evidence_and_the_stamp(town: Town) -> None:
    town.start()
    post = town.workspace.post(NEWS, "最初の文", user=SATO)
    town.workspace.react(YAMADA, NEWS, post, "rotating_light")
    town.wait_for_message(ALERT, "最初の文")
    town.workspace.edit(NEWS, post, "別の文")
    town.workspace.delete(NEWS, post)
    assert wait(lambda: town.ledger("post_deleted") and town.ledger("post_edited"), HANG)
    assert "別の文" in str(town.ledger("post_edited")[0].body)
    assert town.ledger("withdrawal") == []
    assert "最初の文" in json.dumps(town.workspace.messages(ALERT), ensure_ascii=False)


def test_a_stamp_on_a_forward_counts_for_the_original_post(town: Town) -> None:
    town.settle(
        route(name="servers", reaction="wrench", to=["#server-team"], **{"from": ["#security-news"]})
        + route(**{"from": ["#security-news"]}, to=["#staff"]),
        sources='[[sources]]\nchannel = "#server-team"',
    )
    town.start()
    post = town.post("元の記事")
    town.workspace.react(YAMADA, NEWS, post, "wrench")
    [forward] = town.wait_for_message(SERVERS)
    town.wait_until_quiet()
    town.workspace.react(SATO, SERVERS, str(forward["ts"]), "rotating_light")
    [message] = town.wait_for_message(STAFF, "元の記事", SATO)
    assert f"/{NEWS}/" in json.dumps(message)


def test_an_undeliverable_forward_is_said_once_and_goes_out_by_retry(town: Town) -> None:
    town.workspace.archive(ALERT)
    town.start()
    first, second = town.post("一", "https://n.example/1"), town.post("二", "https://n.example/2")
    town.workspace.react(YAMADA, NEWS, first, "rotating_light")
    town.workspace.react(YAMADA, NEWS, second, "rotating_light")
    town.wait_for_message(OPS, "投稿できません", "is_archived")
    town.wait_until_quiet()
    assert len(town.workspace.messages(OPS)) == 1
    status = town.command("status", "--json")
    assert status.returncode == 1
    assert [one["error"] for one in json.loads(status.stdout)["undeliverable"]] == ["is_archived"] * 2
    said = town.command("status").stdout
    assert "#sec-alert に投稿できません" in said
    assert "#security-news の最後の見回り" in said
    assert "C0" not in said, "channels have names"
    town.workspace.archive(ALERT, archived=False)
    assert town.command("retry", "--all").returncode == 0
    town.wait_for_message(ALERT, "一", "二", count=2)
    town.wait_for_message(OPS, "に投稿できない状態", count=2)


def test_our_own_reactions_and_other_channels_are_nothing_to_us(town: Town, tmp_path: Path) -> None:
    """Plants a conversation, and searches the database, its log and every file of the desk for it."""
    town.start()
    word = "极秘の合言葉PLANTED"
    for channel in (PRIVATE, STAFF, ALERT):
        ts = town.workspace.post(channel, word, user=ITO)
        town.workspace.react(ITO, channel, ts, "rotating_light")
        town.workspace.edit(channel, ts, word + "2")
        town.workspace.delete(channel, ts)
    unstamped = town.workspace.post(NEWS, word, user=ITO)
    town.workspace.react(ITO, NEWS, unstamped, "coffee")
    post = town.post()
    town.workspace.react(town.workspace.app.user_id, NEWS, post, "rotating_light")
    town.workspace.react(YAMADA, NEWS, post, "rotating_light")
    town.wait_for_message(ALERT, "製品X")
    town.wait_until_quiet()
    assert len(town.ledger("stamp")) == 1
    for file in tmp_path.iterdir():
        content = file.read_bytes()
        for form in (word.encode(), json.dumps(word).encode()[1:-1], word.encode("utf-16-le")):
            assert form not in content, f"{file.name} holds what was said elsewhere"
    # the running desk's own SQLite: a second one in this process would drop its locks
    with closing(installed().driver.connect(str(tmp_path / "desk.db"))) as connection:
        assert connection.execute("SELECT count(*) FROM desk_inbox").fetchone() == (0,)


def test_it_survives_the_small_pages_of_2025(town: Town) -> None:
    posts = [town.post(f"{number}", f"https://n.example/{number}") for number in range(40)]
    town.start()
    town.stop()
    town.workspace.limits.small_pages = True
    town.workspace.limits.small_period = 0.3
    town.workspace.react(YAMADA, NEWS, posts[0], "rotating_light")  # on the last page
    town.start(looked=False)
    town.wait_for_message(ALERT, YAMADA)
    assert any(call.answer == "ratelimited" for call in town.workspace.calls("conversations.history"))


def test_a_list_of_users_that_slack_cut_short_is_asked_for_whole(town: Town) -> None:
    people = [town.workspace.add_user(f"U9{n:03d}", f"u{n}", f"u{n}") for n in range(8)]
    town.workspace.cut_users = 3
    post = town.post()
    town.start()
    town.stop()
    for user in people:
        town.workspace.react(user, NEWS, post, "rotating_light")
    town.start(looked=False)
    town.wait_for_message(ALERT, *people)
    town.wait_until_quiet()
    assert len(town.ledger("stamp")) == 8
    assert town.ledger("withdrawal") == []


def test_an_hours_absence_with_fifty_stamps_is_caught_up(town: Town) -> None:
    now = time.time()
    posts = [town.post(f"{n}", f"https://n.example/{n}", at=now - 7200 + n) for n in range(50)]
    town.start()
    town.stop()
    for number, post in enumerate(posts):
        town.workspace.react(YAMADA, NEWS, post, "rotating_light", at=now - 3600 + number)
    town.start(looked=False)
    town.wait_for_message(ALERT, count=50)
    town.wait_until_quiet()
    keys = {json.dumps(one["metadata"]) for one in town.workspace.messages(ALERT)}
    assert len(keys) == len(town.workspace.messages(ALERT)) == 50


@pytest.mark.parametrize(
    ("kind", "more"),
    [
        ("rate_limit", {"retry_after": 0.3, "times": 2}),
        pytest.param("status", {"times": 2}, marks=pytest.mark.thorough),
        ("drop", {}),
        ("hold", {}),
        ("late", {"seconds": 0.1}),
        ("reset", {"times": 2}),
        pytest.param("hang", {}, marks=pytest.mark.thorough),
        ("slow", {"seconds": 0.5}),
    ],
)
def test_whatever_slack_does_to_the_call_one_message_stands(
    town: Town, kind: str, more: dict[str, object]
) -> None:
    town.start()
    post = town.post()
    town.workspace.faults.add("chat.postMessage", kind, channel=ALERT, **more)  # type: ignore[arg-type]
    town.workspace.react(YAMADA, NEWS, post, "rotating_light")
    town.wait_for_message(ALERT)
    town.wait_until_quiet()
    assert len(town.workspace.messages(ALERT)) == 1
    assert len(town.ledger("delivered")) == 1


def test_a_stuck_channel_holds_back_no_other(town: Town) -> None:
    town.start()
    post = town.post()
    town.workspace.faults.add("chat.postMessage", "hang", channel=ALERT)
    town.workspace.react(YAMADA, NEWS, post, "rotating_light")
    town.workspace.react(YAMADA, NEWS, post, "wrench")
    town.wait_for_message(SERVERS)
    assert town.workspace.messages(ALERT) == []
    town.wait_for_message(ALERT)


@pytest.mark.parametrize("how", ["cut", "refresh"])
def test_the_line_is_back_after_a_cut_and_a_refresh_and_a_sweep_follows(town: Town, how: str) -> None:
    run = town.start()
    post = town.post()
    workspace = town.workspace
    town.wait_until_quiet()
    run.desk.swept.clear()
    opened = len(workspace.calls("apps.connections.open"))
    getattr(workspace.sockets, how)()
    workspace.wait_for(lambda: len(workspace.calls("apps.connections.open")) > opened, HANG)
    workspace.wait_for(lambda: workspace.sockets.count == 1, HANG)
    assert run.desk.swept.wait(HANG)
    workspace.react(YAMADA, NEWS, post, "rotating_light")
    town.wait_for_message(ALERT)


def test_a_copied_key_in_another_apps_message_fools_nobody(town: Town) -> None:
    town.start()
    post = town.post()
    town.workspace.faults.add("chat.postMessage", "reset", channel=ALERT)
    town.workspace.react(YAMADA, NEWS, post, "rotating_light")
    call = town.workspace.wait_for(
        lambda: [c for c in town.workspace.calls("chat.postMessage") if c.answer == "fault:reset"]
    )[0]
    town.workspace.post(ALERT, "まねた投稿", user=ITO, metadata=call.arguments["metadata"])
    found = town.wait_for_message(ALERT, "製品X", count=2)
    assert [one for one in found if one.get("bot_id") == town.workspace.app.bot_id]


@pytest.mark.postgres
def test_two_desks_on_one_postgresql_forward_once(pg_url: str, tmp_path: Path) -> None:
    from tests.support.town import open_town

    with open_town(tmp_path, pg_url) as both:
        both.start()
        both.start()
        posts = [both.post(f"{n}", f"https://n.example/{n}") for n in range(12)]
        threads = [
            threading.Thread(target=both.workspace.react, args=(user, NEWS, post, "rotating_light"))
            for post in posts
            for user in (YAMADA, TANAKA)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        both.wait_for_message(ALERT, count=12)
        both.wait_until_quiet()
        assert len(both.workspace.messages(ALERT)) == 12
        for message in both.workspace.messages(ALERT):
            assert YAMADA in json.dumps(message)
            assert TANAKA in json.dumps(message)
        assert len(both.ledger("delivered")) == 12


def test_who_was_redacted_is_not_recorded_anew_by_a_sweep_and_the_forward_stays(town: Town) -> None:
    town.start()
    post = town.post()
    town.workspace.react(TANAKA, NEWS, post, "rotating_light")
    town.wait_for_message(ALERT, TANAKA)
    town.wait_until_quiet()
    done = town.command("ledger", "redact", "--person", TANAKA, "--reason", "a request", "--yes")
    assert done.returncode == 0, done.stderr
    before = len(town.ledger())
    assert town.command("sweep").returncode == 0
    town.workspace.react(YAMADA, NEWS, post, "rotating_light")
    [message] = town.wait_for_message(ALERT, YAMADA)
    assert "~" not in str(message["text"])
    assert "墨消しされた方" in json.dumps(message, ensure_ascii=False)
    kinds = [entry.kind for entry in town.ledger()[before:]]
    assert kinds == ["stamp"]
    town.wait_until_quiet()
    assert TANAKA not in str([entry.body for entry in town.ledger()])
    for file in town.folder.glob("desk.db*"):
        assert TANAKA.encode() not in file.read_bytes()


def test_whoever_is_in_several_routes_to_one_channel_is_called_once(town: Town) -> None:
    town.settle(
        route(mention=[SUZUKI, SATO])
        + route(name="team", mention=[SUZUKI, "here"])
        + route(name="servers", to=["#server-team"], mention=[SUZUKI])
    )
    town.start()
    town.workspace.react(YAMADA, NEWS, town.post(), "rotating_light")
    town.wait_for_message(ALERT, count=2)
    town.wait_for_message(SERVERS, f"<@{SUZUKI}>")
    town.wait_until_quiet()
    texts = [str(one["text"]) for one in town.workspace.messages(ALERT)]
    assert len(texts) == 2
    assert sum(text.count(f"<@{SUZUKI}>") for text in texts) == 1
    assert sum(text.count("<!here>") for text in texts) == 1
    assert json.dumps(town.workspace.messages(ALERT)).count(f"<@{SUZUKI}>") == 2  # text and blocks of one
