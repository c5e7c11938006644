"""Whether a product can be reached from the internet is asked below a card, and answered in every way."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.support.commands import TownWithCommands, open_town_with_commands
from tests.support.desks import wait
from tests.support.facts import CVE, kev_entry, write_kev
from tests.support.feedserver import FeedServer, feed_server
from tests.support.forks import HANG, Forks
from tests.support.googlesheets import SPREADSHEET, fake_google, service_account
from tests.support.town import ALERT, NEWS, SATO, SERVERS, TANAKA, YAMADA
from tests.test_facts import feed
from threatstamp.sandbox import SandboxWorkspace

pytestmark = pytest.mark.thorough("postgres")

ROUTES = """
[[routes]]
name = "product"
reaction = "wrench"
to = ["#sec-alert"]
text = "製品に関係しそうです。"
case = "product"

[[routes]]
name = "servers"
reaction = "rotating_light"
to = ["#server-team"]
text = "サーバに関係しそうです。"

[cases]
analysts = ["U0SATO"]
"""


PRODUCTS = '[[products]]\nname = "箱舟FTP"\n'


@pytest.fixture
def asked(tmp_path: Path, programs: Forks, store_url: str) -> Iterator[tuple[TownWithCommands, FeedServer]]:
    """A town with a product of which nobody knows whether it is exposed; events come by socket, then over HTTP."""
    with open_town_with_commands(tmp_path, programs, store_url) as town, feed_server() as server:
        mode = "socket" if store_url.startswith("sqlite") else "http"
        listen = '\nlisten = "127.0.0.1:0"' if mode == "http" else ""
        settle(town, server, f'pace = "0s"\nmode = "{mode}"{listen}', PRODUCTS)
        yield town, server


def settle(town: TownWithCommands, server: FeedServer, slack: str, products: str) -> None:
    url = server.put("/feed", feed())
    feeds = f'[[feeds]]\nname = "架空"\nurl = "{url}"\nchannel = "#security-news"\nevery = "1d"\n'
    top = f'[fetch]\nallow_private = ["127.0.0.0/8"]\n{feeds}{products}'
    town.settle(ROUTES, slack=slack, top=top)


def in_thread(town: TownWithCommands, ts: str, *words: str) -> dict[str, Any]:
    """Waits for a message with these words below a card."""

    def there() -> list[dict[str, Any]]:
        found = town.workspace.messages(ALERT, thread_ts=ts)
        return [one for one in found if all(word in json.dumps(one, ensure_ascii=False) for word in words)]

    [found] = town.workspace.wait_for(there)
    return found


def test_a_question_is_answered_by_button_slash_and_command_line(
    asked: tuple[TownWithCommands, FeedServer],
) -> None:
    town, server = asked
    desk, workspace = town.start().desk, town.workspace
    catalogue = write_kev(town.folder / "kev.json", kev_entry())
    assert town.command("vulns", "update", "kev", "--from", str(catalogue)).returncode == 0
    assert town.command("poll").returncode == 0
    server.put("/feed", feed(1))
    assert town.command("poll").returncode == 0
    [post] = town.wait_for_message(NEWS, "1号")
    desk.assess()
    workspace.react(YAMADA, NEWS, str(post["ts"]), "wrench")
    [card] = town.wait_for_message(ALERT, "#1", "1号")
    ts = str(card["ts"])
    town.wait_until_quiet()
    desk.assess()
    question = str(in_thread(town, ts, "箱舟FTP は、インターネットから", "公開していない")["ts"])

    workspace.click(YAMADA, ALERT, question, "exposure_yes")
    [told] = workspace.wait_for(lambda: workspace.ephemerals(ALERT, YAMADA))
    assert "対応案件を操作できる方だけ" in str(told["text"])
    workspace.click(SATO, ALERT, question, "exposure_no")
    answered = in_thread(town, ts, "「公開していない」", f"<@{SATO}>")
    assert answered["ts"] == question
    assert "exposure_yes" not in json.dumps(answered)
    desk.assess()
    explained = town.command("priority", "explain", CVE, "--product", "箱舟FTP")
    assert "インターネットから届くか：いいえ（回答：" in explained.stdout, explained.stdout

    workspace.command(SATO, ALERT, "/threatstamp exposed 箱舟FTP yes")
    [said] = workspace.wait_for(lambda: workspace.ephemerals(ALERT, SATO))
    assert "「公開している」" in str(said["text"])
    in_thread(town, ts, "「公開している」", f"<@{SATO}>")
    workspace.command(SATO, NEWS, "/threatstamp exposed 箱舟FTP no")  # no forward goes there
    workspace.wait_for(lambda: workspace.ephemerals(NEWS, SATO))
    for words, answer in ((f"why {CVE}", "判定表：bod-26-04"), ("why 1", f"<#{ALERT}>")):  # cases are no news
        workspace.command(TANAKA, NEWS, f"/threatstamp {words}")
        workspace.wait_for(partial(_is_told, workspace, answer))

    workspace.react(YAMADA, NEWS, str(post["ts"]), "rotating_light")  # a forward that is no card
    [plain] = town.wait_for_message(SERVERS, "1号", "why_priority")
    assert "why_priority" not in json.dumps(workspace.messages(ALERT))
    workspace.click(YAMADA, SERVERS, str(plain["ts"]), "why_priority")
    [why] = workspace.wait_for(lambda: workspace.ephemerals(SERVERS, YAMADA))
    assert "判定表：bod-26-04" in str(why["text"])

    done = town.command("products", "answer", "箱舟FTP", "--exposed", "no", "--by", SATO)
    assert done.returncode == 0, done.stderr
    in_thread(town, ts, "「公開していない」", f"<@{SATO}>")
    for name, by in (("別の製品", SATO), ("箱舟FTP", YAMADA)):
        done = town.command("products", "answer", name, "--exposed", "no", "--by", by)
        assert done.returncode == 1
        assert "記録しませんでした" in done.stderr
    town.wait_until_quiet()
    ways = [json.loads(one.body or "")["way"] for one in town.ledger("exposure_answered")]
    assert ways == ["button", "slash", "command"]
    assert len(town.ledger("exposure_denied")) == 3
    assert len(workspace.messages(ALERT, thread_ts=ts)) == 1
    assert town.command("ledger", "verify", "--records").returncode == 0


def _is_told(workspace: SandboxWorkspace, words: str) -> bool:
    return words in str(workspace.ephemerals(NEWS, TANAKA))


def test_a_product_that_a_tab_lists_later_is_found_then_and_asked_about_until_the_tab_has_it_no_more(
    tmp_path: Path, programs: Forks
) -> None:
    pytest.importorskip("google.auth", reason="the extra `sheets` is not installed")
    database = f"sqlite:///{tmp_path / 'threatstamp.db'}"
    with (
        open_town_with_commands(tmp_path, programs, database) as town,
        feed_server() as server,
        fake_google() as google,
    ):
        service_account(google, tmp_path)
        sheets = f'''[sheets]
id = "{SPREADSHEET}"
products = "製品"
api_url = "{google.url}"
credentials = "service-account.json"
'''
        settle(town, server, 'pace = "0s"', sheets)
        google.tabs["製品"] = [["製品名"], ["別の製品"]]
        assert town.command("sheets").returncode == 0
        catalogue = write_kev(town.folder / "kev.json", kev_entry())
        assert town.command("vulns", "update", "kev", "--from", str(catalogue)).returncode == 0
        desk, workspace = town.start().desk, town.workspace
        assert town.command("poll").returncode == 0
        server.put("/feed", feed(1))
        assert town.command("poll").returncode == 0
        [post] = town.wait_for_message(NEWS, "1号")
        desk.assess()
        workspace.react(YAMADA, NEWS, str(post["ts"]), "wrench")
        [card] = town.wait_for_message(ALERT, "#1", "1号")
        town.wait_until_quiet()

        google.tabs["製品"].append(["箱舟FTP"])
        assert town.command("sheets").returncode == 0
        assert wait(lambda: _request(town) and len(desk.tools.policy.products) == 2, HANG)
        desk.assess()  # the match is made, and the question ordered by the next pass at the latest
        desk.assess()
        ts = str(card["ts"])
        in_thread(town, ts, "箱舟FTP は、インターネットから", "exposure_yes")

        town.wait_until_quiet()
        town.stop()
        google.faults.extend([503] * 999)  # Google is away, and with it the tab
        desk = town.start().desk
        desk.assess()
        town.wait_until_quiet()
        in_thread(town, ts, "箱舟FTP は、インターネットから", "exposure_yes")

        google.faults.clear()
        google.tabs["製品"].pop()
        assert town.command("sheets").returncode == 0
        assert wait(lambda: _request(town) and len(desk.tools.policy.products) == 1, HANG)
        desk.assess()
        gone = in_thread(town, ts, "箱舟FTP は製品一覧にないため")
        assert "exposure_yes" not in json.dumps(gone)


def _request(town: TownWithCommands) -> bool:
    town.runs[-1].spreadsheet.request()
    return True
