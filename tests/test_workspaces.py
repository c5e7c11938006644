"""Workspaces as they exist: several share a channel, a Grid spans them, people choose their names."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.commands import TownWithCommands as Town
from tests.support.commands import open_town_with_commands
from tests.support.desks import wait
from tests.support.forks import HANG, Forks
from tests.support.town import ALERT, NEWS, PRIVATE, SERVERS, TANAKA, YAMADA
from tests.test_stories import route

pytestmark = pytest.mark.thorough("postgres")


@pytest.fixture
def town(store_url: str, tmp_path: Path, programs: Forks) -> Iterator[Town]:
    """A town on each kind of database."""
    with open_town_with_commands(tmp_path, programs, store_url) as made:
        yield made


ORG, SISTER = "E0ORG", "T0SISTER"


def told(town: Town) -> list[str]:
    """What people were told privately."""
    return [str(call.arguments["text"]) for call in town.workspace.calls("chat.postEphemeral")]


def undeliverable(town: Town) -> list[tuple[str, str]]:
    with town.store.reading() as read:
        return [(one.channel, one.error) for one in read.backlog.undeliverable()]


def test_an_event_that_names_another_workspace_is_about_the_same_post(town: Town) -> None:
    town.workspace.channels[NEWS].outer_team = SISTER
    run = town.start()
    post = town.post()
    town.workspace.react(YAMADA, NEWS, post, "rotating_light")
    town.wait_for_message(ALERT, YAMADA)
    run.desk.sweep()
    town.wait_until_quiet()
    assert len(town.workspace.messages(ALERT)) == 1
    assert len(town.ledger("stamp")) == 1
    town.workspace.unreact(YAMADA, NEWS, post, "rotating_light")
    town.wait_for_message(ALERT, "スタンプを外しました")
    assert len(town.ledger("withdrawal")) == 1


def test_a_withdrawal_whose_event_was_lost_is_found_in_a_channel_that_others_share(town: Town) -> None:
    town.workspace.channels[NEWS].outer_team = SISTER
    run = town.start()
    post = town.post()
    town.workspace.react(YAMADA, NEWS, post, "rotating_light")
    town.wait_for_message(ALERT, YAMADA)
    town.workspace.faults.events("lose")
    town.workspace.unreact(YAMADA, NEWS, post, "rotating_light")

    def is_marked() -> bool:
        run.desk.sweep()  # one in the same second cannot tell which came first
        return "スタンプを外しました" in json.dumps(town.workspace.messages(ALERT), ensure_ascii=False)

    assert wait(is_marked, HANG)


def test_an_edit_and_a_deletion_by_another_workspace_reach_the_post_on_record(town: Town) -> None:
    town.workspace.channels[NEWS].outer_team = SISTER
    town.start()
    post = town.workspace.post(NEWS, "最初の文", user=YAMADA)
    town.workspace.react(YAMADA, NEWS, post, "rotating_light")
    town.wait_for_message(ALERT, "最初の文")
    town.workspace.edit(NEWS, post, "別の文")
    assert wait(lambda: town.ledger("post_edited"), HANG)
    town.workspace.delete(NEWS, post)
    assert wait(lambda: town.ledger("post_deleted"), HANG)


@pytest.mark.parametrize(
    ("team", "grid"),
    [
        (SISTER, (ORG, SISTER)),  # she is at home in a sister workspace
        (SISTER, (ORG, SISTER, "T0TOWN")),
        (ORG, (ORG,)),  # the organisation itself in the team's place
        ("T0TOWN", ()),
    ],
)
def test_colleagues_in_a_grid_are_not_strangers(town: Town, team: str, grid: tuple[str, ...]) -> None:
    town.workspace.enterprise = ORG
    town.workspace.channels[NEWS].ext_shared = True
    town.workspace.add_user("W0MORI", "mori", "森", team=team, grid=grid)
    town.workspace.channels[NEWS].members.add("W0MORI")
    town.settle(route(mention=["W0MORI"], allow=["W0MORI"]))
    town.start()
    town.workspace.react("W0MORI", NEWS, town.post(), "rotating_light")
    town.wait_for_message(ALERT, "<@W0MORI>")
    assert town.ledger("refusal") == []


@pytest.mark.parametrize("grid", [(), ("E0OTHER", "T0OTHER")])
def test_a_stranger_is_refused_in_a_grid_too_and_told_why(town: Town, grid: tuple[str, ...]) -> None:
    town.workspace.enterprise = ORG
    town.workspace.channels[NEWS].ext_shared = True
    town.workspace.add_user("U0GUEST", "guest", "社外", team="T0OTHER", grid=grid)
    town.workspace.channels[NEWS].members.add("U0GUEST")
    town.settle(route())
    town.start()
    town.workspace.react("U0GUEST", NEWS, town.post(), "rotating_light")
    town.workspace.wait_for(lambda: told(town))
    assert "運用している組織のメンバー" in told(town)[0]
    assert json.loads(str(town.ledger("refusal")[0].body))["why"] == "external"
    assert town.workspace.messages(ALERT) == []


def test_a_forward_goes_to_the_channel_that_its_name_meant_first_whatever_it_is_called_now(
    town: Town,
) -> None:
    town.settle(route())
    town.start()
    town.workspace.rename(ALERT, "alarms")
    town.stop()
    town.start()  # the file still says #sec-alert
    town.workspace.react(YAMADA, NEWS, town.post(), "rotating_light")
    town.wait_for_message(ALERT, YAMADA)
    assert undeliverable(town) == []


def test_a_forward_recorded_for_a_name_goes_out_as_soon_as_the_name_is_found(town: Town) -> None:
    town.settle(route(to=["#sec-new", "#server-team"]))
    town.start()
    town.workspace.react(YAMADA, NEWS, town.post(), "rotating_light")
    town.wait_for_message(SERVERS, YAMADA)
    assert wait(lambda: undeliverable(town) == [("#sec-new", "destination_unknown")], HANG)
    town.workspace.add_channel("C0SECNEW", "sec-new")
    town.workspace.join("C0SECNEW")
    town.wait_for_message("C0SECNEW", YAMADA)
    town.wait_until_quiet()
    assert len(town.workspace.messages("C0SECNEW")) == len(town.workspace.messages(SERVERS)) == 1
    [found] = town.ledger("readdressed")
    assert json.loads(str(found.body))["found"] == "C0SECNEW"
    assert undeliverable(town) == []


def test_a_forward_recorded_for_a_misspelt_name_goes_out_once_the_file_is_corrected(town: Town) -> None:
    town.settle(route(to=["#sec-alrt"]))
    town.start()
    town.workspace.react(YAMADA, NEWS, town.post(), "rotating_light")
    assert wait(lambda: undeliverable(town) == [("#sec-alrt", "destination_unknown")], HANG)
    town.settle(route(to=["#sec-alert"]))
    town.wait_for_message(ALERT, YAMADA)
    town.wait_until_quiet()
    assert len(town.workspace.messages(ALERT)) == 1


def test_the_next_persons_stamp_joins_a_forward_whose_channel_was_found_later(town: Town) -> None:
    town.settle(route(to=["#sec-new"]))
    town.start()
    post = town.post()
    town.workspace.react(YAMADA, NEWS, post, "rotating_light")
    assert wait(lambda: undeliverable(town) == [("#sec-new", "destination_unknown")], HANG)
    town.workspace.add_channel("C0SECNEW", "sec-new")
    town.workspace.join("C0SECNEW")
    town.wait_for_message("C0SECNEW", YAMADA)
    town.workspace.react(TANAKA, NEWS, post, "rotating_light")
    town.wait_for_message("C0SECNEW", YAMADA, TANAKA)
    town.wait_until_quiet()
    assert len(town.workspace.messages("C0SECNEW")) == 1


def test_a_route_without_a_name_finds_its_forwards_again_once_it_is_corrected(town: Town) -> None:
    town.settle(route(to=["#sec-alrt"]).replace('name = "ciso"\n', ""))
    town.start()
    town.workspace.react(YAMADA, NEWS, town.post(), "rotating_light")
    assert wait(lambda: undeliverable(town) == [("#sec-alrt", "destination_unknown")], HANG)
    town.settle(route(to=["#sec-alert"]).replace('name = "ciso"\n', ""))
    town.wait_for_message(ALERT, YAMADA)
    town.wait_until_quiet()
    assert len(town.workspace.messages(ALERT)) == 1


def test_an_app_that_was_removed_from_a_private_channel_and_invited_again_forwards_there(town: Town) -> None:
    town.settle(route(to=["#secret"]))
    town.start()
    town.workspace.leave(PRIVATE)
    town.stop()
    town.start()
    town.workspace.react(YAMADA, NEWS, town.post(), "rotating_light")
    assert wait(lambda: [channel for channel, _ in undeliverable(town)] == [PRIVATE], HANG)
    town.workspace.join(PRIVATE)
    town.command("retry", "--all")
    town.wait_for_message(PRIVATE, YAMADA)
    town.wait_until_quiet()
    assert len(town.workspace.messages(PRIVATE)) == 1


def test_a_channel_that_became_the_source_of_its_own_route_gets_nothing_and_check_says_so(town: Town) -> None:
    town.settle(route())
    town.start()
    town.stop()
    town.workspace.rename(ALERT, "alarms")
    town.settle(route(), sources='[[sources]]\nchannel = "#alarms"\n')
    town.start()
    post = town.workspace.post(ALERT, "ここにも投稿", user=YAMADA)
    town.workspace.react(TANAKA, ALERT, post, "rotating_light")
    assert wait(lambda: undeliverable(town) == [(ALERT, "destination_is_source")], HANG)
    assert len(town.workspace.messages(ALERT)) == 1
    assert "同じルートの監視チャンネル" in town.command("check").stdout


def test_a_source_that_is_removed_leaves_no_trouble_behind(town: Town) -> None:
    town.settle(route(), sources='[[sources]]\nchannel = "#staff"\n')
    run = town.start()
    town.workspace.leave("C0STAFF")
    run.desk.sweep()

    def troubles() -> set[str]:
        with town.store.reading() as read:
            return {one.subject for one in read.troubles.unfixed()}

    assert wait(lambda: "C0STAFF" in troubles(), HANG)
    town.settle(route())
    assert wait(lambda: "C0STAFF" not in troubles(), HANG)


def test_a_public_channel_that_is_made_later_is_found_although_no_event_tells_of_it(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("threatstamp.app.following", "threatstamp.slack.directory"):
        monkeypatch.setattr(f"{module}.LOOK_AGAIN", 0.1)
    monkeypatch.setattr("threatstamp.app.following.REBIND", 0.1)
    town.settle(route(to=["#late"]))
    run = town.start()
    assert run.desk.tools.policy.lost == ("#late",)
    town.workspace.add_channel("C0LATE", "late", bot_member=False)
    assert wait(lambda: run.desk.tools.policy.routes[0].to == ("C0LATE",), HANG)
