"""Names in the settings, found in a workspace: the right one, or none, and never from page one again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import pytest

from threatstamp.core.errors import SlackError
from threatstamp.core.names import KnownName
from threatstamp.sandbox import SandboxWorkspace, serve
from threatstamp.slack.calls import Calls
from threatstamp.slack.directory import LOOK_AGAIN, Directory


@contextmanager
def opened(
    workspace: SandboxWorkspace, *known: KnownName, steady: Callable[[], float] = lambda: 0.0
) -> Iterator[Directory]:
    with serve(workspace) as sandbox:
        calls = Calls(workspace.app.bot_token, api_url=sandbox.api_url, timeout=5)
        yield Directory(calls, {one.name: one for one in known}, steady=steady)


def big(channels: int = 0, people: int = 0) -> SandboxWorkspace:
    """A workspace whose lists have several pages; the app is a member of #news alone."""
    made = SandboxWorkspace()
    made.add_channel("C0NEWS", "news")
    for number in range(channels):
        made.add_channel(f"C{number:06d}", f"team-{number}", bot_member=False)
    for number in range(people):
        made.add_user(f"U{number:06d}", f"person.{number}", f"Person {number}")
    return made


def pages(workspace: SandboxWorkspace, method: str) -> list[object]:
    answered = [call for call in workspace.calls(method) if call.answer == "ok"]
    return [call.arguments.get("cursor") for call in answered]


@pytest.mark.parametrize("name", ["@ciso", "@CISO"])
def test_a_handle_is_found_whatever_other_people_call_themselves(name: str) -> None:
    workspace = SandboxWorkspace()
    workspace.add_user("U0CISO", "ciso", "佐藤 CISO")
    workspace.add_user("U0INTERN", "intern", "ciso")
    with opened(workspace) as directory:
        assert directory.who(name) == "U0CISO"
        assert directory.mention(name) == "<@U0CISO>"


def test_a_display_name_means_nobody_and_its_owner_is_named_as_a_hint() -> None:
    workspace = SandboxWorkspace()
    workspace.add_user("U0INTERN", "intern", "ciso")
    with opened(workspace) as directory:
        assert directory.who("@ciso") is None
        assert directory.homonyms("@ciso") == ("intern",)
        assert "U0INTERN" not in directory.mention("@ciso")


def test_what_could_be_a_person_or_a_group_is_refused_with_both() -> None:
    workspace = SandboxWorkspace()
    workspace.add_user("U0SEC", "security", "Sec")
    workspace.add_group("S0SEC", "security", [])
    with opened(workspace) as directory:
        assert directory.who("@security") is None
        assert directory.ambiguous == {"@security": ("S0SEC", "U0SEC")}


def test_two_people_with_one_handle_are_refused_with_both_unless_one_account_was_closed() -> None:
    workspace = SandboxWorkspace()
    workspace.add_user("U0MORI", "mori", "森")
    workspace.add_user("W0MORI", "mori", "森", team="T0SISTER")
    now = [0.0]
    with opened(workspace, steady=lambda: now[0]) as directory:
        assert directory.who("@mori") is None
        assert directory.ambiguous == {"@mori": ("U0MORI", "W0MORI")}
        workspace.users["U0MORI"].deleted = True
        directory.end()
        now[0] = LOOK_AGAIN
        directory.begin()
        assert directory.who("@mori") == "W0MORI"
        assert directory.ambiguous == {}


def test_a_closed_account_is_nobody() -> None:
    workspace = SandboxWorkspace()
    workspace.add_user("U0MORI", "mori", "森")
    workspace.users["U0MORI"].deleted = True
    with opened(workspace) as directory:
        assert directory.who("@mori") is None


def test_a_handle_that_somebody_else_has_now_means_the_new_owner() -> None:
    workspace = SandboxWorkspace()
    workspace.add_user("U0OLD", "mori.old", "森")
    workspace.add_user("U0NEW", "mori", "森")
    with opened(workspace, KnownName(name="@mori", found="U0OLD", called="mori")) as directory:
        assert directory.who("@mori") == "U0NEW"


