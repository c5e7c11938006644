"""What a feed sends in confidence is read where it is posted and where a route brings it, and nowhere else."""

from __future__ import annotations

import json

from tests.support.commands import TownWithCommands
from tests.support.feedserver import Page, feed_server
from tests.support.town import ALERT, NEWS, SATO, SERVERS, STAFF, SUZUKI, YAMADA

SETTINGS = """[fetch]
allow_private = ["127.0.0.0/8"]
[[feeds]]
name = "架空ISAC"
url = "{url}"
channel = "#server-team"
tlp = "amber"
"""
ROUTES = """
[[routes]]
name = "core"
reaction = "wrench"
to = ["#sec-alert"]
tlp = "amber"
case = "app-update"
[[routes]]
name = "wide"
reaction = "eyes"
to = ["#staff"]
case = "product"
[cases]
announce_to = ["#staff"]
"""
TITLE = "箱舟FTPへの攻撃を観測 CVE-2099-1234"
OTHER = "風車の障害の続報"
ITEMS = "".join(
    f"<item><title>{title}</title><link>https://isac.example/{number}</link><guid>{number}</guid></item>"
    for number, title in enumerate((TITLE, OTHER))
)
RSS = f'<?xml version="1.0"?><rss version="2.0"><channel><title>ISAC</title>{ITEMS}</channel></rss>'
LABEL = "TLP:AMBER"


def test_a_confidential_story_leaves_by_no_command_in_a_wider_channel(town: TownWithCommands) -> None:
    with feed_server() as server:
        server.put("/isac", Page(body=RSS.encode(), headers={"Content-Type": "application/xml"}))
        town.settle(ROUTES, top=SETTINGS.format(url=server.url("/isac")))
        assert town.command("poll").returncode == 0
    town.start()
    workspace = town.workspace

    def say(text: str, channel: str) -> str:
        before = len(workspace.ephemerals(channel, SATO))
        workspace.command(SATO, channel, f"/threatstamp {text}")
        return str(workspace.wait_for(lambda: workspace.ephemerals(channel, SATO)[before:])[0]["text"])

    post = next(one for one in town.wait_for_message(SERVERS, "箱舟FTP") if "箱舟FTP" in str(one))
    workspace.react(YAMADA, SERVERS, str(post["ts"]), "wrench")
    town.wait_for_message(ALERT, "#1", LABEL)
    workspace.react(YAMADA, SERVERS, str(post["ts"]), "eyes")
    workspace.wait_for(lambda: workspace.ephemerals(SERVERS, YAMADA))
    workspace.react(YAMADA, NEWS, town.post("箱舟FTPの更新が公開"), "eyes")
    town.wait_for_message(STAFF, "#2", "箱舟FTPの更新")

    for channel, count in ((NEWS, 1), (STAFF, 1), (SERVERS, 2), (ALERT, 2)):
        found = say("search 箱舟FTP", channel)
        assert f"{count}件" in found
        assert ("攻撃を観測" in found, LABEL in found.split("\n", 1)[1]) == (
            count == 2,
            True,
        )  # its last line
        assert f"{LABEL} <" in found or count == 1
    assert "記録にありません" in say("search 攻撃を観測", NEWS)
    narrow, wide = say("incident 箱舟FTP", ALERT), say("incident 箱舟FTP", STAFF)
    assert ("対応案件 2件" in narrow, "対応案件 1件" in wide) == (True, True)
    assert ("攻撃を観測" in narrow, "攻撃を観測" in wide) == (True, False)
    listed = say("case list", STAFF)
    assert ("#1" in listed, LABEL in listed, "攻撃を観測" in listed) == (True, True, False)
    for text, channel, is_told in (
        ("case list", ALERT, True),
        ("case show 1", ALERT, True),
        ("case show 1", STAFF, False),
    ):
        assert ("攻撃を観測" in say(text, channel)) is is_told
    here, elsewhere = say("review", SERVERS), say("review", STAFF)
    assert (f"{LABEL} <" in here, OTHER in here) == (True, True)
    assert (LABEL in elsewhere, OTHER in elsewhere) == (True, False)
    called = town.command(
        *("case", "call", "1", "--by", SUZUKI, "--what", "箱舟FTP", "--by-date", "2099-01-01"),
        *("--to", "#staff"),
    )
    assert called.returncode == 1
    assert "TLP" in called.stderr + called.stdout
    town.stop()
    on_the_command_line(town)


def on_the_command_line(town: TownWithCommands) -> None:
    """Whoever may read the database reads everything, with its label."""
    found = json.loads(town.command("search", "箱舟FTP", "--json").stdout)
    assert [(one["title"] == TITLE, one["tlp"]) for one in found["found"]] == [(False, None), (True, "amber")]
    assert f"{LABEL} {TITLE}" in town.command("search", "箱舟FTP").stdout
    assert town.command("incident", "箱舟FTP", "--output", "page.md").returncode == 0
    page = (town.folder / "page.md").read_text(encoding="utf-8")
    assert page.index(f"**{LABEL}**") < page.index(f"{LABEL} 箱舟FTP")
    body = json.loads(town.command("incident", "箱舟FTP", "--json").stdout)
    assert (body["tlp"], [one["tlp"] for one in body["stories"]]) == ("amber", [None, "amber"])
    asked = json.loads(town.command("why-not", "CVE-2099-1234", "--json").stdout)
    steps = {one["reason"]: one for one in asked["steps"]}
    assert asked["stories"][0]["tlp"] == "amber"
    assert steps["marked"]["route"] == "wide"
    assert (steps["marked"]["label"], steps["marked"]["most"]) == (LABEL, "TLP:GREEN")
    assert steps["limited"]["routes"] == "core"
    text = town.command("why-not", "CVE-2099-1234").stdout
    assert f"「{LABEL} {TITLE}」" in text
