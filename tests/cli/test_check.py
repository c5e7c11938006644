"""`check` tries what `run` will do, and names each cause once."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from tests.support.commands import TownWithCommands as Town
from tests.support.tunnel import closed_proxy
from threatstamp.app.check.database import check_writing
from threatstamp.app.check.finding import Findings
from threatstamp.store import open_store
from threatstamp.store.connection import driver_url
from threatstamp.store.inspection import inspect_database
from threatstamp.texts.catalogue import Language, Texts

FOUND = Findings("database", Texts(Language.EN))


def wrong(town: Town, **environ: Any) -> dict[str, dict[str, str]]:
    """Returns the failures of `check` by name."""
    checks = json.loads(town.command("check", "--json", **environ).stdout)["checks"]
    failed = [one for one in checks if not one["ok"]]
    assert len({one["name"] for one in failed}) == len(failed), failed
    return {one["name"]: one for one in failed}


def without(town: Town, *scopes: str) -> None:
    town.workspace.app.scopes = tuple(one for one in town.workspace.app.scopes if one not in scopes)


def test_a_missing_scope_is_one_failure_and_not_one_for_each_channel(town: Town) -> None:
    town.settle()
    without(town, "channels:read", "groups:read")
    assert wrong(town).keys() == {"channels:read"}
    without(town, "channels:history")
    assert wrong(town).keys() == {"channels:read", "channels:history"}


def test_the_scope_of_private_channels_is_named_by_slacks_own_word(town: Town) -> None:
    town.settle(top="", sources='[[sources]]\nchannel = "G0SECRET"')
    town.workspace.join("G0SECRET")
    without(town, "groups:history")
    found = wrong(town)
    assert found.keys() == {"groups:history"}
    assert found["groups:history"]["part"] == "scope"
    assert found["groups:history"]["fix"]


PEOPLE = """
[[routes]]
reaction = "party_parrot"
to = ["#sec-alert"]
mention = ["@suzuki", "@sec-team", "u0sato@town.example", "U0TANAKA"]
allow = ["S0TEAM"]
"""


OWNED = """
[[products]]
name = "FortiGate"
owner = "u0sato@town.example"
[[products]]
name = "Wiki"
owner = "#sec-alert"
[[products]]
name = "Portal"
owner = "S0TEAM"
[[products]]
name = "Shop"
owner = "@nobody-of-that-name"
[[products]]
name = "Mail"
owner = "@nobody-of-that-name"
[[products]]
name = "Files"
owner = "#no-such-channel"
"""


def test_owners_of_products_are_looked_up_and_the_product_is_named(town: Town) -> None:
    town.settle(top=OWNED)
    found = wrong(town)
    assert {name: one["part"] for name, one in found.items()} == {
        "@nobody-of-that-name": "owner",
        "#no-such-channel": "owner",
    }
    assert "Shop ほか1件の担当" in found["@nobody-of-that-name"]["message"]
    assert "製品一覧の #no-such-channel" in found["#no-such-channel"]["fix"]
    checks = json.loads(town.command("check", "--json").stdout)["checks"]
    well = {one["name"]: one["message"] for one in checks if one["part"] == "owner" and one["ok"]}
    assert well.keys() == {"u0sato@town.example", "#sec-alert", "S0TEAM"}
    without(town, "users:read", "usergroups:read")
    assert "@nobody-of-that-name" not in wrong(town)


def test_scopes_for_names_are_named_once_and_only_where_the_file_has_such_names(town: Town) -> None:
    town.settle(PEOPLE)
    names = {"users:read", "users:read.email", "usergroups:read", "emoji:read"}
    without(town, *names)
    assert wrong(town).keys() == names
    town.settle()
    assert wrong(town) == {}


@pytest.mark.parametrize(
    ("confirm", "needed"),
    [("none", set()), ("thread", set()), ("reaction", {"reactions:write"})],
)
def test_the_right_to_react_is_needed_only_where_posts_are_confirmed_by_a_reaction(
    town: Town, confirm: str, needed: set[str]
) -> None:
    town.settle(slack=f'confirm = "{confirm}"')
    without(town, "reactions:write")
    assert wrong(town).keys() == needed


def test_a_desk_that_only_posts_news_needs_no_right_to_read_stamps(town: Town) -> None:
    feed = '[[feeds]]\nname = "架空"\nurl = "http://127.0.0.1:1/"\nchannel = "#security-news"'
    town.settle(routes="", top=feed)
    without(town, "reactions:read", "reactions:write")
    assert wrong(town).keys() == {"架空"}


def test_a_database_that_sqlite_may_not_write_is_found_and_left_as_it_is(tmp_path: Path) -> None:
    database = f"sqlite:///{tmp_path / 'desk.db'}"
    open_store(database).close()
    assert check_writing(database, inspect_database(database), FOUND) is None
    with (tmp_path / "desk.db").open("r+b") as file:  # https://www.sqlite.org/fileformat2.html, 1.3.2
        file.seek(18)
        file.write(b"\x03")
    before = (tmp_path / "desk.db").read_bytes()
    check = check_writing(database, inspect_database(database), FOUND)
    assert check is not None
    assert "readonly" in check.message
    assert (tmp_path / "desk.db").read_bytes() == before
    assert [one.name for one in tmp_path.iterdir() if one.suffix == ".db"] == ["desk.db"]


def test_a_postgresql_that_accepts_no_writing_is_found(bare_pg_url: str) -> None:
    inspection = inspect_database(bare_pg_url)
    assert check_writing(bare_pg_url, inspection, FOUND) is None
    open_store(bare_pg_url).close()
    inspection = inspect_database(bare_pg_url)
    assert check_writing(bare_pg_url, inspection, FOUND) is None
    engine = create_engine(driver_url(bare_pg_url), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        name = connection.execute(text("SELECT current_database()")).scalar()
        connection.execute(text(f'ALTER DATABASE "{name}" SET default_transaction_read_only = on'))
    engine.dispose()
    check = check_writing(bare_pg_url, inspection, FOUND)
    assert check is not None
    assert "read-only" in check.message
    assert "run" not in check.name


def test_a_folder_that_takes_no_file_and_a_disk_without_space_are_found(tmp_path: Path) -> None:
    database = "sqlite:////proc/desk.db"  # takes no files, not even from root
    check = check_writing(database, inspect_database(database), FOUND)
    assert check is not None
    assert "/proc" in check.message
    database = f"sqlite:///{tmp_path / 'desk.db'}"
    check = check_writing(database, inspect_database(database), FOUND, least=10**18)
    assert check is not None
    assert "MB" in check.message
    assert list(tmp_path.iterdir()) == []


def test_check_leaves_nothing_in_the_database(town: Town) -> None:
    town.settle()
    assert town.command("sweep").returncode == 0
    with closing(sqlite3.connect(town.folder / "desk.db")) as connection:
        before = list(connection.iterdump())
        assert wrong(town) == {}
        assert list(connection.iterdump()) == before


@pytest.mark.parametrize(
    ("status", "word"), [("407 Proxy Authentication Required", "407"), ("403 Forbidden", "プロキシ")]
)
def test_a_proxy_that_refuses_is_said_to_be_the_proxy(town: Town, status: str, word: str) -> None:
    feed = '[[feeds]]\nname = "架空"\nurl = "https://feed.example/"\nchannel = "#security-news"'
    path = town.settle(top=feed)
    said = path.read_text(encoding="utf-8").replace(town.sandbox.api_url, "https://slack.example/api/")
    path.write_text(said, encoding="utf-8")
    with closed_proxy(status) as port:
        proxy: dict[str, Any] = {"HTTPS_PROXY": f"http://127.0.0.1:{port}", "NO_PROXY": ""}
        found = wrong(town, **proxy)
        assert {"架空", "SLACK_BOT_TOKEN"} <= found.keys()
        assert all(word in one["message"] for one in found.values())
        for command in ("sweep", "poll"):
            done = town.command(command, **proxy)
            assert done.returncode == 1
            assert word in done.stderr


def test_a_proxy_that_asks_for_a_password_is_named_for_plain_http_too(town: Town) -> None:
    town.settle(top='[[feeds]]\nname = "架空"\nurl = "http://feed.example/"\nchannel = "#security-news"')
    with closed_proxy("407 Proxy Authentication Required") as port:
        found = wrong(town, HTTP_PROXY=f"http://127.0.0.1:{port}", NO_PROXY="")
    assert "プロキシ" in found["架空"]["message"]


@pytest.mark.parametrize(
    ("token", "word"),
    [
        ("xoxe.xoxb-1-PLANTED", "12時間"),
        ("xoxe.xoxp-1-PLANTED", "xoxe."),
        ("xoxe-1-PLANTED", "リフレッシュ"),
        ("xoxc-1-PLANTED", "個人"),
    ],
)
def test_a_token_that_expires_or_is_a_persons_is_named_for_what_it_is(
    town: Town, token: str, word: str
) -> None:
    town.settle()
    for command in ("check", "run"):
        done = town.command(command, SLACK_BOT_TOKEN=token)
        assert done.returncode == (1 if command == "check" else 2)
        assert word in done.stdout + done.stderr
        assert "PLANTED" not in done.stdout + done.stderr


@pytest.mark.parametrize("token", ["SLACK_APP_TOKEN", "SLACK_BOT_TOKEN"])
def test_a_wrong_token_ends_run_with_a_sentence(town: Town, token: str) -> None:
    town.settle()
    said: dict[str, Any] = {token: "xapp-1-wrong" if token == "SLACK_APP_TOKEN" else "xoxb-wrong"}
    done = town.command("run", **said)
    assert done.returncode == 1
    assert token in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr


MEANT = """
[[routes]]
name = "ciso"
reaction = "rotating_light"
to = ["#sec-alert"]
mention = ["@ciso", "@chief", "@guest", "@robot", "@twin"]
"""


def test_check_says_whom_each_name_means(town: Town) -> None:
    town.workspace.add_user("U0CISO", "ciso", "佐藤 CISO")
    town.workspace.add_user("U0INTERN", "intern", "chief")
    town.workspace.add_user("U0GUEST", "guest", "外注 太郎")
    town.workspace.users["U0GUEST"].restricted = True
    town.workspace.add_user("U0ROBOT", "robot", "Robot", bot=True)
    town.workspace.add_user("U0TWIN", "twin", "Twin")
    town.workspace.add_group("S0TWIN", "twin", [])
    town.settle(MEANT)
    done = town.command("check", "--json")
    said = {
        one["name"]: (one["ok"], one["message"] + one["fix"]) for one in json.loads(done.stdout)["checks"]
    }
    assert said["@ciso"] == (True, "佐藤 CISO（@ciso、U0CISO）")
    assert said["@guest"] == (True, "外注 太郎（@guest、U0GUEST）、ゲスト")
    assert said["@robot"] == (True, "Robot（@robot、U0ROBOT）、アプリ")
    assert not said["@chief"][0]
    assert "@intern" in said["@chief"][1]
    assert not said["@twin"][0]
    assert "S0TWIN, U0TWIN" in said["@twin"][1]


def test_check_says_how_long_texts_are_kept(town: Town) -> None:
    town.settle(sources='keep = "365d"')
    assert "本文を残す期間：365d" in town.command("check").stdout