def test_a_known_handle_needs_no_list_of_all_people() -> None:
    workspace = big(people=3)
    with opened(workspace, KnownName(name="@person.1", found="U000001", called="person.1")) as directory:
        assert directory.who("@person.1") == "U000001"
    assert workspace.calls("users.list") == []


def test_a_channel_is_kept_by_its_id_whatever_it_is_called_later() -> None:
    workspace = big()
    with opened(workspace) as directory:
        assert directory.channel("#news") == "C0NEWS"
        directory.end()
        workspace.channels["C0NEWS"].name = "old-news"
        workspace.add_channel("C1NEWS", "news")
        directory.begin()
        assert directory.channel("#news") == "C0NEWS"
        assert directory.known["#news"].called == "old-news"


def test_a_channel_that_is_gone_makes_room_for_the_next_of_that_name() -> None:
    workspace = big()
    workspace.add_channel("C1NEWS", "news-2")
    with opened(workspace, KnownName(name="#news-2", found="C0GONE", called="news-2")) as directory:
        assert directory.channel("#news-2") == "C1NEWS"


def test_the_apps_own_channels_are_found_without_the_list_of_all() -> None:
    workspace = big(channels=30)
    with opened(workspace) as directory:
        assert directory.channel("#news") == "C0NEWS"
    assert workspace.calls("conversations.list") == []


@pytest.mark.parametrize(
    ("name", "method", "found"),
    [("#team-2500", "conversations.list", "C002500"), ("@person.2500", "users.list", "U002500")],
)
def test_a_long_list_goes_on_after_a_rate_limit_and_reads_no_page_twice(
    name: str, method: str, found: str
) -> None:
    workspace = big(channels=2600) if name.startswith("#") else big(people=2600)
    with opened(workspace) as directory:
        ask = directory.channel if name.startswith("#") else directory.who
        for count in (1, 2):  # one page passes, then Slack asks for patience
            let_one_page_pass(workspace, method)
            with pytest.raises(SlackError, match="ratelimited"):
                ask(name)
            assert len(pages(workspace, method)) == count
        assert ask(name) == found
    assert len(pages(workspace, method)) == len(set(pages(workspace, method))) == 3


def let_one_page_pass(workspace: SandboxWorkspace, method: str) -> None:
    workspace.faults.add(method, "slow", seconds=0.0)
    workspace.faults.add(method, "rate_limit")


def test_a_rename_reads_no_long_list_anew_while_nothing_is_lost() -> None:
    workspace = big(channels=30)
    with opened(workspace) as directory:
        assert directory.channel("#team-7") == "C000007"
        directory.end()
        workspace.channels["C000007"].name = "team-seven"
        for _ in range(3):
            directory.begin()
            assert directory.channel("#team-7") == "C000007"
            directory.end()
    assert len(workspace.calls("conversations.list")) == 1


@pytest.mark.parametrize("name", ["#late", "@late"])
def test_a_name_that_is_not_found_reads_the_long_list_again_only_after_a_while(name: str) -> None:
    workspace, now = big(channels=3, people=3), [0.0]

    def look(directory: Directory) -> object:
        directory.begin()
        found = [directory.channel(name) if name.startswith("#") else directory.who(name) for _ in range(2)]
        directory.end()
        assert found[0] == found[1]
        return found[0]

    method = "conversations.list" if name.startswith("#") else "users.list"
    with opened(workspace, steady=lambda: now[0]) as directory:
        for _ in range(4):  # each change of a channel begins a round
            assert look(directory) is None
        assert len(workspace.calls(method)) == 1
        workspace.add_channel("C0LATE", "late", bot_member=False)
        workspace.add_user("U0LATE", "late", "Late")
        assert look(directory) is None
        now[0] = LOOK_AGAIN
        assert look(directory) in ("C0LATE", "U0LATE")
        assert len(workspace.calls(method)) == 2


