"""What the desk says about its own work in a source channel is no news: a stamp on it forwards nothing."""

from __future__ import annotations

from tests.support.commands import TownWithCommands as Town
from tests.support.town import ALERT, NEWS, ROUTES, YAMADA
from threatstamp.desk.policy.legend import MESSAGE as LEGEND
from threatstamp.desk.ports.news import FEED_DIGEST
from threatstamp.desk.stamps.confirming import THREAD_LINE
from threatstamp.desk.stamps.take import NO_NEWS
from threatstamp.desk.troubles.alerting import ALERT as ALERTED

LOST = """
[[routes]]
name = "lost"
reaction = "eyes"
to = ["#no-such-channel"]
"""
NO_CANVAS = "team_tier_cannot_create_channel_canvases"


def test_a_stamp_on_a_legend_an_alert_or_a_line_in_a_thread_forwards_nothing_and_one_on_a_post_does(
    town: Town,
) -> None:
    file = town.settle(ROUTES + LOST, slack='pace = "0s"\nconfirm = "thread"')
    file.write_text(file.read_text().replace('alerts = "#sec-ops"', 'alerts = "#security-news"'))
    town.workspace.faults.add("conversations.canvases.create", "error", error=NO_CANVAS, times=9)
    town.start()
    posts = [town.post(), town.post("別の記事", "https://news.example/2")]
    town.workspace.react(YAMADA, NEWS, posts[0], "rotating_light")
    town.wait_for_message(ALERT)
    assert town.command("legend").returncode == 0

    def own() -> list[str]:
        said = town.workspace.messages(NEWS) + town.workspace.messages(NEWS, thread_ts=posts[0])
        return [str(one["ts"]) for one in said if one["ts"] not in posts]

    town.workspace.wait_for(lambda: len(own()) == 3)
    town.wait_until_quiet()
    ours = own()
    for ts in ours:
        town.workspace.react(YAMADA, NEWS, ts, "rotating_light")
    town.workspace.react(YAMADA, NEWS, posts[1], "rotating_light")
    town.wait_for_message(ALERT, "別の記事", count=2)
    assert town.command("sweep").returncode == 0
    town.wait_until_quiet()
    assert len(town.workspace.messages(ALERT)) == len(town.ledger("stamp")) == 2


def test_the_kinds_that_are_no_news_are_kinds() -> None:
    assert {ALERTED.name, FEED_DIGEST, LEGEND.name, THREAD_LINE.name} == NO_NEWS