def test_a_handle_that_changed_hands_is_looked_up_anew_although_its_list_was_read_just_now() -> None:
    workspace = SandboxWorkspace()
    workspace.add_user("U0OLD", "bob", "Bob")
    with opened(workspace) as directory:
        directory.begin()
        assert directory.who("@bob") == "U0OLD"
        directory.end()
        workspace.users["U0OLD"].name = "robert"
        workspace.add_user("U0NEW", "bob", "Bob")
        directory.begin()
        assert directory.who("@bob") == "U0NEW"
        directory.end()
        workspace.users["U0NEW"].deleted = True
        directory.begin()
        assert directory.who("@bob") is None


def test_a_name_that_was_not_asked_for_yet_is_searched_for_at_once() -> None:
    """Somebody has written it into the file just now, perhaps after making the channel."""
    workspace = big(channels=3)
    with opened(workspace) as directory:
        assert directory.channel("#other") is None
        directory.end()
        workspace.add_channel("C0LATE", "late", bot_member=False)
        directory.begin()
        assert directory.channel("#other") is None
        assert directory.channel("#late") == "C0LATE"
    assert len(workspace.calls("conversations.list")) == 2


def test_the_app_that_is_invited_into_a_channel_finds_it_at_once() -> None:
    workspace = big(channels=3)
    with opened(workspace) as directory:
        assert directory.channel("#late") is None
        directory.end()
        workspace.add_channel("C0LATE", "late")
        directory.begin()
        assert directory.channel("#late") == "C0LATE"
    assert len(workspace.calls("conversations.list")) == 1


def test_without_the_scope_for_private_channels_the_public_ones_are_found() -> None:
    workspace = big(channels=3)
    workspace.app.scopes = tuple(one for one in workspace.app.scopes if one != "groups:read")
    with opened(workspace) as directory:
        assert directory.channel("#news") == "C0NEWS"
        assert directory.channel("#team-2") == "C000002"


def test_a_group_that_takes_over_a_persons_handle_gets_neither_mentions_nor_rights() -> None:
    workspace = SandboxWorkspace()
    workspace.add_user("U0CISO", "ciso", "佐藤")
    with opened(workspace) as directory:
        assert directory.who("@ciso") == "U0CISO"
        directory.end()
        workspace.add_group("S0EVIL", "ciso", ["U0INTERN"])
        directory.begin()
        assert directory.who("@ciso") is None
        assert set(directory.ambiguous["@ciso"]) == {"S0EVIL", "U0CISO"}


def test_a_person_who_takes_over_a_groups_handle_gets_neither() -> None:
    workspace = SandboxWorkspace()
    workspace.add_user("U0NEW", "sec", "新人")
    with opened(workspace, KnownName(name="@sec", found="S0SEC", called="sec")) as directory:
        assert directory.who("@sec") is None
        assert set(directory.ambiguous["@sec"]) == {"U0NEW", "S0SEC"}


def test_a_known_handle_is_confirmed_once_a_round_however_often_it_is_named_and_interrupted() -> None:
    workspace = big(people=30)
    known = [KnownName(name=f"@person.{n}", found=f"U{n:06d}", called=f"person.{n}") for n in range(30)]
    with opened(workspace, *known) as directory:
        for _ in range(3):  # interrupted: the next attempt goes on
            workspace.faults.clear()
            for _ in range(10):
                workspace.faults.add("users.info", "slow", seconds=0.0)
            workspace.faults.add("users.info", "rate_limit", times=99)
            directory.begin()
            with suppress(SlackError):
                for one in known * 2:
                    directory.who(one.name)
        workspace.faults.clear()
        assert [directory.who(one.name) for one in known] == [one.found for one in known]
    assert len(pages(workspace, "users.info")) == 30
